/* Opens the C libraries that Slipway stands on, so that no symbol of the host takes their calls.

   A host may carry its own libcurl, OpenSSL or jansson and export their names; game engines do. A library that is
   linked the plain way would then run on the host's copies, of another version and built with other options. On Linux
   the libraries are therefore not linked but opened at first use, each in a scope of its own, and called through a
   table of function pointers that this file's functions fill. On systems whose linkers bind a name together with its
   library (macOS, Windows) they are linked, and the table is filled with the linked addresses. */

#ifndef CLOADER_H
#define CLOADER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One function of a library and the place where its address goes. */
typedef struct cloader_symbol {
    const char *name;
    void *slot;           /* address of a function pointer of the right type */
    void (*linked)(void); /* the function itself where libraries are linked, else NULL */
} cloader_symbol;

/* CLOADER_SYMBOL(table, curl_easy_init): the entry for a function whose pointer is the table's member of the same name. */
#if defined(__linux__)
#define CLOADER_SYMBOL(table, function) {#function, &(table).function, NULL}
#else
#define CLOADER_SYMBOL(table, function) {#function, &(table).function, (void (*)(void))(function)}
#endif

/* The type of a table's member, taken from the library's own header, so that a wrong signature does not compile. */
#define CLOADER_POINTER(function) __typeof__(function) *function;

typedef enum cloader_status {
    CLOADER_OK = 0,
    CLOADER_LIBRARY_MISSING = -1, /* not there, or the system could not load it */
    CLOADER_SYMBOL_MISSING = -2,  /* there, but without a function that we need: too old, or another library of the same name */
    CLOADER_REFUSED = -3,         /* complete, but `prepare` refused it */
    /* Nothing is wrong with the library: the system is out of something. An errno, as its functions give it. */
    CLOADER_OUT_OF_MEMORY = ENOMEM,
    CLOADER_OUT_OF_DESCRIPTORS = EMFILE
} cloader_status;

/* One library. It lives as long as the process; nothing but cloader_open writes to it. */
typedef struct cloader_library {
    const char *soname;  /* "libcurl.so.4" */
    const char *package; /* the Debian package to install: "libcurl4" */
    const char *minimum; /* the oldest version that will do, for messages: "7.84.0" */
    const cloader_symbol *symbols;
    size_t count;
    /* Optional. Called once, with every slot filled, before the library counts as ready: checks the version,
       initialises. To refuse, it writes why ("is version 7.81.0") to `problem` and returns CLOADER_REFUSED; or it returns
       CLOADER_OUT_OF_MEMORY, with its own words in `problem` where there is more to say. */
    cloader_status (*prepare)(char *problem, size_t size);
    int ready; /* 0; read it with cloader_is_ready */
} cloader_library;

/* Opens `library` and fills its slots, once: later calls return CLOADER_OK at once. After an error the next call tries again, so a host can
   install what was missing and go on. A library that was opened stays open for the life of the process.

   On an error, `message` (which may be NULL) gets a text for people: which library, what is wrong, and which package to install if that helps. It is always
   NUL-terminated and, when cut to `size` bytes, cut between characters. On success it is not touched.

   May be called from any thread, at the same time too. Blocks while the system reads the library from disk. */
cloader_status cloader_open(cloader_library *library, char *message, size_t size);

/* Whether cloader_open has succeeded. One load from memory; if true, everything that cloader_open wrote is visible to
   the calling thread. */
static inline bool cloader_is_ready(const cloader_library *library) {
    return __atomic_load_n(&library->ready, __ATOMIC_ACQUIRE) != 0;
}

/* The same, after opening it if that has not been done: for functions that need no word of why not. */
static inline bool cloader_makes_ready(cloader_library *library) {
    return cloader_is_ready(library) || cloader_open(library, NULL, 0) == CLOADER_OK;
}

/* Exit. A thread that is between cloader_enter and cloader_leave may be inside libcurl or libcrypto; they nest. Once the process exits, cloader_enter does
   not return, but to the thread that exits. */
void cloader_enter(void);
void cloader_leave(void);

/* Whether the process is so far on its way out that nobody gets in any more. */
bool cloader_is_exiting(void);

/* Makes exit wait until no thread is between the two. To be called by `prepare`, after a libcrypto was initialised, which is when that registered its own exit
   handler: ours runs before it. Once for each libcrypto, so that handlers that a host has registered since then still come first. False: no memory for it. */
bool cloader_guard_exit(const void *libcrypto);

/* What tells a library that the process has loaded from any other one; NULL: it has not, or the system does not tell. */
const void *cloader_find_loaded(const char *soname);

/* The function of that name in such a library; `slot` is the address of a pointer to it. False: there is none. */
bool cloader_find_function(const char *soname, const char *name, void *slot);

#ifdef __cplusplus
}
#endif

#endif
