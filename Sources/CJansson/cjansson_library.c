#include "cjansson_library.h"

#include <stdio.h>

struct cjansson_table cjansson_table;

#define SYMBOL(function) CLOADER_SYMBOL(cjansson_table, function),
static const cloader_symbol symbols[] = {CJANSSON_FUNCTIONS(SYMBOL)};

static cloader_status prepare(char *problem, size_t size) {
    if (cjansson_table.jansson_version_cmp(2, 14, 0) < 0) {
        snprintf(problem, size, "is version %s", cjansson_table.jansson_version_str());
        return CLOADER_REFUSED;
    }
    /* The first object seeds the hash function of the whole process. Here it does so before threads meet. */
    json_t *first = cjansson_table.json_object();
    if (first == NULL) {
        return CLOADER_OUT_OF_MEMORY;
    }
    cjansson_table.json_delete(first);
    return CLOADER_OK;
}

static cloader_library library = {
    .soname = "libjansson.so.4",
    .package = "libjansson4",
    .minimum = "2.14",
    .symbols = symbols,
    .count = sizeof symbols / sizeof symbols[0],
    .prepare = prepare,
};

int cjansson_load(char *message, size_t size) {
    return (int)cloader_open(&library, message, size);
}

bool cjansson_is_loaded(void) {
    return cloader_makes_ready(&library);
}

const char *cjansson_version(void) {
    return cjansson_is_loaded() ? cjansson_table.jansson_version_str() : NULL;
}
