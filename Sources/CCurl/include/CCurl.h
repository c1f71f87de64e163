/* libcurl, opened through CLoader, with a typed function for each use of its variadic ones.

   Names are libcurl's with one letter more: curl_easy_init is ccurl_easy_init, and behaves as its page on curl.se says
   unless a comment here adds to it. Types and constants are libcurl's own. Its functions are not to be called: in Swift
   such a call does not compile. */

#ifndef CCURL_H
#define CCURL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <sys/types.h>
#if !defined(_WIN32)
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#endif

/* Handles of different kinds are different types. */
#ifndef CURL_STRICTER
#define CURL_STRICTER
#endif
/* The type checks are macros that call libcurl's functions by name. */
#ifndef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#endif

/* For Swift, libcurl's functions are unavailable. The system headers above are included first, so that this holds for libcurl's only. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((availability(swift, unavailable, message = "call its ccurl_ twin"))), apply_to = function)
#endif
#include <curl/curl.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Constants that are macros with casts, which Swift does not see. */
static const long CCURLAUTH_BASIC = (long)CURLAUTH_BASIC;
static const long CCURLAUTH_ANY = (long)CURLAUTH_ANY;

/* ---- The library ---- */

/* Opens libcurl (7.84 or newer) and initialises it, once per process; later calls return at once. 0 is success, ENOMEM or EMFILE what
   the system is out of, anything else another error; with a text for people in `message` (always NUL-terminated; may be NULL). After an
   error it can be tried again. Any thread.

   Until it has succeeded, the functions below that create something return NULL, and ccurl_version_info_number returns 0. A NULL handle
   is an error (or, to what frees, nothing to do) everywhere below, never a crash. */
int ccurl_load(char *message, size_t size);

/* "libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13 ...", or NULL. */
const char *ccurl_version(void);

/* 0x075801 for 7.88.1. */
unsigned int ccurl_version_info_number(void);

/* Frees what ccurl_easy_escape, ccurl_easy_unescape and ccurl_url_get gave. NULL is allowed. */
void ccurl_free(void *memory);

/* Seconds since 1970 for a date as HTTP writes it, or -1. */
time_t ccurl_getdate(const char *text);

/* ---- One transfer ---- */

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
void ccurl_easy_reset(CURL *easy);
CURLcode ccurl_easy_pause(CURL *easy, int bitmask);
CURLcode ccurl_easy_perform(CURL *easy);

/* The value of the first header with that name, in any case, in the last answer; NULL if there is none. Belongs to the handle, until its next transfer. */
const char *ccurl_easy_header(CURL *easy, const char *name);

/* The headers of the last answer, one after another: the first for NULL, NULL after the last. They belong to the handle, as above. */
struct curl_header *ccurl_easy_nextheader(CURL *easy, struct curl_header *previous);

/* A static text in English. */
const char *ccurl_easy_strerror(CURLcode code);

/* Percent-encodes `length` bytes (0: up to the NUL). To be freed with ccurl_free; NULL if memory is exhausted. */
char *ccurl_easy_escape(CURL *easy, const char *string, int length);

/* Undoes it. The result may contain NULs: its length goes to *out_length. To be freed with ccurl_free. */
char *ccurl_easy_unescape(CURL *easy, const char *string, int length, int *out_length);

/* Each of these sets options of one type of value and answers CURLE_BAD_FUNCTION_ARGUMENT, without a call, to an option of another type.
   Strings are copied by libcurl (but for CURLOPT_POSTFIELDS, which takes a pointer); lists, pointers, shares and mime structures are not:
   they must outlive the transfer. */
CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_easy_setopt_off(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value);
CURLcode ccurl_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *list);
CURLcode ccurl_easy_setopt_mime(CURL *easy, curl_mime *mime);
CURLcode ccurl_easy_setopt_share(CURL *easy, CURLSH *share);

