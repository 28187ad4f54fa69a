// Plumbline's kernels: matrix products and vector mathematics in C, chosen at run time.
//
// The promise that every function here keeps: the result depends on the operands only. The same
// operands give the same bits on every instruction set and for every blocking, because
//   - an element of a product is acc = 0, then acc = fma(a_p, b_p, acc) for p = 0, 1, ..., k - 1;
//   - a sum follows the fixed tree described at plumb_sum;
//   - exp, log, tanh and their kin are our own polynomials, the same operations in every lane;
//   - the compiler may not contract a multiplication and an addition: each fma is written as one.
// Two exceptions: a NaN is NaN everywhere, but its sign and payload are not promised; and
// PLUMB_POWER is the C library's, the same on one machine only.
//
// Every function exists for float (_f32) and double (_f64). Outputs may not overlap inputs, except
// that the element-wise functions allow an output that is exactly one of their inputs.
// No function allocates memory that outlives the call, and no function fails. Pointers need the
// alignment of their scalar only; rows that begin on 64 bytes are the fastest.
#ifndef PLUMB_KERNELS_H
#define PLUMB_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Instruction sets -----------------------------------------------------------------------

typedef enum plumb_isa {
  PLUMB_ISA_PORTABLE = 0,  // plain C, fma from libm; the reference that the tests compare with
  PLUMB_ISA_AVX2 = 1,      // AVX2 + FMA
  PLUMB_ISA_AVX512 = 2,    // AVX-512 F, BW, DQ, VL
  PLUMB_ISA_NEON = 3,      // AArch64 Advanced SIMD
} plumb_isa;

// "portable", "avx2", "avx512", "neon"
const char *plumb_isa_name(plumb_isa isa);
// Whether this processor (and this build) can run it.
bool plumb_isa_available(plumb_isa isa);
// The one in use: the environment variable PLUMB_ISA where it names an available set, otherwise the
// widest available. Decided once, at the first call of any function here.
plumb_isa plumb_isa_active(void);
// True where PLUMB_ISA is unset or names an available set. A program checks this at its start and
// says so: the library itself never fails.
bool plumb_isa_request_is_valid(void);
// Changes the one in use (for tests and benchmarks). False, and no change, where unavailable.
bool plumb_isa_activate(plumb_isa isa);

// --- Matrix products --------------------------------------------------------------------------

// c = a b (+ bias): c is m x n, a is m x k, b is k x n. Element (i, p) of a is
// a[i * a_row + p * a_col], and likewise for b, so that a transposed operand is one with its two
// strides exchanged. One of the two strides of each operand is 1 in every case that has to be fast.
// Rows of c are contiguous and c_row apart. bias is NULL or n values, added once to the finished
// sum. k = 0 gives zeros (plus bias).
void plumb_product_f32(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col,
                       const float *b, size_t b_row, size_t b_col, const float *bias, float *c,
                       size_t c_row);
void plumb_product_f64(size_t m, size_t n, size_t k, const double *a, size_t a_row, size_t a_col,
                       const double *b, size_t b_row, size_t b_col, const double *bias, double *c,
                       size_t c_row);

// What else a fused product does. With v = the sum over k, an element is
//   v = v + bias[j];  v = v * scale;  v = skip[i, j] + v;  v = v <= 0 ? 0 : v;
//   v = gate[i, j] > 0 ? v : 0;  c[i, j] = v;  scaled[i, j] = v * scaled_by
// in this order, each operation rounded by itself, so that the result has the bits of the separate
// kernels one after the other. A part whose pointer is NULL, or whose flag is false, is left out;
// the factor `scale` always applies: 1, which is exact, for none. Matrices have contiguous columns,
// and rows that are ..._row apart. skip may be c itself (with c's row stride); nothing else may
// overlap an output.
#define PLUMB_DEFINE_EPILOGUE(REAL, SUFFIX)                                                        \
  typedef struct plumb_epilogue_##SUFFIX {                                                         \
    const REAL *bias; /* n values */                                                               \
    REAL scale;                                                                                    \
    const REAL *skip; /* m x n */                                                                  \
    size_t skip_row;                                                                               \
    bool relu;                                                                                     \
    const REAL *gate; /* m x n */                                                                  \
    size_t gate_row;                                                                               \
    REAL *scaled; /* m x n: a second output */                                                     \
    size_t scaled_row;                                                                             \
    REAL scaled_by;                                                                                \
    /* n values, as plumb_sum_rows(k, n, b, b_row, ...) gives them: the gradient of a bias beside  \
       that of its weight. Where this is not NULL, b_col is 1. */                                  \
    REAL *b_column_sums;                                                                           \
  } plumb_epilogue_##SUFFIX;
PLUMB_DEFINE_EPILOGUE(float, f32)
PLUMB_DEFINE_EPILOGUE(double, f64)

