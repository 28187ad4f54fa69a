// The digests of one precision. Each begins its own sequence of random numbers.

static uint64_t NAME(with_values)(uint64_t digest, size_t count, const REAL *values) {
  for (size_t i = 0; i < count; i++) {
    BITS bits;
    memcpy(&bits, values + i, sizeof bits);
    digest = with_word(digest, values[i] == values[i] ? bits : 0x7FF8);
  }
  return digest;
}

// --- Inputs --------------------------------------------------------------------------------------

static REAL *NAME(room)(size_t count) { return memory_of(count, sizeof(REAL)); }

// Values between -bound and bound.
static REAL *NAME(ordinary)(size_t count, double bound, uint64_t *state) {
  REAL *values = NAME(room)(count);
  for (size_t i = 0; i < count; i++) values[i] = (REAL)(next_fraction(state) * bound);
  return values;
}

// Values of every kind: any bits at all, small and large ones, and the edges.
static REAL *NAME(unusual)(size_t count, uint64_t *state) {
  const REAL edges[] = {0, (REAL)-0.0, INFINITY, -INFINITY, NAN, 1, -1, (REAL)0x1p-126,
                        (REAL)-0x1p-149, (REAL)0x1p-1022, (REAL)-0x1p-1074, (REAL)0x1.fffffep127,
                        (REAL)-0x1.fp1023, (REAL)0.5, (REAL)88.7, (REAL)-103.9, (REAL)709.7};
  enum { EDGES = sizeof edges / sizeof edges[0] };
  REAL *values = NAME(room)(count);
  for (size_t i = 0; i < count; i++) {
    const uint64_t random = next_random(state);
    const BITS bits = (BITS)random;
    switch (random >> 62) {
      case 0: memcpy(values + i, &bits, sizeof bits); break;
      case 1: values[i] = (REAL)(next_fraction(state) * 3); break;
      case 2: values[i] = (REAL)(next_fraction(state) * (sizeof(REAL) == 4 ? 110 : 760)); break;
      default: values[i] = edges[random % EDGES];
    }
  }
  return values;
}

// --- Products ------------------------------------------------------------------------------------

// Form 0: both operands by rows; 1: b by columns; 2: a by columns; 3: a by rows with gaps, b with a
// gap after every value.
struct NAME(operands) {
  size_t m, n, k;
  REAL *a, *b;
  size_t a_row, a_col, b_row, b_col;
};

static struct NAME(operands) NAME(operands_of)(const size_t *size, int form, uint64_t *state) {
  const size_t m = size[0], n = size[1], k = size[2], gap = form == 3 ? 3 : 0;
  struct NAME(operands) x = {.m = m, .n = n, .k = k};
  x.a = NAME(ordinary)(m * (k + gap), 1, state);
  x.b = NAME(ordinary)(k * n * (gap > 0 ? 2 : 1), 1, state);
  x.a_row = form == 2 ? 1 : k + gap;
  x.a_col = form == 2 ? m : 1;
  x.b_row = form == 1 ? 1 : gap > 0 ? 2 * n : n;
  x.b_col = form == 1 ? k : gap > 0 ? 2 : 1;
  return x;
}

static uint64_t NAME(digest_product)(int function) {
  uint64_t digest = empty_digest, state = 1 + (uint64_t)function;
  for (size_t i = 0; i < PRODUCT_SIZES; i++) {
    for (int form = 0; form < 4; form++) {
      const struct NAME(operands) x = NAME(operands_of)(product_sizes[i], form, &state);
      const size_t c_row = x.n + (size_t)form, count = x.m * c_row;
      REAL *bias = NAME(ordinary)(x.n, 1, &state), *c = NAME(room)(count);
      const plumb_epilogue epilogue = {.bias = form % 2 == 0 ? bias : NULL, .scale = 1};
      plumb_product(PRECISION, x.m, x.n, x.k, x.a, x.a_row, x.a_col, x.b, x.b_row, x.b_col, &epilogue,
                    c, c_row);
      digest = NAME(with_values)(digest, count, c);
      free(x.a), free(x.b), free(bias), free(c);
    }
  }
  return digest;
}

static uint64_t NAME(digest_fused_product)(int function) {
  uint64_t digest = empty_digest, state = 2 + (uint64_t)function;
  for (size_t i = 0; i < PRODUCT_SIZES; i++) {
    for (int form = 0; form < 4; form++) {
      const struct NAME(operands) x = NAME(operands_of)(product_sizes[i], form, &state);
      const size_t count = x.m * x.n;
      REAL *bias = NAME(ordinary)(x.n, 1, &state), *skip = NAME(ordinary)(count, 1, &state);
      REAL *gate = NAME(ordinary)(count, 1, &state), *sums = NAME(room)(x.n);
      REAL *scaled = NAME(room)(count), *c = NAME(ordinary)(count, 1, &state);
      // Any of the parts, by the bits of a random number.
      const uint64_t parts = next_random(&state);
      const plumb_epilogue epilogue = {
          .bias = parts & 1 ? bias : NULL,
          .scale = parts & 2 ? (REAL)0.7 : 1,
          .skip = parts & 4 ? parts & 8 ? c : skip : NULL,
          .skip_row = x.n,
          .relu = parts & 16,
          .gate = parts & 32 ? gate : NULL,
          .gate_row = x.n,
          .scaled = parts & 64 ? scaled : NULL,
          .scaled_row = x.n,
          .scaled_by = (REAL)-1.3,
          .b_column_sums = parts & 128 && x.b_col == 1 ? sums : NULL,
      };
      plumb_product(PRECISION, x.m, x.n, x.k, x.a, x.a_row, x.a_col, x.b, x.b_row, x.b_col,
                                &epilogue, c, x.n);
      digest = NAME(with_values)(digest, count, c);
      digest = NAME(with_values)(digest, count, scaled);
      digest = NAME(with_values)(digest, x.n, sums);
      free(x.a), free(x.b), free(bias), free(skip), free(gate), free(sums), free(scaled), free(c);
    }
  }
  return digest;
}

