// The product and the reductions in plain C, as the header states them: the others' reference.
// Included after elementwise_template.h.

static REAL NAME(sum)(size_t n, const REAL *x) {
  if (n > 1024) {
    size_t half = 1024;
    while (half < n - half) half *= 2;
    const REAL first = NAME(sum)(half, x);
    return first + NAME(sum)(n - half, x + half);
  }
  REAL lanes[16] = {0};
  for (size_t i = 0; i < n; i++) lanes[i % 16] += x[i];
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

static REAL NAME(largest)(size_t n, const REAL *x) {
  REAL largest = x[0];
  for (size_t i = 1; i < n; i++)
    if (largest == largest && !(x[i] <= largest)) largest = x[i];
  return largest + 0;
}

// The names under which the others have forms of their own for short rows.
static REAL NAME(sum_of)(size_t n, const REAL *x) { return NAME(sum)(n, x); }

static REAL NAME(largest_of)(size_t n, const REAL *x) { return NAME(largest)(n, x); }

static void NAME(transpose)(size_t depth, size_t count, const REAL *b, size_t b_col, REAL *to,
                            size_t to_row) {
  (void)count, (void)b_col;  // one lane, so one column
  for (size_t p = 0; p < depth; p++) to[p * to_row] = b[p];
}

static void NAME(sum_rows)(size_t rows, size_t columns, const REAL *x, size_t x_row, REAL *y) {
  for (size_t j = 0; j < columns; j++) {
    REAL total = 0;
    for (size_t start = 0; start < rows; start += 128) {
      REAL block = 0;
      for (size_t i = start; i < rows && i < start + 128; i++) block += x[i * x_row + j];
      total += block;
    }
    y[j] = total;
  }
}

static void NAME(multiply_matrices)(size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col,
                          const REAL *b, size_t b_row, size_t b_col,
                          const REAL *bias, const struct NAME(epilogue) * epilogue, REAL *c,
                          size_t c_row) {
  const struct NAME(epilogue) none = {.scale = 1}, e = epilogue ? *epilogue : none;
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      REAL v = 0;
      for (size_t p = 0; p < k; p++)
        v = SCALAR_FMA(a[i * a_row + p * a_col], b[p * b_row + j * b_col], v);
      if (bias) v = v + bias[j];
      v = v * e.scale;
      if (e.skip) v = e.skip[i * e.skip_row + j] + v;
      if (e.relu) v = v <= 0 ? 0 : v;
      if (e.gate) v = e.gate[i * e.gate_row + j] > 0 ? v : 0;
      c[i * c_row + j] = v;
      if (e.scaled) e.scaled[i * e.scaled_row + j] = v * e.scaled_by;
    }
  }
}
