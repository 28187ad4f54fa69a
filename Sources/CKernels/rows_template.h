// Softmax and its kin along the rows of a matrix, of one instruction set in one precision. Included
// after the element-wise functions and the reductions, in the portable set too.
//
// A block of rows goes through each step at once, as one long row: a value that belongs to a row is
// first repeated along it. So the steps run over whole vectors however short a row is. They are the
// steps of the separate kernels, value by value.

enum {
  NAME(block_values) = 1024,  // values of a block of rows; a longer row is a block by itself
  NAME(block_rows) = 64,
  NAME(room) = NAME(block_values) + LANES,  // what `repeat` needs
};

static INLINE size_t NAME(rows_of_block)(size_t rows, size_t n) {
  const size_t most = n >= NAME(block_values) ? 1 : NAME(block_values) / n;
  const size_t bound = most < NAME(block_rows) ? most : NAME(block_rows);
  return rows < bound ? rows : bound;
}

// Each value n times. Also writes up to LANES - 1 values beyond the last: a row's last vector
// reaches into the next row, which then follows.
static INLINE void NAME(repeat)(size_t rows, size_t n, const REAL *values, REAL *to) {
  for (size_t i = 0; i < rows; i++) {
    const VECTOR value = NAME(broadcast)(values[i]);
    for (size_t j = 0; j < n; j += LANES) NAME(store)(to + i * n + j, value);
  }
}

// Rows of up to SHORT_ROW values are transposed and reduced LANES at a time.
#ifndef SHORT_ROW
#define SHORT_ROW 16
#endif

// The next LANES of `rows` rows as n vectors: row i in lane i. Where there are fewer rows, the last
// is there several times.
static INLINE void NAME(transpose_rows)(size_t rows, size_t n, const REAL *x, REAL *columns) {
  NAME(transpose)(n, rows < LANES ? rows : LANES, x, n, columns, LANES);
}

// A maximum or, where that is not finite, 0: x - maximum is then never infinity minus itself.
static INLINE VECTOR NAME(finite)(VECTOR largest) {
  return NAME(choose)(largest - largest == 0, largest, (VECTOR){0});
}

// Each row's finite maximum. Has room for a whole last vector.
static NOINLINE void NAME(finite_maxima)(size_t rows, size_t n, const REAL *x, REAL *maxima) {
  if (n <= SHORT_ROW) {
    for (size_t i = 0; i < rows; i += LANES) {
      REAL columns[SHORT_ROW * LANES] __attribute__((aligned(64)));
      NAME(transpose_rows)(rows - i, n, x + i * n, columns);
      VECTOR largest = NAME(load)(columns);
      for (size_t j = 1; j < n; j++)
        largest = NAME(maximum)(largest, NAME(load)(columns + j * LANES));
      NAME(store)(maxima + i, NAME(finite)(largest + 0));
    }
  } else {
    for (size_t i = 0; i < rows; i++)
      maxima[i] = NAME(finite)(NAME(broadcast)(NAME(largest_of)(n, x + i * n)))[0];
  }
}

// Each row's sum, of values that are not negative, so that adding a 0 for a missing one is exact.
// Has room for a whole last vector.
static NOINLINE void NAME(sums)(size_t rows, size_t n, const REAL *x, REAL *sums) {
  if (n <= SHORT_ROW) {
    for (size_t i = 0; i < rows; i += LANES) {
      REAL columns[SHORT_ROW * LANES] __attribute__((aligned(64)));
      NAME(transpose_rows)(rows - i, n, x + i * n, columns);
      for (size_t width = SHORT_ROW / 2, count = n; width > 0; width /= 2) {
        for (size_t j = 0; j + width < count; j++) {
          REAL *to = columns + j * LANES;
          NAME(store)(to, NAME(load)(to) + NAME(load)(to + width * LANES));
        }
        count = count < width ? count : width;
      }
      NAME(store)(sums + i, NAME(load)(columns));
    }
  } else {
    for (size_t i = 0; i < rows; i++) sums[i] = NAME(sum_of)(n, x + i * n);
  }
}

// The sum over a row of any length of exp(x[i] - offset), by plumb_sum's tree.
static REAL NAME(sum_of_powers)(size_t n, const REAL *x, REAL offset) {
  if (n > NAME(block_values)) {
    size_t half = NAME(block_values);
    while (half < n - half) half *= 2;
    const REAL first = NAME(sum_of_powers)(half, x, offset);
    return first + NAME(sum_of_powers)(n - half, x + half, offset);
  }
  REAL powers[NAME(block_values)];
  NAME(binary_subtract)(n, x, 1, &offset, 0, powers);
  NAME(unary_exp)(n, 0, 0, powers, powers);
  return NAME(sum)(n, powers);
}

// For a block of rows their finite maxima and log(sum of exp(x - maximum)). Where `shifted` is not
// NULL it receives x - maximum; it may be x.
static INLINE void NAME(block_logarithms)(size_t rows, size_t n, const REAL *x, REAL *shifted,
                                          REAL *maxima, REAL *logarithms) {
  NAME(finite_maxima)(rows, n, x, maxima);
  if (n > NAME(block_values)) {
    logarithms[0] = NAME(sum_of_powers)(n, x, maxima[0]);
    if (shifted) NAME(binary_subtract)(n, x, 1, maxima, 0, shifted);
  } else {
    REAL powers[NAME(room)];
    REAL *differences = shifted ? shifted : powers;
    NAME(repeat)(rows, n, maxima, powers);
    NAME(binary_subtract)(rows * n, x, 1, powers, 1, differences);
    NAME(unary_exp)(rows * n, 0, 0, differences, powers);
    NAME(sums)(rows, n, powers, logarithms);
  }
  NAME(unary_log)(rows, 0, 0, logarithms, logarithms);
}

