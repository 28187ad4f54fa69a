// Plumbline's kernels: matrix products and vector mathematics in C, chosen at run time.
//
// The promise that every function here keeps: the result depends on the operands only. The same
// operands give the same bits on every instruction set and for every blocking, because
//   - an element of a product is acc = 0, then acc = fma(a_p, b_p, acc) for p = 0, 1, ..., k - 1;
//   - a sum follows the fixed tree described in plumb_kernel_list.h;
//   - exp, log, tanh and their kin are our own polynomials, the same operations in every lane;
//   - the compiler may not contract a multiplication and an addition: each fma is written as one.
// Two exceptions: a NaN is NaN everywhere, but its sign and payload are not promised; and powers are
// the C library's, the same on one machine only.
//
// All of them are in one list, plumb_kernel_list.h, with what each kernel computes. Every function takes the
// precision of its operands first, so a caller that is generic over it is written once; where the
// precision is a constant, the choice vanishes. Outputs may not overlap inputs, except that the
// element-wise functions allow an output that is exactly one of their inputs. No function allocates
// memory that outlives the call, and no function fails. Pointers need the alignment of their scalar
// only; rows that begin on 64 bytes are the fastest.
#ifndef PLUMB_KERNELS_H
#define PLUMB_KERNELS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A name in Swift, and an enumeration that Swift sees as one of its own.
#define PLUMB_SWIFT_NAME(name) __attribute__((swift_name(name)))
#define PLUMB_CLOSED __attribute__((enum_extensibility(closed)))

// --- Instruction sets -----------------------------------------------------------------------

typedef enum plumb_isa {
  PLUMB_ISA_PORTABLE = 0,  // plain C, fma from libm; the reference that the tests compare with
  PLUMB_ISA_AVX2 = 1,      // AVX2 + FMA
  PLUMB_ISA_AVX512 = 2,    // AVX-512 F, BW, DQ, VL
  PLUMB_ISA_NEON = 3,      // AArch64 Advanced SIMD
} plumb_isa;

// "portable", "avx2", "avx512", "neon"
const char *plumb_isa_name(plumb_isa isa);
// All of them, the widest first.
const plumb_isa *plumb_isa_all(size_t *count);
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

// --- The functions of each family ---------------------------------------------------------------

typedef enum PLUMB_CLOSED {
#define PLUMB_UNARY(CONSTANT, name, swift, expression) PLUMB_##CONSTANT PLUMB_SWIFT_NAME(swift),
#include "plumb_kernel_list.h"
} plumb_unary_function PLUMB_SWIFT_NAME("UnaryFunction");

typedef enum PLUMB_CLOSED {
#define PLUMB_BINARY(CONSTANT, name, swift, expression) PLUMB_##CONSTANT PLUMB_SWIFT_NAME(swift),
#include "plumb_kernel_list.h"
} plumb_binary_function PLUMB_SWIFT_NAME("BinaryFunction");

typedef enum PLUMB_CLOSED {
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)                        \
  PLUMB_##CONSTANT##_PULLBACK PLUMB_SWIFT_NAME(swift),
#include "plumb_kernel_list.h"
} plumb_pullback_function PLUMB_SWIFT_NAME("PullbackFunction");

typedef enum PLUMB_CLOSED {
#define PLUMB_ROW(CONSTANT, name, swift, keeps_length) PLUMB_##CONSTANT##_OF_ROW PLUMB_SWIFT_NAME(swift),
#include "plumb_kernel_list.h"
} plumb_row_function PLUMB_SWIFT_NAME("RowFunction");

enum {
#define PLUMB_UNARY(CONSTANT, name, swift, expression) +1
  PLUMB_UNARY_COUNT = 0
#include "plumb_kernel_list.h"
  ,
#define PLUMB_BINARY(CONSTANT, name, swift, expression) +1
  PLUMB_BINARY_COUNT = 0
#include "plumb_kernel_list.h"
  ,
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression) +1
  PLUMB_PULLBACK_COUNT = 0
#include "plumb_kernel_list.h"
  ,
#define PLUMB_ROW(CONSTANT, name, swift, keeps_length) +1
  PLUMB_ROW_COUNT = 0
#include "plumb_kernel_list.h"
};

// What the backward pass of a function reads next to the upstream gradient.
static inline bool plumb_pullback_reads_input(plumb_pullback_function function) {
  static const bool reads[] = {
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression) reads_x,
#include "plumb_kernel_list.h"
  };
  return reads[function];
}
static inline bool plumb_pullback_reads_output(plumb_pullback_function function) {
  static const bool reads[] = {
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression) reads_y,
#include "plumb_kernel_list.h"
  };
  return reads[function];
}

// Whether a function of rows gives a row as long as its input, and not one value.
static inline bool plumb_row_keeps_length(plumb_row_function function) {
  static const bool keeps[] = {
#define PLUMB_ROW(CONSTANT, name, swift, keeps_length) keeps_length,
#include "plumb_kernel_list.h"
  };
  return keeps[function];
}

