// Chooses the instruction set and forwards every public function to it.
#include "kernel_set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const char *plumb_isa_name(plumb_isa isa) {
  switch (isa) {
    case PLUMB_ISA_PORTABLE: return "portable";
    case PLUMB_ISA_AVX2: return "avx2";
    case PLUMB_ISA_AVX512: return "avx512";
    case PLUMB_ISA_NEON: return "neon";
  }
  return "unknown";
}

// NULL where the processor or the build cannot run it. The compiler's cpu check includes the
// operating system's support of the wide registers.
static const struct plumb_kernel_set *find_set(plumb_isa isa) {
  switch (isa) {
    case PLUMB_ISA_PORTABLE: return &plumb_portable;
#if defined(__x86_64__)
    case PLUMB_ISA_AVX2:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &plumb_avx2 : NULL;
    case PLUMB_ISA_AVX512:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                     __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &plumb_avx512
                 : NULL;
#elif defined(__aarch64__)
    case PLUMB_ISA_NEON: return &plumb_neon;
#endif
    default: return NULL;
  }
}

// Widest first.
static const plumb_isa preference[] = {PLUMB_ISA_AVX512, PLUMB_ISA_AVX2, PLUMB_ISA_NEON,
                                       PLUMB_ISA_PORTABLE};
enum { PREFERENCE_COUNT = sizeof preference / sizeof preference[0] };

// The set that PLUMB_ISA names; NULL where it is unset, unknown or unavailable.
static const struct plumb_kernel_set *requested_set(void) {
  const char *request = getenv("PLUMB_ISA");
  if (request == NULL) return NULL;
  for (int i = 0; i < PREFERENCE_COUNT; i++)
    if (strcmp(request, plumb_isa_name(preference[i])) == 0) return find_set(preference[i]);
  return NULL;
}

// NULL until the first call decides. The tables are constants, so nothing but the pointer itself is
// published and relaxed order is enough. Two threads that decide at once come to the same decision.
static _Atomic(const struct plumb_kernel_set *) active_set;

static __attribute__((noinline)) const struct plumb_kernel_set *decide(void) {
  const struct plumb_kernel_set *choice = requested_set();
  for (int i = 0; choice == NULL && i < PREFERENCE_COUNT; i++) choice = find_set(preference[i]);
  const struct plumb_kernel_set *undecided = NULL;
  // Fails where another thread decided or activated in between; that choice then stands.
  if (atomic_compare_exchange_strong_explicit(&active_set, &undecided, choice,
                                              memory_order_relaxed, memory_order_relaxed))
    return choice;
  return undecided;
}

static inline const struct plumb_kernel_set *active(void) {
  const struct plumb_kernel_set *set = atomic_load_explicit(&active_set, memory_order_relaxed);
  return __builtin_expect(set != NULL, 1) ? set : decide();
}

bool plumb_isa_available(plumb_isa isa) { return find_set(isa) != NULL; }

plumb_isa plumb_isa_active(void) { return active()->isa; }

bool plumb_isa_request_is_valid(void) {
  return getenv("PLUMB_ISA") == NULL || requested_set() != NULL;
}

bool plumb_isa_activate(plumb_isa isa) {
  const struct plumb_kernel_set *set = find_set(isa);
  if (set == NULL) return false;
  atomic_store_explicit(&active_set, set, memory_order_relaxed);
  return true;
}

#define FORWARD(REAL, SUFFIX)                                                                      \
  void plumb_product_##SUFFIX(size_t m, size_t n, size_t k, const REAL *a, size_t a_row,           \
                              size_t a_col, const REAL *b, size_t b_row, size_t b_col,             \
                              const REAL *bias, REAL *c, size_t c_row) {                           \
    active()->SUFFIX.product(m, n, k, a, a_row, a_col, b, b_row, b_col, bias, NULL, c, c_row);     \
  }                                                                                                \
  void plumb_product_fused_##SUFFIX(size_t m, size_t n, size_t k, const REAL *a, size_t a_row,     \
                                    size_t a_col, const REAL *b, size_t b_row, size_t b_col,       \
                                    const plumb_epilogue_##SUFFIX *epilogue, REAL *c,              \
                                    size_t c_row) {                                                \
    const struct plumb_kernels_##SUFFIX *kernels = &active()->SUFFIX;                              \
    if (epilogue->b_column_sums) kernels->sum_rows(k, n, b, b_row, epilogue->b_column_sums);       \
    const bool more = epilogue->scale != 1 || epilogue->skip || epilogue->relu ||                  \
                      epilogue->gate || epilogue->scaled;                                          \
    kernels->product(m, n, k, a, a_row, a_col, b, b_row, b_col, epilogue->bias,                    \
                     more ? epilogue : NULL, c, c_row);                                            \
  }                                                                                                \
  void plumb_unary_##SUFFIX(plumb_unary f, size_t n, const REAL *x, REAL *y) {                     \
    active()->SUFFIX.unary[f](n, x, y);                                                            \
  }                                                                                                \
  void plumb_binary_##SUFFIX(plumb_binary f, size_t n, const REAL *x, size_t x_step,               \
                             const REAL *y, size_t y_step, REAL *z) {                              \
    active()->SUFFIX.binary[f](n, x, x_step, y, y_step, z);                                        \
  }                                                                                                \
  void plumb_select_##SUFFIX(size_t n, const REAL *mask, const REAL *x, size_t x_step,             \
                             const REAL *y, size_t y_step, REAL *z) {                              \
    active()->SUFFIX.select(n, mask, x, x_step, y, y_step, z);                                     \
  }                                                                                                \
  REAL plumb_sum_##SUFFIX(size_t n, const REAL *x) { return active()->SUFFIX.sum(n, x); }          \
  REAL plumb_maximum_##SUFFIX(size_t n, const REAL *x) { return active()->SUFFIX.maximum(n, x); }  \
  void plumb_sum_rows_##SUFFIX(size_t rows, size_t columns, const REAL *x, size_t x_row,           \
                               REAL *y) {                                                          \
    active()->SUFFIX.sum_rows(rows, columns, x, x_row, y);                                         \
  }
FORWARD(float, f32)
FORWARD(double, f64)