// --- Element-wise --------------------------------------------------------------------------------

enum { NAME(long_count) = 4001 };

static uint64_t NAME(digest_unary)(int function) {
  if (function == PLUMB_POWER_OF) return empty_digest;
  uint64_t digest = empty_digest, state = 1000 + (uint64_t)function;
  REAL *x = NAME(unusual)(NAME(long_count), &state), *y = NAME(room)(NAME(long_count));
  for (size_t n = 0; n < NAME(long_count); n = n < 40 ? n + 1 : NAME(long_count)) {
    plumb_unary(PRECISION, (plumb_unary_function)function, n, -0.3, 0.8, x, y);
    digest = NAME(with_values)(digest, n, y);
  }
  plumb_unary(PRECISION, (plumb_unary_function)function, NAME(long_count), -0.3, 0.8, x, y);
  digest = NAME(with_values)(digest, NAME(long_count), y);
  free(x), free(y);
  return digest;
}

static uint64_t NAME(digest_binary)(int function) {
  if (function == PLUMB_POWER) return empty_digest;
  uint64_t digest = empty_digest, state = 2000 + (uint64_t)function;
  REAL *x = NAME(unusual)(NAME(long_count), &state), *y = NAME(unusual)(NAME(long_count), &state);
  REAL *z = NAME(room)(NAME(long_count));
  // Some pairs of equals, beside zeros of either sign and NaN.
  for (size_t i = 0; i < NAME(long_count); i += 5) y[i] = x[i];
  for (size_t n = 1; n <= NAME(long_count); n = n == 37 ? NAME(long_count) : n + 1) {
    for (size_t steps = 1; steps < 4; steps++) {
      plumb_binary(PRECISION, (plumb_binary_function)function, n, x, steps & 1, y, steps >> 1, z);
      digest = NAME(with_values)(digest, n, z);
    }
    if (n == NAME(long_count)) break;
  }
  free(x), free(y), free(z);
  return digest;
}

static uint64_t NAME(digest_select)(int function) {
  uint64_t digest = empty_digest, state = 3000 + (uint64_t)function;
  REAL *mask = NAME(unusual)(50, &state), *x = NAME(unusual)(50, &state);
  REAL *y = NAME(unusual)(50, &state), *z = NAME(room)(50);
  for (size_t n = 1; n <= 50; n++) {
    for (size_t steps = 0; steps < 4; steps++) {
      plumb_select(PRECISION, n, mask, x, steps & 1, y, steps >> 1, z);
      digest = NAME(with_values)(digest, n, z);
    }
  }
  free(mask), free(x), free(y), free(z);
  return digest;
}

static uint64_t NAME(digest_pullback)(int function) {
  uint64_t digest = empty_digest, state = 5000 + (uint64_t)function;
  REAL *x = NAME(unusual)(NAME(long_count), &state), *y = NAME(unusual)(NAME(long_count), &state);
  REAL *d = NAME(ordinary)(NAME(long_count), 2, &state), *dx = NAME(room)(NAME(long_count));
  for (size_t n = 1; n <= NAME(long_count); n = n == 37 ? NAME(long_count) : n + 1) {
    plumb_pullback(PRECISION, (plumb_pullback_function)function, n, 0.3, d, x, y, dx);
    digest = NAME(with_values)(digest, n, dx);
    if (n == NAME(long_count)) break;
  }
  free(x), free(y), free(d), free(dx);
  return digest;
}

// --- Reductions and rows -------------------------------------------------------------------------

static uint64_t NAME(digest_reductions)(int function) {
  uint64_t digest = empty_digest, state = 6000 + (uint64_t)function;
  REAL *x = NAME(ordinary)(9000, 1, &state), *edges = NAME(unusual)(200, &state);
  for (size_t n = 0; n <= 9000; n += n < 100 ? 1 : n / 3) {
    REAL results[3] = {0};
    plumb_row(PRECISION, PLUMB_SUM_OF_ROW, 1, n, x, results);
    if (n > 0) plumb_row(PRECISION, PLUMB_MAXIMUM_OF_ROW, 1, n, x, results + 1);
    if (n > 0)
      plumb_row(PRECISION, PLUMB_MAXIMUM_OF_ROW, 1, n % 20 + 1, edges + n % 180, results + 2);
    digest = NAME(with_values)(digest, 3, results);
  }
  free(x), free(edges);
  return digest;
}