// c = a b with an epilogue; operands as in plumb_product.
void plumb_product_fused_f32(size_t m, size_t n, size_t k, const float *a, size_t a_row,
                             size_t a_col, const float *b, size_t b_row, size_t b_col,
                             const plumb_epilogue_f32 *epilogue, float *c, size_t c_row);
void plumb_product_fused_f64(size_t m, size_t n, size_t k, const double *a, size_t a_row,
                             size_t a_col, const double *b, size_t b_row, size_t b_col,
                             const plumb_epilogue_f64 *epilogue, double *c, size_t c_row);

// --- Element-wise functions ---------------------------------------------------------------------

typedef enum plumb_unary {
  PLUMB_NEGATE = 0,
  PLUMB_ABSOLUTE = 1,
  PLUMB_SIGN = 2,  // -1, 0, 1; NaN stays NaN
  PLUMB_SQUARE = 3,
  PLUMB_RECIPROCAL = 4,
  PLUMB_SQRT = 5,
  PLUMB_EXP = 6,
  PLUMB_EXPM1 = 7,
  PLUMB_LOG = 8,
  PLUMB_LOG1P = 9,
  PLUMB_TANH = 10,
  PLUMB_SIGMOID = 11,     // 1 / (1 + exp(-x)), accurate in both tails
  PLUMB_SOFTPLUS = 12,    // log(1 + exp(x)), accurate in both tails
  PLUMB_NORMAL_CDF = 13,  // (1 + erf(x / sqrt 2)) / 2, accurate in the left tail
  PLUMB_RELU = 14,        // x <= 0 ? 0 : x, so NaN stays NaN and -0 becomes 0
} plumb_unary;

// y[i] = f(x[i]). The functions from exp to the normal CDF are off by less than 2 units in the last
// place of the result, subnormal inputs and results included; the others are rounded correctly.
void plumb_unary_f32(plumb_unary f, size_t n, const float *x, float *y);
void plumb_unary_f64(plumb_unary f, size_t n, const double *x, double *y);

typedef enum plumb_binary {
  PLUMB_ADD = 0,
  PLUMB_SUBTRACT = 1,
  PLUMB_MULTIPLY = 2,
  PLUMB_DIVIDE = 3,
  PLUMB_MINIMUM = 4,        // NaN where either is NaN
  PLUMB_MAXIMUM = 5,        // NaN where either is NaN
  PLUMB_POWER = 6,          // the C library's pow
  PLUMB_GREATER = 7,        // 1 where x > y, else 0
  PLUMB_GREATER_EQUAL = 8,  // 1 where x >= y, else 0
  PLUMB_EQUAL = 9,          // 1 where x == y, else 0
  PLUMB_GATE = 10,          // x where y > 0, else 0: the ReLU's backward pass
} plumb_binary;

// z[i] = f(x[i * x_step], y[i * y_step]); a step is 0 (one value for all) or 1.
void plumb_binary_f32(plumb_binary f, size_t n, const float *x, size_t x_step, const float *y,
                      size_t y_step, float *z);
void plumb_binary_f64(plumb_binary f, size_t n, const double *x, size_t x_step, const double *y,
                      size_t y_step, double *z);

// Activation functions that are more than one element-wise function, and those that have a backward
// pass here. Bit for bit the functions above one after the other, in the order that is written.
typedef enum plumb_activation {
  PLUMB_LEAKY_RELU = 0,  // y = x > 0 ? x : x * a;            dx = x > 0 ? d : d * a
  PLUMB_ELU = 1,         // y = x > 0 ? x : expm1(x) * a;     dx = x > 0 ? d : d * (y + a)
  PLUMB_GELU = 2,        // y = max(x, low) * cdf(x);         dx = d * (cdf(x) + x * density(x))
  PLUMB_SILU = 3,        // y = max(x, low) * sigmoid(x);     dx = d * s * (x * (1 - s) + 1)
  PLUMB_CLIP = 4,        // y = min(max(x, a), b), but x where equal;  dx = d * (x == y ? 1 : 0)
  // Only the backward passes, since the functions are in plumb_unary.
  PLUMB_TANH_PULLBACK = 5,        // dx = d * (1 - y * y)
  PLUMB_SIGMOID_PULLBACK = 6,     // dx = d * y * (1 - y)
  PLUMB_SOFTPLUS_PULLBACK = 7,    // dx = d * sigmoid(x)
  PLUMB_NORMAL_CDF_PULLBACK = 8,  // dx = d * density(x)
} plumb_activation;
// There cdf is the normal distribution function, density(x) = exp(x * x * -0.5) * 0.39894... (the
// constant 1 / sqrt(2 pi)), s = sigmoid(x), and low is -2^120 (float) or -2^1000 (double), so that
// the limit at -infinity is 0.

// y[i] = f(x[i]), up to PLUMB_CLIP; the parameters a and b are not read where the formula has none.
void plumb_activation_f32(plumb_activation f, size_t n, float a, float b, const float *x, float *y);
void plumb_activation_f64(plumb_activation f, size_t n, double a, double b, const double *x,
                          double *y);
