#include "ccurl_library.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* What is called of it here, and where it is; the rest libcurl does. */
#define OPENSSL_FUNCTIONS(F) \
    F("libssl.so.3", OPENSSL_init_ssl) F("libssl.so.3", TLS_client_method) F("libssl.so.3", SSL_CTX_new) F("libssl.so.3", SSL_CTX_free) \
    F("libcrypto.so.3", OSSL_LIB_CTX_get0_global_default) F("libcrypto.so.3", ERR_set_mark) F("libcrypto.so.3", ERR_pop_to_mark) \
    F("libcrypto.so.3", ERR_peek_last_error)

struct openssl {
#define POINTER(soname, function) CLOADER_POINTER(function)
    OPENSSL_FUNCTIONS(POINTER)
};

static bool find(struct openssl *found) {
#define FIND(soname, function) && cloader_find_function(soname, #function, &found->function)
    return true OPENSSL_FUNCTIONS(FIND);
}

/* OpenSSL was told to have none: openssl.cnf may leave out the provider that has them. Then there is no TLS, which libcurl says when somebody wants it. */
static bool is_without_ciphers(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_LIBRARY_HAS_NO_CIPHERS;
}

bool ccurl_has_sound_openssl(void) {
    struct openssl openssl;
    if (!find(&openssl)) {
        return true; /* Another one, or none. */
    }
    /* Whoever uses a default context that could not be set up takes a lock that is not there. */
    if (openssl.OPENSSL_init_ssl(0, NULL) != 1 || openssl.OSSL_LIB_CTX_get0_global_default() == NULL) {
        return false;
    }
    /* The host's thread may have errors of its own, to which it shall not find ours. */
    openssl.ERR_set_mark();
    SSL_CTX *const context = openssl.SSL_CTX_new(openssl.TLS_client_method());
    const bool is_sound = context != NULL || is_without_ciphers(openssl.ERR_peek_last_error());
    openssl.SSL_CTX_free(context);
    openssl.ERR_pop_to_mark();
    return is_sound;
}
