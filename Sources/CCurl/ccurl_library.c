#include "ccurl_library.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ccurl_table ccurl_table;

#define SYMBOL(function) CLOADER_SYMBOL(ccurl_table, function),
static const cloader_symbol symbols[] = {CCURL_FUNCTIONS(SYMBOL)};

/* 7.84 made the initialisation safe beside a host's own use of the library, and is where curl_multi_wakeup,
   curl_multi_poll and the URL functions have settled. */
enum { OLDEST = 0x075400 };

/* strdup of the C library allocates with what the C library takes for malloc. This one uses the same malloc as the functions beside it. */
static char *copy_string(const char *string) {
    size_t size = strlen(string) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, string, size);
}

/* curl_global_init_mem, not curl_global_init: libcurl then allocates and frees with the functions that this library is
   bound to, the host's if it brought its own. See cloader_linux.c for why that matters.

   curl_global_cleanup is never called. It takes libcurl down for everyone in the process, and the host may be using the
   same copy; the threads of other clients may, too. What it would free is a fixed amount that the process's end frees
   anyway. */
static cloader_status prepare(char *problem, size_t size) {
    const curl_version_info_data *info = ccurl_table.curl_version_info(CURLVERSION_NOW);
    if (info == NULL || info->version_num < OLDEST) {
        snprintf(problem, size, "is version %s", info != NULL && info->version != NULL ? info->version : "unknown");
        return CLOADER_REFUSED;
    }
    CURLcode code = ccurl_table.curl_global_init_mem(CURL_GLOBAL_ALL, malloc, free, realloc, copy_string, calloc);
    if (code == CURLE_OUT_OF_MEMORY || code == CURLE_FAILED_INIT) {
        /* The latter is what its parts say when there is no memory for them; nothing else can go wrong with them. */
        return CLOADER_OUT_OF_MEMORY;
    }
    if (code != CURLE_OK) {
        snprintf(problem, size, "%s could not be initialised (%s)", info->version, ccurl_table.curl_easy_strerror(code));
        return CLOADER_REFUSED;
    }
    if (!ccurl_has_sound_openssl()) {
        snprintf(problem, size, "OpenSSL had no memory when it was started; if it stays so, only a new process helps");
        return CLOADER_OUT_OF_MEMORY;
    }
    const bool has_openssl = info->ssl_version != NULL && strncmp(info->ssl_version, "OpenSSL", 7) == 0;
    return cloader_guard_exit(has_openssl ? cloader_find_loaded("libcrypto.so.3") : NULL) ? CLOADER_OK : CLOADER_OUT_OF_MEMORY;
}

static cloader_library library = {
    .soname = "libcurl.so.4",
    .package = "libcurl4",
    .minimum = "7.84.0",
    .symbols = symbols,
    .count = sizeof symbols / sizeof symbols[0],
    .prepare = prepare,
};

int ccurl_load(char *message, size_t size) {
    return (int)cloader_open(&library, message, size);
}

bool ccurl_is_loaded(void) {
    return cloader_is_ready(&library);
}

const char *ccurl_version(void) {
    return ccurl_is_loaded() ? ccurl_table.curl_version() : NULL;
}

unsigned int ccurl_version_info_number(void) {
    return ccurl_is_loaded() ? ccurl_table.curl_version_info(CURLVERSION_NOW)->version_num : 0;
}

void ccurl_free(void *memory) {
    if (memory != NULL) {
        ccurl_table.curl_free(memory);
    }
}

time_t ccurl_getdate(const char *text) {
    return ccurl_is_loaded() ? ccurl_table.curl_getdate(text, NULL) : -1;
}
