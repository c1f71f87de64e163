/* The checksums of zlib, opened through CLoader. */

#ifndef CZLIB_H
#define CZLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens zlib (1.2.9 or newer: its checksum takes more than 4 GB at a time). 0 is success, ENOMEM or EMFILE what the system is out of,
   anything else another error; with a text for people in `message` (always NUL-terminated; may be NULL). After an error it can be tried
   again. Any thread. */
int czlib_load(char *message, size_t size);

/* "1.2.13", or NULL. */
const char *czlib_version(void);

/* Carries *crc, 0 in the beginning, on over `size` bytes: the CRC-32 of zip, gzip and Ethernet. False, with *crc unchanged, if zlib is
   not loaded. Any thread. */
bool czlib_crc32(uint32_t *crc, const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
