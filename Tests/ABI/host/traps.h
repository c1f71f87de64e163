/* traps.h: what the names that traps.py exports from this program lead to. */
#ifndef TRAPS_H
#define TRAPS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where to say it: standard error, unless a host has put it elsewhere (kept.h). And the largest page that Linux has. */
enum { TRAP_REPORT = 10, TRAP_SIZE = 65536 };

/* Where each exported function goes to. */
void trap(const char *name);
void trap(const char *name) {
    const char *format = "the host's %s was called\n";
    if (dprintf(TRAP_REPORT, format, name) < 0) dprintf(STDERR_FILENO, format, name);
    _exit(99);
}

/* Where each exported variable is: nobody can read it or write to it, not even a library's own constructors. */
extern char trap_page[];

static void close_trap(void) {
    if (mprotect(trap_page, TRAP_SIZE, PROT_NONE) != 0) _exit(98);
}
__attribute__((section(".preinit_array"), used)) static void (*const trap_closer)(void) = close_trap;

#endif /* TRAPS_H */
