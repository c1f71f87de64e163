/* A host that loads libcurl, jansson, libcrypto, expat and zlib as the library does, parses documents, hashes, and downloads argv[1],
   an address with https, trusting the certificate in argv[2]. Exit status 0: all went well. */

#include "CCrypto.h"
#include "CCurl.h"
#include "CExpat.h"
#include "CJansson.h"
#include "CZlib.h"

#include <stdio.h>
#include <stdlib.h>
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

static bool hash(void) {
    unsigned char digest[CCRYPTO_SHA256_SIZE];
    unsigned char mac[CCRYPTO_SHA256_SIZE];
    uint32_t crc = 0;
    ccrypto_hash *hash = ccrypto_hash_create(CCRYPTO_MD5);
    bool done = ccrypto_hash_update(hash, "abc", 3) && ccrypto_hash_finish(hash, digest) && digest[0] == 0x90 &&
                ccrypto_digest(CCRYPTO_SHA256, "abc", 3, digest) && digest[0] == 0xba &&
                ccrypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac) && mac[0] == 0x5b &&
                czlib_crc32(&crc, "123456789", 9) && crc == 0xcbf43926;
    ccrypto_hash_free(hash);
    return done;
}

static bool count_element(void *count, const char *name) {
    (void)name;
    ++*(int *)count;
    return true;
}

static bool pass_text(void *count, const char *bytes, size_t size) {
    (void)count;
    (void)bytes;
    (void)size;
    return true;
}

static bool pass_end(void *count) {
    (void)count;
    return true;
}

static bool parse_xml(void) {
    static const char text[] = "<?xml version='1.0'?><a x='y'><b>text</b><b/></a>";
    static const cexpat_limits limits = {.bytes = 1000, .depth = 10, .elements = 10};
    static const cexpat_handler handler = {.start = count_element, .text = pass_text, .end = pass_end};
    for (int round = 0; round < 1000; round++) {
        cexpat_error error;
        int count = 0;
        if (cexpat_parse(text, strlen(text), &limits, &handler, &count, &error) != CEXPAT_OK || count != 3) {
            return false;
        }
    }
    return true;
}

/* Runs after OpenSSL has freed its shared context: a thread of the library may still be hashing then. */
static void hash_at_the_end(void) {
    if (ccrypto_version() != NULL && !hash()) {
        _Exit(6);
    }
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
    /* What is registered first runs last. */
    atexit(hash_at_the_end);
    if (ccurl_load(message, sizeof message) != 0 || cjansson_load(message, sizeof message) != 0 ||
        ccrypto_load(message, sizeof message) != 0 || cexpat_load(message, sizeof message) != 0 || czlib_load(message, sizeof message) != 0) {
        printf("%s\n", message);
        return 3;
    }
    if (!parse_and_write() || !hash() || !parse_xml()) {
        return 4;
    }
    for (int round = 0; round < 3; round++) {
        if (!download(argv[1], argv[2])) {
            return 5;
        }
    }
    return 0;
}