// What is done to each element of a product before it is stored. With v = the sum over k, an element is
//   v = v + bias[j];  v = v * scale;  v = skip[i, j] + v;  v = v <= 0 ? 0 : v;
//   v = gate[i, j] > 0 ? v : 0;  c[i, j] = v;  scaled[i, j] = v * scaled_by
// in this order, each operation rounded by itself, so that the result has the bits of the separate
// kernels one after the other. A part whose pointer is NULL, or whose flag is false, is left out;
// the factor `scale` always applies: 1, which is exact, for none. Matrices have contiguous columns,
// and rows that are ..._row apart. skip may be c itself (with c's row stride); nothing else may
// overlap an output. Pointers are to values of the product's precision.
typedef struct plumb_epilogue {
  const void *bias;  // n values
  double scale;
  const void *skip;  // m x n
  size_t skip_row;
  bool relu;
  const void *gate;  // m x n
  size_t gate_row;
  void *scaled;  // m x n: a second output
  size_t scaled_row;
  double scaled_by;
  // n values, as plumb_sum_rows(k, n, b, b_row, ...) gives them: the gradient of a bias next to
  // that of its weight. Where this is not NULL, b_col is 1.
  void *b_column_sums;
} plumb_epilogue;

// --- The table of an instruction set -------------------------------------------------------------

#define PLUMB_TABLE_OF_FAMILIES                                                                    \
  void (*unary[PLUMB_UNARY_COUNT])(size_t n, double a, double b, const REAL *x, REAL *y);          \
  void (*binary[PLUMB_BINARY_COUNT])(size_t n, const REAL *x, size_t x_step, const REAL *y,        \
                                     size_t y_step, REAL *z);                                      \
  void (*pullback[PLUMB_PULLBACK_COUNT])(size_t n, double a, const REAL *d, const REAL *x,         \
                                         const REAL *y, REAL *dx);                                 \
  void (*row[PLUMB_ROW_COUNT])(size_t rows, size_t n, const REAL *x, REAL *y);

#define REAL float
struct plumb_kernels_f32 {
  PLUMB_TABLE_OF_FAMILIES
#define PLUMB_KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "plumb_kernel_list.h"
};
#undef REAL

#define REAL double
struct plumb_kernels_f64 {
  PLUMB_TABLE_OF_FAMILIES
#define PLUMB_KERNEL(result, name, parameters, arguments) result(*name) parameters;
#include "plumb_kernel_list.h"
};
#undef REAL

struct plumb_kernel_set {
  plumb_isa isa;
  struct plumb_kernels_f32 f32;
  struct plumb_kernels_f64 f64;
};

// The set in use; NULL until the first call of any function decides.
extern _Atomic(const struct plumb_kernel_set *) plumb_active_set;
const struct plumb_kernel_set *plumb_decide(void);

// The tables are constants, so nothing but the pointer itself is published and relaxed order is
// enough.
static inline const struct plumb_kernel_set *plumb_active(void) {
  const struct plumb_kernel_set *set =
      atomic_load_explicit(&plumb_active_set, memory_order_relaxed);
  return __builtin_expect(set != NULL, 1) ? set : plumb_decide();
}

// --- The functions -------------------------------------------------------------------------------

// Single or double precision.
typedef enum PLUMB_CLOSED {
  PLUMB_SINGLE PLUMB_SWIFT_NAME("single"),
  PLUMB_DOUBLE PLUMB_SWIFT_NAME("double"),
} plumb_precision PLUMB_SWIFT_NAME("KernelPrecision");

#define PLUMB_FORWARD(call) (precision == PLUMB_SINGLE ? plumb_active()->f32.call : plumb_active()->f64.call)

static inline void plumb_unary(plumb_precision precision, plumb_unary_function f, size_t n, double a,
                               double b, const void *x, void *y) {
  PLUMB_FORWARD(unary[f](n, a, b, x, y));
}
static inline void plumb_binary(plumb_precision precision, plumb_binary_function f, size_t n,
                                const void *x, size_t x_step, const void *y, size_t y_step,
                                void *z) {
  PLUMB_FORWARD(binary[f](n, x, x_step, y, y_step, z));
}
static inline void plumb_pullback(plumb_precision precision, plumb_pullback_function f, size_t n,
                                  double a, const void *d, const void *x, const void *y, void *dx) {
  PLUMB_FORWARD(pullback[f](n, a, d, x, y, dx));
}
static inline void plumb_row(plumb_precision precision, plumb_row_function f, size_t rows, size_t n,
                             const void *x, void *y) {
  PLUMB_FORWARD(row[f](rows, n, x, y));
}

// plumb_product, plumb_select and so on: the precision, then the parameters in the list, with void for REAL.
#define REAL void
#define PLUMB_WITH_PRECISION(...) (plumb_precision precision, __VA_ARGS__)
#define PLUMB_KERNEL(result, name, parameters, arguments)                                          \
  static inline result plumb_##name PLUMB_WITH_PRECISION parameters {                              \
    return PLUMB_FORWARD(name arguments);                                                          \
  }
#include "plumb_kernel_list.h"
#undef REAL

#endif