static uint64_t NAME(digest_row_sums)(int function) {
  uint64_t digest = empty_digest, state = 7000 + (uint64_t)function;
  for (size_t i = 0; i < ROW_SIZES; i++) {
    const size_t rows = row_sizes[i][0], n = row_sizes[i][1];
    REAL *x = NAME(ordinary)(rows * (n + 3), 1, &state), *y = NAME(room)(n);
    plumb_sum_rows(PRECISION, rows, n, x, n + 3, y);
    digest = NAME(with_values)(digest, n, y);
    free(x), free(y);
  }
  return digest;
}

static uint64_t NAME(digest_softmax)(int function) {
  uint64_t digest = empty_digest, state = 8000 + (uint64_t)function;
  for (size_t i = 0; i < 2 * ROW_SIZES; i++) {
    const size_t rows = row_sizes[i / 2][0], n = row_sizes[i / 2][1];
    REAL *x = i % 2 == 0 ? NAME(ordinary)(rows * n, 20, &state) : NAME(unusual)(rows * n, &state);
    REAL *y = NAME(room)(rows * n);
    plumb_row(PRECISION, PLUMB_SOFTMAX_OF_ROW, rows, n, x, y);
    digest = NAME(with_values)(digest, rows * n, y);
    plumb_row(PRECISION, PLUMB_LOG_SOFTMAX_OF_ROW, rows, n, x, y);
    digest = NAME(with_values)(digest, rows * n, y);
    plumb_row(PRECISION, PLUMB_LOG_SUM_EXP_OF_ROW, rows, n, x, y);
    digest = NAME(with_values)(digest, rows, y);
    free(x), free(y);
  }
  return digest;
}

static uint64_t NAME(digest_cross_entropy)(int function) {
  uint64_t digest = empty_digest, state = 9000 + (uint64_t)function;
  for (size_t i = 0; i < ROW_SIZES; i++) {
    const size_t rows = row_sizes[i][0], n = row_sizes[i][1];
    REAL *x = NAME(ordinary)(rows * n, 20, &state), *classes = NAME(room)(rows);
    REAL *chosen = NAME(room)(rows), *upstream = NAME(ordinary)(rows, 1, &state);
    for (size_t row = 0; row < rows; row++) classes[row] = (REAL)(next_random(&state) % n);
    digest = with_word(digest, plumb_cross_entropy(PRECISION, rows, n, x, classes, x, chosen));
    digest = NAME(with_values)(digest, rows, chosen);
    digest = with_word(digest, plumb_cross_entropy_gradient(PRECISION, rows, n, x, classes, upstream,
                                                                  i % 2, x));
    digest = NAME(with_values)(digest, rows * n, x);
    free(x), free(classes), free(chosen), free(upstream);
  }
  return digest;
}

// --- Optimizers ----------------------------------------------------------------------------------

static uint64_t NAME(digest_optimizers)(int function) {
  uint64_t digest = empty_digest, state = 10000 + (uint64_t)function;
  for (size_t n = 1; n <= 70; n += 3) {
    REAL *p = NAME(ordinary)(n, 1, &state), *mean = NAME(ordinary)(n, 0.1, &state);
    REAL *gradient = NAME(ordinary)(n, 1, &state), *velocity = NAME(ordinary)(n, 1, &state);
    REAL *square = NAME(ordinary)(n, 1, &state);
    for (size_t i = 0; i < n; i++) square[i] = (REAL)0.5 + square[i] * square[i];
    const double decay = n % 2 == 0 ? 0.01 : 0;
    plumb_sgd(PRECISION, n, p, gradient, NULL, 0.1, 0, 0, false, decay, false);
    plumb_sgd(PRECISION, n, p, gradient, velocity, 0.1, 0.9, 0, false, decay, n % 5 == 0);
    plumb_sgd(PRECISION, n, p, gradient, velocity, 0.1, 0.9, 0.3, true, decay, false);
    digest = NAME(with_values)(digest, n, p);
    plumb_rmsprop(PRECISION, n, p, gradient, square, NULL, NULL, 0.1, 0.95, 1e-3, 0, decay);
    plumb_rmsprop(PRECISION, n, p, gradient, square, mean, velocity, 0.1, 0.95, 1e-3, 0.9, decay);
    digest = NAME(with_values)(digest, n, p);
    plumb_adagrad(PRECISION, n, p, gradient, square, 0.1, 1e-3, decay);
    digest = NAME(with_values)(digest, n, p);
    plumb_adam(PRECISION, n, p, gradient, mean, square, 0.1, 0.9, 0.999, 1e-8, 0.8, decay, decay);
    digest = NAME(with_values)(digest, n, p);
    digest = NAME(with_values)(digest, n, velocity);
    digest = NAME(with_values)(digest, n, mean);
    digest = NAME(with_values)(digest, n, square);
    free(p), free(gradient), free(velocity), free(mean), free(square);
  }
  return digest;
}
