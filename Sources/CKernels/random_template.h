// Random numbers and masks, as the list states them. Each lane computes a number of its own, by whole 64-bit
// words whose upper halves do not matter until the end: a loop that the compiler spreads over the
// lanes of any instruction set. Integers, so that there is nothing to round.

// Number `index` of a key: Philox4x32-10.
static INLINE uint64_t NAME(number)(uint64_t key, uint64_t index) {
  uint64_t x0 = index, x1 = index >> 32, x2 = 0, x3 = 0;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  UNROLL for (int round = 0; round < 10; round++) {
    const uint64_t even = (x0 & UINT32_MAX) * 0xD2511F53, odd = (x2 & UINT32_MAX) * 0xCD9E8D57;
    x0 = odd >> 32 ^ x1 ^ k0;
    x2 = even >> 32 ^ x3 ^ k1;
    x1 = odd;
    x3 = even;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return (x0 & UINT32_MAX) | x1 << 32;
}

static void NAME(random_bits)(size_t n, uint64_t key, uint64_t first, uint64_t *bits) {
  for (size_t i = 0; i < n; i++) bits[i] = NAME(number)(key, first + i);
}

static void NAME(mask)(size_t n, uint64_t key, uint64_t first, uint64_t threshold, double value,
                       REAL *y) {
  const REAL kept = (REAL)value;
  for (size_t i = 0; i < n; i++) y[i] = NAME(number)(key, first + i) >> 11 < threshold ? kept : 0;
}

// The inverse of the standard normal distribution function (Wichura, Applied Statistics 37, 1988,
// algorithm AS 241, routine PPND16): quotients of polynomials about the middle, and in the square root
// of -log of what is left in a tail.
#define SEVENTH_DEGREE(x, c0, c1, c2, c3, c4, c5, c6, c7)                                          \
  ((((((((REAL)(c7) * x + (REAL)(c6)) * x + (REAL)(c5)) * x + (REAL)(c4)) * x + (REAL)(c3)) * x +  \
     (REAL)(c2)) * x + (REAL)(c1)) * x + (REAL)(c0))
static INLINE VECTOR NAME(quantile)(VECTOR p) {
  const VECTOR q = p - (REAL)0.5;
  const VECTOR r = (REAL)0.180625 - q * q;
  const VECTOR middle =
      q * (SEVENTH_DEGREE(r,
            3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
            1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
            3.3430575583588128105e4, 2.5090809287301226727e3) /
           SEVENTH_DEGREE(r,
            1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
            2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
            5.2264952788528545610e3));
  const INTEGERS is_tail = ~(NAME(absolute)(q) <= (REAL)0.425);
  if (!__builtin_reduce_or(is_tail)) return middle;
  const VECTOR root = __builtin_elementwise_sqrt(-NAME(log)(NAME(choose)(q < 0, p, 1 - p)));
  const VECTOR near = root - (REAL)1.6;
  VECTOR magnitude = SEVENTH_DEGREE(near,
            1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
            3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1,
            2.27238449892691845833e-2, 7.74545014278341407640e-4) /
                     SEVENTH_DEGREE(near,
            1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
            1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
            1.05075007164441684324e-9);
  const INTEGERS is_far = ~(root <= 5);
  if (__builtin_reduce_or(is_far)) {
    const VECTOR far = root - 5;
    magnitude = NAME(choose)(
        is_far, SEVENTH_DEGREE(far,
            6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
            2.71155556874348757815e-5, 2.01033439929228813265e-7) /
                    SEVENTH_DEGREE(far,
            1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
            7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
            2.04426310338993978564e-15),
        magnitude);
  }
  return NAME(choose)(is_tail, NAME(choose)(p < (REAL)0.5, -magnitude, magnitude), middle);
}
#undef SEVENTH_DEGREE

static void NAME(normal_quantile)(size_t n, const REAL *p, REAL *x) {
  FOR_EACH_VECTOR(n, NAME(store_some)(x + i, NAME(quantile)(NAME(load_some)(p + i, partial, count)),
                                      partial, count))
}