// dx[i] from the upstream gradient d[i] and, where the formula has them, the input x[i] and the
// output y[i]; the other may be NULL.
void plumb_activation_pullback_f32(plumb_activation f, size_t n, float a, const float *d,
                                   const float *x, const float *y, float *dx);
void plumb_activation_pullback_f64(plumb_activation f, size_t n, double a, const double *d,
                                   const double *x, const double *y, double *dx);

// z[i] = mask[i] != 0 ? x[i * x_step] : y[i * y_step]; a step is 0 or 1.
void plumb_select_f32(size_t n, const float *mask, const float *x, size_t x_step, const float *y,
                      size_t y_step, float *z);
void plumb_select_f64(size_t n, const double *mask, const double *x, size_t x_step, const double *y,
                      size_t y_step, double *z);

// --- Reductions -----------------------------------------------------------------------------------

// The sum of n contiguous values by one fixed tree: a run of more than 1024 values is split at the
// largest power of two below n that is a multiple of 1024, and the two halves' sums are added; a
// run of up to 1024 goes to 16 lanes (lane j: values j, j + 16, ... added in order, starting from 0),
// and the lanes are added as (0+8, 1+9, ...), then (0+4, ...), (0+2, 1+3), 0+1.
float plumb_sum_f32(size_t n, const float *x);
double plumb_sum_f64(size_t n, const double *x);
// The largest of n >= 1 contiguous values; NaN where any is NaN; 0, never -0, where it is a zero.
float plumb_maximum_f32(size_t n, const float *x);
double plumb_maximum_f64(size_t n, const double *x);
// y[j] = the sum over i of x[i * x_row + j], in blocks of 128 rows: within a block rows are added in
// order starting from 0, then the blocks' sums are added in order.
void plumb_sum_rows_f32(size_t rows, size_t columns, const float *x, size_t x_row, float *y);
void plumb_sum_rows_f64(size_t rows, size_t columns, const double *x, size_t x_row, double *y);

// --- Rows -----------------------------------------------------------------------------------------

// For each of `rows` rows of n >= 1 contiguous values, with m the row's maximum, or 0 where that is
// not finite, s = exp(x - m) summed as plumb_sum does, and log and exp as plumb_unary has them:
//   softmax       y[i, j] = exp(x[i, j] - m) / s
//   log_softmax   y[i, j] = (x[i, j] - m) - log(s)
//   log_sum_exp   y[i] = log(s) + m
// y may be x in the first two.
void plumb_softmax_f32(size_t rows, size_t n, const float *x, float *y);
void plumb_softmax_f64(size_t rows, size_t n, const double *x, double *y);
void plumb_log_softmax_f32(size_t rows, size_t n, const float *x, float *y);
void plumb_log_softmax_f64(size_t rows, size_t n, const double *x, double *y);
void plumb_log_sum_exp_f32(size_t rows, size_t n, const float *x, float *y);
void plumb_log_sum_exp_f64(size_t rows, size_t n, const double *x, double *y);

// The softmax cross-entropy of logits x with a class k = classes[i] for each row, a whole number
// from 0 to n - 1: log_probabilities is log_softmax of x (and may be x), and
// chosen[i] = log_probabilities[i, k], the negative loss of row i.
//
// Its gradient, from what the forward pass has left in log_probabilities (which `gradient` may be)
// and a value u of upstream for each row, upstream[i * upstream_step], with a step of 0 or 1:
// gradient[i, j] = (j == k ? u : 0) - exp(log_probabilities[i, j]) * u.
//
// Both return `rows`, or the first row whose class is no class; that row's outputs and those after
// it are then not all written.
size_t plumb_cross_entropy_f32(size_t rows, size_t n, const float *x, const float *classes,
                               float *log_probabilities, float *chosen);
size_t plumb_cross_entropy_f64(size_t rows, size_t n, const double *x, const double *classes,
                               double *log_probabilities, double *chosen);
size_t plumb_cross_entropy_gradient_f32(size_t rows, size_t n, const float *log_probabilities,
                                        const float *classes, const float *upstream,
                                        size_t upstream_step, float *gradient);
size_t plumb_cross_entropy_gradient_f64(size_t rows, size_t n, const double *log_probabilities,
                                        const double *classes, const double *upstream,
                                        size_t upstream_step, double *gradient);

// --- Random masks ---------------------------------------------------------------------------------

// y[i] = kept where number first + i of a key, shifted right by 11 bits, is below the threshold, and 0
// elsewhere. Number j of a key is the first two words of Philox4x32-10 (Salmon et al., SC 2011), low
// word first, for the counter (j, j >> 32, 0, 0) and the key's two halves, low half first.
void plumb_mask_f32(size_t n, uint64_t key, uint64_t first, uint64_t threshold, float kept,
                    float *y);
void plumb_mask_f64(size_t n, uint64_t key, uint64_t first, uint64_t threshold, double kept,
                    double *y);

#ifdef __cplusplus
}
#endif
#endif
