/* The table of jansson's functions, for this room's own files. */

#ifndef CJANSSON_LIBRARY_H
#define CJANSSON_LIBRARY_H

#include <jansson.h>

#include "CJansson.h"
#include "cloader.h"

#if JANSSON_VERSION_HEX < 0x020e00
#error "jansson 2.14 or newer is needed (Debian: apt-get install libjansson-dev)"
#endif

#define CJANSSON_FUNCTIONS(F) \
    F(jansson_version_str) F(jansson_version_cmp) \
    F(json_delete) F(json_loadb) F(json_dumpb) \
    F(json_object) F(json_array) F(json_stringn_nocheck) F(json_integer) F(json_real) F(json_true) F(json_false) F(json_null) \
    F(json_copy) F(json_deep_copy) F(json_equal) \
    F(json_string_value) F(json_string_length) F(json_integer_value) F(json_real_value) \
    F(json_array_size) F(json_array_get) F(json_array_append_new) \
    F(json_object_size) F(json_object_getn) F(json_object_setn_new_nocheck) \
    F(json_object_iter) F(json_object_iter_next) F(json_object_iter_key) F(json_object_iter_key_len) F(json_object_iter_value)

struct cjansson_table {
    CJANSSON_FUNCTIONS(CLOADER_POINTER)
};

extern struct cjansson_table cjansson_table __attribute__((visibility("hidden")));

/* Opens jansson if need be. Only what creates values asks: whoever holds one has the table too. */
bool cjansson_is_loaded(void) __attribute__((visibility("hidden")));

#endif
