/* complaints.h: what scarce.c has found wrong. The same thing after many calls is one complaint, with the first of them. They are kept where a
 * forked child and its parent both see them. */
#ifndef COMPLAINTS_H
#define COMPLAINTS_H

#include "../check.h"

#include <dlfcn.h>

#include "scarcity.h"

typedef struct complaint {
    uint64_t first, times;
    bool lasting;
    char scene[64];
    char text[2048];
    char kind[2048]; /* The text, without its numbers. */
    char where[2048];
} complaint;

enum { COMPLAINTS = 256 };

typedef struct complaints {
    pthread_mutex_t lock;
    size_t count;
    complaint list[COMPLAINTS];
} complaints;

static complaints *complained;

static void open_complaints(void) {
    pthread_mutexattr_t attributes;
    complained = mmap(NULL, sizeof *complained, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(complained != MAP_FAILED);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&complained->lock, &attributes);
}

static void without_numbers(char *target, size_t size, const char *text) {
    size_t used = 0;
    for (; *text != '\0' && used + 1 < size; text++) {
        const bool is_digit = *text >= '0' && *text <= '9';
        if (is_digit && used > 0 && target[used - 1] == '#') continue;
        target[used++] = is_digit ? '#' : *text;
    }
    target[used] = '\0';
}

/* "libcurl.so.4+0x1234 (curl_easy_init)", from the inside out, for addr2line and for people. */
static void describe_way(char *target, size_t size, void *const *addresses, size_t count) {
    size_t used = 0;
    target[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        Dl_info info;
        if (dladdr(addresses[i], &info) == 0 || info.dli_fname == NULL) continue;
        const char *const slash = strrchr(info.dli_fname, '/');
        const char *const file = slash != NULL ? slash + 1 : info.dli_fname;
        if (strncmp(file, "scarcity", 8) == 0) continue;
        used += (size_t)snprintf(target + used, size - used, "%s%s+%#lx%s%s", used == 0 ? "" : " < ", file,
                                 (unsigned long)((char *)addresses[i] - (char *)info.dli_fbase), info.dli_sname != NULL ? " " : "",
                                 info.dli_sname != NULL ? info.dli_sname : "");
    }
}

static void complain(const char *scene, uint64_t nth, bool lasting, const char *text, void *const *addresses, size_t depth) {
    char kind[2048];
    without_numbers(kind, sizeof kind, text);
    pthread_mutex_lock(&complained->lock);
    size_t place = 0;
    while (place < complained->count && (strcmp(complained->list[place].kind, kind) != 0 || complained->list[place].lasting != lasting ||
                                         strcmp(complained->list[place].scene, scene) != 0))
        place++;
    if (place < COMPLAINTS) {
        complaint *const self = &complained->list[place];
        if (place == complained->count) {
            complained->count++;
            self->first = nth;
            self->times = 0;
            self->lasting = lasting;
            snprintf(self->scene, sizeof self->scene, "%s", scene);
            snprintf(self->text, sizeof self->text, "%s", text);
            snprintf(self->kind, sizeof self->kind, "%s", kind);
            describe_way(self->where, sizeof self->where, addresses, depth);
        }
        self->times++;
    }
    pthread_mutex_unlock(&complained->lock);
}

/* For whoever started this program: one line each. */
static void print_complaints(void) {
    for (size_t i = 0; i < complained->count; i++) {
        const complaint *const self = &complained->list[i];
        printf("complaint\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\t%s\n", self->scene, self->lasting ? "from then on" : "once", self->first,
               self->times, self->text, self->where);
    }
    complained->count = 0;
    fflush(stdout);
}

#endif /* COMPLAINTS_H */
