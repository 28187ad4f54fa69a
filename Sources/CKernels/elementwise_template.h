// The element-wise functions of one instruction set in one precision. Included after
// lanes_template.h.
//
// Every lane runs the same operations whatever its value, and every instruction set runs the same
// operations: this text. NaN passes through every clamp, because a comparison with it is false.
// A name that ends in _low is what rounding took from the value before it.

#ifndef LOWER_CLAMP
#define LOWER_CLAMP(x, bound) NAME(choose)((x) < (bound), NAME(broadcast)(bound), x)
#define UPPER_CLAMP(x, bound) NAME(choose)((x) > (bound), NAME(broadcast)(bound), x)
#define FMA(x, y, z) __builtin_elementwise_fma(x, y, z)
#define CONSTANT(x) NAME(broadcast)(x)
// Adding it to a small number rounds that to an integer, which is then in the low bits.
#define ROUNDER ((REAL)1.5 * (REAL)((INTEGER)1 << MANTISSA_BITS))
#define INFINITE ((REAL)__builtin_inf())
#define UNDEFINED ((REAL)__builtin_nan(""))
#define POLYNOMIAL(x, name)                                                                        \
  NAME(polynomial)(x, NAME(name), sizeof NAME(name) / sizeof NAME(name)[0])
#endif

static INLINE VECTOR NAME(absolute)(VECTOR x) { return __builtin_elementwise_abs(x); }

static INLINE VECTOR NAME(polynomial)(VECTOR x, const REAL *coefficients, const int count) {
  VECTOR sum = CONSTANT(coefficients[count - 1]);
  UNROLL for (int i = count - 2; i >= 0; i--) sum = FMA(sum, x, CONSTANT(coefficients[i]));
  return sum;
}

// --- Exponentials --------------------------------------------------------------------------------

// x = exponent log(2) + r + r_low with |r| <= log(2) / 2; r_low is the rounding error of r.
struct NAME(reduced) {
  INTEGERS exponent;
  VECTOR r, r_low;
};

static INLINE struct NAME(reduced) NAME(reduce)(VECTOR x) {
  const VECTOR shifted = FMA(x, CONSTANT(NAME(log2_e)), CONSTANT(ROUNDER));
  const VECTOR multiple = shifted - ROUNDER;
  const VECTOR high = FMA(-multiple, CONSTANT(NAME(log_2_high)), x);
  struct NAME(reduced) result;
  result.exponent = (INTEGERS)shifted - (INTEGERS)CONSTANT(ROUNDER);
  result.r = FMA(-multiple, CONSTANT(NAME(log_2_low)), high);
  result.r_low = FMA(-multiple, CONSTANT(NAME(log_2_low)), high - result.r);
  return result;
}

// exp(r) - 1 - r
static INLINE VECTOR NAME(exp_tail)(VECTOR r) { return r * r * POLYNOMIAL(r, exp_rest); }

// 2^n for a normal result.
static INLINE VECTOR NAME(power_of_two)(INTEGERS n) {
  return (VECTOR)((n + EXPONENT_BIAS) << MANTISSA_BITS);
}

// x 2^n for x near 1, in two steps, so that the result may overflow or be subnormal. The first step
// is exact, so there is one rounding.
static INLINE VECTOR NAME(scale)(VECTOR x, INTEGERS n) {
  const INTEGERS half = (INTEGERS)((UNSIGNEDS)(n + 4096) >> 1) - 2048;
  return x * NAME(power_of_two)(half) * NAME(power_of_two)(n - half);
}

static INLINE VECTOR NAME(exp)(VECTOR x) {
  x = UPPER_CLAMP(LOWER_CLAMP(x, EXP_LOWEST), EXP_HIGHEST);
  const struct NAME(reduced) reduced = NAME(reduce)(x);
  return NAME(scale)(1 + (reduced.r + NAME(exp_tail)(reduced.r)), reduced.exponent);
}

