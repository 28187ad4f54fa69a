// Sums and the maximum of one instruction set in one precision. Included after
// elementwise_template.h.

enum { NAME(lane_vectors) = SUM_LANES / LANES };

// A run of up to SUM_RUN values: lane j sums values j, j + SUM_LANES, ..., then the lanes are added
// in halves. A lane starts from 0 and so never holds -0: adding zeros for missing values is exact.
static INLINE REAL NAME(sum_run)(size_t n, const REAL *x) {
  VECTOR sums[NAME(lane_vectors)];
  UNROLL for (int j = 0; j < NAME(lane_vectors); j++) sums[j] = (VECTOR){0};
  size_t i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES) {
    UNROLL for (int j = 0; j < NAME(lane_vectors); j++) sums[j] += NAME(load)(x + i + j * LANES);
  }
  UNROLL for (int j = 0; j < NAME(lane_vectors); j++) {
    if (i + LANES <= n) {
      sums[j] += NAME(load)(x + i);
      i += LANES;
    } else if (i < n) {
      sums[j] += NAME(load_partial)(x + i, n - i);
      i = n;
    }
  }
  REAL lanes[SUM_LANES];
  UNROLL for (int j = 0; j < NAME(lane_vectors); j++) NAME(store)(lanes + j * LANES, sums[j]);
  UNROLL for (int width = SUM_LANES / 2; width > 0; width /= 2) {
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  }
  return lanes[0];
}

static NOINLINE REAL NAME(sum)(size_t n, const REAL *x) {
  if (n <= SUM_RUN) return NAME(sum_run)(n, x);
  size_t half = SUM_RUN;
  while (half < n - half) half *= 2;
  const REAL first = NAME(sum)(half, x);
  return first + NAME(sum)(n - half, x + half);
}

// Which zero of several is the largest would depend on the lanes, so 0 is added: -0 becomes 0.
static REAL NAME(largest)(size_t n, const REAL *x) {
  VECTOR largest[MAXIMUM_CHAINS];
  UNROLL for (int j = 0; j < MAXIMUM_CHAINS; j++) largest[j] = CONSTANT(x[0]);
  size_t i = 0;
  for (; i + MAXIMUM_CHAINS * LANES <= n; i += MAXIMUM_CHAINS * LANES) {
    UNROLL for (int j = 0; j < MAXIMUM_CHAINS; j++)
      largest[j] = NAME(maximum)(largest[j], NAME(load)(x + i + j * LANES));
  }
  for (; i + LANES <= n; i += LANES) largest[0] = NAME(maximum)(largest[0], NAME(load)(x + i));
  UNROLL for (int j = 1; j < MAXIMUM_CHAINS; j++)
    largest[0] = NAME(maximum)(largest[0], largest[j]);
  REAL lanes[LANES];
  NAME(store)(lanes, largest[0]);
  REAL result = lanes[0];
  for (int j = 1; j < LANES; j++)
    result = result != result || lanes[j] <= result ? result : lanes[j];
  for (; i < n; i++) result = result != result || x[i] <= result ? result : x[i];
  return result + 0;
}

// One or more vectors of columns over a block of rows. `count` columns in the last vector.
static INLINE void NAME(sum_block)(size_t rows, const REAL *x, size_t x_row, REAL *y,
                                   const int width, const bool partial, size_t count,
                                   bool first) {
  VECTOR sums[ROW_SUM_WIDTH];
  UNROLL for (int j = 0; j < width; j++) sums[j] = (VECTOR){0};
  for (size_t i = 0; i < rows; i++, x += x_row) {
    UNROLL for (int j = 0; j < width; j++)
      sums[j] += partial ? NAME(load_partial)(x + j * LANES, count) : NAME(load)(x + j * LANES);
  }
  UNROLL for (int j = 0; j < width; j++) {
    REAL *to = y + j * LANES;
    if (!first)
      sums[j] = (partial ? NAME(load_partial)(to, count) : NAME(load)(to)) + sums[j];
    if (partial)
      NAME(store_partial)(to, sums[j], count);
    else
      NAME(store)(to, sums[j]);
  }
}

static void NAME(sum_rows)(size_t rows, size_t columns, const REAL *x, size_t x_row, REAL *y) {
  size_t row = 0;
  do {
    const size_t block = rows - row < ROW_SUM_BLOCK ? rows - row : ROW_SUM_BLOCK;
    const REAL *from = x + row * x_row;
    const bool first = row == 0;
    size_t j = 0;
    for (; j + ROW_SUM_WIDTH * LANES <= columns; j += ROW_SUM_WIDTH * LANES)
      NAME(sum_block)(block, from + j, x_row, y + j, ROW_SUM_WIDTH, false, LANES, first);
    for (; j + LANES <= columns; j += LANES)
      NAME(sum_block)(block, from + j, x_row, y + j, 1, false, LANES, first);
    if (j < columns)
      NAME(sum_block)(block, from + j, x_row, y + j, 1, true, columns - j, first);
    row += block;
  } while (row < rows);
}
