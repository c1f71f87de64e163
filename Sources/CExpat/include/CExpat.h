/* expat, opened through CLoader: one document at a time, bounded in every direction.

   A document with a DOCTYPE is refused at its first byte, so that it can declare no entities: none that grow, none that
   name files. Attributes, comments and processing instructions are passed over. */

#ifndef CEXPAT_H
#define CEXPAT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The library ---- */

/* Opens expat (2.4 or newer: it is the first that bounds what entities may grow to). 0 is success, ENOMEM or EMFILE what the system is
   out of, anything else another error; with a text for people in `message` (always NUL-terminated; may be NULL). After an error it can
   be tried again. Any thread. */
int cexpat_load(char *message, size_t size);

/* "expat_2.5.0", or NULL. */
const char *cexpat_version(void);

/* ---- Parsing ---- */

typedef struct cexpat_limits {
    size_t bytes;    /* of the document */
    size_t depth;    /* elements within each other */
    size_t elements; /* in all */
} cexpat_limits;

/* Called in the order of the document. Names and texts are UTF-8, and valid during the call only. A text may come in several pieces.
   False ends the parse with CEXPAT_STOPPED. */
typedef struct cexpat_handler {
    bool (*start)(void *user_data, const char *name); /* with its namespace's prefix, as written */
    bool (*text)(void *user_data, const char *bytes, size_t size);
    bool (*end)(void *user_data);
} cexpat_handler;

typedef enum cexpat_status {
    CEXPAT_OK,
    CEXPAT_NOT_LOADED,
    CEXPAT_NO_MEMORY,
    CEXPAT_MALFORMED,
    CEXPAT_DOCTYPE,
    CEXPAT_TOO_LARGE,
    CEXPAT_TOO_DEEP,
    CEXPAT_TOO_MANY,
    CEXPAT_STOPPED
} cexpat_status;

/* Where and why a document was not taken. */
typedef struct cexpat_error {
    size_t line;    /* from 1; 0 if it is not at a place */
    size_t column;  /* in characters, from 1 */
    char text[128]; /* expat's own texts quote nothing of the document */
} cexpat_error;

/* Parses `size` bytes, a whole document. `error` is written unless the answer is CEXPAT_OK. Any thread. */
cexpat_status cexpat_parse(const void *bytes, size_t size, const cexpat_limits *limits, const cexpat_handler *handler, void *user_data,
                           cexpat_error *error);

#ifdef __cplusplus
}
#endif

#endif
