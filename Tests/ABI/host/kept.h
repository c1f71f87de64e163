/* kept.h: check.h for a host that has closed its standard error and emptied its environment. What a check says goes to a descriptor that
 * stays, and settings are found where they were put aside. To be included before check.h, which has to be none the wiser. */
#ifndef KEPT_H
#define KEPT_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern char **environ;

/* Descriptors that outlive exec. Above those that a host may close. */
enum { KEPT_REPORT = 10, KEPT_SETTINGS = 11, KEPT_RECORD = 12 };

static FILE *kept_report;
static char kept_settings[65536];

static void read_settings(void) {
    if (pread(KEPT_SETTINGS, kept_settings, sizeof kept_settings - 2, 0) < 0) abort();
    if (kept_report == NULL) kept_report = fdopen(KEPT_REPORT, "w");
    if (kept_report == NULL) abort();
    setvbuf(kept_report, NULL, _IONBF, 0);
}

/* Before exec: standard error and the environment are put aside. */
static void keep(void) {
    const int memory = memfd_create("settings", 0);
    size_t place;
    if (memory < 0 || dup2(STDERR_FILENO, KEPT_REPORT) < 0 || dup2(memory, KEPT_SETTINGS) < 0) abort();
    close(memory);
    for (place = 0; environ[place] != NULL; place++)
        if (write(KEPT_SETTINGS, environ[place], strlen(environ[place]) + 1) < 0) abort();
    read_settings();
}

/* After exec. */
static void find_kept(void) {
    read_settings();
    close(KEPT_SETTINGS);
}

static const char *kept_setting(const char *name) {
    const size_t length = strlen(name);
    const char *entry;
    for (entry = kept_settings; *entry != '\0'; entry += strlen(entry) + 1)
        if (strncmp(entry, name, length) == 0 && entry[length] == '=') return entry + length + 1;
    return NULL;
}

#undef stderr
#define stderr kept_report
#define getenv(name) kept_setting(name)

#endif /* KEPT_H */
