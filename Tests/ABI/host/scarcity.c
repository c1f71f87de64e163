/* Preloaded: makes the nth call of a kind fail, and counts them. Whose call it is tells the address that it returns to: the host's own
 * calls, and those of Swift's and C++'s runtimes, which end the process when they have no memory, never fail.
 * What is no memory is in scarcity_system.c.
 *
 * malloc and its relatives go to the C library's by their other names, so that free can stay what it is. */
#include "shortage.h"

#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ------------------------------------------------------------------------------------------------------------- Whose call it is */

typedef enum owner { NOBODY, HOST, SLIPWAY, CURL, JANSSON, OPENSSL, EXPAT, OTHER, SYSTEM, RUNTIME } owner;

static owner owner_of_file(const char *path) {
    static const struct {
        const char *start;
        owner owner;
    } files[] = {
        {"libslipway", SLIPWAY}, {"libcurl.", CURL}, {"libjansson.", JANSSON}, {"libssl.", OPENSSL}, {"libcrypto.", OPENSSL},
        {"libexpat.", EXPAT},    {"libc.", SYSTEM},  {"ld-linux", SYSTEM},     {"libnss_", SYSTEM},  {"libresolv.", SYSTEM},
        {"libstdc++.", RUNTIME}, {"libm.", RUNTIME}, {"libgcc_s.", RUNTIME},   {"scarcity", HOST},   {"linux-vdso", RUNTIME},
    };
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    if (file[0] == '\0') return HOST; /* The program. */
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strncmp(file, files[i].start, strlen(files[i].start)) == 0) return files[i].owner;
    return OTHER;
}

/* The code that is loaded. Only ever appended to: nothing is unloaded here. */
static struct {
    uintptr_t start, end;
    owner owner;
} ranges[512];
static atomic_int range_count;
static pthread_mutex_t ranges_lock = PTHREAD_MUTEX_INITIALIZER;

static owner known_owner(uintptr_t address) {
    const int count = atomic_load_explicit(&range_count, memory_order_acquire);
    for (int i = 0; i < count; i++)
        if (address >= ranges[i].start && address < ranges[i].end) return ranges[i].owner;
    return NOBODY;
}

static int note_ranges(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + part->p_vaddr;
        const int count = atomic_load_explicit(&range_count, memory_order_relaxed);
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 || known_owner(start) != NOBODY || count == 512) continue;
        ranges[count].start = start;
        ranges[count].end = start + part->p_memsz;
        ranges[count].owner = owner_of_file(info->dlpi_name);
        atomic_store_explicit(&range_count, count + 1, memory_order_release);
    }
    return 0;
}

/* Not dl_iterate_phdr at each call: it takes the loader's lock. */
static owner owner_of(uintptr_t address) {
    owner found = known_owner(address);
    if (found != NOBODY) return found;
    pthread_mutex_lock(&ranges_lock);
    dl_iterate_phdr(note_ranges, NULL);
    pthread_mutex_unlock(&ranges_lock);
    found = known_owner(address);
    return found != NOBODY ? found : RUNTIME;
}

/* ------------------------------------------------------------------------------------------------------------------ What fails */

static atomic_int armed = -1;
static atomic_bool is_lasting;
static _Atomic uint64_t wanted, seen, failed;
_Thread_local int scarcity_inside;
static _Thread_local bool is_spared __attribute__((tls_model("initial-exec")));

static uint64_t *paths;
static void *failure[PATH_DEPTH];
static atomic_int failure_depth;

/* A number for the way that led here. Addresses differ from run to run, not within one. */
static uint64_t path_number(void) {
    void *frames[9];
    const int depth = backtrace(frames, 9);
    uint64_t number = 0xCBF29CE484222325;
    for (int i = 3; i < depth; i++) number = (number ^ (uintptr_t)frames[i]) * 0x100000001B3;
    return number;
}

/* Counts a call that belongs to `kind`. Whether it is to fail. */
__attribute__((noinline)) static bool fails(shortage kind) {
    if (atomic_load_explicit(&armed, memory_order_relaxed) != (int)kind || is_spared) return false;
    const uint64_t number = atomic_fetch_add(&seen, 1) + 1, nth = atomic_load(&wanted);
    if (nth == 0) {
        is_spared = true;
        if (number <= SCARCITY_PATHS && paths != NULL) paths[number - 1] = path_number();
        is_spared = false;
        return false;
    }
    if (number != nth && !(atomic_load(&is_lasting) && number > nth)) return false;
    if (atomic_fetch_add(&failed, 1) == 0) {
        is_spared = true;
        atomic_store(&failure_depth, backtrace(failure, PATH_DEPTH));
        is_spared = false;
    }
    return true;
}

bool scarcity_is_armed(shortage kind) { return atomic_load_explicit(&armed, memory_order_relaxed) == (int)kind; }

bool scarcity_fails(shortage kind, uintptr_t caller) {
    if (!scarcity_is_armed(kind) || is_spared) return false;
    const owner owner = owner_of(caller);
    return owner != HOST && owner != SYSTEM && owner != RUNTIME && fails(kind);
}

