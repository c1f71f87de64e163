#include "ccrypto_library.h"

#include <stdio.h>

struct ccrypto_table ccrypto_table;
struct ccrypto_algorithms ccrypto_algorithms;

#define SYMBOL(function) CLOADER_SYMBOL(ccrypto_table, function),
static const cloader_symbol symbols[] = {CCRYPTO_FUNCTIONS(SYMBOL)};

/* The context stays for the life of the process, as its algorithms do: a thread may be hashing while the process exits. */
static bool fetch_algorithms(void) {
    static OSSL_LIB_CTX *context;
    struct ccrypto_algorithms *found = &ccrypto_algorithms;
    if (context == NULL && (context = ccrypto_table.OSSL_LIB_CTX_new()) == NULL) {
        return false;
    }
    /* What an earlier try has found is not looked for again. */
    if (found->sha256 == NULL) {
        found->sha256 = ccrypto_table.EVP_MD_fetch(context, "SHA256", NULL);
    }
    if (found->hmac == NULL) {
        found->hmac = ccrypto_table.EVP_MAC_fetch(context, "HMAC", NULL);
    }
    /* The last one: what is said of its failure is looked at. */
    if (found->md5 == NULL) {
        found->md5 = ccrypto_table.EVP_MD_fetch(context, "MD5", NULL);
    }
    return found->sha256 != NULL && found->hmac != NULL;
}

static cloader_status prepare(char *problem, size_t size) {
    if (ccrypto_table.OpenSSL_version_num() < 0x30000000UL) {
        snprintf(problem, size, "is %s", ccrypto_table.OpenSSL_version(OPENSSL_VERSION));
        return CLOADER_REFUSED;
    }
    if (ccrypto_table.OPENSSL_init_crypto(0, NULL) != 1 || !cloader_guard_exit(cloader_find_loaded("libcrypto.so.3"))) {
        return CLOADER_OUT_OF_MEMORY;
    }
    /* Every libcrypto has SHA-256 and HMAC. MD5 may have been left out, which it says in these words. */
    if (!fetch_algorithms() || (ccrypto_algorithms.md5 == NULL && ERR_GET_REASON(ccrypto_table.ERR_peek_last_error()) != ERR_R_UNSUPPORTED)) {
        return CLOADER_OUT_OF_MEMORY;
    }
    return CLOADER_OK;
}

static cloader_library library = {
    .soname = "libcrypto.so.3",
    .package = "libssl3",
    .minimum = "3.0",
    .symbols = symbols,
    .count = sizeof symbols / sizeof symbols[0],
    .prepare = prepare,
};

int ccrypto_load(char *message, size_t size) {
    return (int)cloader_open(&library, message, size);
}

bool ccrypto_is_loaded(void) {
    return cloader_makes_ready(&library);
}

const char *ccrypto_version(void) {
    return ccrypto_is_loaded() ? ccrypto_table.OpenSSL_version(OPENSSL_VERSION) : NULL;
}
