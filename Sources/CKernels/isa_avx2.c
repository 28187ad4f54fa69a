// The kernels for AVX2 with FMA.
#include "coefficients.h"
#include "template.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define KERNEL_SET plumb_avx2
#define KERNEL_ISA PLUMB_ISA_AVX2
#define LANES_F32 8
#define LANES_F64 4
// 12 sums, 2 values of b and one of a in 16 registers.
#define MAXIMUM_WIDTH 2
#define TILE_ROWS_1 12
#define TILE_ROWS_2 6
#define TILE_ROWS_4 2
#define MOST_SUMS 12
#define MASKED_ACCESS_MAY_FAULT 1

static INLINE __m256i first_lanes_f32(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static INLINE __m256i first_lanes_f64(size_t count) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)count), _mm256_setr_epi64x(0, 1, 2, 3));
}

static INLINE __m256 masked_load_f32(const float *p, size_t count) {
  return _mm256_maskload_ps(p, first_lanes_f32(count));
}

static INLINE __m256d masked_load_f64(const double *p, size_t count) {
  return _mm256_maskload_pd(p, first_lanes_f64(count));
}

static INLINE void masked_store_f32(float *p, __m256 x, size_t count) {
  _mm256_maskstore_ps(p, first_lanes_f32(count), x);
}

static INLINE void masked_store_f64(double *p, __m256d x, size_t count) {
  _mm256_maskstore_pd(p, first_lanes_f64(count), x);
}

#include "vector_kernels.h"

#pragma clang attribute pop
#endif