static INLINE VECTOR NAME(expm1)(VECTOR x) {
  const VECTOR bounded = UPPER_CLAMP(LOWER_CLAMP(x, EXPM1_LOWEST), EXP_HIGHEST);
  const struct NAME(reduced) reduced = NAME(reduce)(bounded);
  const VECTOR r = reduced.r;
  const VECTOR tail = NAME(exp_tail)(r) + FMA(reduced.r_low, r, reduced.r_low);
  // Half of 2^n (1 + r + tail) - 1: half, because 2^n itself may overflow. |offset| >= |scaled|.
  const VECTOR power = NAME(power_of_two)(reduced.exponent - 1);
  const VECTOR offset = power - (REAL)0.5, scaled = power * r;
  const VECTOR high = offset + scaled, low = (offset - high) + scaled;
  const VECTOR result = 2 * (high + FMA(power, tail, low));
  return NAME(choose)(NAME(absolute)(x) < TINY, x, result);
}

// --- Logarithms ----------------------------------------------------------------------------------

// exponent log(2) + log(1 + f) + low, for sqrt(1/2) <= 1 + f <= sqrt(2) and a small correction.
static INLINE VECTOR NAME(log_of_parts)(VECTOR exponent, VECTOR f, VECTOR low) {
  const VECTOR square = f * f;
  VECTOR tail = FMA(square * f, POLYNOMIAL(f, log_rest), low);
  tail = FMA(CONSTANT((REAL)-0.5), square, tail);
  tail = FMA(exponent, CONSTANT(NAME(log_2_low)), tail);
  // The sum of two is rounded once: |whole| >= |f| unless whole is 0.
  const VECTOR whole = exponent * NAME(log_2_high);
  const VECTOR high = whole + f;
  return high + (((whole - high) + f) + tail);
}

// x = 2^exponent (1 + f) with 1 + f as log_of_parts wants it; x is positive and normal.
static INLINE VECTOR NAME(split)(VECTOR x, INTEGERS *exponent) {
  const UNSIGNEDS root_half = (UNSIGNEDS)CONSTANT((REAL)0.70710678118654752);
  // Counted from far below, since a shift to the right of a negative number is slow.
  const UNSIGNED offset = (UNSIGNED)(EXPONENT_BIAS + 1) << MANTISSA_BITS;
  const UNSIGNEDS above = (UNSIGNEDS)x - root_half + offset;
  *exponent = (INTEGERS)(above >> MANTISSA_BITS) - (EXPONENT_BIAS + 1);
  return (VECTOR)((INTEGERS)x - (*exponent << MANTISSA_BITS)) - 1;
}

// An integer of a few digits.
static INLINE VECTOR NAME(to_real)(INTEGERS n) {
  return (VECTOR)(n + (INTEGERS)CONSTANT(ROUNDER)) - ROUNDER;
}

// What a logarithm is at infinity, at 0 and below. `argument` is that of log.
static INLINE VECTOR NAME(log_edges)(VECTOR argument, VECTOR result) {
  result = NAME(choose)(argument < INFINITE, result, argument);
  result = NAME(choose)(argument == 0, CONSTANT(-INFINITE), result);
  return NAME(choose)(argument < 0, CONSTANT(UNDEFINED), result);
}

static INLINE VECTOR NAME(log)(VECTOR x) {
  const INTEGERS subnormal = x < SMALLEST_NORMAL;
  INTEGERS exponent;
  const VECTOR scaled = x * (REAL)((INTEGER)1 << MANTISSA_BITS);
  const VECTOR f = NAME(split)(NAME(choose)(subnormal, scaled, x), &exponent);
  exponent -= subnormal & MANTISSA_BITS;
  return NAME(log_edges)(x, NAME(log_of_parts)(NAME(to_real)(exponent), f, (VECTOR){0}));
}

static INLINE VECTOR NAME(log1p)(VECTOR x) {
  const VECTOR sum = 1 + x;
  INTEGERS exponent;
  VECTOR f = NAME(split)(sum, &exponent);
  // What 1 + x lost, scaled like f, over 1 + f; 1 - f is close enough to 1 / (1 + f).
  const VECTOR lost = NAME(choose)(x > 1, 1 - (sum - x), x - (sum - 1));
  VECTOR low = lost * NAME(power_of_two)(-exponent) * (1 - f);
  // Where nothing is scaled, x is f exactly; far above 1, nothing that matters is lost.
  f = NAME(choose)(exponent == 0, x, f);
  low = NAME(choose)((exponent == 0) | (exponent > 2 * MANTISSA_BITS), (VECTOR){0}, low);
  const VECTOR result = NAME(log_of_parts)(NAME(to_real)(exponent), f, low);
  return NAME(choose)(NAME(absolute)(x) < TINY, x, NAME(log_edges)(sum, result));
}

