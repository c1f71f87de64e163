#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "cjansson_library.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(_WIN32)
#include <sys/mman.h>
#endif

/* jansson overlooks a NUL behind a number or a literal: it takes `[1<NUL>]` for `[1]`. No JSON text contains one. */
static bool contains_nul(const char *bytes, size_t size, cjansson_error *error) {
    const char *nul = size == 0 ? NULL : memchr(bytes, '\0', size);
    if (nul == NULL) {
        return false;
    }
    *error = (cjansson_error){.line = 1, .column = 1, .text = "NUL byte"};
    for (const char *byte = bytes; byte < nul; byte++) {
        if (*byte == '\n') {
            error->line++;
            error->column = 1;
        } else if (((unsigned char)*byte & 0xC0) != 0x80) {
            error->column++;
        }
    }
    error->position = nul - bytes < INT_MAX ? (int)(nul - bytes) + 1 : INT_MAX;
    return true;
}

/* Whether jansson's buffer for strings can grow to what it may need. When it cannot, jansson goes on all the same (load.c, lex_save): a string lacks
   characters, or is copied behind the end of its block. So this is found out before. */
static bool has_room_for(size_t size) {
    enum { SMALL = 64 << 10 };
    if (size > (SIZE_MAX - SMALL) / 4) {
        return false;
    }
    const size_t needed = 4 * size + 1024;
#if !defined(_WIN32)
    /* Not by malloc: it would take the next such block for its measure of what to keep. */
    if (needed > SMALL) {
        void *room = mmap(NULL, needed, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return room != MAP_FAILED && munmap(room, needed) == 0;
    }
#endif
    void *room = malloc(needed);
    free(room);
    return room != NULL;
}

/* jansson has no word for it: most of the time it leaves the text empty. A string that there is no room for is an invalid token to it, and something else
   than a name where it wants one: both are true of no string that is one, and what can be wrong within a string has words of its own. */
static bool is_out_of_memory(const char *bytes, size_t size, const json_error_t *why) {
    if (why->text[0] == '\0') {
        return true;
    }
    const bool is_at_quote = why->position > 0 && (size_t)why->position <= size && bytes[why->position - 1] == '"';
    static const char value[] = "invalid token", name[] = "string or '}' expected";
    return is_at_quote && (strncmp(why->text, value, sizeof value - 1) == 0 || strncmp(why->text, name, sizeof name - 1) == 0);
}

static json_t *refuse_for_memory(cjansson_error *error) {
    *error = (cjansson_error){.is_out_of_memory = true, .line = -1, .column = -1, .text = "out of memory"};
    return NULL;
}

json_t *cjansson_loadb(const char *bytes, size_t size, cjansson_error *error) {
    if (!cjansson_is_loaded()) {
        *error = (cjansson_error){.line = -1, .column = -1};
        cjansson_load(error->text, sizeof error->text);
        return NULL;
    }
    if (contains_nul(bytes, size, error)) {
        return NULL;
    }
    if (!has_room_for(size)) {
        return refuse_for_memory(error);
    }
    json_error_t why;
    json_t *value = cjansson_table.json_loadb(bytes != NULL ? bytes : "", size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (value == NULL && is_out_of_memory(bytes, size, &why)) {
        return refuse_for_memory(error);
    }
    if (value == NULL) {
        error->is_out_of_memory = false;
        error->line = why.line;
        error->column = why.column;
        error->position = why.position;
        snprintf(error->text, sizeof error->text, "%s", why.text);
    }
    return value;
}

size_t cjansson_dumpb(const json_t *value, char *buffer, size_t size, unsigned int indent) {
    if (cjansson_is_lost(value)) {
        return 0;
    }
    if (value == NULL) {
        if (size >= 4) {
            memcpy(buffer, "null", 4);
        }
        return 4;
    }
    size_t flags = JSON_ENCODE_ANY | (indent == 0 ? JSON_COMPACT : JSON_INDENT(indent));
    return cjansson_table.json_dumpb(value, buffer, size, flags);
}