/* A callback together with its user data, which are two options to libcurl. NULL restores libcurl's own behaviour. */
CURLcode ccurl_easy_setopt_write(CURL *easy, curl_write_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_header(CURL *easy, curl_write_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_read(CURL *easy, curl_read_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_seek(CURL *easy, curl_seek_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_prereq(CURL *easy, curl_prereq_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_debug(CURL *easy, curl_debug_callback callback, void *user_data);
CURLcode ccurl_easy_setopt_xferinfo(CURL *easy, curl_xferinfo_callback callback, void *user_data);

/* What happens in a transfer and its result does not tell. The owner clears it before each. */
typedef struct ccurl_notes {
    int socket_error;   /* The errno of the last socket that there was none of, or 0. */
    bool is_head_whole; /* The empty line behind the headers has come; without it libcurl takes the end of a connection for the end of an answer. */
} ccurl_notes;

/* From now on transfers of this handle write to `notes`, and their connections are not inherited by programs that the host
   starts: libcurl's own sockets are. */
CURLcode ccurl_easy_take_notes(CURL *easy, ccurl_notes *notes);

/* Each answers CURLE_BAD_FUNCTION_ARGUMENT to an information of another type. *value is written on success only. Strings belong to the
   handle. */
CURLcode ccurl_easy_getinfo_long(CURL *easy, CURLINFO info, long *value);
CURLcode ccurl_easy_getinfo_off(CURL *easy, CURLINFO info, curl_off_t *value);
CURLcode ccurl_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value);
/* CURLINFO_PRIVATE and the pointer types. */
CURLcode ccurl_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value);

/* ---- Many transfers ---- */

CURLM *ccurl_multi_init(void);
CURLMcode ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
CURLMcode ccurl_multi_poll(CURLM *multi, struct curl_waitfd *extra, unsigned int extra_count, int timeout_ms, int *ready);

/* The one function that may be called from another thread than the handle's own. */
CURLMcode ccurl_multi_wakeup(CURLM *multi);

CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events, int *running);
CURLMcode ccurl_multi_assign(CURLM *multi, curl_socket_t socket, void *pointer);
CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode ccurl_multi_setopt_socket(CURLM *multi, curl_socket_callback callback, void *user_data);
CURLMcode ccurl_multi_setopt_timer(CURLM *multi, curl_multi_timer_callback callback, void *user_data);
const char *ccurl_multi_strerror(CURLMcode code);

/* Takes the next finished transfer from the queue of curl_multi_info_read: true, with its handle and result; false if
   there is none. `left`, which may be NULL, gets the number of messages behind it. The handle is still part of `multi`.
   */
bool ccurl_multi_next_done(CURLM *multi, CURL **easy, CURLcode *result, int *left);

/* ---- Lists of strings ---- */

/* Copies `string` to the end of `list` (NULL: a new one). NULL on failure, with `list` unchanged. */
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *string);
void ccurl_slist_free_all(struct curl_slist *list);

/* ---- What transfers share ---- */

CURLSH *ccurl_share_init(void);
/* `option` is CURLSHOPT_SHARE or CURLSHOPT_UNSHARE. */
CURLSHcode ccurl_share_setopt_data(CURLSH *share, CURLSHoption option, curl_lock_data data);
CURLSHcode ccurl_share_setopt_lock(CURLSH *share, curl_lock_function lock, curl_unlock_function unlock, void *user_data);
CURLSHcode ccurl_share_cleanup(CURLSH *share);
const char *ccurl_share_strerror(CURLSHcode code);

/* ---- URLs ---- */

CURLU *ccurl_url(void);
void ccurl_url_cleanup(CURLU *url);
CURLU *ccurl_url_dup(const CURLU *url);
/* *value is to be freed with ccurl_free; NULL on failure. */
CURLUcode ccurl_url_get(const CURLU *url, CURLUPart part, char **value, unsigned int flags);
CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *value, unsigned int flags);
const char *ccurl_url_strerror(CURLUcode code);

/* ---- Forms ---- */

curl_mime *ccurl_mime_init(CURL *easy);
void ccurl_mime_free(curl_mime *mime);
curl_mimepart *ccurl_mime_addpart(curl_mime *mime);
CURLcode ccurl_mime_name(curl_mimepart *part, const char *name);
/* Copies `size` bytes (CURL_ZERO_TERMINATED: up to the NUL). */
CURLcode ccurl_mime_data(curl_mimepart *part, const char *data, size_t size);
CURLcode ccurl_mime_data_cb(curl_mimepart *part, curl_off_t size, curl_read_callback read, curl_seek_callback seek,
                            curl_free_callback release, void *user_data);
CURLcode ccurl_mime_filename(curl_mimepart *part, const char *filename);
CURLcode ccurl_mime_filedata(curl_mimepart *part, const char *path);
CURLcode ccurl_mime_type(curl_mimepart *part, const char *type);

#ifdef __cplusplus
}
#endif

#endif
