#include "ccrypto_library.h"

/* Every call of libcrypto is inside the gate of cloader.h: a thread may be hashing while the process exits. */

/* A ccrypto_hash is OpenSSL's own structure under a name that Swift may see. */
static EVP_MD_CTX *context_of(ccrypto_hash *hash) {
    return (EVP_MD_CTX *)hash;
}

static const EVP_MD *find(ccrypto_algorithm algorithm) {
    if (!ccrypto_is_loaded()) {
        return NULL;
    }
    switch (algorithm) {
    case CCRYPTO_SHA256:
        return ccrypto_algorithms.sha256;
    case CCRYPTO_MD5:
        return ccrypto_algorithms.md5;
    }
    return NULL;
}

size_t ccrypto_digest_size(ccrypto_algorithm algorithm) {
    switch (algorithm) {
    case CCRYPTO_SHA256:
        return CCRYPTO_SHA256_SIZE;
    case CCRYPTO_MD5:
        return CCRYPTO_MD5_SIZE;
    }
    return 0;
}

bool ccrypto_offers(ccrypto_algorithm algorithm) {
    return find(algorithm) != NULL;
}

bool ccrypto_digest(ccrypto_algorithm algorithm, const void *bytes, size_t size, unsigned char *digest) {
    ccrypto_hash *hash = ccrypto_hash_create(algorithm);
    bool done = ccrypto_hash_update(hash, bytes, size) && ccrypto_hash_finish(hash, digest);
    ccrypto_hash_free(hash);
    return done;
}

ccrypto_hash *ccrypto_hash_create(ccrypto_algorithm algorithm) {
    cloader_enter();
    const EVP_MD *type = find(algorithm);
    EVP_MD_CTX *context = type == NULL ? NULL : ccrypto_table.EVP_MD_CTX_new();
    if (context != NULL && ccrypto_table.EVP_DigestInit_ex2(context, type, NULL) != 1) {
        ccrypto_table.EVP_MD_CTX_free(context);
        context = NULL;
    }
    cloader_leave();
    return (ccrypto_hash *)context;
}

bool ccrypto_hash_update(ccrypto_hash *hash, const void *bytes, size_t size) {
    if (hash == NULL) {
        return false;
    }
    cloader_enter();
    bool done = size == 0 || ccrypto_table.EVP_DigestUpdate(context_of(hash), bytes, size) == 1;
    cloader_leave();
    return done;
}

bool ccrypto_hash_finish(ccrypto_hash *hash, unsigned char *digest) {
    if (hash == NULL) {
        return false;
    }
    cloader_enter();
    bool done = ccrypto_table.EVP_DigestFinal_ex(context_of(hash), digest, NULL) == 1;
    cloader_leave();
    return done;
}

void ccrypto_hash_free(ccrypto_hash *hash) {
    if (hash != NULL) {
        cloader_enter();
        ccrypto_table.EVP_MD_CTX_free(context_of(hash));
        cloader_leave();
    }
}
