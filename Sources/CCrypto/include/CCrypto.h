/* The hashes of OpenSSL's libcrypto, opened through CLoader.

   They run in a library context of their own: neither the host's settings for its own OpenSSL (its configuration file,
   its FIPS properties) nor the end of the process, when OpenSSL frees its shared context, reach them.

   Functions that hash answer false if libcrypto is not loaded, does not offer the algorithm, or has no memory left; then
   nothing was written. Any thread; one ccrypto_hash is for one thread at a time. */

#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The library ---- */

/* Opens libcrypto (OpenSSL 3.0 or newer). 0 is success, ENOMEM or EMFILE what the system is out of, anything else another error; with a
   text for people in `message` (always NUL-terminated; may be NULL). After an error it can be tried again. Any thread. */
int ccrypto_load(char *message, size_t size);

/* "OpenSSL 3.0.19 27 Jan 2026", or NULL. */
const char *ccrypto_version(void);

/* ---- Digests ---- */

typedef enum ccrypto_algorithm {
    CCRYPTO_SHA256,
    CCRYPTO_MD5 /* Not for safety: S3 names contents by it. A libcrypto may be built without. */
} ccrypto_algorithm;

enum { CCRYPTO_SHA256_SIZE = 32, CCRYPTO_MD5_SIZE = 16 };

/* The size of a digest in bytes; 0 for a number that is none of the above. */
size_t ccrypto_digest_size(ccrypto_algorithm algorithm);

/* Whether libcrypto has the algorithm: then what hashes fails only for want of memory. */
bool ccrypto_offers(ccrypto_algorithm algorithm);

/* The digest of `size` bytes (which may be NULL if there are none), to `digest`, which has room for it. */
bool ccrypto_digest(ccrypto_algorithm algorithm, const void *bytes, size_t size, unsigned char *digest);

/* The same piece by piece. What it needs does not depend on how much it is given. */
typedef struct ccrypto_hash ccrypto_hash;

ccrypto_hash *ccrypto_hash_create(ccrypto_algorithm algorithm);
bool ccrypto_hash_update(ccrypto_hash *hash, const void *bytes, size_t size);
/* The digest of everything so far. After it the hash can only be freed. */
bool ccrypto_hash_finish(ccrypto_hash *hash, unsigned char *digest);
void ccrypto_hash_free(ccrypto_hash *hash);

/* ---- Signatures ---- */

/* HMAC-SHA256 of `size` bytes, to `mac`, which has room for CCRYPTO_SHA256_SIZE. */
bool ccrypto_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size, unsigned char *mac);

#ifdef __cplusplus
}
#endif

#endif
