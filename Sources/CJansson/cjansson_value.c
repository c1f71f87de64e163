#include "cjansson_library.h"

/* ---- References ----

   jansson.h counts with these same operations on this same field, inside jansson and in its inline functions, which we
   cannot use since they call json_delete by name. An unchanging value, such as null, has the count -1. Where jansson
   only releases when it counts down, we acquire as well: whoever frees a value has then seen everything that others did
   with it. */

#if !defined(JANSSON_THREAD_SAFE_REFCOUNT)
#error "this jansson does not count references atomically"
#endif

json_t *cjansson_incref(json_t *value) {
    if (value != NULL && __atomic_load_n(&value->refcount, __ATOMIC_RELAXED) != (size_t)-1) {
        __atomic_add_fetch(&value->refcount, 1, __ATOMIC_ACQUIRE);
    }
    return value;
}

void cjansson_decref(json_t *value) {
    if (value != NULL && __atomic_load_n(&value->refcount, __ATOMIC_RELAXED) != (size_t)-1 &&
        __atomic_sub_fetch(&value->refcount, 1, __ATOMIC_ACQ_REL) == 0) {
        cjansson_table.json_delete(value);
    }
}

/* ---- Creating ---- */

/* To jansson it is a null. Its count is that of what never goes; it is known by its address. */
static json_t lost = {.type = JSON_NULL, .refcount = (size_t)-1};

json_t *cjansson_lost(void) {
    return &lost;
}

bool cjansson_is_lost(const json_t *value) {
    return value == &lost;
}

/* `value`, unless jansson had no memory for it. */
static json_t *made(json_t *value) {
    return value != NULL ? value : &lost;
}

json_t *cjansson_object(void) {
    return cjansson_is_loaded() ? made(cjansson_table.json_object()) : NULL;
}

json_t *cjansson_array(void) {
    return cjansson_is_loaded() ? made(cjansson_table.json_array()) : NULL;
}

json_t *cjansson_string(const char *bytes, size_t length) {
    return cjansson_is_loaded() ? made(cjansson_table.json_stringn_nocheck(bytes != NULL ? bytes : "", length)) : NULL;
}

json_t *cjansson_integer(int64_t value) {
    return cjansson_is_loaded() ? made(cjansson_table.json_integer(value)) : NULL;
}

json_t *cjansson_real(double value) {
    return cjansson_is_loaded() && __builtin_isfinite(value) ? made(cjansson_table.json_real(value)) : NULL;
}

json_t *cjansson_true(void) {
    return cjansson_is_loaded() ? cjansson_table.json_true() : NULL;
}

json_t *cjansson_false(void) {
    return cjansson_is_loaded() ? cjansson_table.json_false() : NULL;
}

json_t *cjansson_copy(json_t *value) {
    return value == NULL || value == &lost ? value : made(cjansson_table.json_copy(value));
}

json_t *cjansson_deep_copy(const json_t *value) {
    if (value == NULL) {
        return NULL;
    }
    return made(value == &lost ? NULL : cjansson_table.json_deep_copy(value));
}

/* `container`, if the value that it should get is in it; else the lost one in its place. */
static json_t *completed(json_t *container, bool is_done) {
    if (is_done) {
        return container;
    }
    cjansson_decref(container);
    return &lost;
}

json_t *cjansson_object_set_new(json_t *object, const char *key, size_t length, json_t *value) {
    if (object == NULL || object == &lost || value == &lost) {
        cjansson_decref(value);
        return completed(object, object == NULL);
    }
    json_t *member = value != NULL ? value : cjansson_table.json_null();
    return completed(object, cjansson_table.json_object_setn_new_nocheck(object, key != NULL ? key : "", length, member) == 0);
}

json_t *cjansson_array_append_new(json_t *array, json_t *value) {
    if (array == NULL || array == &lost || value == &lost) {
        cjansson_decref(value);
        return completed(array, array == NULL);
    }
    json_t *element = value != NULL ? value : cjansson_table.json_null();
    return completed(array, cjansson_table.json_array_append_new(array, element) == 0);
}

/* ---- Looking ---- */

cjansson_type cjansson_typeof(const json_t *value) {
    _Static_assert((int)CJANSSON_OBJECT == (int)JSON_OBJECT && (int)CJANSSON_ARRAY == (int)JSON_ARRAY, "jansson's numbers");
    _Static_assert((int)CJANSSON_STRING == (int)JSON_STRING && (int)CJANSSON_INTEGER == (int)JSON_INTEGER, "jansson's numbers");
    _Static_assert((int)CJANSSON_REAL == (int)JSON_REAL && (int)CJANSSON_TRUE == (int)JSON_TRUE, "jansson's numbers");
    _Static_assert((int)CJANSSON_FALSE == (int)JSON_FALSE && (int)CJANSSON_NULL == (int)JSON_NULL, "jansson's numbers");
    return value == NULL ? CJANSSON_NULL : (cjansson_type)value->type;
}

const char *cjansson_string_value(const json_t *string) {
    return string == NULL ? NULL : cjansson_table.json_string_value(string);
}

size_t cjansson_string_length(const json_t *string) {
    return string == NULL ? 0 : cjansson_table.json_string_length(string);
}

int64_t cjansson_integer_value(const json_t *integer) {
    return integer == NULL ? 0 : cjansson_table.json_integer_value(integer);
}

double cjansson_real_value(const json_t *real) {
    return real == NULL ? 0 : cjansson_table.json_real_value(real);
}

size_t cjansson_array_size(const json_t *array) {
    return array == NULL ? 0 : cjansson_table.json_array_size(array);
}

json_t *cjansson_array_get(const json_t *array, size_t index) {
    return array == NULL ? NULL : cjansson_table.json_array_get(array, index);
}

size_t cjansson_object_size(const json_t *object) {
    return object == NULL ? 0 : cjansson_table.json_object_size(object);
}

json_t *cjansson_object_get(const json_t *object, const char *key, size_t length) {
    return object == NULL ? NULL : cjansson_table.json_object_getn(object, key != NULL ? key : "", length);
}

void *cjansson_object_iter(json_t *object) {
    return object == NULL ? NULL : cjansson_table.json_object_iter(object);
}

void *cjansson_object_iter_next(json_t *object, void *iter) {
    return object == NULL || iter == NULL ? NULL : cjansson_table.json_object_iter_next(object, iter);
}

const char *cjansson_object_iter_key(void *iter) {
    return iter == NULL ? NULL : cjansson_table.json_object_iter_key(iter);
}

size_t cjansson_object_iter_key_length(void *iter) {
    return iter == NULL ? 0 : cjansson_table.json_object_iter_key_len(iter);
}

json_t *cjansson_object_iter_value(void *iter) {
    return iter == NULL ? NULL : cjansson_table.json_object_iter_value(iter);
}

bool cjansson_equal(const json_t *a, const json_t *b) {
    if (a == NULL || b == NULL) {
        return cjansson_typeof(a) == CJANSSON_NULL && cjansson_typeof(b) == CJANSSON_NULL;
    }
    return cjansson_table.json_equal(a, b) != 0;
}
