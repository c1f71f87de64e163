/* The table of libcrypto's functions, for this room's own files. */

#ifndef CCRYPTO_LIBRARY_H
#define CCRYPTO_LIBRARY_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>

#include "CCrypto.h"
#include "cloader.h"

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3.0 or newer is needed (Debian: apt-get install libssl-dev)"
#endif

#define CCRYPTO_FUNCTIONS(F) \
    F(OpenSSL_version) F(OpenSSL_version_num) F(OPENSSL_init_crypto) F(OSSL_LIB_CTX_new) F(ERR_peek_last_error) \
    F(EVP_MD_fetch) F(EVP_MD_CTX_new) F(EVP_MD_CTX_free) F(EVP_DigestInit_ex2) F(EVP_DigestUpdate) F(EVP_DigestFinal_ex) \
    F(EVP_MAC_fetch) F(EVP_MAC_CTX_new) F(EVP_MAC_CTX_free) F(EVP_MAC_init) F(EVP_MAC_update) F(EVP_MAC_final) \
    F(OSSL_PARAM_construct_utf8_string) F(OSSL_PARAM_construct_end)

struct ccrypto_table {
    CCRYPTO_FUNCTIONS(CLOADER_POINTER)
};

extern struct ccrypto_table ccrypto_table __attribute__((visibility("hidden")));

/* Looked up once, when libcrypto is opened; there for the life of the process. */
struct ccrypto_algorithms {
    EVP_MD *sha256;
    EVP_MD *md5; /* NULL if this libcrypto has none */
    EVP_MAC *hmac;
};

extern struct ccrypto_algorithms ccrypto_algorithms __attribute__((visibility("hidden")));

/* Opens libcrypto if need be. Only what begins something asks: whoever holds a hash has the table too. */
bool ccrypto_is_loaded(void) __attribute__((visibility("hidden")));

#endif