// --- Sigmoids ------------------------------------------------------------------------------------

static INLINE VECTOR NAME(tanh)(VECTOR x) {
  const VECTOR magnitude = NAME(absolute)(x), square = x * x;
  const VECTOR small = FMA(magnitude * square, POLYNOMIAL(square, tanh_rest), magnitude);
  const struct NAME(reduced) reduced = NAME(reduce)(2 * UPPER_CLAMP(magnitude, TANH_IS_1));
  const VECTOR power =
      (1 + (reduced.r + NAME(exp_tail)(reduced.r))) * NAME(power_of_two)(reduced.exponent);
  const VECTOR large = 1 - 2 / (power + 1);
  const INTEGERS sign = (INTEGERS)x ^ (INTEGERS)magnitude;
  return (VECTOR)((INTEGERS)NAME(choose)(square < (REAL)0.42, small, large) | sign);
}

static INLINE VECTOR NAME(sigmoid)(VECTOR x) {
  const VECTOR power = NAME(exp)(-NAME(absolute)(x));
  const VECTOR above = NAME(choose)(x < 0, power, CONSTANT(1));
  const VECTOR below = 1 + power, below_low = power - (below - 1);
  const VECTOR quotient = above / below;
  // One step of Newton's for what the sum and the division lost; the inverse of `below` is at hand.
  const VECTOR inverse = NAME(choose)(x < 0, 1 - quotient, quotient);
  const VECTOR rest = FMA(-quotient, below_low, FMA(-quotient, below, above));
  return FMA(rest, inverse, quotient);
}

static INLINE VECTOR NAME(softplus)(VECTOR x) {
  const VECTOR power = NAME(exp)(-NAME(absolute)(x));
  // log(1 + power), where 1 + power <= 2 is halved above sqrt(2).
  const INTEGERS halve = power > (REAL)0.41421356237309505;
  const VECTOR half = FMA(CONSTANT((REAL)0.5), power, CONSTANT((REAL)-0.5));
  const VECTOR half_low = FMA(CONSTANT((REAL)0.5), power, (REAL)-0.5 - half);
  const VECTOR logarithm = NAME(log_of_parts)(
      NAME(choose)(halve, CONSTANT(1), (VECTOR){0}), NAME(choose)(halve, half, power),
      NAME(choose)(halve, half_low, (VECTOR){0}));
  return NAME(choose)(x <= 0, (VECTOR){0}, x) + logarithm;
}

static INLINE VECTOR NAME(normal_cdf)(VECTOR x) {
  const VECTOR t = UPPER_CLAMP(NAME(absolute)(x), NAME(tail_end));
  // exp(-t^2 / 2) = 2^exponent (1 + growth)
  const VECTOR square = t * t, square_low = FMA(t, t, -square);
  const struct NAME(reduced) reduced = NAME(reduce)((REAL)-0.5 * square);
  const VECTOR r_low = FMA(CONSTANT((REAL)-0.5), square_low, reduced.r_low);
  const VECTOR r_tail = NAME(exp_tail)(reduced.r);
  const VECTOR growth = reduced.r + (r_tail + FMA(r_low, reduced.r + r_tail, r_low));

  // The scaled tail at a t nearby for which s is exact: its inverse has a few bits less.
  const VECTOR shifted = t + NAME(tail_shift), shifted_low = t - (shifted - NAME(tail_shift));
  const VECTOR inverse = (1 / shifted + TAIL_ROUNDER) - TAIL_ROUNDER;
  const VECTOR s = FMA(CONSTANT(-2 * NAME(tail_shift)), inverse, CONSTANT(1));
  const int count = sizeof NAME(tail) / sizeof NAME(tail)[0];
  VECTOR value = NAME(polynomial)(s, NAME(tail) + 2, count - 2), value_low = {0};
  // Near t = 0 all terms of the polynomial have one sign: the last two sums keep what they lose.
  UNROLL for (int i = 1; i >= 0; i--) {
    const VECTOR product = s * value, product_low = FMA(s, value, -product);
    value = product + NAME(tail)[i];
    const VECTOR added = value - product;
    const VECTOR sum_low = (product - (value - added)) + (NAME(tail)[i] - added);
    value_low = FMA(s, value_low, sum_low + product_low);
  }
  const VECTOR scaled = inverse * value;
  // From there to t by the slope, t scaled - density(0).
  const VECTOR step = FMA(shifted, FMA(inverse, shifted, CONSTANT(-1)), shifted_low);
  const VECTOR slope = FMA(t, scaled, CONSTANT(-NAME(normal_density_at_0)));
  const VECTOR scaled_low =
      FMA(slope, step, FMA(inverse, value_low, FMA(inverse, value, -scaled)));

  const VECTOR grown = scaled + FMA(scaled, growth, FMA(scaled_low, growth, scaled_low));
  const VECTOR tail = NAME(scale)(grown, reduced.exponent);
  return NAME(choose)(x > 0, 1 - tail, tail);
}

