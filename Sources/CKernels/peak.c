#include "plumb_peak.h"

#include "plumb_kernels.h"

#pragma STDC FP_CONTRACT OFF

// Read and written, so that the compiler can neither compute the sums beforehand nor leave them out.
static volatile float factor = 0.999f, term = 0.001f, sink;

// Sixteen sums hide the latency of a fused multiply-add on every processor in question (four cycles, two of
// them a cycle) with room.
#define DEFINE_PEAK(NAME, TARGET, LANES)                                                           \
  typedef float NAME##_lanes __attribute__((vector_size(4 * LANES)));                              \
  TARGET static double NAME(size_t rounds) {                                                       \
    const NAME##_lanes a = (NAME##_lanes){0} + factor, b = (NAME##_lanes){0} + term;               \
    NAME##_lanes s0 = b, s1 = b, s2 = b, s3 = b, s4 = b, s5 = b, s6 = b, s7 = b;                   \
    NAME##_lanes s8 = b, s9 = b, s10 = b, s11 = b, s12 = b, s13 = b, s14 = b, s15 = b;             \
    for (size_t i = 0; i < rounds; i++) {                                                          \
      s0 = __builtin_elementwise_fma(s0, a, b), s1 = __builtin_elementwise_fma(s1, a, b);          \
      s2 = __builtin_elementwise_fma(s2, a, b), s3 = __builtin_elementwise_fma(s3, a, b);          \
      s4 = __builtin_elementwise_fma(s4, a, b), s5 = __builtin_elementwise_fma(s5, a, b);          \
      s6 = __builtin_elementwise_fma(s6, a, b), s7 = __builtin_elementwise_fma(s7, a, b);          \
      s8 = __builtin_elementwise_fma(s8, a, b), s9 = __builtin_elementwise_fma(s9, a, b);          \
      s10 = __builtin_elementwise_fma(s10, a, b), s11 = __builtin_elementwise_fma(s11, a, b);      \
      s12 = __builtin_elementwise_fma(s12, a, b), s13 = __builtin_elementwise_fma(s13, a, b);      \
      s14 = __builtin_elementwise_fma(s14, a, b), s15 = __builtin_elementwise_fma(s15, a, b);      \
    }                                                                                              \
    const NAME##_lanes sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) +                   \
                             (((s8 + s9) + (s10 + s11)) + ((s12 + s13) + (s14 + s15)));            \
    for (int lane = 0; lane < LANES; lane++) sink = sum[lane];                                     \
    return 2.0 * 16 * LANES * (double)rounds;                                                      \
  }

#if defined(__x86_64__)
DEFINE_PEAK(peak_avx512, __attribute__((target("avx512f"))), 16)
DEFINE_PEAK(peak_avx2, __attribute__((target("avx2,fma"))), 8)
#elif defined(__aarch64__)
DEFINE_PEAK(peak_neon, , 4)
#endif
DEFINE_PEAK(peak_portable, , 1)

double plumb_peak_f32(size_t rounds) {
  switch (plumb_isa_active()) {
#if defined(__x86_64__)
    case PLUMB_ISA_AVX512: return peak_avx512(rounds);
    case PLUMB_ISA_AVX2: return peak_avx2(rounds);
#elif defined(__aarch64__)
    case PLUMB_ISA_NEON: return peak_neon(rounds);
#endif
    default: return peak_portable(rounds);
  }
}
