/* What the C library has but its headers show to _GNU_SOURCE only, which Swift's import of it does not define; and what a kernel can do that the
   C library has no name for. */

#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Names the calling thread for debuggers and top; at most 15 bytes are used. */
void csystem_set_thread_name(const char *name);

/* Blocks the calling thread for so many milliseconds. */
void csystem_pause(int milliseconds);

/* What a thread knows about itself; 0 until it is set. */
typedef enum csystem_thread_value_kind { CSYSTEM_THREAD_LOOP, CSYSTEM_THREAD_CALLBACK, CSYSTEM_THREAD_VALUES } csystem_thread_value_kind;
uintptr_t csystem_thread_value(csystem_thread_value_kind kind);
void csystem_set_thread_value(csystem_thread_value_kind kind, uintptr_t value);

/* Has the calling thread round to nearest and trap nothing: a new thread has what the one that started it had. */
void csystem_use_default_arithmetic(void);

/* Has the calling thread write and read numbers and texts as the C locale does, whatever the host has set for its process. */
void csystem_use_plain_locale(void);

/* What the system calls an error number, in English; valid until the thread's next call. */
const char *csystem_error_text(int number);

/* The first place in `haystack` that holds `needle`, or NULL. */
const void *csystem_memmem(const void *haystack, size_t haystack_size, const void *needle, size_t needle_size);

/* A pipe whose ends do not block and are closed by exec. 0, or -1 with errno. */
int csystem_pipe(int *read_end, int *write_end);

/* Makes the pipe readable. */
void csystem_pipe_fill(int write_end);

/* Makes it not readable. */
void csystem_pipe_drain(int read_end);

/* Makes `target` a copy of `source` that shares its blocks. 0, or -1 with errno, where the file system cannot. */
int csystem_clone(int target, int source);

/* Copies up to `count` bytes at `offset` to the same place, inside the kernel. How many, or -1 with errno. */
ssize_t csystem_copy_range(int target, int source, int64_t offset, size_t count);

/* Reserves room for a file of `size` bytes, which it does not grow to. 0, or -1 with errno, where the file system cannot. */
int csystem_reserve(int file, int64_t size);

/* Returns when the file, or the folder, is on the disk. 0, or -1 with errno. */
int csystem_flush(int file);

/* Has the system begin to write these bytes to the disk, where it can be told to. */
void csystem_begin_flush(int file, int64_t offset, int64_t count);

/* Takes the file's lock, alone or with others who share it. It goes with the descriptor, however its process ends. 0, or -1 with errno:
 * EWOULDBLOCK, somebody has it. */
int csystem_lock(int file, int shared);

/* What was just opened, under a number that is none of standard input, output and error, which a host may have closed; or -1 with errno, and it is
   closed. -1 stays that. Closed by exec when it was moved. */
int csystem_beyond_standard(int descriptor);

/* Keeps these numbers from being given to what a library opens by itself, until csystem_unplug_standard. */
typedef struct csystem_plugs {
    int count;
    struct {
        int descriptor;
        dev_t device;
        ino_t inode;
    } plugs[3];
} csystem_plugs;
void csystem_plug_standard(csystem_plugs *plugs);
void csystem_unplug_standard(const csystem_plugs *plugs);

/* An address inside this copy of the library, which no other one in the process has. */
const void *csystem_own_address(void);

/* From now on processes that are forked from this one know it. False in one that was forked from a process that had called this: what threads of
   that process were doing, and which locks they held, nobody will ever end. Takes no lock but for the first time. */
bool csystem_watch_forks(void);

/* Whether this process is such a one. */
bool csystem_is_forked(void);

/* Opens a file for reading if everything that its path leads through is in memory, so that no disk is waited for: a descriptor, closed by exec,
   or -1. That says nothing about the file: another system or kernel, a sandbox, and a path that the kernel has forgotten answer so, too. */
int csystem_open_cached(const char *path);

/* Reads what of a piece of a file is in memory, without waiting for a disk: how much, which may be less than there is; 0 at the end of the file;
   -1 with errno, which is EAGAIN when nothing of it is in memory. Any other error may be of the system, the kernel or the file system, which
   cannot tell. */
ssize_t csystem_read_cached(int descriptor, void *target, size_t size, off_t offset);

#endif