// By its series about 0, and from there on by the tail of the normal distribution, 1 - 2 (1 - CDF(x sqrt 2)).
static INLINE VECTOR NAME(erf)(VECTOR x) {
  const VECTOR magnitude = NAME(absolute)(x), square = x * x;
  const VECTOR rest = FMA(square, POLYNOMIAL(square, erf_rest), CONSTANT(NAME(erf_slope_low)));
  const VECTOR small = FMA(magnitude, CONSTANT(NAME(erf_slope)), magnitude * rest);
  const VECTOR large = 1 - 2 * NAME(normal_cdf)(-(magnitude * (REAL)1.41421356237309504880));
  const INTEGERS sign = (INTEGERS)x ^ (INTEGERS)magnitude;
  return (VECTOR)((INTEGERS)NAME(choose)(square < (REAL)0.9, small, large) | sign);
}

// --- Plain functions -----------------------------------------------------------------------------

static INLINE VECTOR NAME(sign)(VECTOR x) {
  const VECTOR below = NAME(choose)(x < 0, CONSTANT(-1), (VECTOR){0});
  return NAME(choose)(x == x, NAME(choose)(x > 0, CONSTANT(1), below), x);
}

static INLINE VECTOR NAME(relu)(VECTOR x) { return NAME(choose)(x <= 0, (VECTOR){0}, x); }

static INLINE VECTOR NAME(add)(VECTOR x, VECTOR y) { return x + y; }

static INLINE VECTOR NAME(minimum)(VECTOR x, VECTOR y) {
  return NAME(choose)(x == x, NAME(choose)(y >= x, x, y), x);
}

static INLINE VECTOR NAME(maximum)(VECTOR x, VECTOR y) {
  return NAME(choose)(x == x, NAME(choose)(y <= x, x, y), x);
}

static INLINE VECTOR NAME(one_where)(INTEGERS mask) {
  return NAME(choose)(mask, CONSTANT(1), (VECTOR){0});
}

static INLINE VECTOR NAME(gate)(VECTOR x, VECTOR y) { return NAME(choose)(y > 0, x, (VECTOR){0}); }

static INLINE VECTOR NAME(power)(VECTOR x, VECTOR y) {
  for (int j = 0; j < LANES; j++) x[j] = SCALAR_POWER(x[j], y[j]);
  return x;
}

static INLINE VECTOR NAME(sin)(VECTOR x) {
  for (int j = 0; j < LANES; j++) x[j] = SCALAR_SIN(x[j]);
  return x;
}

static INLINE VECTOR NAME(cos)(VECTOR x) {
  for (int j = 0; j < LANES; j++) x[j] = SCALAR_COS(x[j]);
  return x;
}

static INLINE VECTOR NAME(clip)(VECTOR x, REAL low, REAL high) {
  const VECTOR bounded = NAME(minimum)(NAME(maximum)(x, CONSTANT(low)), CONSTANT(high));
  return NAME(choose)(x == bounded, x, bounded);
}

// A product with a distribution function has the limit 0 at -infinity, not infinity times 0.
static INLINE VECTOR NAME(bounded_below)(VECTOR x) {
  return NAME(maximum)(x, CONSTANT(LOWEST_FACTOR));
}

// exp(-x^2 / 2) / sqrt(2 pi)
static INLINE VECTOR NAME(normal_density)(VECTOR x) {
  return NAME(exp)(x * x * (REAL)-0.5) * (REAL)0.39894228040143267794;
}

static INLINE VECTOR NAME(silu_pullback)(VECTOR d, VECTOR x) {
  const VECTOR s = NAME(sigmoid)(x);
  return d * s * (x * (1 - s) + 1);
}

// --- Loops ---------------------------------------------------------------------------------------
//
// One for each line of the list.

