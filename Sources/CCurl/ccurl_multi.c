#include "CSystem.h"
#include "ccurl_library.h"

CURLM *ccurl_multi_init(void) {
    if (!ccurl_is_loaded()) return NULL;
    /* It opens the pair that wakes it. */
    csystem_plugs plugs;
    csystem_plug_standard(&plugs);
    const int place = ccurl_wakeup_place();
    CURLM *multi = ccurl_table.curl_multi_init();
    if (multi != NULL && !ccurl_wakeup_works(multi, place)) {
        (void)ccurl_table.curl_multi_cleanup(multi);
        multi = NULL;
    }
    csystem_unplug_standard(&plugs);
    return multi;
}

CURLMcode ccurl_multi_cleanup(CURLM *multi) {
    if (multi == NULL) return CURLM_BAD_HANDLE;
    cloader_enter(); /* It may close connections, after the loop's last turn. */
    CURLMcode code = ccurl_table.curl_multi_cleanup(multi);
    cloader_leave();
    return code;
}

CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy) {
    return multi != NULL ? ccurl_table.curl_multi_add_handle(multi, easy) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy) {
    return multi != NULL ? ccurl_table.curl_multi_remove_handle(multi, easy) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_perform(CURLM *multi, int *running) {
    return multi != NULL ? ccurl_table.curl_multi_perform(multi, running) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned int extra_count, int timeout_ms, int *ready) {
    return multi != NULL ? ccurl_table.curl_multi_poll(multi, extra, extra_count, timeout_ms, ready) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_wakeup(CURLM *multi) {
    return multi != NULL ? ccurl_table.curl_multi_wakeup(multi) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events, int *running) {
    return multi != NULL ? ccurl_table.curl_multi_socket_action(multi, socket, events, running) : CURLM_BAD_HANDLE;
}

CURLMcode ccurl_multi_assign(CURLM *multi, curl_socket_t socket, void *pointer) {
    return multi != NULL ? ccurl_table.curl_multi_assign(multi, socket, pointer) : CURLM_BAD_HANDLE;
}

/* Options are numbered by type, as an easy handle's are. */
static bool takes(const CURLM *multi, CURLMoption option, int type) {
    return multi != NULL && (int)option / 10000 * 10000 == type;
}

CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return takes(multi, option, CURLOPTTYPE_LONG) ? ccurl_table.curl_multi_setopt(multi, option, value) : CURLM_BAD_FUNCTION_ARGUMENT;
}

CURLMcode ccurl_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value) {
    bool fits = takes(multi, option, CURLOPTTYPE_OBJECTPOINT);
    return fits ? ccurl_table.curl_multi_setopt(multi, option, value) : CURLM_BAD_FUNCTION_ARGUMENT;
}

CURLMcode ccurl_multi_setopt_socket(CURLM *multi, curl_socket_callback callback, void *user_data) {
    CURLMcode code = ccurl_multi_setopt_pointer(multi, CURLMOPT_SOCKETDATA, user_data);
    return code != CURLM_OK ? code : ccurl_table.curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

CURLMcode ccurl_multi_setopt_timer(CURLM *multi, curl_multi_timer_callback callback, void *user_data) {
    CURLMcode code = ccurl_multi_setopt_pointer(multi, CURLMOPT_TIMERDATA, user_data);
    return code != CURLM_OK ? code : ccurl_table.curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

const char *ccurl_multi_strerror(CURLMcode code) {
    return ccurl_is_loaded() ? ccurl_table.curl_multi_strerror(code) : "libcurl is not loaded";
}

bool ccurl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result, int *left) {
    int queued = 0;
    const CURLMsg *message = NULL;
    while (multi != NULL && (message = ccurl_table.curl_multi_info_read(multi, &queued)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *easy = message->easy_handle;
            *result = message->data.result;
            if (left != NULL) {
                *left = queued;
            }
            return true;
        }
    }
    if (left != NULL) {
        *left = 0;
    }
    return false;
}
