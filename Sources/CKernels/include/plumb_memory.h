// A count of the bytes that tensors hold, thread by thread: for reports of what a training run needs.
#ifndef PLUMB_MEMORY_H
#define PLUMB_MEMORY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Adds `bytes` (negative where memory was given back) to this thread's count. Memory that another thread
// gives back is counted there.
void plumb_memory_change(int64_t bytes);
// This thread's count. It can be negative.
int64_t plumb_memory_current(void);
// The largest count since this thread began or last set it, and setting it.
int64_t plumb_memory_peak(void);
void plumb_memory_set_peak(int64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
