#include "plumb_peak.h"

#include "plumb_kernels.h"

#pragma STDC FP_CONTRACT OFF

// Read and written, so that the compiler can neither compute the sums beforehand nor leave them out.
static volatile float factor = 0.999f, term = 0.001f, sink;

// Enough sums to hide the latency of a fused multiply-add (four or five cycles on two to four units), and so few that
// they, the factor and the term fit the registers.
#define DEFINE_PEAK(NAME, TARGET, LANES, SUMS)                                                     \
  typedef float NAME##_lanes __attribute__((vector_size(4 * LANES)));                              \
  TARGET static double NAME(size_t rounds) {                                                       \
    const NAME##_lanes a = (NAME##_lanes){0} + factor, b = (NAME##_lanes){0} + term;               \
    NAME##_lanes sums[SUMS];                                                                       \
    EACH_SUM(SUMS) sums[i] = b;                                                                    \
    for (size_t round = 0; round < rounds; round++)                                                \
      EACH_SUM(SUMS) sums[i] = __builtin_elementwise_fma(a, b, sums[i]);                           \
    EACH_SUM(SUMS) {                                                                               \
      for (int lane = 0; lane < LANES; lane++) sink = sums[i][lane];                               \
    }                                                                                              \
    return 2.0 * SUMS * LANES * (double)rounds;                                                    \
  }
#define EACH_SUM(count) _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++)

#if defined(__x86_64__)
DEFINE_PEAK(peak_avx512, __attribute__((target("avx512f"))), 16, 16)
DEFINE_PEAK(peak_avx2, __attribute__((target("avx2,fma"))), 8, 12)
#elif defined(__aarch64__)
DEFINE_PEAK(peak_neon, , 4, 16)
#endif
DEFINE_PEAK(peak_portable, , 1, 8)

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
