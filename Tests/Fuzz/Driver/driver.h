#ifndef SLIPWAY_FUZZ_DRIVER_H
#define SLIPWAY_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/** libFuzzer, started from a main of one's own: its library without one is linked by fuzz.py. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*call)(const uint8_t *data, size_t size));

#endif
