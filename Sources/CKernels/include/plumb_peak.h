// The speed of the processor itself, for benchmarks to compare with.
#ifndef PLUMB_PEAK_H
#define PLUMB_PEAK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Does `rounds` times a dozen or so independent vector fused multiply-adds in registers, single precision, with the
// instruction set in use, and returns the number of floating-point operations that this was (an addition and a
// multiplication for each fused one). Whoever calls it takes the time.
double plumb_peak_f32(size_t rounds);

#ifdef __cplusplus
}
#endif
#endif
