/* adversity.h: what a host may have done to its own process before it loads anything. Each kind of host has all that does not exclude each
 * other. */
#ifndef ADVERSITY_H
#define ADVERSITY_H

#include "kept.h"

#include "../operations.h"
#include "own.h"

#include <ctype.h>
#include <langinfo.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

enum { DESCRIPTORS = 64, STACK = 64 * 1024, FILE_SIZE = 16 << 20, DAC_OVERRIDE = 1, DAC_READ_SEARCH = 2 };

typedef struct host_kind {
    const char *name;
    bool is_daemon; /* Nothing is open below 3, each signal has a handler, the working directory is gone, the environment empty. */
    const char *locale, *encoding;
    mode_t umask;
    int rounding;
    int32_t delivery;
} host_kind;

static const host_kind host_kinds[] = {
    {"daemon", true, "de_DE.UTF-8", "UTF-8", 0777, FE_DOWNWARD, SLIPWAY_DELIVERY_THREAD},
    /* Signals do what they do by default, the working directory is read-only, a sandbox refuses newer system calls, and the environment is
     * for the Swift in other programs. */
    {"tool", false, "tr_TR.ISO-8859-9", "ISO-8859-9", 0077, FE_UPWARD, SLIPWAY_DELIVERY_POLLED},
};

static const char *const swift_environment[] = {
    "SWIFT_BACKTRACE=enable=yes,threads=all", "SWIFT_DEBUG_HELP=YES", "SWIFT_DEBUG_NO_SUCH_THING=1",
    "SWIFT_DETERMINISTIC_HASHING=1",          "LIBDISPATCH_LOG=stderr",
};

/* ------------------------------------------------------------------------------------------------------------- Before exec */

static void limit(__rlimit_resource_t resource, rlim_t most) {
    const struct rlimit both = {most, most};
    REQUIRE(setrlimit(resource, &both) == 0);
}

static void go_nowhere(const host_kind *kind) {
    char path[4096];
    snprintf(path, sizeof path, "%s/at-work", setting("SLIPWAY_TEST_DIRECTORY"));
    REQUIRE(mkdir(path, 0777) == 0 && chdir(path) == 0);
    if (kind->is_daemon) REQUIRE(rmdir(path) == 0);
    else REQUIRE(chmod(path, 0555) == 0);
}

/* A sandbox that is older than the kernel: system calls that it does not know it refuses, as those of containers did for long. */
static void enter_sandbox(void) {
    static struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_copy_file_range, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_preadv2, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog program = {COUNT_OF(rules), rules};
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    REQUIRE(syscall(SYS_copy_file_range, -1, NULL, -1, NULL, 1, 0) == -1 && errno == EPERM);
}

/* Whatever this was started with. */
static void forget_signals(void) {
    sigset_t none;
    int number;
    for (number = 1; number < SIGNALS; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &none, NULL) == 0);
}

/* What outlives exec, so that a library that is linked finds it so. Then this program begins anew, as `arguments` says. */
static void begin_anew(const host_kind *kind, char **arguments) {
    static char *variables[sizeof swift_environment / sizeof *swift_environment + 4];
    static char preload[4096], root[4096];
    size_t count = 0, place;
    int descriptor;
    keep();
    open_record("hostile");
    if (record_file != NULL) REQUIRE(dup2(fileno(record_file), KEPT_RECORD) == KEPT_RECORD);
    /* Permission bits hold for everybody but root: it, too, is an ordinary user from now on. */
    prctl(PR_CAPBSET_DROP, DAC_OVERRIDE);
    prctl(PR_CAPBSET_DROP, DAC_READ_SEARCH);
    forget_signals();
    go_nowhere(kind);
    umask(kind->umask);
    limit(RLIMIT_NOFILE, DESCRIPTORS);
    limit(RLIMIT_STACK, STACK);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_SIZE);
    if (!kind->is_daemon) enter_sandbox();
    for (descriptor = 0; kind->is_daemon && descriptor < 3; descriptor++) close(descriptor);
    if (getenv("LD_PRELOAD") != NULL) {
        snprintf(preload, sizeof preload, "LD_PRELOAD=%s", getenv("LD_PRELOAD"));
        variables[count++] = preload;
    }
    if (!kind->is_daemon) {
        snprintf(root, sizeof root, "SWIFT_ROOT=%s", setting("SLIPWAY_TEST_SWIFT_ROOT"));
        variables[count++] = root;
        for (place = 0; place < COUNT_OF(swift_environment); place++) variables[count++] = (char *)(uintptr_t)swift_environment[place];
    }
    execve("/proc/self/exe", arguments, variables);
    _exit(1);
}

