#include "ccurl_library.h"

CURLU *ccurl_url(void) {
    return ccurl_is_loaded() ? ccurl_table.curl_url() : NULL;
}

void ccurl_url_cleanup(CURLU *url) {
    if (url != NULL) {
        ccurl_table.curl_url_cleanup(url);
    }
}

/* Older headers take the handle without const; nothing is written to it. */
CURLU *ccurl_url_dup(const CURLU *url) {
    return url == NULL ? NULL : ccurl_table.curl_url_dup((CURLU *)url);
}

CURLUcode ccurl_url_get(const CURLU *url, CURLUPart part, char **value, unsigned int flags) {
    *value = NULL;
    return url == NULL ? CURLUE_BAD_HANDLE : ccurl_table.curl_url_get((CURLU *)url, part, value, flags);
}

CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *value, unsigned int flags) {
    return url == NULL ? CURLUE_BAD_HANDLE : ccurl_table.curl_url_set(url, part, value, flags);
}

const char *ccurl_url_strerror(CURLUcode code) {
    return ccurl_is_loaded() ? ccurl_table.curl_url_strerror(code) : "libcurl is not loaded";
}
