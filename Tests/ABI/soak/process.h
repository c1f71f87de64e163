/* process.h: what this process takes of the machine, from tenth to tenth of the way. */
#ifndef PROCESS_H
#define PROCESS_H

#include "../check.h"

#include <dirent.h>
#include <malloc.h>

enum {
    TENTHS = 10,
    SAMPLES = 40, /* In a tenth. */
};

/* In KB: what is resident, as `top` shows it, but counted page by page (the counters that /proc/self/statm reads lag behind by some pages a
 * thread), and the part of it that is no file's. */
typedef struct resident {
    long all, anonymous;
} resident;

static resident resident_now(void) {
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    resident now = {0, 0};
    char line[256];
    REQUIRE(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Rss:", 4) == 0) now.all = strtol(line + 4, NULL, 10);
        if (strncmp(line, "Anonymous:", 10) == 0) now.anonymous = strtol(line + 10, NULL, 10);
    }
    fclose(file);
    REQUIRE(now.all > 0 && now.anonymous > 0);
    return now;
}

/* In KB, what malloc has given out and not got back. 0 where a sanitizer or valgrind is in its place. */
static long held_now(void) {
    const struct mallinfo2 info = mallinfo2();
    return (long)((info.uordblks + info.hblkhd) / 1024);
}

static int entries_of(const char *path) {
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int count = 0;
    REQUIRE(directory != NULL);
    while ((entry = readdir(directory)) != NULL) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

/* Without the one that looks. */
static int descriptors_now(void) { return entries_of("/proc/self/fd") - 1; }

static int threads_now(void) { return entries_of("/proc/self/task"); }

/* For whoever wants to know which ones they are. */
static void print_what_is_there(void) {
    static const char *const folders[] = {"/proc/self/task", "/proc/self/fd"};
    size_t index;
    for (index = 0; index < COUNT_OF(folders); index++) {
        DIR *directory = opendir(folders[index]);
        const struct dirent *entry;
        REQUIRE(directory != NULL);
        while ((entry = readdir(directory)) != NULL) {
            char path[320], what[256] = "";
            FILE *file;
            ssize_t size;
            snprintf(path, sizeof path, "%s/%s%s", folders[index], entry->d_name, index == 0 ? "/comm" : "");
            if (entry->d_name[0] == '.') continue;
            if (index == 0 && (file = fopen(path, "r")) != NULL) {
                if (fgets(what, sizeof what, file) != NULL) what[strcspn(what, "\n")] = '\0';
                fclose(file);
            } else if (index == 1 && (size = readlink(path, what, sizeof what - 1)) >= 0) {
                what[size] = '\0';
            }
            fprintf(stderr, "%s %s\n", path, what);
        }
        closedir(directory);
    }
}

/* One row of the table: what there was at the end of a tenth, and all that was resident in it. */
typedef struct tenth {
    resident last;
    long held, samples[SAMPLES];
    uint64_t ms;
    int descriptors, threads, clients;
} tenth;

static tenth start_row, tenths[TENTHS], end_row;

static void look(tenth *row, int clients) {
    row->last = resident_now();
    row->held = held_now();
    row->ms = now_ms();
    row->descriptors = descriptors_now();
    row->threads = threads_now();
    row->clients = clients;
}

static int compare_samples(const void *one, const void *other) {
    const long a = *(const long *)one, b = *(const long *)other;
    return (a > b) - (a < b);
}

/* The median of samples, and in `between` the lowest and the highest. */
static long median(const long *samples, size_t count, long between[2]) {
    long sorted[SAMPLES];
    memcpy(sorted, samples, count * sizeof *samples);
    qsort(sorted, count, sizeof *sorted, compare_samples);
    between[0] = sorted[0], between[1] = sorted[count - 1];
    return sorted[count / 2];
}

/* What was resident in a tenth: the median, since what is in flight makes a difference from moment to moment. Of the first tenth it is that of
 * its last quarter, when all has been there that comes. */
static long level(const tenth *row) {
    long between[2];
    return row == &tenths[0] ? median(row->samples + SAMPLES - SAMPLES / 4, SAMPLES / 4, between) : median(row->samples, SAMPLES, between);
}

/* How much more that is than after the first tenth, in per cent. */
static double growth(const tenth *row) { return 100.0 * (double)(level(row) - level(&tenths[0])) / (double)level(&tenths[0]); }

static void print_head(void) {
    printf("%10s %8s %12s %8s %12s %8s %20s %12s %8s %8s\n", "operations", "seconds", "resident KB", "growth", "anonymous", "held",
           "resident between", "descriptors", "threads", "clients");
}

static void print_row(const char *name, const tenth *row) {
    const bool is_tenth = row >= &tenths[0] && row < &tenths[TENTHS];
    char change[32] = "", range[64] = "";
    long between[2];
    if (is_tenth) {
        median(row->samples, SAMPLES, between);
        snprintf(change, sizeof change, "%+.1f%%", growth(row));
        snprintf(range, sizeof range, "%ld to %ld", between[0], between[1]);
    }
    printf("%10s %8.1f %12ld %8s %12ld %8ld %20s %12d %8d %8d\n", name, (double)(row->ms - start_row.ms) / 1000,
           is_tenth ? level(row) : row->last.all, change, row->last.anonymous, row->held, range, row->descriptors, row->threads, row->clients);
    fflush(stdout);
}

/* To be called after each operation that was started, with how many there have been. */
static void sample(uint64_t number, uint64_t of, int clients) {
    const uint64_t each = of / (TENTHS * SAMPLES);
    const uint64_t which = number / each - 1;
    char name[32];
    if (number % each != 0 || which >= TENTHS * SAMPLES) return;
    look(&tenths[which / SAMPLES], clients);
    tenths[which / SAMPLES].samples[which % SAMPLES] = tenths[which / SAMPLES].last.all;
    if (which % SAMPLES < SAMPLES - 1) return;
    snprintf(name, sizeof name, "%" PRIu64, number);
    print_row(name, &tenths[which / SAMPLES]);
}

#endif /* PROCESS_H */
