// What one instruction set provides: a table of functions, one table per instruction set.
#ifndef PLUMB_KERNEL_SET_H
#define PLUMB_KERNEL_SET_H

#include "plumb_kernels.h"

#include <stdatomic.h>

enum {
  PLUMB_UNARY_COUNT = PLUMB_RELU + 1,
  PLUMB_BINARY_COUNT = PLUMB_GATE + 1,
  PLUMB_ACTIVATION_COUNT = PLUMB_CLIP + 1,
  PLUMB_PULLBACK_COUNT = PLUMB_NORMAL_CDF_PULLBACK + 1,
};

#define PLUMB_DEFINE_KERNELS(REAL, SUFFIX)                                                         \
  struct plumb_kernels_##SUFFIX {                                                                  \
    /* The bias stands by itself; of the epilogue, which may be NULL, the rest from `scale` to     \
       `scaled_by`. */                                                                             \
    void (*product)(size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col,       \
                    const REAL *b, size_t b_row, size_t b_col, const REAL *bias,                   \
                    const plumb_epilogue_##SUFFIX *epilogue, REAL *c, size_t c_row);               \
    void (*unary[PLUMB_UNARY_COUNT])(size_t n, const REAL *x, REAL *y);                            \
    void (*activation[PLUMB_ACTIVATION_COUNT])(size_t n, REAL a, REAL b, const REAL *x, REAL *y);  \
    void (*pullback[PLUMB_PULLBACK_COUNT])(size_t n, REAL a, const REAL *d, const REAL *x,         \
                                           const REAL *y, REAL *dx);                               \
    void (*binary[PLUMB_BINARY_COUNT])(size_t n, const REAL *x, size_t x_step, const REAL *y,      \
                                       size_t y_step, REAL *z);                                    \
    void (*select)(size_t n, const REAL *mask, const REAL *x, size_t x_step, const REAL *y,        \
                   size_t y_step, REAL *z);                                                        \
    REAL (*sum)(size_t n, const REAL *x);                                                          \
    REAL (*maximum)(size_t n, const REAL *x);                                                      \
    void (*sum_rows)(size_t rows, size_t columns, const REAL *x, size_t x_row, REAL *y);           \
    void (*softmax)(size_t rows, size_t n, const REAL *x, REAL *y);                                \
    void (*log_softmax)(size_t rows, size_t n, const REAL *x, REAL *y);                            \
    void (*log_sum_exp)(size_t rows, size_t n, const REAL *x, REAL *y);                            \
    size_t (*cross_entropy)(size_t rows, size_t n, const REAL *x, const REAL *classes,             \
                            REAL *log_probabilities, REAL *chosen);                                \
    size_t (*cross_entropy_gradient)(size_t rows, size_t n, const REAL *log_probabilities,         \
                                     const REAL *classes, const REAL *upstream,                    \
                                     size_t upstream_step, REAL *gradient);                        \
    void (*mask)(size_t n, uint64_t key, uint64_t first, uint64_t threshold, REAL kept, REAL *y);  \
    void (*sgd)(size_t n, REAL *p, const REAL *gradient, REAL *velocity, double learning_rate,     \
                double momentum, double dampening, bool nesterov, double weight_decay,             \
                bool is_first);                                                                    \
    void (*rmsprop)(size_t n, REAL *p, const REAL *gradient, REAL *square, REAL *mean,             \
                    REAL *velocity, double learning_rate, double decay, double epsilon,            \
                    double momentum, double weight_decay);                                         \
    void (*adagrad)(size_t n, REAL *p, const REAL *gradient, REAL *square, double learning_rate,   \
                    double epsilon, double weight_decay);                                          \
    void (*adam)(size_t n, REAL *p, const REAL *gradient, REAL *mean, REAL *square,                \
                 double step_size, double beta1, double beta2, double epsilon,                     \
                 double root_correction, double weight_decay, double shrink);                      \
  };
PLUMB_DEFINE_KERNELS(float, f32)
PLUMB_DEFINE_KERNELS(double, f64)
#undef PLUMB_DEFINE_KERNELS

struct plumb_kernel_set {
  plumb_isa isa;
  struct plumb_kernels_f32 f32;
  struct plumb_kernels_f64 f64;
};

#define PLUMB_INTERNAL __attribute__((visibility("hidden")))
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_portable;
#if defined(__x86_64__)
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_avx2;
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_avx512;
#elif defined(__aarch64__)
PLUMB_INTERNAL extern const struct plumb_kernel_set plumb_neon;
#endif

// The set in use; NULL until the first call of any function decides.
PLUMB_INTERNAL extern _Atomic(const struct plumb_kernel_set *) plumb_active_set;
PLUMB_INTERNAL const struct plumb_kernel_set *plumb_decide(void);

// The tables are constants, so nothing but the pointer itself is published and relaxed order is
// enough.
static inline const struct plumb_kernel_set *plumb_active(void) {
  const struct plumb_kernel_set *set =
      atomic_load_explicit(&plumb_active_set, memory_order_relaxed);
  return __builtin_expect(set != NULL, 1) ? set : plumb_decide();
}

#endif
