/* shape.h: what a JSON answer looks like, without what differs from one time to the next: texts are s, numbers 0, true and false b, and of
 * an array there is the first element. An answer that lost a member when there was no memory for it has another shape. */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct shape {
    size_t size;
    char text[16384];
} shape;

static void shape_add(shape *self, const char *text, size_t size) {
    if (self->size + size >= sizeof self->text) size = sizeof self->text - self->size - 1;
    memcpy(self->text + self->size, text, size);
    self->size += size;
    self->text[self->size] = '\0';
}

static const char *shape_end_of_text(const char *at) {
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && at[1] != '\0') at++;
    return *at == '"' ? at + 1 : at;
}

/* Adds the value that begins there, unless there is nowhere to add it to. Where it ends. */
static const char *shape_value(shape *self, const char *at) {
    const char first = *at;
    if (first == '{' || first == '[') {
        const char close = first == '{' ? '}' : ']';
        int count = 0;
        if (self != NULL) shape_add(self, at, 1);
        for (at++; *at != close && *at != '\0'; count++) {
            shape *const into = first == '[' && count > 0 ? NULL : self;
            if (*at == ',') at++;
            if (first == '{') {
                const char *const end = shape_end_of_text(at);
                if (into != NULL) shape_add(into, at, (size_t)(end - at) + 1);
                at = *end == ':' ? end + 1 : end;
            }
            at = shape_value(into, at);
        }
        if (self != NULL) shape_add(self, &close, 1);
        return *at == '\0' ? at : at + 1;
    }
    const bool is_text = first == '"', is_flag = first == 't' || first == 'f';
    if (self != NULL) shape_add(self, is_text ? "s" : is_flag ? "b" : first == 'n' ? "n" : "0", 1);
    if (is_text) return shape_end_of_text(at);
    const size_t length = strcspn(at, ",]}");
    return length == 0 && *at != '\0' ? at + 1 : at + length;
}

static void shape_of(shape *self, const char *json) {
    self->size = 0;
    self->text[0] = '\0';
    shape_value(self, json);
}

#endif /* SHAPE_H */
