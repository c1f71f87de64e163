#include "cloader.h"
#include "cloader_platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* printf into the caller's buffer. A text that does not fit loses whole characters at its end, never a part of one: hosts check UTF-8. */
__attribute__((format(printf, 3, 4)))
static void compose(char *message, size_t size, const char *format, ...) {
    if (message == NULL || size == 0) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, size, format, arguments);
    va_end(arguments);
    if (length < 0) {
        message[0] = '\0';
        return;
    }
    if ((size_t)length < size) {
        return;
    }
    /* `end` goes back to the last character's first byte; that character stays if all of its bytes are there. */
    size_t end = size - 1;
    size_t start = end;
    while (start > 0 && ((unsigned char)message[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    unsigned char first = (unsigned char)message[start - 1];
    size_t needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (end - (start - 1) < needed) {
        message[start - 1] = '\0';
    }
}

/* The loader starts its reason with the soname, which our message has already named. */
static const char *without_prefix(const char *reason, const char *soname) {
    size_t length = strlen(soname);
    if (strncmp(reason, soname, length) == 0 && strncmp(reason + length, ": ", 2) == 0) {
        return reason + length + 2;
    }
    return reason;
}

static cloader_status open_locked(cloader_library *library, char *message, size_t size) {
    char reason[512] = "";
    cloader_status status = CLOADER_LIBRARY_MISSING;
    void *handle = cloader_platform_open(library->soname, &status, reason, sizeof reason);
    if (handle == NULL && status != CLOADER_LIBRARY_MISSING) {
        compose(message, size, "%s could not be loaded: %s", library->soname, without_prefix(reason, library->soname));
        return status;
    }
    if (handle == NULL) {
        compose(message, size, "%s could not be loaded: %s. Install it (Debian: apt-get install %s).", library->soname,
                without_prefix(reason, library->soname), library->package);
        return CLOADER_LIBRARY_MISSING;
    }
    /* From here on the library stays open, whatever happens: its code has run, and may have left exit handlers behind. */
    for (size_t i = 0; i < library->count; i++) {
        if (!cloader_platform_resolve(handle, &library->symbols[i])) {
            compose(message, size, "%s has no function %s; version %s or newer is needed. Install it (Debian: apt-get install %s).",
                    library->soname, library->symbols[i].name, library->minimum, library->package);
            return CLOADER_SYMBOL_MISSING;
        }
    }
    char problem[256] = "";
    status = library->prepare == NULL ? CLOADER_OK : library->prepare(problem, sizeof problem);
    if (status == CLOADER_REFUSED) {
        compose(message, size, "%s %s; version %s or newer is needed. Install it (Debian: apt-get install %s).", library->soname, problem,
                library->minimum, library->package);
    } else if (status != CLOADER_OK) {
        compose(message, size, "%s could not be initialised: %s", library->soname, problem[0] == '\0' ? "out of memory" : problem);
    }
    return status;
}

cloader_status cloader_open(cloader_library *library, char *message, size_t size) {
    if (cloader_is_ready(library)) {
        return CLOADER_OK;
    }
    /* What initialises a library runs in it. */
    cloader_enter();
    cloader_lock();
    cloader_status status = CLOADER_OK;
    if (!cloader_is_ready(library)) {
        status = open_locked(library, message, size);
        if (status == CLOADER_OK) {
            __atomic_store_n(&library->ready, 1, __ATOMIC_RELEASE);
        }
    }
    cloader_unlock();
    cloader_leave();
    return status;
}
