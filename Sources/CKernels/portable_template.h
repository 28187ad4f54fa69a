// Included once per precision with REAL, NAME(name) and MATH(name) defined.

void NAME(plumb_product)(size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col,
                         const REAL *b, size_t b_row, size_t b_col, const REAL *bias, REAL *c,
                         size_t c_row) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      REAL sum = 0;
      for (size_t p = 0; p < k; p++)
        sum = MATH(fma)(a[i * a_row + p * a_col], b[p * b_row + j * b_col], sum);
      c[i * c_row + j] = bias ? sum + bias[j] : sum;
    }
  }
}

static REAL NAME(sigmoid)(REAL x) {
  REAL e = MATH(exp)(-MATH(fabs)(x));
  return x >= 0 ? 1 / (1 + e) : x < 0 ? e / (1 + e) : x + (REAL)0.5;
}

static REAL NAME(softplus)(REAL x) {
  REAL tail = MATH(log1p)(MATH(exp)(-MATH(fabs)(x)));
  return x > 0 ? x + tail : x <= 0 ? tail : x;
}

static REAL NAME(unary)(plumb_unary f, REAL x) {
  switch (f) {
    case PLUMB_NEGATE: return -x;
    case PLUMB_ABSOLUTE: return MATH(fabs)(x);
    case PLUMB_SIGN: return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x;
    case PLUMB_SQUARE: return x * x;
    case PLUMB_RECIPROCAL: return 1 / x;
    case PLUMB_SQRT: return MATH(sqrt)(x);
    case PLUMB_EXP: return MATH(exp)(x);
    case PLUMB_EXPM1: return MATH(expm1)(x);
    case PLUMB_LOG: return MATH(log)(x);
    case PLUMB_LOG1P: return MATH(log1p)(x);
    case PLUMB_TANH: return MATH(tanh)(x);
    case PLUMB_SIGMOID: return NAME(sigmoid)(x);
    case PLUMB_SOFTPLUS: return NAME(softplus)(x);
    case PLUMB_NORMAL_CDF: return (REAL)0.5 * MATH(erfc)(-x * (REAL)0.70710678118654752440);
    case PLUMB_RELU: return x <= 0 ? 0 : x;
  }
  return x;
}

void NAME(plumb_unary)(plumb_unary f, size_t n, const REAL *x, REAL *y) {
  for (size_t i = 0; i < n; i++) y[i] = NAME(unary)(f, x[i]);
}

static REAL NAME(binary)(plumb_binary f, REAL x, REAL y) {
  switch (f) {
    case PLUMB_ADD: return x + y;
    case PLUMB_SUBTRACT: return x - y;
    case PLUMB_MULTIPLY: return x * y;
    case PLUMB_DIVIDE: return x / y;
    case PLUMB_MINIMUM: return x != x ? x : y != y ? y : y < x ? y : x;
    case PLUMB_MAXIMUM: return x != x ? x : y != y ? y : y > x ? y : x;
    case PLUMB_POWER: return MATH(pow)(x, y);
    case PLUMB_GREATER: return x > y;
    case PLUMB_GREATER_EQUAL: return x >= y;
    case PLUMB_EQUAL: return x == y;
    case PLUMB_GATE: return y > 0 ? x : 0;
  }
  return x;
}

void NAME(plumb_binary)(plumb_binary f, size_t n, const REAL *x, size_t x_step, const REAL *y,
                        size_t y_step, REAL *z) {
  for (size_t i = 0; i < n; i++) z[i] = NAME(binary)(f, x[i * x_step], y[i * y_step]);
}

void NAME(plumb_select)(size_t n, const REAL *mask, const REAL *x, size_t x_step, const REAL *y,
                        size_t y_step, REAL *z) {
  for (size_t i = 0; i < n; i++) z[i] = mask[i] != 0 ? x[i * x_step] : y[i * y_step];
}

REAL NAME(plumb_sum)(size_t n, const REAL *x) {
  if (n > 1024) {
    size_t half = 1024;
    while (half < n - half) half *= 2;
    return NAME(plumb_sum)(half, x) + NAME(plumb_sum)(n - half, x + half);
  }
  REAL lanes[16] = {0};
  for (size_t i = 0; i < n; i++) lanes[i % 16] += x[i];
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

REAL NAME(plumb_maximum)(size_t n, const REAL *x) {
  REAL largest = x[0];
  for (size_t i = 0; i < n; i++) {
    if (x[i] != x[i]) return x[i];
    if (x[i] > largest) largest = x[i];
  }
  return largest;
}

void NAME(plumb_sum_rows)(size_t rows, size_t columns, const REAL *x, size_t x_row, REAL *y) {
  for (size_t j = 0; j < columns; j++) {
    REAL total = 0;
    for (size_t start = 0; start < rows; start += 128) {
      REAL block = 0;
      for (size_t i = start; i < rows && i < start + 128; i++) block += x[i * x_row + j];
      total = start == 0 ? block : total + block;
    }
    y[j] = total;
  }
}

#undef REAL
#undef NAME
#undef MATH
