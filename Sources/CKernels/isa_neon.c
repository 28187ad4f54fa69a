// The kernels for AArch64's Advanced SIMD, which every AArch64 processor has.
#include "coefficients.h"
#include "template.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#pragma STDC FP_CONTRACT OFF

#define KERNEL_SET plumb_neon
#define KERNEL_ISA PLUMB_ISA_NEON
#define LANES_F32 4
#define LANES_F64 2
// 24 sums, up to 4 values of b and one of a in 32 registers.
#define MAXIMUM_WIDTH 4
#define TILE_ROWS_1 16
#define TILE_ROWS_2 12
#define TILE_ROWS_3 8
#define TILE_ROWS_4 6
#define TILE_ROWS_8 2
#define MOST_SUMS 24
#define MASKED_ACCESS_MAY_FAULT 0

// There are no masked loads and stores: the lanes are moved in pairs and one by one.
static INLINE float32x4_t masked_load_f32(const float *p, size_t count) {
  if (count == 1) return vsetq_lane_f32(p[0], vdupq_n_f32(0), 0);
  const float32x4_t pair = vcombine_f32(vld1_f32(p), vdup_n_f32(0));
  return count == 2 ? pair : vsetq_lane_f32(p[2], pair, 2);
}

static INLINE float64x2_t masked_load_f64(const double *p, size_t count) {
  (void)count;
  return vcombine_f64(vld1_f64(p), vdup_n_f64(0));
}

static INLINE void masked_store_f32(float *p, float32x4_t x, size_t count) {
  if (count >= 2) vst1_f32(p, vget_low_f32(x));
  if (count == 1) p[0] = vgetq_lane_f32(x, 0);
  if (count == 3) p[2] = vgetq_lane_f32(x, 2);
}

static INLINE void masked_store_f64(double *p, float64x2_t x, size_t count) {
  (void)count;
  p[0] = vgetq_lane_f64(x, 0);
}

#include "vector_kernels.h"
#endif
