/* own.h: what of a process is the host's own, to be compared before and after. */
#ifndef OWN_H
#define OWN_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { SIGNALS = 65 };

/* Of the process, and of the thread that looks. */
typedef struct own {
    struct sigaction signals[SIGNALS];
    sigset_t mask;
    stack_t signal_stack;
    char environment[65536];
    char directory[4096]; /* "": it is nowhere, since it was removed. */
    struct stat directory_file;
    char locale[256];
    locale_t thread_locale;
    mode_t umask;
    int rounding, exceptions;
    struct rlimit limits[RLIM_NLIMITS];
    struct itimerval timers[3];
    size_t thread_stack, thread_guard;
    char name[16];
    int priority;
    cpu_set_t processors;
} own;

static void look(own *at) {
    pthread_attr_t attributes;
    size_t used = 0;
    int number;
    memset(at, 0, sizeof *at);
    for (number = 1; number < SIGNALS; number++) sigaction(number, NULL, &at->signals[number]);
    pthread_sigmask(SIG_SETMASK, NULL, &at->mask);
    sigaltstack(NULL, &at->signal_stack);
    for (number = 0; environ != NULL && environ[number] != NULL && used < sizeof at->environment; number++)
        used += (size_t)snprintf(at->environment + used, sizeof at->environment - used, "%s\n", environ[number]);
    if (getcwd(at->directory, sizeof at->directory) == NULL) at->directory[0] = '\0';
    stat(".", &at->directory_file);
    snprintf(at->locale, sizeof at->locale, "%s", setlocale(LC_ALL, NULL));
    at->thread_locale = uselocale((locale_t)0);
    at->umask = umask(0);
    umask(at->umask);
    at->rounding = fegetround();
    at->exceptions = fegetexcept();
    for (number = 0; number < (int)RLIM_NLIMITS; number++) getrlimit((__rlimit_resource_t)number, &at->limits[number]);
    for (number = 0; number < 3; number++) getitimer((__itimer_which_t)number, &at->timers[number]);
    pthread_getattr_default_np(&attributes);
    pthread_attr_getstacksize(&attributes, &at->thread_stack);
    pthread_attr_getguardsize(&attributes, &at->thread_guard);
    pthread_attr_destroy(&attributes);
    prctl(PR_GET_NAME, at->name);
    at->priority = getpriority(PRIO_PROCESS, 0);
    sched_getaffinity(0, sizeof at->processors, &at->processors);
}

/* A sigset_t has more bytes than signals, and the rest is not always set. */
static bool same_mask(const sigset_t *one, const sigset_t *other) {
    int number;
    for (number = 1; number < SIGNALS; number++)
        if (sigismember(one, number) != sigismember(other, number)) return false;
    return true;
}

static bool same_action(const struct sigaction *one, const struct sigaction *other) {
    return one->sa_handler == other->sa_handler && one->sa_flags == other->sa_flags && same_mask(&one->sa_mask, &other->sa_mask);
}

/* What is not as it was, or NULL. To be asked on the thread that looked, of which there is one. */
__attribute__((unused)) static const char *changed(const own *before) {
    static char text[128];
    static own after;
    int number;
    look(&after);
    for (number = 1; number < SIGNALS; number++) {
        if (same_action(&before->signals[number], &after.signals[number])) continue;
        snprintf(text, sizeof text, "the handler of signal %d (%s)", number, sigabbrev_np(number));
        return text;
    }
    for (number = 0; number < (int)RLIM_NLIMITS; number++) {
        if (memcmp(&before->limits[number], &after.limits[number], sizeof after.limits[number]) == 0) continue;
        snprintf(text, sizeof text, "resource limit %d", number);
        return text;
    }
    if (!same_mask(&before->mask, &after.mask)) return "this thread's signal mask";
    if (before->signal_stack.ss_sp != after.signal_stack.ss_sp || before->signal_stack.ss_flags != after.signal_stack.ss_flags)
        return "this thread's signal stack";
    if (strcmp(before->environment, after.environment) != 0) return "the environment";
    if (strcmp(before->directory, after.directory) != 0 || before->directory_file.st_dev != after.directory_file.st_dev ||
        before->directory_file.st_ino != after.directory_file.st_ino)
        return "the working directory";
    if (strcmp(before->locale, after.locale) != 0) return "the locale";
    if (before->thread_locale != after.thread_locale) return "this thread's locale";
    if (before->umask != after.umask) return "the umask";
    if (before->rounding != after.rounding) return "this thread's rounding mode";
    if (before->exceptions != after.exceptions) return "which floating point exceptions trap on this thread";
    if (memcmp(before->timers, after.timers, sizeof after.timers) != 0) return "a timer";
    if (before->thread_stack != after.thread_stack || before->thread_guard != after.thread_guard) return "what threads get by default";
    if (strcmp(before->name, after.name) != 0) return "this thread's name";
    if (before->priority != after.priority) return "the priority";
    if (!CPU_EQUAL(&before->processors, &after.processors)) return "this thread's processors";
    return NULL;
}

__attribute__((unused)) static int entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    if (directory == NULL) return -1;
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}

/* Waits until a folder has no more entries than so many, 10 s at the most: the last of a client's threads may be on its way out for a
 * moment. How many it has then. */
__attribute__((unused)) static int entries_down_to(const char *path, int wanted) {
    int round, count = entries(path);
    for (round = 0; round < 2000 && count > wanted; round++) {
        const struct timespec moment = {0, 5000000};
        nanosleep(&moment, NULL);
        count = entries(path);
    }
    return count;
}

#endif /* OWN_H */
