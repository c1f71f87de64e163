/* request_head.h: what media_sink.c reads of a request: its head, and ids in a small JSON document. Wants _GNU_SOURCE. */
#ifndef REQUEST_HEAD_H
#define REQUEST_HEAD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ID = 129, BOUNDARY = 80 };

/** Some bytes of a request, where they came in. */
typedef struct {
    const char *bytes;
    size_t size;
} text;

/** What the head of a request says. Its texts are those of the bytes that it was read from. */
typedef struct {
    text method, path, boundary;
    uint64_t body_size;
    int expects_continue;
} head;

static inline int is(text self, const char *other) { return self.size == strlen(other) && memcmp(self.bytes, other, self.size) == 0; }

static inline int ends_with(text self, const char *end) {
    size_t size = strlen(end);
    return self.size >= size && memcmp(self.bytes + self.size - size, end, size) == 0;
}

/** What follows `start` in `self`, up to `end`; no bytes when it is not there. */
static inline text between(text self, const char *start, const char *end) {
    text none = {NULL, 0};
    const char *found = memmem(self.bytes, self.size, start, strlen(start));
    if (found == NULL) return none;
    found += strlen(start);
    size_t left = self.size - (size_t)(found - self.bytes);
    const char *last = memmem(found, left, end, strlen(end));
    if (last == NULL) return none;
    text result = {found, (size_t)(last - found)};
    return result;
}

/** The text of a member of a flat JSON object, spaces or not. No escapes: the ids of the benchmarks have none. */
static inline text member(text json, const char *name) {
    text none = {NULL, 0};
    const char *end = json.bytes + json.size, *at = memmem(json.bytes, json.size, name, strlen(name));
    if (at == NULL) return none;
    at += strlen(name);
    while (at < end && (*at == ' ' || *at == ':')) at++;
    if (at == end || *at != '"') return none;
    text rest = {at, (size_t)(end - at)};
    return between(rest, "\"", "\"");
}

/** Copies an id. 0 when there is none, or not one that may stand in a URL and in JSON as it is. */
static inline int copy_id(char *to, text id) {
    if (id.size == 0 || id.size >= ID) return 0;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.bytes[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')) return 0;
    }
    memcpy(to, id.bytes, id.size);
    to[id.size] = '\0';
    return 1;
}

static inline int parse_line(head *request, text line) {
    const char *colon = memchr(line.bytes, ':', line.size);
    if (colon == NULL) return 0;
    size_t name_size = (size_t)(colon - line.bytes);
    const char *value = colon + 1, *end = line.bytes + line.size;
    while (value < end && *value == ' ') value++;
    text rest = {value, (size_t)(end - value)};
    if (name_size == 14 && strncasecmp(line.bytes, "Content-Length", 14) == 0) {
        char *last = NULL;
        request->body_size = strtoull(value, &last, 10); // the line's end stops it
        return last == end;
    }
    if (name_size == 17 && strncasecmp(line.bytes, "Transfer-Encoding", 17) == 0) return 0;
    if (name_size == 6 && strncasecmp(line.bytes, "Expect", 6) == 0) request->expects_continue = 1;
    if (name_size == 12 && strncasecmp(line.bytes, "Content-Type", 12) == 0) {
        const char *found = memmem(rest.bytes, rest.size, "boundary=", 9);
        if (found != NULL) request->boundary = (text){found + 9, (size_t)(end - found - 9)};
    }
    return 1;
}

/** Reads the head of `size` bytes, without its blank line. */
static inline int parse_head(head *request, const char *bytes, size_t size) {
    memset(request, 0, sizeof *request);
    const char *end = bytes + size, *line_end = memmem(bytes, size, "\r\n", 2);
    if (line_end == NULL) line_end = end;
    const char *first = memchr(bytes, ' ', (size_t)(line_end - bytes));
    if (first == NULL) return 0;
    const char *second = memchr(first + 1, ' ', (size_t)(line_end - first - 1));
    if (second == NULL) return 0;
    request->method = (text){bytes, (size_t)(first - bytes)};
    request->path = (text){first + 1, (size_t)(second - first - 1)};
    while (line_end < end) {
        const char *start = line_end + 2;
        line_end = memmem(start, (size_t)(end - start), "\r\n", 2);
        if (line_end == NULL) line_end = end;
        if (!parse_line(request, (text){start, (size_t)(line_end - start)})) return 0;
    }
    return request->boundary.size < BOUNDARY;
}

#endif
