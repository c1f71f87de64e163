/* What cloader.c needs of the platform: cloader_linux.c or cloader_linked.c. */

#ifndef CLOADER_PLATFORM_H
#define CLOADER_PLATFORM_H

#include "cloader.h"

/* Held while a library is opened. Not recursive. */
void cloader_lock(void);
void cloader_unlock(void);

/* Opens the library `soname`. NULL on failure, with the system's reason in `reason`, and in *status what kind of failure it is. */
void *cloader_platform_open(const char *soname, cloader_status *status, char *reason, size_t size);

/* Puts the function's address into its slot; false if the library does not have it. */
bool cloader_platform_resolve(void *handle, const cloader_symbol *symbol);

#endif
