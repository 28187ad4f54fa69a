// Forwards every function of plumb_kernels.h to the instruction set in use.
#include "kernel_set.h"

#define FORWARD(REAL, SUFFIX)                                                                      \
  void plumb_product_##SUFFIX(size_t m, size_t n, size_t k, const REAL *a, size_t a_row,           \
                              size_t a_col, const REAL *b, size_t b_row, size_t b_col,             \
                              const REAL *bias, REAL *c, size_t c_row) {                           \
    plumb_active()->SUFFIX.product(m, n, k, a, a_row, a_col, b, b_row, b_col, bias, NULL, c,       \
                                   c_row);                                                         \
  }                                                                                                \
  void plumb_product_fused_##SUFFIX(size_t m, size_t n, size_t k, const REAL *a, size_t a_row,     \
                                    size_t a_col, const REAL *b, size_t b_row, size_t b_col,       \
                                    const plumb_epilogue_##SUFFIX *epilogue, REAL *c,              \
                                    size_t c_row) {                                                \
    const struct plumb_kernels_##SUFFIX *kernels = &plumb_active()->SUFFIX;                        \
    if (epilogue->b_column_sums) kernels->sum_rows(k, n, b, b_row, epilogue->b_column_sums);       \
    const bool more = epilogue->scale != 1 || epilogue->skip || epilogue->relu ||                  \
                      epilogue->gate || epilogue->scaled;                                          \
    kernels->product(m, n, k, a, a_row, a_col, b, b_row, b_col, epilogue->bias,                    \
                     more ? epilogue : NULL, c, c_row);                                            \
  }                                                                                                \
  void plumb_unary_##SUFFIX(plumb_unary f, size_t n, const REAL *x, REAL *y) {                     \
    plumb_active()->SUFFIX.unary[f](n, x, y);                                                      \
  }                                                                                                \
  void plumb_binary_##SUFFIX(plumb_binary f, size_t n, const REAL *x, size_t x_step,               \
                             const REAL *y, size_t y_step, REAL *z) {                              \
    plumb_active()->SUFFIX.binary[f](n, x, x_step, y, y_step, z);                                  \
  }                                                                                                \
  void plumb_activation_##SUFFIX(plumb_activation f, size_t n, REAL a, REAL b, const REAL *x,      \
                                 REAL *y) {                                                        \
    plumb_active()->SUFFIX.activation[f](n, a, b, x, y);                                           \
  }                                                                                                \
  void plumb_activation_pullback_##SUFFIX(plumb_activation f, size_t n, REAL a, const REAL *d,     \
                                          const REAL *x, const REAL *y, REAL *dx) {                \
    plumb_active()->SUFFIX.pullback[f](n, a, d, x, y, dx);                                         \
  }                                                                                                \
  void plumb_select_##SUFFIX(size_t n, const REAL *mask, const REAL *x, size_t x_step,             \
                             const REAL *y, size_t y_step, REAL *z) {                              \
    plumb_active()->SUFFIX.select(n, mask, x, x_step, y, y_step, z);                               \
  }                                                                                                \
  REAL plumb_sum_##SUFFIX(size_t n, const REAL *x) { return plumb_active()->SUFFIX.sum(n, x); }    \
  REAL plumb_maximum_##SUFFIX(size_t n, const REAL *x) {                                           \
    return plumb_active()->SUFFIX.maximum(n, x);                                                   \
  }                                                                                                \
  void plumb_sum_rows_##SUFFIX(size_t rows, size_t columns, const REAL *x, size_t x_row,           \
                               REAL *y) {                                                          \
    plumb_active()->SUFFIX.sum_rows(rows, columns, x, x_row, y);                                   \
  }                                                                                                \
  void plumb_softmax_##SUFFIX(size_t rows, size_t n, const REAL *x, REAL *y) {                     \
    plumb_active()->SUFFIX.softmax(rows, n, x, y);                                                 \
  }                                                                                                \
  void plumb_log_softmax_##SUFFIX(size_t rows, size_t n, const REAL *x, REAL *y) {                 \
    plumb_active()->SUFFIX.log_softmax(rows, n, x, y);                                             \
  }                                                                                                \
  void plumb_log_sum_exp_##SUFFIX(size_t rows, size_t n, const REAL *x, REAL *y) {                 \
    plumb_active()->SUFFIX.log_sum_exp(rows, n, x, y);                                             \
  }                                                                                                \
  size_t plumb_cross_entropy_##SUFFIX(size_t rows, size_t n, const REAL *x, const REAL *classes,   \
                                      REAL *log_probabilities, REAL *chosen) {                     \
    return plumb_active()->SUFFIX.cross_entropy(rows, n, x, classes, log_probabilities, chosen);   \
  }                                                                                                \
  size_t plumb_cross_entropy_gradient_##SUFFIX(                                                    \
      size_t rows, size_t n, const REAL *log_probabilities, const REAL *classes,                   \
      const REAL *upstream, size_t upstream_step, REAL *gradient) {                                \
    return plumb_active()->SUFFIX.cross_entropy_gradient(rows, n, log_probabilities, classes,      \
                                                         upstream, upstream_step, gradient);       \
  }                                                                                                \
  void plumb_mask_##SUFFIX(size_t n, uint64_t key, uint64_t first, uint64_t threshold, REAL kept,  \
                           REAL *y) {                                                              \
    plumb_active()->SUFFIX.mask(n, key, first, threshold, kept, y);                                \
  }
FORWARD(float, f32)
FORWARD(double, f64)
