// The table of each instruction set that this build has.
#ifndef PLUMB_INSTRUCTION_SETS_H
#define PLUMB_INSTRUCTION_SETS_H

#include "plumb_kernels.h"

#define PLUMB_INTERNAL __attribute__((visibility("hidden")))
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_portable;
#if defined(__x86_64__)
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_avx2;
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_avx512;
#elif defined(__aarch64__)
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_neon;
#endif

#endif
