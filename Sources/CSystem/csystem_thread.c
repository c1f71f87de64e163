#include "CSystem.h"

#include <poll.h>

/* Not pthread keys: a host may have taken all that there are, and setting one may need memory. */
static _Thread_local uintptr_t values[CSYSTEM_THREAD_VALUES];

uintptr_t csystem_thread_value(csystem_thread_value_kind kind) { return values[kind]; }

void csystem_set_thread_value(csystem_thread_value_kind kind, uintptr_t value) { values[kind] = value; }

void csystem_pause(int milliseconds) { (void)poll(NULL, 0, milliseconds); }
