/* storage_connection.h: a connection of storage_sink.c, plain or over TLS. Wants _GNU_SOURCE. */
#ifndef STORAGE_CONNECTION_H
#define STORAGE_CONNECTION_H

#include <errno.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "request_head.h"

enum { INPUT = 65536, DISCARD_AT_ONCE = 1 << 22 };

typedef struct {
    int descriptor;
    SSL *tls;          // NULL: plain
    size_t start, end; // of what has come and was not taken
    char input[INPUT];
} connection;

/** Takes some of what comes. 0: there is no more. */
static inline size_t receive(connection *self, char *to, size_t most) {
    if (self->tls != NULL) {
        int count = SSL_read(self->tls, to, (int)most);
        return count > 0 ? (size_t)count : 0;
    }
    ssize_t count;
    do count = recv(self->descriptor, to, most, to == NULL ? MSG_TRUNC : 0);
    while (count < 0 && errno == EINTR);
    return count > 0 ? (size_t)count : 0;
}

/** Brings more input behind what is there. 0: there is no more, or no room for it. */
static inline int fill(connection *self) {
    memmove(self->input, self->input + self->start, self->end - self->start);
    self->end -= self->start;
    self->start = 0;
    size_t count = self->end < INPUT ? receive(self, self->input + self->end, INPUT - self->end) : 0;
    self->end += count;
    return count > 0;
}

/** Throws away what comes. 0: it ended before. */
static inline int discard(connection *self, uint64_t size) {
    size_t here = self->end - self->start;
    if (here > size) here = (size_t)size;
    self->start += here;
    size -= here;
    while (size > 0) {
        // TCP throws bytes away without copying them when they are received with MSG_TRUNC. `input` is empty here.
        size_t most = self->tls != NULL ? INPUT : DISCARD_AT_ONCE;
        size_t count = receive(self, self->tls != NULL ? self->input : NULL, size < most ? (size_t)size : most);
        if (count == 0) return 0;
        size -= count;
    }
    return 1;
}

/** What comes up to `end`, without it; it stays where it is until more is taken. `bytes` is NULL when it does not come. */
static inline text take_until(connection *self, const char *end) {
    size_t size = strlen(end);
    for (;;) {
        const char *from = self->input + self->start, *found = memmem(from, self->end - self->start, end, size);
        if (found != NULL) {
            self->start = (size_t)(found - self->input) + size;
            return (text){from, (size_t)(found - from)};
        }
        if (!fill(self)) return (text){NULL, 0};
    }
}

static inline int transmit(connection *self, const char *bytes, size_t size) {
    if (self->tls != NULL) return size == 0 || SSL_write(self->tls, bytes, (int)size) == (int)size;
    while (size > 0) {
        ssize_t count = send(self->descriptor, bytes, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 0;
        bytes += count;
        size -= (size_t)count;
    }
    return 1;
}

#endif
