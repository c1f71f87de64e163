/* A host that loads libcurl and jansson as the library does, parses a document, and downloads argv[1], an address with https,
   trusting the certificate in argv[2]. Exit status 0: all went well. */

#include "CCurl.h"
#include "CJansson.h"

#include <stdio.h>
#include <string.h>

static size_t count_bytes(char *bytes, size_t size, size_t count, void *received) {
    (void)bytes;
    *(size_t *)received += size * count;
    return size * count;
}

static bool parse_and_write(void) {
    static const char text[] = "{\"list\":[1,2.5,\"text\",{\"null\":null}]}";
    cjansson_error error;
    char written[sizeof text];
    for (int round = 0; round < 1000; round++) {
        json_t *value = cjansson_loadb(text, strlen(text), &error);
        size_t length = cjansson_dumpb(value, written, sizeof written, 0);
        cjansson_decref(value);
        if (length != strlen(text) || memcmp(written, text, length) != 0) {
            return false;
        }
    }
    return true;
}

static bool download(const char *url, const char *certificate) {
    CURL *easy = ccurl_easy_init();
    size_t received = 0;
    long status = 0;
    ccurl_easy_setopt_string(easy, CURLOPT_URL, url);
    ccurl_easy_setopt_string(easy, CURLOPT_CAINFO, certificate);
    ccurl_easy_setopt_string(easy, CURLOPT_PROXY, "");
    ccurl_easy_setopt_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    ccurl_easy_setopt_write(easy, count_bytes, &received);
    CURLcode code = ccurl_easy_perform(easy);
    ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status);
    ccurl_easy_cleanup(easy);
    printf("%s, status %ld, %zu bytes\n", ccurl_easy_strerror(code), status, received);
    return code == CURLE_OK && status == 200 && received == 50000;
}

int main(int argc, char **argv) {
    char message[512];
    if (argc != 3) {
        return 2;
    }
    if (ccurl_load(message, sizeof message) != 0 || cjansson_load(message, sizeof message) != 0) {
        printf("%s\n", message);
        return 3;
    }
    if (!parse_and_write()) {
        return 4;
    }
    for (int round = 0; round < 3; round++) {
        if (!download(argv[1], argv[2])) {
            return 5;
        }
    }
    return 0;
}
