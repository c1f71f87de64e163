#include "ccurl_library.h"

#include <stdint.h>

/* What is called of it here; the rest libcurl does. */
struct openssl {
    int (*start)(uint64_t options, const void *settings);
    void *(*get_default_context)(void);
    const void *(*get_method)(void);
    void *(*create_context)(const void *method);
    void (*free_context)(void *context);
    int (*mark_errors)(void);
    int (*forget_errors)(void);
    unsigned long (*get_last_error)(void);
};

static bool find(struct openssl *found) {
    static const char ssl[] = "libssl.so.3", crypto[] = "libcrypto.so.3";
    return cloader_find_function(ssl, "OPENSSL_init_ssl", &found->start) &&
           cloader_find_function(crypto, "OSSL_LIB_CTX_get0_global_default", &found->get_default_context) &&
           cloader_find_function(ssl, "TLS_client_method", &found->get_method) &&
           cloader_find_function(ssl, "SSL_CTX_new", &found->create_context) &&
           cloader_find_function(ssl, "SSL_CTX_free", &found->free_context) &&
           cloader_find_function(crypto, "ERR_set_mark", &found->mark_errors) &&
           cloader_find_function(crypto, "ERR_pop_to_mark", &found->forget_errors) &&
           cloader_find_function(crypto, "ERR_peek_last_error", &found->get_last_error);
}

/* OpenSSL was told to have none: openssl.cnf may leave out the provider that has them. Then there is no TLS, which libcurl says when somebody wants it. */
static bool is_without_ciphers(unsigned long error) {
    enum { LIBRARY_SSL = 20, LIBRARY_HAS_NO_CIPHERS = 161 };
    return ((error >> 23) & 0xFF) == LIBRARY_SSL && (error & 0x7FFFFF) == LIBRARY_HAS_NO_CIPHERS;
}

bool ccurl_has_sound_openssl(void) {
    struct openssl openssl;
    if (!find(&openssl)) {
        return true; /* Another one, or none. */
    }
    /* Whoever uses a default context that could not be set up takes a lock that is not there. */
    if (openssl.start(0, NULL) != 1 || openssl.get_default_context() == NULL) {
        return false;
    }
    /* The host's thread may have errors of its own, to which it shall not find ours. */
    openssl.mark_errors();
    void *const context = openssl.create_context(openssl.get_method());
    const bool is_sound = context != NULL || is_without_ciphers(openssl.get_last_error());
    openssl.free_context(context);
    openssl.forget_errors();
    return is_sound;
}