/* What the host has found to want memory most often. */
static uintptr_t spared_caller;
static struct {
    uintptr_t address;
    int times;
} callers[64];
static atomic_bool is_watching;

static void watch(uintptr_t caller) {
    int place = 0;
    while (place < 63 && callers[place].address != 0 && callers[place].address != caller) place++;
    callers[place].address = caller;
    callers[place].times++;
}

static bool spare_most_frequent(void (*use)(void)) {
    int most = 0;
    atomic_store(&is_watching, true);
    use();
    atomic_store(&is_watching, false);
    for (int i = 1; i < 64; i++)
        if (callers[i].times > callers[most].times) most = i;
    spared_caller = callers[most].address;
    return callers[most].times > 3;
}

static bool lacks_memory(uintptr_t caller) {
    if (atomic_load_explicit(&is_watching, memory_order_relaxed) && owner_of(caller) == JANSSON) watch(caller);
    const int kind = atomic_load_explicit(&armed, memory_order_relaxed);
    if (kind < 0 || kind > SHORTAGE_SYSTEM_MEMORY || is_spared || caller == spared_caller) return false;
    switch (owner_of(caller)) {
    case CURL: return fails(SHORTAGE_CURL_MEMORY);
    case JANSSON: return fails(SHORTAGE_JANSSON_MEMORY);
    case OPENSSL: return fails(SHORTAGE_OPENSSL_MEMORY);
    case EXPAT: return fails(SHORTAGE_EXPAT_MEMORY);
    case OTHER: return fails(SHORTAGE_OTHER_MEMORY);
    case SYSTEM: return scarcity_inside > 0 && fails(SHORTAGE_SYSTEM_MEMORY);
    default: return false;
    }
}

static void arm(shortage kind, uint64_t nth, bool lasting) {
    atomic_store(&wanted, nth);
    atomic_store(&is_lasting, lasting);
    atomic_store(&seen, 0);
    atomic_store(&failed, 0);
    atomic_store(&failure_depth, 0);
    atomic_store(&armed, (int)kind);
}

static uint64_t disarm(uint64_t *number) {
    atomic_store(&armed, -1);
    if (number != NULL) *number = atomic_load(&failed);
    return atomic_load(&seen);
}

static void spare(bool spared) { is_spared = spared; }

static const uint64_t *recorded(void) { return paths; }

static size_t first_failure(void *addresses[PATH_DEPTH]) {
    const int depth = atomic_load(&failure_depth);
    memcpy(addresses, failure, (size_t)depth * sizeof *addresses);
    return (size_t)depth;
}

extern const scarcity scarcity_control;
EXPORTED const scarcity scarcity_control = {arm, disarm, spare, spare_most_frequent, recorded, first_failure};

__attribute__((constructor)) static void begin(void) {
    void *frame;
    (void)backtrace(&frame, 1); /* It loads what it needs at its first call. */
    void *const memory = mmap(NULL, SCARCITY_PATHS * sizeof *paths, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    paths = memory != MAP_FAILED ? memory : NULL;
}

/* ---------------------------------------------------------------------------------------------------------------------- Memory */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

EXPORTED void *malloc(size_t size) {
    REFUSE_IF(lacks_memory(CALLER), ENOMEM, NULL);
    return __libc_malloc(size);
}

EXPORTED void *calloc(size_t count, size_t size) {
    REFUSE_IF(lacks_memory(CALLER), ENOMEM, NULL);
    return __libc_calloc(count, size);
}

EXPORTED void *realloc(void *memory, size_t size) {
    REFUSE_IF(lacks_memory(CALLER), ENOMEM, NULL);
    return __libc_realloc(memory, size);
}

/* strdup allocates inside the C library, which does not tell for whom. */
EXPORTED char *strdup(const char *text) {
    REFUSE_IF(lacks_memory(CALLER), ENOMEM, NULL);
    const size_t size = strlen(text) + 1;
    char *copy = __libc_malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

/* libcurl allocates with what it is given, from inside itself, but for strdup: that one is a function of the library's, which calls malloc. */
static char *(*given_strdup)(const char *);

static char *strdup_for_curl(const char *text) {
    REFUSE_IF(lacks_memory(CALLER), ENOMEM, NULL);
    return given_strdup(text);
}

typedef int global_init_mem(long, void *(*)(size_t), void (*)(void *), void *(*)(void *, size_t), char *(*)(const char *),
                            void *(*)(size_t, size_t));
static global_init_mem *next_global_init_mem;

static int init_mem(long flags, void *(*allocate)(size_t), void (*release)(void *), void *(*change)(void *, size_t),
                    char *(*copy)(const char *), void *(*allocate_clear)(size_t, size_t)) {
    given_strdup = copy;
    return next_global_init_mem(flags, allocate, release, change, strdup_for_curl, allocate_clear);
}

EXPORTED void *dlsym(void *handle, const char *name) {
    static void *(*next)(void *, const char *);
    if (next == NULL) *(void **)&next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    void *found = next(handle, name);
    if (found == NULL || strcmp(name, "curl_global_init_mem") != 0) return found;
    *(void **)&next_global_init_mem = found;
    global_init_mem *const replacement = init_mem;
    memcpy(&found, &replacement, sizeof found);
    return found;
}
