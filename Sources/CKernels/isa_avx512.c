// The kernels for AVX-512 F, BW, DQ and VL.
#include "coefficients.h"
#include "template.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)

#define KERNEL_SET plumb_avx512
#define KERNEL_ISA PLUMB_ISA_AVX512
#define LANES_F32 16
#define LANES_F64 8
// 24 sums, 4 values of b and one of a in 32 registers.
#define MAXIMUM_WIDTH 4
#define TILE_ROWS_1 16
#define TILE_ROWS_2 12
#define TILE_ROWS_3 8
#define TILE_ROWS_4 6
#define TILE_ROWS_8 2
#define MOST_SUMS 24
#define MASKED_ACCESS_MAY_FAULT 1

static INLINE __m512 masked_load_f32(const float *p, size_t count) {
  return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}

static INLINE __m512d masked_load_f64(const double *p, size_t count) {
  return _mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), p);
}

static INLINE void masked_store_f32(float *p, __m512 x, size_t count) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), x);
}

static INLINE void masked_store_f64(double *p, __m512d x, size_t count) {
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), x);
}

#include "vector_kernels.h"

#pragma clang attribute pop
#endif
