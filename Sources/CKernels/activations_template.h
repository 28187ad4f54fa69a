// Activation functions that are more than one element-wise function, and backward passes, of one
// instruction set in one precision. Included after elementwise_template.h. The operations and their
// order are those of the separate kernels that they stand for.

// A product with a distribution function has the limit 0 at -infinity, not infinity times 0.
static INLINE VECTOR NAME(bounded_below)(VECTOR x) {
  return NAME(maximum)(x, CONSTANT(LOWEST_FACTOR));
}

// exp(-x^2 / 2) / sqrt(2 pi)
static INLINE VECTOR NAME(normal_density)(VECTOR x) {
  return NAME(exp)(x * x * (REAL)-0.5) * (REAL)0.39894228040143267794;
}

static INLINE VECTOR NAME(leaky_relu)(VECTOR x, REAL slope) {
  return NAME(choose)(x > 0, x, x * slope);
}

static INLINE VECTOR NAME(elu)(VECTOR x, REAL alpha) {
  return NAME(choose)(x > 0, x, NAME(expm1)(x) * alpha);
}

static INLINE VECTOR NAME(clip)(VECTOR x, REAL low, REAL high) {
  const VECTOR bounded = NAME(minimum)(NAME(maximum)(x, CONSTANT(low)), CONSTANT(high));
  return NAME(choose)(x == bounded, x, bounded);
}

#define DEFINE_ACTIVATION(name, expression)                                                        \
  static void NAME(activation_##name)(size_t n, REAL a, REAL b, const REAL *from, REAL *to) {      \
    (void)a, (void)b;                                                                              \
    FOR_EACH_VECTOR(n, {                                                                           \
      const VECTOR x = NAME(load_some)(from + i, partial, count);                                  \
      NAME(store_some)(to + i, expression, partial, count);                                        \
    })                                                                                             \
  }
DEFINE_ACTIVATION(leaky_relu, NAME(leaky_relu)(x, a))
DEFINE_ACTIVATION(elu, NAME(elu)(x, a))
DEFINE_ACTIVATION(gelu, NAME(bounded_below)(x) * NAME(normal_cdf)(x))
DEFINE_ACTIVATION(silu, NAME(bounded_below)(x) * NAME(sigmoid)(x))
DEFINE_ACTIVATION(clip, NAME(clip)(x, a, b))

// --- Backward passes -----------------------------------------------------------------------------

static INLINE VECTOR NAME(silu_pullback)(VECTOR d, VECTOR x) {
  const VECTOR s = NAME(sigmoid)(x);
  return d * s * (x * (1 - s) + 1);
}

// The upstream gradient d times the derivative, by the input x, the output y or both. The operand
// that is not used may be NULL.
#define DEFINE_PULLBACK(name, uses_x, uses_y, expression)                                          \
  static void NAME(pullback_##name)(size_t n, REAL a, const REAL *upstream, const REAL *input,     \
                                    const REAL *output, REAL *to) {                                \
    (void)a;                                                                                       \
    FOR_EACH_VECTOR(n, {                                                                           \
      const VECTOR d = NAME(load_some)(upstream + i, partial, count);                              \
      const VECTOR x = uses_x ? NAME(load_some)(input + i, partial, count) : d;                    \
      const VECTOR y = uses_y ? NAME(load_some)(output + i, partial, count) : d;                   \
      (void)x, (void)y;                                                                            \
      NAME(store_some)(to + i, expression, partial, count);                                        \
    })                                                                                             \
  }
DEFINE_PULLBACK(leaky_relu, true, false, NAME(choose)(x > 0, d, d * a))
DEFINE_PULLBACK(elu, true, true, NAME(choose)(x > 0, d, d * (y + a)))
DEFINE_PULLBACK(gelu, true, false, d * (NAME(normal_cdf)(x) + x * NAME(normal_density)(x)))
DEFINE_PULLBACK(silu, true, false, NAME(silu_pullback)(d, x))
DEFINE_PULLBACK(clip, true, true, d * NAME(equal)(x, y))
DEFINE_PULLBACK(tanh, false, true, d * (1 - y * y))
DEFINE_PULLBACK(sigmoid, false, true, d * y * (1 - y))
DEFINE_PULLBACK(softplus, true, false, d * NAME(sigmoid)(x))
DEFINE_PULLBACK(normal_cdf, true, false, d * NAME(normal_density)(x))

#undef DEFINE_ACTIVATION
#undef DEFINE_PULLBACK
