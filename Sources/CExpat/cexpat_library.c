#include "cexpat_library.h"

#include <stdio.h>

struct cexpat_table cexpat_table;

#define SYMBOL(function) CLOADER_SYMBOL(cexpat_table, function),
static const cloader_symbol symbols[] = {CEXPAT_FUNCTIONS(SYMBOL)};

static cloader_status prepare(char *problem, size_t size) {
    XML_Expat_Version version = cexpat_table.XML_ExpatVersionInfo();
    if (version.major < 2 || (version.major == 2 && version.minor < 4)) {
        snprintf(problem, size, "is version %d.%d.%d", version.major, version.minor, version.micro);
        return CLOADER_REFUSED;
    }
    return CLOADER_OK;
}

static cloader_library library = {
    .soname = "libexpat.so.1",
    .package = "libexpat1",
    .minimum = "2.4",
    .symbols = symbols,
    .count = sizeof symbols / sizeof symbols[0],
    .prepare = prepare,
};

int cexpat_load(char *message, size_t size) {
    return (int)cloader_open(&library, message, size);
}

bool cexpat_is_loaded(void) {
    return cloader_makes_ready(&library);
}

const char *cexpat_version(void) {
    return cexpat_is_loaded() ? cexpat_table.XML_ExpatVersion() : NULL;
}
