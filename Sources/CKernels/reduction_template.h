// Sums and the maximum of one instruction set in one precision. Included after
// elementwise_template.h.

enum { NAME(lane_vectors) = SUM_LANES / LANES };

#define LANE_NUMBER(l) (l)
static const INTEGERS NAME(lane_numbers) = {INDICES(LANES, LANE_NUMBER)};
#undef LANE_NUMBER

// f of lanes 0 and width, 1 and width + 1, ..., then of those in halves again, down to lane 0.
#define ROTATE_1(l) (((l) + 1) % LANES)
#define ROTATE_2(l) (((l) + 2) % LANES)
#define ROTATE_4(l) (((l) + 4) % LANES)
#define ROTATE_8(l) (((l) + 8) % LANES)
#define ROTATED(x, f) __builtin_shufflevector(x, x, INDICES(LANES, f))
#if LANES >= 16
#define IN_HALVES_8(x, f) x = f(x, ROTATED(x, ROTATE_8));
#else
#define IN_HALVES_8(x, f)
#endif
#if LANES >= 8
#define IN_HALVES_4(x, f) x = f(x, ROTATED(x, ROTATE_4));
#else
#define IN_HALVES_4(x, f)
#endif
#if LANES >= 4
#define IN_HALVES_2(x, f) x = f(x, ROTATED(x, ROTATE_2));
#else
#define IN_HALVES_2(x, f)
#endif
#define IN_HALVES(x, f)                                                                            \
  IN_HALVES_8(x, f) IN_HALVES_4(x, f) IN_HALVES_2(x, f) x = f(x, ROTATED(x, ROTATE_1))

// A run of up to SUM_RUN values: lane j sums values j, j + SUM_LANES, ..., then the lanes are added
// in halves. A lane starts from 0 and so never holds -0: adding zeros for missing values is exact.
static INLINE REAL NAME(sum_of)(size_t n, const REAL *x) {
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
  UNROLL for (int width = NAME(lane_vectors) / 2; width > 0; width /= 2) {
    for (int j = 0; j < width; j++) sums[j] += sums[j + width];
  }
  VECTOR sum = sums[0];
  IN_HALVES(sum, NAME(add));
  return sum[0];
}

static NOINLINE REAL NAME(sum)(size_t n, const REAL *x) {
  if (n <= SUM_RUN) return NAME(sum_of)(n, x);
  size_t half = SUM_RUN;
  while (half < n - half) half *= 2;
  const REAL first = NAME(sum)(half, x);
  return first + NAME(sum)(n - half, x + half);
}

// The bits of a number as an integer, such that integers have the order of the numbers, with NaN of
// positive sign above infinity; and back.
static INLINE INTEGERS NAME(ordered)(INTEGERS bits) {
  return bits ^ ((bits < 0) & (INTEGERS)(~(UNSIGNEDS){0} >> 1));
}

// Which zero of several is the largest would depend on the lanes, so 0 is added: -0 becomes 0.
static INLINE REAL NAME(largest_of)(size_t n, const REAL *x) {
  VECTOR largest[MAXIMUM_CHAINS];
  UNROLL for (int j = 0; j < MAXIMUM_CHAINS; j++) largest[j] = CONSTANT(x[0]);
  size_t i = 0;
  if (n >= MAXIMUM_CHAINS * LANES) {
    for (; i + MAXIMUM_CHAINS * LANES <= n; i += MAXIMUM_CHAINS * LANES) {
      UNROLL for (int j = 0; j < MAXIMUM_CHAINS; j++)
        largest[j] = NAME(maximum)(largest[j], NAME(load)(x + i + j * LANES));
    }
    UNROLL for (int j = 1; j < MAXIMUM_CHAINS; j++)
      largest[0] = NAME(maximum)(largest[0], largest[j]);
  }
  VECTOR result = largest[0];
  for (; i + LANES <= n; i += LANES) result = NAME(maximum)(result, NAME(load)(x + i));
  if (i < n) {
    const VECTOR rest = NAME(load_partial)(x + i, n - i);
    const INTEGERS is_value = NAME(lane_numbers) < (INTEGER)(n - i);
    result = NAME(maximum)(result, NAME(choose)(is_value, rest, result));
  }
  // In halves as integers of the same order, since that is one operation and not four.
  const VECTOR positive = NAME(choose)(result == result, result, CONSTANT(UNDEFINED));
  INTEGERS order = NAME(ordered)((INTEGERS)positive);
  IN_HALVES(order, __builtin_elementwise_max);
  return ((VECTOR)NAME(ordered)(order))[0] + 0;
}

static REAL NAME(largest)(size_t n, const REAL *x) { return NAME(largest_of)(n, x); }

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

#undef ROTATE_1
#undef ROTATE_2
#undef ROTATE_4
#undef ROTATE_8
#undef ROTATED
#undef IN_HALVES_8
#undef IN_HALVES_4
#undef IN_HALVES_2
#undef IN_HALVES
