/* Names of libcurl, OpenSSL, jansson, expat and zlib, as a host with copies of its own exports them. A call that arrives here was captured. */

#include <stdio.h>
#include <stdlib.h>

#define EXPORT(name)                              \
    void name(void) {                             \
        fprintf(stderr, "captured: " #name "\n"); \
        _Exit(99);                                \
    }

EXPORT(curl_version)
EXPORT(curl_version_info)
EXPORT(curl_global_init_mem)
EXPORT(curl_easy_init)
EXPORT(curl_easy_perform)
EXPORT(curl_multi_init)
EXPORT(curl_multi_perform)
EXPORT(OPENSSL_init_ssl)
EXPORT(OPENSSL_init_crypto)
EXPORT(SSL_CTX_new)
EXPORT(SSL_new)
EXPORT(SSL_connect)
EXPORT(EVP_DigestInit_ex)
EXPORT(EVP_DigestInit_ex2)
EXPORT(EVP_DigestUpdate)
EXPORT(EVP_DigestFinal_ex)
EXPORT(EVP_MD_fetch)
EXPORT(EVP_MAC_init)
EXPORT(OSSL_LIB_CTX_new)
EXPORT(CRYPTO_malloc)
EXPORT(CRYPTO_free)
EXPORT(json_loadb)
EXPORT(json_loads)
EXPORT(json_object)
EXPORT(json_delete)
EXPORT(XML_ParserCreate)
EXPORT(XML_Parse)
EXPORT(XML_ExpatVersionInfo)
EXPORT(crc32_z)
EXPORT(inflate)
EXPORT(inflateInit2_)
EXPORT(nghttp2_session_mem_recv)
EXPORT(nghttp2_session_client_new)