/* -------------------------------------------------------------------------------------------------------------- After exec */

static void use_locale(const host_kind *kind) {
    REQUIRE(setenv("LOCPATH", setting("SLIPWAY_TEST_LOCALES"), 1) == 0);
    REQUIRE(setlocale(LC_ALL, kind->locale) != NULL);
    REQUIRE(uselocale(newlocale(LC_ALL_MASK, kind->locale, (locale_t)0)) != (locale_t)0);
    REQUIRE(unsetenv("LOCPATH") == 0);
    REQUIRE(strcmp(localeconv()->decimal_point, ",") == 0 && strtod("1,5", NULL) > 1.25);
    REQUIRE(strcmp(nl_langinfo(CODESET), kind->encoding) == 0);
    if (!kind->is_daemon) REQUIRE(tolower('I') != 'i' && toupper('i') != 'I');
}

/* The host's own threads, each of which says that it is one. */
static _Thread_local bool is_host_thread;
static atomic_int hosts[8], host_count;

static void be_host(void) {
    is_host_thread = true;
    atomic_store(&hosts[atomic_fetch_add(&host_count, 1)], gettid());
}

static bool is_host(pid_t thread) {
    int place;
    for (place = 0; place < atomic_load(&host_count); place++)
        if (atomic_load(&hosts[place]) == thread) return true;
    return false;
}

static atomic_int handled[SIGNALS], strangers;

static void own_handler(int number, siginfo_t *about, void *context) {
    const bool is_fault = number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL || number == SIGTRAP;
    (void)context;
    if (is_fault && about->si_code > 0) {
        dprintf(KEPT_REPORT, "signal %d in a thread of %s\n", number, is_host_thread ? "the host" : "the library");
        _exit(97);
    }
    atomic_fetch_add(&handled[number], 1);
    if (!is_host_thread) atomic_fetch_add(&strangers, 1);
}

/* Interrupts whatever can be interrupted: SA_RESTART is not among the flags. */
static void handle_signals(void) {
    struct sigaction action;
    int number;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = own_handler;
    action.sa_flags = SA_SIGINFO;
    sigfillset(&action.sa_mask); /* One at a time: the stacks are small. */
    for (number = 1; number < SIGNALS; number++) sigaction(number, &action, NULL); /* Two must not be caught, two are libc's. */
}

/* Those that a process can be sent and this one can catch, but for the one that interrupts it all the time, and for SIGCONT, which does not
 * wait beside those that stop a process. */
static sigset_t catchable(void) {
    sigset_t set;
    int number;
    sigemptyset(&set);
    for (number = 1; number < SIGNALS; number++) {
        struct sigaction action;
        if (number == SIGUSR1 || number == SIGCONT) continue;
        if (sigaction(number, NULL, &action) == 0 && action.sa_sigaction == own_handler) sigaddset(&set, number);
    }
    return set;
}

/* Of one thread, inherited by those that it starts. */
static void trap_arithmetic(const host_kind *kind) {
    feclearexcept(FE_ALL_EXCEPT);
    REQUIRE(feenableexcept(FE_ALL_EXCEPT & ~FE_INEXACT) != -1 && fesetround(kind->rounding) == 0);
}

static void limit_threads(void) {
    const size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN); /* Of some processors it is more than 64 KB. */
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, least > STACK ? least : STACK) == 0);
    REQUIRE(pthread_setattr_default_np(&attributes) == 0);
    pthread_attr_destroy(&attributes);
}

#endif /* ADVERSITY_H */
