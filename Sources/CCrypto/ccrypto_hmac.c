#include "ccrypto_library.h"

static bool compute(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char *mac) {
    if (!ccrypto_is_loaded()) {
        return false;
    }
    EVP_MAC_CTX *context = ccrypto_table.EVP_MAC_CTX_new(ccrypto_algorithms.hmac);
    if (context == NULL) {
        return false;
    }
    /* Only read, although the type does not say so. */
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = {
        ccrypto_table.OSSL_PARAM_construct_utf8_string("digest", name, 0),
        ccrypto_table.OSSL_PARAM_construct_end(),
    };
    /* No key at all would mean the one from before; an empty key is a key. */
    const unsigned char *start = key_size == 0 ? (const unsigned char *)"" : key;
    size_t length = 0;
    bool done = ccrypto_table.EVP_MAC_init(context, start, key_size, parameters) == 1 &&
                (size == 0 || ccrypto_table.EVP_MAC_update(context, bytes, size) == 1) &&
                ccrypto_table.EVP_MAC_final(context, mac, &length, CCRYPTO_SHA256_SIZE) == 1;
    ccrypto_table.EVP_MAC_CTX_free(context);
    return done && length == CCRYPTO_SHA256_SIZE;
}

bool ccrypto_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char *mac) {
    cloader_enter();
    bool done = compute(key, key_size, bytes, size, mac);
    cloader_leave();
    return done;
}
