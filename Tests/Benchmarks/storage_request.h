/* storage_request.h: what storage_sink.c reads of the head of a request. Wants _GNU_SOURCE. */
#ifndef STORAGE_REQUEST_H
#define STORAGE_REQUEST_H

#include "request_head.h"

/** What a client has computed over the content for this request, as its headers tell. */
enum { DIGEST_SHA256 = 1, DIGEST_SHA1 = 2, DIGEST_MD5 = 4, DIGEST_CRC32 = 8, DIGEST_CRC32C = 16, DIGEST_CRC64 = 32 };

/** Its texts are those of the bytes that it was read from. */
typedef struct {
    text method, path, query;
    uint64_t body_size;    // as it is sent: with the marks of an aws-chunked body
    uint64_t content_size; // without them
    uint64_t range_from, range_to;
    int has_body_size, has_content_size, has_range;
    int is_chunked, expects_continue, closes;
    unsigned digests;
} storage_request;

static inline int is_named(text self, const char *name) {
    return self.size == strlen(name) && strncasecmp(self.bytes, name, self.size) == 0;
}

static inline int contains(text self, const char *part) {
    return self.size > 0 && memmem(self.bytes, self.size, part, strlen(part)) != NULL;
}

/** A decimal number that is all of `self`. 0: it is none. */
static inline int read_decimal(text self, uint64_t *number) {
    uint64_t value = 0;
    for (size_t i = 0; i < self.size; i++) {
        if (self.bytes[i] < '0' || self.bytes[i] > '9' || value > UINT64_MAX / 10 - 1) return 0;
        value = value * 10 + (uint64_t)(self.bytes[i] - '0');
    }
    *number = value;
    return self.size > 0;
}

/** The value of a parameter of the query, which may have none; `bytes` is NULL when the parameter is not there. */
static inline text parameter(text query, const char *name) {
    const char *at = query.bytes, *end = query.bytes + query.size;
    size_t size = strlen(name);
    while (at != NULL && at < end) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        if (next == NULL) next = end;
        if ((size_t)(next - at) >= size && memcmp(at, name, size) == 0) {
            if (at + size == next) return (text){next, 0};
            if (at[size] == '=') return (text){at + size + 1, (size_t)(next - at) - size - 1};
        }
        at = next + 1;
    }
    return (text){NULL, 0};
}

/** The checksum that a header's name or x-amz-trailer's value speaks of. */
static inline unsigned digest_named(text name) {
    static const struct {
        const char *name;
        unsigned digest;
    } known[] = {{"x-amz-checksum-sha256", DIGEST_SHA256}, {"x-amz-checksum-sha1", DIGEST_SHA1},
                 {"x-amz-checksum-crc32", DIGEST_CRC32},   {"x-amz-checksum-crc32c", DIGEST_CRC32C},
                 {"x-amz-checksum-crc64nvme", DIGEST_CRC64}, {"content-md5", DIGEST_MD5},
                 {"x-amz-meta-md5chksum", DIGEST_MD5}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (is_named(name, known[i].name)) return known[i].digest;
    return 0;
}

static inline int read_range(storage_request *request, text value) {
    text from = between(value, "bytes=", "-");
    const char *dash = memchr(value.bytes, '-', value.size);
    if (from.bytes == NULL || dash == NULL || !read_decimal(from, &request->range_from)) return 0;
    text to = {dash + 1, (size_t)(value.bytes + value.size - dash - 1)};
    request->range_to = UINT64_MAX;
    request->has_range = 1;
    return to.size == 0 || read_decimal(to, &request->range_to);
}

static inline int read_header(storage_request *request, text name, text value) {
    request->digests |= digest_named(name);
    if (is_named(name, "content-length")) return request->has_body_size = read_decimal(value, &request->body_size);
    if (is_named(name, "x-amz-decoded-content-length"))
        return request->has_content_size = read_decimal(value, &request->content_size);
    if (is_named(name, "range")) return read_range(request, value);
    if (is_named(name, "transfer-encoding")) return request->is_chunked = is_named(value, "chunked");
    if (is_named(name, "expect")) request->expects_continue = 1;
    if (is_named(name, "connection") && is_named(value, "close")) request->closes = 1;
    if (is_named(name, "x-amz-trailer")) request->digests |= digest_named(value);
    // Signed in a header or chunk by chunk. What is only marked as unsigned, with or without a trailer, is not hashed for that.
    if (is_named(name, "x-amz-content-sha256") && !contains(value, "UNSIGNED-PAYLOAD")) request->digests |= DIGEST_SHA256;
    return 1;
}

/** Reads the head of `size` bytes, without its blank line. 0: it is not one. */
static inline int read_head(storage_request *request, const char *bytes, size_t size) {
    memset(request, 0, sizeof *request);
    const char *end = bytes + size, *line_end = memmem(bytes, size, "\r\n", 2);
    if (line_end == NULL) line_end = end;
    const char *first = memchr(bytes, ' ', (size_t)(line_end - bytes));
    const char *second = first == NULL ? NULL : memchr(first + 1, ' ', (size_t)(line_end - first - 1));
    if (second == NULL) return 0;
    request->method = (text){bytes, (size_t)(first - bytes)};
    request->path = (text){first + 1, (size_t)(second - first - 1)};
    const char *mark = memchr(request->path.bytes, '?', request->path.size);
    if (mark != NULL) {
        request->query = (text){mark + 1, (size_t)(second - mark - 1)};
        request->path.size = (size_t)(mark - request->path.bytes);
    }
    while (line_end < end) {
        const char *start = line_end + 2;
        line_end = memmem(start, (size_t)(end - start), "\r\n", 2);
        if (line_end == NULL) line_end = end;
        const char *colon = memchr(start, ':', (size_t)(line_end - start));
        if (colon == NULL) return 0;
        const char *value = colon + 1;
        while (value < line_end && *value == ' ') value++;
        if (!read_header(request, (text){start, (size_t)(colon - start)}, (text){value, (size_t)(line_end - value)})) return 0;
    }
    if (!request->has_content_size) request->content_size = request->body_size;
    return 1;
}

#endif
