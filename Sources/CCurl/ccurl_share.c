#include "ccurl_library.h"

CURLSH *ccurl_share_init(void) {
    return ccurl_is_loaded() ? ccurl_table.curl_share_init() : NULL;
}

CURLSHcode ccurl_share_setopt_data(CURLSH *share, CURLSHoption option, curl_lock_data data) {
    if (share == NULL) {
        return CURLSHE_INVALID;
    }
    if (option != CURLSHOPT_SHARE && option != CURLSHOPT_UNSHARE) {
        return CURLSHE_BAD_OPTION;
    }
    return ccurl_table.curl_share_setopt(share, option, data);
}

CURLSHcode ccurl_share_setopt_lock(CURLSH *share, curl_lock_function lock, curl_unlock_function unlock, void *user_data) {
    if (share == NULL) {
        return CURLSHE_INVALID;
    }
    CURLSHcode code = ccurl_table.curl_share_setopt(share, CURLSHOPT_USERDATA, user_data);
    if (code == CURLSHE_OK) {
        code = ccurl_table.curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, unlock);
    }
    return code != CURLSHE_OK ? code : ccurl_table.curl_share_setopt(share, CURLSHOPT_LOCKFUNC, lock);
}

CURLSHcode ccurl_share_cleanup(CURLSH *share) {
    return share == NULL ? CURLSHE_INVALID : ccurl_table.curl_share_cleanup(share);
}

const char *ccurl_share_strerror(CURLSHcode code) {
    return ccurl_is_loaded() ? ccurl_table.curl_share_strerror(code) : "libcurl is not loaded";
}
