/* arrays.h: what the programs share that pass in arrays. */
#ifndef ARRAYS_H
#define ARRAYS_H

#include "operations.h"

enum { TEXT_LIMIT = 65536 };

/* Longer than a text may be, and as long as it may be: once make_texts() has made them. */
static UNUSED char too_long[TEXT_LIMIT + 2], longest[TEXT_LIMIT + 1];

static UNUSED void make_texts(void) {
    memset(too_long, 'a', sizeof too_long - 1);
    memset(longest, 'a', sizeof longest - 1);
}

/* What no text may be. */
static UNUSED const char *const broken[] = {"\xFF", "abc\x80", "\xC3", "\xED\xA0\x80", "\xF4\x90\x80\x80", too_long};
/* Counts that nothing has. */
static UNUSED const size_t impossible[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / sizeof(void *) + 1, INT64_MAX, UINT32_MAX,
                                           (size_t)UINT32_MAX + 1, SIZE_MAX / sizeof(slipway_entermedia_term) + 1};

/* `size` bytes of an array, in a place where reading one element more ends the program. */
static UNUSED void *copied(const void *array, size_t size) { return memcpy(guarded(size), array, size); }

static UNUSED void refused(const char *what, int place, slipway_client *client, const any_request *request) {
    const operation_kind *kind = kind_of(place);
    slipway_operation operation = 9;
    const slipway_status status = kind->start(client, request, on_never, NULL, &operation);
    if (status != SLIPWAY_INVALID_ARGUMENT) FAIL("slipway_%s with %s: %s", kind->name, what, slipway_status_name(status));
    CHECK_INT(operation, 9);
    CHECK_STATUS(kind->start(client, request, on_never, NULL, NULL), SLIPWAY_INVALID_ARGUMENT);
}

#endif /* ARRAYS_H */
