#include "cjansson_library.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

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

json_t *cjansson_loadb(const char *bytes, size_t size, cjansson_error *error) {
    if (!cjansson_is_loaded()) {
        *error = (cjansson_error){.line = -1, .column = -1};
        cjansson_load(error->text, sizeof error->text);
        return NULL;
    }
    if (contains_nul(bytes, size, error)) {
        return NULL;
    }
    json_error_t why;
    json_t *value = cjansson_table.json_loadb(bytes != NULL ? bytes : "", size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (value == NULL) {
        error->line = why.line;
        error->column = why.column;
        error->position = why.position;
        snprintf(error->text, sizeof error->text, "%s", why.text);
    }
    return value;
}

size_t cjansson_dumpb(const json_t *value, char *buffer, size_t size, unsigned int indent) {
    if (value == NULL) {
        if (size >= 4) {
            memcpy(buffer, "null", 4);
        }
        return 4;
    }
    size_t flags = JSON_ENCODE_ANY | (indent == 0 ? JSON_COMPACT : JSON_INDENT(indent));
    return cjansson_table.json_dumpb(value, buffer, size, flags);
}
