/* jansson, opened through CLoader.

   json_array_get is cjansson_array_get here, and so on. jansson.h is not included: its inline functions call others by
   name, past the table.

   Absence is a value. If jansson cannot be opened, what creates a value returns NULL, and every function takes NULL for
   what is missing: it reads as null, is empty, and is not written to. So there is one check to make, cjansson_load, and
   none to forget.

   Loss is another. If memory is exhausted, what creates a value returns the lost one. It reads as null, and what it is put
   into is lost as well. So there is one check to make, cjansson_is_lost, when all is put together.

   Values are shared between threads by counting references, which is atomic. Reading is safe in any number of threads
   as long as nobody writes to the same value; only a value that no other thread has seen yet is written to. */

#ifndef CJANSSON_H
#define CJANSSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct json_t json_t;

typedef enum cjansson_type {
    CJANSSON_OBJECT,
    CJANSSON_ARRAY,
    CJANSSON_STRING,
    CJANSSON_INTEGER,
    CJANSSON_REAL,
    CJANSSON_TRUE,
    CJANSSON_FALSE,
    CJANSSON_NULL
} cjansson_type;

/* ---- The library ---- */

/* Opens jansson (2.14 or newer: it looks up keys by length). 0 is success, ENOMEM or EMFILE what the system is out of, anything else
   another error; with a text for people in `message` (always NUL-terminated; may be NULL). The functions that create values do the same
   by themselves; this one can tell why. Any thread. */
int cjansson_load(char *message, size_t size);

/* "2.14", or NULL. */
const char *cjansson_version(void);

/* ---- References ---- */

/* Both take NULL. A function below "takes over" a reference or "borrows" it from its owner; what it returns is owned by
   the caller unless it says "borrowed". */
json_t *cjansson_incref(json_t *value);
void cjansson_decref(json_t *value);

/* ---- Reading text ---- */

/* Where and why a text is not JSON: the line, the column in characters and the position in bytes, each counted from 1,
   of the end of what is wrong. */
typedef struct cjansson_error {
    bool is_out_of_memory; /* Nothing can be said of the text. */
    int line;
    int column;
    int position;
    char text[256];
} cjansson_error;

/* The value of a text of `size` bytes: any JSON value, with \u0000 in strings allowed, and nothing but white space
   after it. NULL with *error filled otherwise. Of members with the same key the last one counts. At most 2048 levels
   deep. */
json_t *cjansson_loadb(const char *bytes, size_t size, cjansson_error *error);

/* ---- Writing text ---- */

/* Writes `value` as JSON in UTF-8, members in their order, to `buffer` (no NUL at its end), and returns its length in
   bytes. If that is more than `size`, the buffer holds nothing of use, and a buffer of that length is needed. 0 if there
   is no memory to do it, or was none to make the value. `indent` 0 is compact. */
size_t cjansson_dumpb(const json_t *value, char *buffer, size_t size, unsigned int indent);

/* ---- Creating ---- */

json_t *cjansson_object(void);
json_t *cjansson_array(void);
/* `bytes` must be valid UTF-8; it may contain NULs. */
json_t *cjansson_string(const char *bytes, size_t length);
json_t *cjansson_integer(int64_t value);
/* NULL for infinities and NaN. */
json_t *cjansson_real(double value);
json_t *cjansson_true(void);
json_t *cjansson_false(void);
/* What stands for a value that there was no memory for. */
json_t *cjansson_lost(void);
bool cjansson_is_lost(const json_t *value);
/* The same members or elements in a new container. */
json_t *cjansson_copy(json_t *value);
json_t *cjansson_deep_copy(const json_t *value);

/* Take over `value`, NULL meaning null, and the container, which they return: with the value in it, or, if memory is
   exhausted, lost. `key` must be valid UTF-8; NULL is an empty one. */
json_t *cjansson_object_set_new(json_t *object, const char *key, size_t length, json_t *value);
json_t *cjansson_array_append_new(json_t *array, json_t *value);

/* ---- Looking ---- */

cjansson_type cjansson_typeof(const json_t *value);

/* Valid as long as the value; NULL if it is no string. There is a NUL behind the last byte. */
const char *cjansson_string_value(const json_t *string);
size_t cjansson_string_length(const json_t *string);
/* 0 for another type. */
int64_t cjansson_integer_value(const json_t *integer);
double cjansson_real_value(const json_t *real);

size_t cjansson_array_size(const json_t *array);
/* Borrowed from the array; NULL beyond its end. */
json_t *cjansson_array_get(const json_t *array, size_t index);

size_t cjansson_object_size(const json_t *object);
/* Borrowed from the object; NULL if there is no such member. */
json_t *cjansson_object_get(const json_t *object, const char *key, size_t length);

/* An object's members in their order: from iter, by iter_next, until NULL. Keys and values are borrowed from the object. */
void *cjansson_object_iter(json_t *object);
void *cjansson_object_iter_next(json_t *object, void *iter);
const char *cjansson_object_iter_key(void *iter);
size_t cjansson_object_iter_key_length(void *iter);
json_t *cjansson_object_iter_value(void *iter);

/* Same type, same content; the order of members does not matter. */
bool cjansson_equal(const json_t *a, const json_t *b);

#ifdef __cplusplus
}
#endif

#endif
