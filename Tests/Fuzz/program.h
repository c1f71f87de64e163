/* program.h: what the programs that go through the C functions share. Each has a LLVMFuzzerTestOneInput for libFuzzer; compiled with
 * -DREPLAY it has a main of its own, which gives it files, once each. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What holds whatever the input is. */
#define must(condition)                                                                                                                \
    do {                                                                                                                               \
        if (!(condition)) {                                                                                                            \
            fprintf(stderr, "%s:%d: a promise is broken: %s\n", __FILE__, __LINE__, #condition);                                       \
            abort();                                                                                                                   \
        }                                                                                                                              \
    } while (0)

/* A .zip with one empty file, MyGame.exe. */
static const unsigned char small_zip[] =
    "PK\003\004\024\000\000\000\000\000\000\000\041\000\000\000\000\000\000\000\000\000\000\000\000\000\012\000\000\000MyGame.exe"
    "PK\001\002\024\003\024\000\000\000\000\000\000\000\041\000\000\000\000\000\000\000\000\000\000\000\000\000\012\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\200\001\000\000\000\000MyGame.exePK\005\006\000\000\000\000\001\000\001\000\070\000\000\000\050\000"
    "\000\000\000";

static inline void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    must(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static char scratch_folder[128];

static inline int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static inline void leave_scratch_folder(void) {
    if (chdir("/") == 0) (void)nftw(scratch_folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A folder of its own to work in, and an environment in which nothing leads out of this machine. */
static inline void enter_scratch_folder(const char *name) {
    snprintf(scratch_folder, sizeof scratch_folder, "%s/slipway-fuzz-%s-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", name);
    must(mkdtemp(scratch_folder) != NULL && chdir(scratch_folder) == 0);
    atexit(leave_scratch_folder);
    /* libFuzzer ends a process of -jobs or of a crash without atexit: such a folder stays, with some hundred bytes in it. */
    static const char *const nobody = "http://127.0.0.1:1";
    static const char *const settings[][2] = {
        {"HOME", "."},
        {"SLIPWAY_TEST_PROJECT_ID", "665a1c2e9b1d4f0012ab34cd"},
        {"SLIPWAY_TEST_FILE_URL", "http://127.0.0.1:1/MyGame.zip?X-Amz-Signature=5ecre7"},
        {"SLIPWAY_TEST_PACKAGE", "MyGame.zip"},
        {"SLIPWAY_TEST_STORAGE", "folder"},
        {"SLIPWAY_TEST_STORAGE_URL", "http://127.0.0.1:1/folder"},
        {"SLIPWAY_TEST_PENDING_BUILD", "665a1c2e9b1d4f0012ab34ce"},
        {"SLIPWAY_TEST_APPROVED_BUILD", "665a1c2e9b1d4f0012ab34cf"},
    };
    static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy"};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) setenv(settings[i][0], settings[i][1], 1);
    for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++) setenv(proxies[i], nobody, 1);
    static const char *const unset[] = {"no_proxy", "NO_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
                                        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"};
    for (size_t i = 0; i < sizeof unset / sizeof unset[0]; i++) unsetenv(unset[i]);
}

#ifdef REPLAY
int main(int count, char **arguments) {
    /* The files first: their paths need not be absolute. */
    enum { LARGEST = 1 << 20 };
    unsigned char **contents = calloc((size_t)count, sizeof *contents);
    size_t *sizes = calloc((size_t)count, sizeof *sizes);
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(arguments[i], "rb");
        must(file != NULL);
        unsigned char *bytes = malloc(LARGEST);
        sizes[i] = fread(bytes, 1, LARGEST, file);
        /* Exactly so large: what reads beyond it is found out. */
        contents[i] = malloc(sizes[i] > 0 ? sizes[i] : 1);
        memcpy(contents[i], bytes, sizes[i]);
        free(bytes);
        fclose(file);
    }
    LLVMFuzzerInitialize(&count, &arguments);
    for (int i = 1; i < count; i++) {
        LLVMFuzzerTestOneInput(contents[i], sizes[i]);
        free(contents[i]);
    }
    free(contents);
    free(sizes);
    return 0;
}
#endif

#endif
