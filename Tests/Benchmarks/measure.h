/* measure.h: clock, CPU time and memory of this process, and the arguments that the benchmark programs share. */
#ifndef MEASURE_H
#define MEASURE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/** Seconds on a clock that only goes forward. */
static inline double measure_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/** Seconds of CPU, user and system together, that all threads of this process have used. */
static inline double measure_cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6 + (double)usage.ru_stime.tv_sec +
           (double)usage.ru_stime.tv_usec * 1e-6;
}

/** The most memory that this program has had resident at once, in MB. (ru_maxrss would count what the parent had before it became us.) */
static inline double measure_peak_mb(void) {
    char line[256];
    long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "VmHWM: %ld", &kilobytes) != 1) continue;
    fclose(file);
    return (double)kilobytes * 1024e-6;
}

/** How far a run was at one moment. The difference of two is what is measured. */
typedef struct {
    double time;
    double cpu;
    uint64_t calls;
} measure_sample;

static inline measure_sample measure_take(uint64_t calls) {
    measure_sample sample = {measure_now(), measure_cpu(), calls};
    return sample;
}

/** Prints the one line that run.py reads. */
static inline void measure_print(measure_sample from, measure_sample to, uint64_t failures) {
    uint64_t calls = to.calls - from.calls;
    double seconds = to.time - from.time;
    printf("{\"calls\":%llu,\"seconds\":%.6f,\"rate\":%.1f,\"cpu_us\":%.3f,\"failures\":%llu}\n", (unsigned long long)calls, seconds,
           (double)calls / seconds, calls ? (to.cpu - from.cpu) * 1e6 / (double)calls : 0.0, (unsigned long long)failures);
}

/** The value of `--name value`, or `fallback`. */
static inline const char *measure_argument(int argc, char **argv, const char *name, const char *fallback) {
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0) return argv[i + 1];
    return fallback;
}

/** The number of `--name number`, or `fallback`. Ends the process when it is not a number from 0 to 10 million. */
static inline double measure_number(int argc, char **argv, const char *name, double fallback) {
    const char *text = measure_argument(argc, argv, name, NULL);
    if (text == NULL) return fallback;
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0 && value <= 1e7)) {
        fprintf(stderr, "%s: not a number from 0 to 10000000: %s\n", name, text);
        exit(2);
    }
    return value;
}

/** Whether the flag `--name` was given. */
static inline int measure_flag(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return 1;
    return 0;
}

#endif
