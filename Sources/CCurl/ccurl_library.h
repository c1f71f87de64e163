/* The table of libcurl's functions, for this room's own files. */

#ifndef CCURL_LIBRARY_H
#define CCURL_LIBRARY_H

#include "CCurl.h"

#include "cloader.h"

#define CCURL_FUNCTIONS(F) \
    F(curl_version) F(curl_version_info) F(curl_global_init_mem) F(curl_free) F(curl_getdate) \
    F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_reset) F(curl_easy_pause) F(curl_easy_perform) F(curl_easy_header) F(curl_easy_nextheader) \
    F(curl_easy_strerror) \
    F(curl_easy_escape) F(curl_easy_unescape) F(curl_easy_setopt) F(curl_easy_getinfo) \
    F(curl_multi_init) F(curl_multi_cleanup) F(curl_multi_add_handle) F(curl_multi_remove_handle) F(curl_multi_perform) \
    F(curl_multi_poll) F(curl_multi_wakeup) F(curl_multi_socket_action) F(curl_multi_assign) F(curl_multi_setopt) \
    F(curl_multi_strerror) F(curl_multi_info_read) \
    F(curl_slist_append) F(curl_slist_free_all) \
    F(curl_share_init) F(curl_share_setopt) F(curl_share_cleanup) F(curl_share_strerror) \
    F(curl_url) F(curl_url_cleanup) F(curl_url_dup) F(curl_url_get) F(curl_url_set) F(curl_url_strerror) \
    F(curl_mime_init) F(curl_mime_free) F(curl_mime_addpart) F(curl_mime_name) F(curl_mime_data) F(curl_mime_data_cb) \
    F(curl_mime_filename) F(curl_mime_filedata) F(curl_mime_type)

struct ccurl_table {
    CCURL_FUNCTIONS(CLOADER_POINTER)
};

/* Filled by ccurl_load. What takes a handle asks whether it is NULL, not whether this is filled: without it there are no handles. */
extern struct ccurl_table ccurl_table __attribute__((visibility("hidden")));

bool ccurl_is_loaded(void) __attribute__((visibility("hidden")));

/* OpenSSL begins in steps that it takes once in a process, and libcurl does not look whether they went well: what had no memory leaves it without locks or
   indices, and each handshake crashes or fails. So they are taken here, where it can be told: false. */
bool ccurl_has_sound_openssl(void) __attribute__((visibility("hidden")));

/* Where the system will put what is opened next; -1 when it cannot be told. */
int ccurl_wakeup_place(void) __attribute__((visibility("hidden")));

/* Whether a new multi handle, which was made after ccurl_wakeup_place was asked, can be woken; has its pair of sockets closed on exec. */
bool ccurl_wakeup_works(CURLM *multi, int place) __attribute__((visibility("hidden")));

#endif