static void NAME(row_softmax)(size_t rows, size_t n, const REAL *x, REAL *y) {
  if (n == 0) return;
  REAL values[NAME(block_rows)], repeated[NAME(room)];
  for (size_t row = 0, block; row < rows; row += block, x += block * n, y += block * n) {
    block = NAME(rows_of_block)(rows - row, n);
    NAME(finite_maxima)(block, n, x, values);
    if (n > NAME(block_values)) {
      NAME(binary_subtract)(n, x, 1, values, 0, y);
      NAME(unary_exp)(n, 0, 0, y, y);
      values[0] = NAME(sum)(n, y);
      NAME(binary_divide)(n, y, 1, values, 0, y);
    } else {
      NAME(repeat)(block, n, values, repeated);
      NAME(binary_subtract)(block * n, x, 1, repeated, 1, y);
      NAME(unary_exp)(block * n, 0, 0, y, y);
      NAME(sums)(block, n, y, values);
      NAME(repeat)(block, n, values, repeated);
      NAME(binary_divide)(block * n, y, 1, repeated, 1, y);
    }
  }
}

static void NAME(row_log_softmax)(size_t rows, size_t n, const REAL *x, REAL *y) {
  if (n == 0) return;
  REAL maxima[NAME(block_rows)], logarithms[NAME(block_rows)], repeated[NAME(room)];
  for (size_t row = 0, block; row < rows; row += block, x += block * n, y += block * n) {
    block = NAME(rows_of_block)(rows - row, n);
    NAME(block_logarithms)(block, n, x, y, maxima, logarithms);
    if (n > NAME(block_values)) {
      NAME(binary_subtract)(n, y, 1, logarithms, 0, y);
    } else {
      NAME(repeat)(block, n, logarithms, repeated);
      NAME(binary_subtract)(block * n, y, 1, repeated, 1, y);
    }
  }
}

static void NAME(row_log_sum_exp)(size_t rows, size_t n, const REAL *x, REAL *y) {
  if (n == 0) return;
  REAL maxima[NAME(block_rows)], logarithms[NAME(block_rows)];
  for (size_t row = 0, block; row < rows; row += block, x += block * n, y += block) {
    block = NAME(rows_of_block)(rows - row, n);
    NAME(block_logarithms)(block, n, x, NULL, maxima, logarithms);
    NAME(binary_add)(block, logarithms, 1, maxima, 1, y);
  }
}

static void NAME(row_sum)(size_t rows, size_t n, const REAL *x, REAL *y) {
  for (size_t row = 0; row < rows; row++) y[row] = NAME(sum)(n, x + row * n);
}

static void NAME(row_maximum)(size_t rows, size_t n, const REAL *x, REAL *y) {
  for (size_t row = 0; row < rows; row++) y[row] = NAME(largest)(n, x + row * n);
}

// --- Cross-entropy -------------------------------------------------------------------------------

// Whether it is a whole number from 0 to n - 1, and which.
static INLINE bool NAME(is_class)(REAL value, size_t n, size_t *class) {
  if (!(value >= 0 && value < (REAL)n)) return false;
  *class = (size_t)value;
  return value == (REAL)*class && *class < n;
}

static size_t NAME(cross_entropy)(size_t rows, size_t n, const REAL *x, const REAL *classes,
                                  REAL *log_probabilities, REAL *chosen) {
  NAME(row_log_softmax)(rows, n, x, log_probabilities);
  for (size_t i = 0; i < rows; i++) {
    size_t class;
    if (!NAME(is_class)(classes[i], n, &class)) return i;
    chosen[i] = log_probabilities[i * n + class];
  }
  return rows;
}

// y[i] = 0 - y[i] * factors[i * step]
static INLINE void NAME(subtract_products)(size_t n, REAL *y, const REAL *factors, size_t step) {
  struct NAME(operand) factor;
  NAME(set_operand)(&factor, factors, step);
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    NAME(store)(y + i, 0 - NAME(load)(y + i) * NAME(operand_at)(&factor, i));
  if (i < n) {
    const VECTOR rest = NAME(load_partial)(y + i, n - i);
    NAME(store_partial)(y + i, 0 - rest * NAME(operand_rest)(&factor, i, n), n - i);
  }
}

static size_t NAME(cross_entropy_gradient)(size_t rows, size_t n, const REAL *log_probabilities,
                                           const REAL *classes, const REAL *upstream,
                                           size_t upstream_step, REAL *gradient) {
  if (n == 0) return 0;
  REAL sums[NAME(block_rows)], repeated[NAME(room)];
  for (size_t row = 0, block; row < rows; row += block) {
    block = NAME(rows_of_block)(rows - row, n);
    REAL *to = gradient + row * n;
    const REAL *values = upstream + row * upstream_step;
    NAME(unary_exp)(block * n, 0, 0, log_probabilities + row * n, to);
    // A row of upstream is zeros but for one value, so it sums to that, but to 0 for -0.
    for (size_t i = 0; i < block; i++) sums[i] = values[i * upstream_step] + 0;
    if (upstream_step == 0 || block == 1) {
      NAME(subtract_products)(block * n, to, sums, 0);
    } else {
      NAME(repeat)(block, n, sums, repeated);
      NAME(subtract_products)(block * n, to, repeated, 1);
    }
    for (size_t i = 0; i < block; i++) {
      size_t class;
      if (!NAME(is_class)(classes[row + i], n, &class)) return row + i;
      // The value minus the product; what is there is 0 minus the product.
      to[i * n + class] = values[i * upstream_step] - (0 - to[i * n + class]);
    }
  }
  return rows;
}
