/* Alters each thing that own.h looks at, and sees that it is told: what says that a library leaves everything alone must be able to say
 * otherwise. */
#include "host.h"
#include "own.h"

static void ignore(int number) { (void)number; }

static void handler(bool back) { signal(SIGWINCH, back ? SIG_DFL : ignore); }

static void mask(bool back) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(back ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

static void signal_stack(bool back) {
    static char memory[65536];
    const stack_t stack = {.ss_sp = back ? NULL : memory, .ss_size = sizeof memory, .ss_flags = back ? SS_DISABLE : 0};
    sigaltstack(&stack, NULL);
}

static void environment(bool back) {
    if (back) unsetenv("SLIPWAY_TEST_ALTERED");
    else setenv("SLIPWAY_TEST_ALTERED", "1", 1);
}

static void directory(bool back) {
    static char before[4096];
    if (!back && getcwd(before, sizeof before) == NULL) abort();
    if (chdir(back ? before : "/proc") != 0) abort();
}

static void locale(bool back) { setlocale(LC_ALL, back ? "C" : "C.UTF-8"); }

static void thread_locale(bool back) { uselocale(back ? LC_GLOBAL_LOCALE : newlocale(LC_ALL_MASK, "C", (locale_t)0)); }

static void alter_umask(bool back) {
    static mode_t before;
    if (back) umask(before);
    else before = umask(0123);
}

static void rounding(bool back) { fesetround(back ? FE_TONEAREST : FE_UPWARD); }

static void exceptions(bool back) {
    if (back) fedisableexcept(FE_ALL_EXCEPT);
    else feenableexcept(FE_OVERFLOW);
}

static void limits(bool back) {
    static struct rlimit before;
    struct rlimit less;
    if (!back) getrlimit(RLIMIT_NOFILE, &before);
    less = before;
    less.rlim_cur--;
    setrlimit(RLIMIT_NOFILE, back ? &before : &less);
}

static void timer(bool back) {
    const struct itimerval hour = {.it_interval = {0, 0}, .it_value = {back ? 0 : 3600, 0}};
    setitimer(ITIMER_REAL, &hour, NULL);
}

static void threads(bool back) {
    static size_t before;
    pthread_attr_t attributes;
    pthread_getattr_default_np(&attributes);
    if (!back) pthread_attr_getstacksize(&attributes, &before);
    pthread_attr_setstacksize(&attributes, back ? before : before * 2);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

static void name(bool back) {
    static char before[16];
    if (!back) prctl(PR_GET_NAME, before);
    prctl(PR_SET_NAME, back ? before : "altered");
}

static void priority(bool back) { /* Nobody but root may take it back, so that it is the last but one. */
    if (!back) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 1);
}

static void processors(bool back) {
    static cpu_set_t before;
    cpu_set_t one;
    int first = 0;
    if (!back) sched_getaffinity(0, sizeof before, &before);
    while (!CPU_ISSET(first, &before)) first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    sched_setaffinity(0, sizeof one, back ? &before : &one);
}

static const struct alteration {
    void (*alter)(bool back);
    const char *told;
    bool needs_processors;
} alterations[] = {
    {handler, "the handler of signal 28 (WINCH)", false},
    {mask, "this thread's signal mask", false},
    {signal_stack, "this thread's signal stack", false},
    {environment, "the environment", false},
    {directory, "the working directory", false},
    {locale, "the locale", false},
    {thread_locale, "this thread's locale", false},
    {alter_umask, "the umask", false},
    {rounding, "this thread's rounding mode", false},
    {exceptions, "which floating point exceptions trap on this thread", false},
    {limits, "resource limit 7", false},
    {timer, "a timer", false},
    {threads, "what threads get by default", false},
    {name, "this thread's name", false},
    {processors, "this thread's processors", true},
    {priority, "the priority", false},
};

int main(void) {
    static own before;
    size_t place;
    for (place = 0; place < sizeof alterations / sizeof *alterations; place++) {
        const char *told;
        look(&before);
        REQUIRE(changed(&before) == NULL, "%s is said to be another before it is", alterations[place].told);
        if (alterations[place].needs_processors && CPU_COUNT(&before.processors) < 2) continue;
        alterations[place].alter(false);
        told = changed(&before);
        alterations[place].alter(true);
        REQUIRE(told != NULL && strcmp(told, alterations[place].told) == 0, "%s is altered, and %s is told", alterations[place].told,
                told != NULL ? told : "nothing");
    }
    return 0;
}
