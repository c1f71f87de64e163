#include "CZlib.h"

#include <stdio.h>
#include <zlib.h>

#include "cloader.h"

#if ZLIB_VERNUM < 0x1290
#error "zlib 1.2.9 or newer is needed (Debian: apt-get install zlib1g-dev)"
#endif

#define CZLIB_FUNCTIONS(F) F(zlibVersion) F(crc32_z)

static struct czlib_table {
    CZLIB_FUNCTIONS(CLOADER_POINTER)
} table;

/* crc32_z is what came with 1.2.9: a zlib that has it is new enough. */
#define SYMBOL(function) CLOADER_SYMBOL(table, function),
static const cloader_symbol symbols[] = {CZLIB_FUNCTIONS(SYMBOL)};

static cloader_library library = {
    .soname = "libz.so.1",
    .package = "zlib1g",
    .minimum = "1.2.9",
    .symbols = symbols,
    .count = sizeof symbols / sizeof symbols[0],
};

int czlib_load(char *message, size_t size) {
    return (int)cloader_open(&library, message, size);
}

static bool is_loaded(void) {
    return cloader_makes_ready(&library);
}

const char *czlib_version(void) {
    return is_loaded() ? table.zlibVersion() : NULL;
}

bool czlib_crc32(uint32_t *crc, const void *bytes, size_t size) {
    if (!is_loaded()) {
        return false;
    }
    /* Without bytes it would begin anew. */
    if (size > 0) {
        *crc = (uint32_t)table.crc32_z(*crc, bytes, size);
    }
    return true;
}