#define PLUMB_UNARY(CONSTANT, name, swift, expression)                                             \
  static void NAME(unary_##name)(size_t n, double a_setting, double b_setting, const REAL *from,   \
                                 REAL *to) {                                                       \
    const REAL a = (REAL)a_setting, b = (REAL)b_setting;                                           \
    (void)a, (void)b;                                                                              \
    FOR_EACH_VECTOR(n, {                                                                           \
      const VECTOR x = NAME(load_some)(from + i, partial, count);                                  \
      NAME(store_some)(to + i, expression, partial, count);                                        \
    })                                                                                             \
  }
// The operand that is not read may be NULL.
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)                        \
  static void NAME(pullback_##name)(size_t n, double setting, const REAL *upstream,                \
                                    const REAL *input, const REAL *output, REAL *to) {             \
    const REAL a = (REAL)setting;                                                                  \
    (void)a;                                                                                       \
    FOR_EACH_VECTOR(n, {                                                                           \
      const VECTOR d = NAME(load_some)(upstream + i, partial, count);                              \
      const VECTOR x = reads_x ? NAME(load_some)(input + i, partial, count) : d;                   \
      const VECTOR y = reads_y ? NAME(load_some)(output + i, partial, count) : d;                  \
      (void)x, (void)y;                                                                            \
      NAME(store_some)(to + i, expression, partial, count);                                        \
    })                                                                                             \
  }
#include "plumb_kernel_list.h"

// An operand with step 0 is spread over one vector, which is then read again and again with step 0.
struct NAME(operand) {
  const REAL *values;
  size_t step;
  REAL spread[LANES];
};

static INLINE void NAME(set_operand)(struct NAME(operand) * operand, const REAL *x, size_t step) {
  operand->values = x;
  operand->step = step;
  if (step == 0) {
    NAME(store)(operand->spread, CONSTANT(*x));
    operand->values = operand->spread;
  }
}

static INLINE VECTOR NAME(operand_at)(const struct NAME(operand) * operand, size_t i) {
  return NAME(load)(operand->values + i * operand->step);
}

static INLINE VECTOR NAME(operand_rest)(const struct NAME(operand) * operand, size_t i, size_t n) {
  return NAME(load_partial)(operand->values + i * operand->step, n - i);
}

#define PLUMB_BINARY(CONSTANT, name, swift, expression)                                            \
  static INLINE VECTOR NAME(name##_of)(VECTOR x, VECTOR y) { return expression; }                  \
  static void NAME(binary_##name)(size_t n, const REAL *x, size_t x_step, const REAL *y,           \
                                  size_t y_step, REAL *z) {                                        \
    if (n == 0) return;                                                                            \
    struct NAME(operand) first, second;                                                            \
    NAME(set_operand)(&first, x, x_step);                                                          \
    NAME(set_operand)(&second, y, y_step);                                                         \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= n; i += LANES)                                                             \
      NAME(store)(z + i, NAME(name##_of)(NAME(operand_at)(&first, i), NAME(operand_at)(&second, i))); \
    if (i < n) {                                                                                   \
      const VECTOR first_rest = NAME(operand_rest)(&first, i, n);                                  \
      const VECTOR second_rest = NAME(operand_rest)(&second, i, n);                                \
      NAME(store_partial)(z + i, NAME(name##_of)(first_rest, second_rest), n - i);                 \
    }                                                                                              \
  }
#include "plumb_kernel_list.h"

static void NAME(select)(size_t n, const REAL *mask, const REAL *x, size_t x_step, const REAL *y,
                         size_t y_step, REAL *z) {
  if (n == 0) return;
  struct NAME(operand) first, second;
  NAME(set_operand)(&first, x, x_step);
  NAME(set_operand)(&second, y, y_step);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const INTEGERS set = NAME(load)(mask + i) != 0;
    const VECTOR chosen =
        NAME(choose)(set, NAME(operand_at)(&first, i), NAME(operand_at)(&second, i));
    NAME(store)(z + i, chosen);
  }
  if (i < n) {
    const INTEGERS set = NAME(load_partial)(mask + i, n - i) != 0;
    const VECTOR first_rest = NAME(operand_rest)(&first, i, n);
    const VECTOR second_rest = NAME(operand_rest)(&second, i, n);
    NAME(store_partial)(z + i, NAME(choose)(set, first_rest, second_rest), n - i);
  }
}
