#include "CSystem.h"
#include "ccurl_library.h"

#include <errno.h>
#include <string.h>
#if !defined(_WIN32) && !defined(SOCK_CLOEXEC)
#include <fcntl.h>
#endif

CURL *ccurl_easy_init(void) {
    return ccurl_is_loaded() ? ccurl_table.curl_easy_init() : NULL;
}

void ccurl_easy_cleanup(CURL *easy) {
    if (easy != NULL) {
        ccurl_table.curl_easy_cleanup(easy);
    }
}

void ccurl_easy_reset(CURL *easy) {
    if (easy != NULL) {
        ccurl_table.curl_easy_reset(easy);
    }
}

CURLcode ccurl_easy_pause(CURL *easy, int bitmask) {
    return easy != NULL ? ccurl_table.curl_easy_pause(easy, bitmask) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_perform(CURL *easy) {
    return easy != NULL ? ccurl_table.curl_easy_perform(easy) : CURLE_BAD_FUNCTION_ARGUMENT;
}

const char *ccurl_easy_header(CURL *easy, const char *name) {
    struct curl_header *header = NULL;
    if (easy == NULL || ccurl_table.curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return NULL;
    }
    return header->value;
}

struct curl_header *ccurl_easy_nextheader(CURL *easy, struct curl_header *previous) {
    return easy != NULL ? ccurl_table.curl_easy_nextheader(easy, CURLH_HEADER, -1, previous) : NULL;
}

const char *ccurl_easy_strerror(CURLcode code) {
    return ccurl_is_loaded() ? ccurl_table.curl_easy_strerror(code) : "libcurl is not loaded";
}

char *ccurl_easy_escape(CURL *easy, const char *string, int length) {
    return ccurl_is_loaded() ? ccurl_table.curl_easy_escape(easy, string, length) : NULL;
}

char *ccurl_easy_unescape(CURL *easy, const char *string, int length, int *out_length) {
    return ccurl_is_loaded() ? ccurl_table.curl_easy_unescape(easy, string, length, out_length) : NULL;
}

/* ---- Options. libcurl numbers them by type: in the thousands of the option's number stands the type of its value. ---- */

static bool takes(const CURL *easy, CURLoption option, int type) {
    return easy != NULL && (int)option / 10000 * 10000 == type;
}

CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value) {
    return takes(easy, option, CURLOPTTYPE_LONG) ? ccurl_table.curl_easy_setopt(easy, option, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_setopt_off(CURL *easy, CURLoption option, curl_off_t value) {
    return takes(easy, option, CURLOPTTYPE_OFF_T) ? ccurl_table.curl_easy_setopt(easy, option, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value) {
    return takes(easy, option, CURLOPTTYPE_OBJECTPOINT) ? ccurl_table.curl_easy_setopt(easy, option, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value) {
    return takes(easy, option, CURLOPTTYPE_OBJECTPOINT) ? ccurl_table.curl_easy_setopt(easy, option, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *list) {
    return takes(easy, option, CURLOPTTYPE_OBJECTPOINT) ? ccurl_table.curl_easy_setopt(easy, option, list) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_setopt_mime(CURL *easy, curl_mime *mime) {
    return ccurl_easy_setopt_pointer(easy, CURLOPT_MIMEPOST, mime);
}

CURLcode ccurl_easy_setopt_share(CURL *easy, CURLSH *share) {
    return ccurl_easy_setopt_pointer(easy, CURLOPT_SHARE, share);
}

/* ---- Callbacks: the data first, so that a callback is never installed with its predecessor's. ---- */

CURLcode ccurl_easy_setopt_write(CURL *easy, curl_write_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_WRITEDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
}

CURLcode ccurl_easy_setopt_header(CURL *easy, curl_write_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_HEADERDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
}

CURLcode ccurl_easy_setopt_read(CURL *easy, curl_read_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_READDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_READFUNCTION, callback);
}

CURLcode ccurl_easy_setopt_seek(CURL *easy, curl_seek_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_SEEKDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}

CURLcode ccurl_easy_setopt_prereq(CURL *easy, curl_prereq_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_PREREQDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

#if !defined(_WIN32)
static curl_socket_t open_socket(void *user_data, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    int type = address->socktype;
#if defined(SOCK_CLOEXEC)
    type |= SOCK_CLOEXEC;
#endif
    int number = csystem_beyond_standard(socket(address->family, type, address->protocol));
    if (number < 0) {
        ccurl_notes *notes = user_data;
        notes->socket_error = errno;
        return CURL_SOCKET_BAD;
    }
#if !defined(SOCK_CLOEXEC)
    (void)fcntl(number, F_SETFD, FD_CLOEXEC);
#endif
    return number;
}
#endif

/* A line of a head, also of one that is followed by another: of an interim answer, a proxy's. Lines that stand behind a body follow no status line. */
static size_t note_line(char *bytes, size_t size, size_t count, void *user_data) {
    static const char status_line[] = "HTTP/";
    const size_t length = size * count, start = sizeof status_line - 1;
    ccurl_notes *notes = user_data;
    if (length > 0 && (bytes[0] == '\r' || bytes[0] == '\n')) {
        notes->is_head_whole = true;
    } else if (length > start && memcmp(bytes, status_line, start) == 0) {
        notes->is_head_whole = false;
    }
    return length;
}

CURLcode ccurl_easy_take_notes(CURL *easy, ccurl_notes *notes) {
    CURLcode code = ccurl_easy_setopt_header(easy, note_line, notes);
#if !defined(_WIN32)
    if (code == CURLE_OK) code = ccurl_easy_setopt_pointer(easy, CURLOPT_OPENSOCKETDATA, notes);
    if (code == CURLE_OK) code = ccurl_table.curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
#endif
    return code;
}

CURLcode ccurl_easy_setopt_debug(CURL *easy, curl_debug_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_DEBUGDATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, callback);
}

CURLcode ccurl_easy_setopt_xferinfo(CURL *easy, curl_xferinfo_callback callback, void *user_data) {
    CURLcode code = ccurl_easy_setopt_pointer(easy, CURLOPT_XFERINFODATA, user_data);
    return code != CURLE_OK ? code : ccurl_table.curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, callback);
}

/* ---- Information. Its type stands in the high bits of its number. ---- */

static bool gives(const CURL *easy, CURLINFO info, int type) {
    return easy != NULL && ((int)info & CURLINFO_TYPEMASK) == type;
}

CURLcode ccurl_easy_getinfo_long(CURL *easy, CURLINFO info, long *value) {
    return gives(easy, info, CURLINFO_LONG) ? ccurl_table.curl_easy_getinfo(easy, info, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value) {
    return gives(easy, info, CURLINFO_OFF_T) ? ccurl_table.curl_easy_getinfo(easy, info, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value) {
    /* libcurl counts the private pointer among the strings; it need not be one. */
    bool string = gives(easy, info, CURLINFO_STRING) && info != CURLINFO_PRIVATE;
    return string ? ccurl_table.curl_easy_getinfo(easy, info, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}

CURLcode ccurl_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value) {
    bool pointer = gives(easy, info, CURLINFO_PTR) || (gives(easy, info, CURLINFO_STRING) && info == CURLINFO_PRIVATE);
    return pointer ? ccurl_table.curl_easy_getinfo(easy, info, value) : CURLE_BAD_FUNCTION_ARGUMENT;
}
