// The matrix product of one instruction set in one precision. Included after lanes_template.h.
//
// c is computed in panels, a few vectors of columns wide, and a panel in tiles, a few rows high. A
// tile keeps its sums in registers while it runs over k. Every element is one chain of fused
// multiply-adds in the order of k whatever the tile, so the blocking does not show in the result.

// What a panel of c needs to know.
struct NAME(panel) {
  size_t rows, depth;  // rows of c, and the length of the part of k that is added
  const REAL *a;
  size_t a_row, a_col;
  const REAL *b;     // with contiguous columns
  size_t b_row;
  const REAL *from;  // the sums of the parts of k before this one; NULL in the first
  size_t from_row;
  REAL *c;
  size_t c_row;
  // What is done after the last part of k; NULL before it. Pointers begin with this panel.
  const REAL *bias;
  const struct NAME(epilogue) *epilogue;
  size_t last_count;  // columns in the last vector
};

// The address of row `row` of a tile, given pointers to every third row: x86's addresses include
// one or two strides for nothing, so the pointers of a whole tile fit the registers.
static INLINE const REAL *NAME(row_of)(const char *const *every_third, size_t stride, int row) {
  return (const REAL *)(every_third[row / 3] + (size_t)(row % 3) * stride);
}

// One vector of a tile: the last one may have only `count` columns. Without load_partial's look at
// the page: only a matrix's last row can reach a page that is not mapped, and that look at every
// row would be most of the code of a hundred kinds of tiles.
static INLINE VECTOR NAME(load_column)(const REAL *p, bool partial, size_t count) {
  return partial ? (VECTOR)NAME(masked_load)(p, count) : NAME(load)(p);
}

static INLINE void NAME(store_column)(REAL *p, VECTOR x, bool partial, size_t count) {
  if (partial)
    NAME(masked_store)(p, x, count);
  else
    NAME(store)(p, x);
}

// The epilogue of a tile whose sums are finished, but for the bias and for storing to c. One part
// after the other, so that each asks once whether it applies.
static INLINE void NAME(finish)(const struct NAME(epilogue) * epilogue, size_t first_row,
                                VECTOR *sums, const int height, const int width,
                                const bool partial, size_t count) {
#define EACH_VECTOR                                                                                \
  UNROLL for (int i = 0; i < height; i++) UNROLL for (int j = 0; j < width; j++)
#define VALUE sums[i * width + j]
#define LOAD(matrix, row)                                                                          \
  NAME(load_column)((matrix) + (first_row + (size_t)i) * (row) + j * LANES,                        \
                    partial && j == width - 1, count)
  const VECTOR scale = NAME(broadcast)(epilogue->scale);
  EACH_VECTOR VALUE = VALUE * scale;
  if (epilogue->skip) EACH_VECTOR VALUE = LOAD(epilogue->skip, epilogue->skip_row) + VALUE;
  if (epilogue->relu) EACH_VECTOR VALUE = NAME(relu)(VALUE);
  if (epilogue->gate)
    EACH_VECTOR VALUE = NAME(gate)(VALUE, LOAD(epilogue->gate, epilogue->gate_row));
  if (epilogue->scaled) {
    const VECTOR scaled_by = NAME(broadcast)(epilogue->scaled_by);
    EACH_VECTOR {
      REAL *to = epilogue->scaled + (first_row + (size_t)i) * epilogue->scaled_row + j * LANES;
      NAME(store_column)(to, VALUE * scaled_by, partial && j == width - 1, count);
    }
  }
#undef EACH_VECTOR
#undef VALUE
#undef LOAD
}

// One tile of `height` rows and `width` vectors. Height, width and partial are constants where this
// is inlined, so the loops over them vanish and `sums` lives in registers.
static INLINE void NAME(tile)(const struct NAME(panel) * panel, size_t first_row, const int height,
                              const int width, const bool partial) {
  const size_t count = panel->last_count;
  const size_t depth = panel->depth, c_row = panel->c_row;
  REAL *c = panel->c + first_row * c_row;
  VECTOR sums[MOST_SUMS];
  UNROLL for (int i = 0; i < height * width; i++) sums[i] = (VECTOR){0};
  if (panel->from) {
    UNROLL for (int i = 0; i < height; i++) {
      UNROLL for (int j = 0; j < width; j++) {
        const REAL *from = panel->from + (first_row + (size_t)i) * panel->from_row + j * LANES;
        sums[i * width + j] = NAME(load_column)(from, partial && j == width - 1, count);
      }
    }
  }

  const size_t a_row = panel->a_row * sizeof(REAL), a_col = panel->a_col * sizeof(REAL);
  const REAL *a = panel->a + first_row * panel->a_row;
  const size_t b_row = panel->b_row;
  const char *a_rows[(TILE_ROWS_1 + 2) / 3];
  UNROLL for (int i = 0; i < height; i += 3) {
    a_rows[i / 3] = (const char *)a + (size_t)i * a_row;
    OPAQUE(a_rows[i / 3]);
  }
  const REAL *b = panel->b;
  for (size_t p = 0; p < depth; p++) {
    VECTOR b_vectors[2 * MAXIMUM_WIDTH];
    UNROLL for (int j = 0; j < width; j++)
      b_vectors[j] = NAME(load_column)(b + j * LANES, partial && j == width - 1, count);
    UNROLL for (int i = 0; i < height; i++) {
      const VECTOR a_value = NAME(broadcast)(*NAME(row_of)(a_rows, a_row, i));
      UNROLL for (int j = 0; j < width; j++)
        sums[i * width + j] =
            __builtin_elementwise_fma(a_value, b_vectors[j], sums[i * width + j]);
    }
    UNROLL for (int i = 0; i < height; i += 3) a_rows[i / 3] += a_col;
    b += b_row;
  }

  if (panel->bias) {
    UNROLL for (int j = 0; j < width; j++) {
      const REAL *from = panel->bias + j * LANES;
      const VECTOR bias = NAME(load_column)(from, partial && j == width - 1, count);
      UNROLL for (int i = 0; i < height; i++) sums[i * width + j] += bias;
    }
  }
  if (panel->epilogue)
    NAME(finish)(panel->epilogue, first_row, sums, height, width, partial, count);
  UNROLL for (int i = 0; i < height; i++) {
    UNROLL for (int j = 0; j < width; j++)
      NAME(store_column)(c + (size_t)i * c_row + j * LANES, sums[i * width + j],
                         partial && j == width - 1, count);
  }
}

// All tiles of a panel of one width. The rows are dealt out evenly, so that no tile is left with
// one or two rows, too few sums to keep the multipliers busy.
#define TILE_OF(height)                                                                            \
  case height:                                                                                     \
    if (height <= tallest)                                                                         \
      NAME(tile)(panel, row, height <= tallest ? height : 1, width, partial);                      \
    break;
static INLINE void NAME(panel_tiles)(const struct NAME(panel) * panel, const int tallest,
                                     const int width, const bool partial) {
  size_t row = 0;
  while (row < panel->rows) {
    const size_t height = even_share(panel->rows - row, (size_t)tallest);
    switch (height) {
      TILE_OF(1) TILE_OF(2) TILE_OF(3) TILE_OF(4) TILE_OF(5) TILE_OF(6) TILE_OF(7) TILE_OF(8)
      TILE_OF(9) TILE_OF(10) TILE_OF(11) TILE_OF(12) TILE_OF(13) TILE_OF(14) TILE_OF(15) TILE_OF(16)
    }
    row += height;
  }
}

#define DEFINE_PANEL(width)                                                                        \
  static NOINLINE void NAME(panel_##width)(const struct NAME(panel) * panel) {                     \
    NAME(panel_tiles)(panel, TILE_ROWS_##width, width, false);                                     \
  }                                                                                                \
  static NOINLINE void NAME(panel_##width##_partial)(const struct NAME(panel) * panel) {           \
    NAME(panel_tiles)(panel, TILE_ROWS_##width, width, true);                                      \
  }
DEFINE_PANEL(1)
DEFINE_PANEL(2)
#if MAXIMUM_WIDTH == 4
DEFINE_PANEL(3)
#endif
DEFINE_PANEL(4)
#if MAXIMUM_WIDTH == 4
DEFINE_PANEL(8)
#endif

// By width - 1 and whether the last vector is partial.
static void (*const NAME(panels)[2 * MAXIMUM_WIDTH][2])(const struct NAME(panel) *) = {
    [0] = {NAME(panel_1), NAME(panel_1_partial)},
    [1] = {NAME(panel_2), NAME(panel_2_partial)},
    [3] = {NAME(panel_4), NAME(panel_4_partial)},
#if MAXIMUM_WIDTH == 4
    [2] = {NAME(panel_3), NAME(panel_3_partial)},
    [7] = {NAME(panel_8), NAME(panel_8_partial)},
#endif
};

// --- Packing -------------------------------------------------------------------------------------

// Sixteen bytes: a quarter, a half or the whole of a vector. Wide vectors shuffle fast within them.
typedef REAL NAME(quad) __attribute__((vector_size(16)));
typedef REAL NAME(unaligned_quad)
    __attribute__((vector_size(16), aligned(sizeof(REAL)), may_alias));

// Which value of the vectors x and y goes to lane l of a shuffle's result. Within sixteen bytes the
// results are x0 y0; x1 y1; x0 y0 x1 y1; x2 y2 x3 y3; x0 x1 y0 y1; x2 x3 y2 y3.
#define IDENTITY(l) (l)
#define EVEN_OF_PAIR(l) ((l) / 2 * 2 + (l) % 2 * LANES)
#define ODD_OF_PAIR(l) (EVEN_OF_PAIR(l) + 1)
#define LOW_OF_QUAD(l) ((l) / 4 * 4 + (l) % 4 / 2 + (l) % 2 * LANES)
#define HIGH_OF_QUAD(l) (LOW_OF_QUAD(l) + 2)
#define FIRST_PAIRS(l) ((l) / 4 * 4 + (l) % 2 + (l) % 4 / 2 * LANES)
#define SECOND_PAIRS(l) (FIRST_PAIRS(l) + 2)

// One vector whose pieces of sixteen bytes come from x + offsets[0], x + offsets[QUAD_LANES], ...
static INLINE VECTOR NAME(load_quads)(const REAL *x, const size_t *offsets) {
#define QUAD(i) (NAME(quad))(*(const NAME(unaligned_quad) *)(x + offsets[(i) * QUAD_LANES]))
#if LANES == QUAD_LANES
  return QUAD(0);
#elif LANES == 2 * QUAD_LANES
  return __builtin_shufflevector(QUAD(0), QUAD(1), INDICES(LANES, IDENTITY));
#else
#if LANES == 16
#define HALF_LANES 8
#else
#define HALF_LANES 4
#endif
  return __builtin_shufflevector(
      __builtin_shufflevector(QUAD(0), QUAD(1), INDICES(HALF_LANES, IDENTITY)),
      __builtin_shufflevector(QUAD(2), QUAD(3), INDICES(HALF_LANES, IDENTITY)),
      INDICES(LANES, IDENTITY));
#undef HALF_LANES
#endif
#undef QUAD
}

// Writes `depth` rows of LANES values, `to_row` apart, from `count` columns of b, `b_col` apart,
// each contiguous. Lanes from `count` on repeat the last column.
static INLINE void NAME(transpose)(size_t depth, size_t count, const REAL *b, size_t b_col,
                                   REAL *to, size_t to_row) {
  size_t offsets[LANES];
  UNROLL for (size_t j = 0; j < LANES; j++) offsets[j] = (j < count ? j : count - 1) * b_col;
  if (depth < QUAD_LANES) {
    for (size_t p = 0; p < depth; p++)
      for (size_t j = 0; j < LANES; j++) to[p * to_row + j] = b[offsets[j] + p];
    return;
  }
  for (size_t start = 0; start < depth; start += QUAD_LANES) {
    // The last step goes back and writes some rows twice rather than leave a remainder.
    const size_t p = start + QUAD_LANES <= depth ? start : depth - QUAD_LANES;
    VECTOR rows[QUAD_LANES], columns[QUAD_LANES];
    UNROLL for (int i = 0; i < QUAD_LANES; i++) rows[i] = NAME(load_quads)(b + p, offsets + i);
#if QUAD_LANES == 2
    columns[0] = __builtin_shufflevector(rows[0], rows[1], INDICES(LANES, EVEN_OF_PAIR));
    columns[1] = __builtin_shufflevector(rows[0], rows[1], INDICES(LANES, ODD_OF_PAIR));
#else
    VECTOR low_01 = __builtin_shufflevector(rows[0], rows[1], INDICES(LANES, LOW_OF_QUAD));
    VECTOR high_01 = __builtin_shufflevector(rows[0], rows[1], INDICES(LANES, HIGH_OF_QUAD));
    VECTOR low_23 = __builtin_shufflevector(rows[2], rows[3], INDICES(LANES, LOW_OF_QUAD));
    VECTOR high_23 = __builtin_shufflevector(rows[2], rows[3], INDICES(LANES, HIGH_OF_QUAD));
    columns[0] = __builtin_shufflevector(low_01, low_23, INDICES(LANES, FIRST_PAIRS));
    columns[1] = __builtin_shufflevector(low_01, low_23, INDICES(LANES, SECOND_PAIRS));
    columns[2] = __builtin_shufflevector(high_01, high_23, INDICES(LANES, FIRST_PAIRS));
    columns[3] = __builtin_shufflevector(high_01, high_23, INDICES(LANES, SECOND_PAIRS));
#endif
    UNROLL for (int i = 0; i < QUAD_LANES; i++) NAME(store)(to + (p + i) * to_row, columns[i]);
  }
}

// Copies a panel of b, `depth` rows by `count` columns, so that its rows are contiguous vectors.
static NOINLINE void NAME(pack_b)(size_t depth, size_t count, const REAL *b, size_t b_row,
                                size_t b_col, REAL *to, size_t to_row) {
  for (size_t j = 0; j < count; j += LANES) {
    const size_t lanes = count - j < LANES ? count - j : LANES;
    const REAL *from = b + j * b_col;
    if (b_row == 1 && lanes == LANES) {
      NAME(transpose)(depth, LANES, from, b_col, to + j, to_row);
    } else if (b_row == 1) {
      NAME(transpose)(depth, lanes, from, b_col, to + j, to_row);
    } else if (b_col == 1 && lanes == LANES) {
      for (size_t p = 0; p < depth; p++)
        NAME(store)(to + j + p * to_row, NAME(load)(from + p * b_row));
    } else {
      for (size_t p = 0; p < depth; p++)
        for (size_t i = 0; i < lanes; i++) to[j + p * to_row + i] = from[p * b_row + i * b_col];
    }
  }
}

// Copies `lines` contiguous columns or rows of a, of `length` values each, so that they lie `to_step` apart.
static NOINLINE void NAME(pack_a)(size_t length, size_t lines, const REAL *a, size_t step, REAL *to,
                                  size_t to_step) {
  for (size_t line = 0; line < lines; line++, a += step, to += to_step) {
    FOR_EACH_VECTOR(length, NAME(store_some)(to + i, NAME(load_some)(a + i, partial, count),
                                             partial, count))
  }
}

// An odd number of cache lines for this many values, so that such columns or rows spread over all of the cache.
static INLINE size_t NAME(spread)(size_t length) {
  const size_t lines = (length * sizeof(REAL) + CACHE_LINE - 1) / CACHE_LINE;
  return (lines | 1) * CACHE_LINE / sizeof(REAL);
}

// --- The product ---------------------------------------------------------------------------------

// The epilogue of the part of c that begins at a row and a column.
static INLINE struct NAME(epilogue) NAME(epilogue_at)(const struct NAME(epilogue) * epilogue,
                                                      size_t row, size_t column) {
  struct NAME(epilogue) part = *epilogue;
  if (part.skip) part.skip += row * part.skip_row + column;
  if (part.gate) part.gate += row * part.gate_row + column;
  if (part.scaled) part.scaled += row * part.scaled_row + column;
  return part;
}

static void NAME(multiply_matrices)(size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col,
                          const REAL *b, size_t b_row, size_t b_col,
                          const REAL *bias, const struct NAME(epilogue) * epilogue, REAL *c,
                          size_t c_row) {
  if (m == 0 || n == 0) return;
  struct NAME(epilogue) rest;
  if (n == 1) b_col = 1;
  const size_t vectors = (n + LANES - 1) / LANES;

  // A b is not read directly if its columns are not contiguous, or if its rows lie so far apart that
  // they would push each other out of the first-level cache.
  const bool packs_b = b_col != 1 || (m >= PACK_ROWS && b_row * sizeof(REAL) >= PACK_STRIDE);
  REAL packed_b[PANEL_BYTES / sizeof(REAL)] __attribute__((aligned(64)));

  // A part of k for which a panel of b fits the first-level cache.
  const size_t row_bytes = panel_width(m, vectors) * sizeof(VECTOR);
  const size_t parts = k * row_bytes <= PANEL_BYTES ? 1 : shares_of(k, PANEL_BYTES / row_bytes);
  // Columns or rows of a that are whole pages apart fall on the same few lines of the first-level cache.
  // They are packed where they are read for two panels or more. Without the memory, a is read directly.
  REAL *packed_a = NULL;
  const size_t a_step = a_row == 1 ? a_col : a_row;
  if ((a_row == 1 || (a_col == 1 && k >= PACK_ROWS)) && a_step * sizeof(REAL) % PAGE == 0 &&
      m >= PACK_ROWS && vectors >= 2 * MAXIMUM_WIDTH)
    packed_a = malloc(BLOCK_BYTES + (a_row == 1 ? k / parts + 1 : m) * LINE_PADDING);
  // The sums of a part wait in c for the next part, unless c holds the skip that is still to be
  // added. Without the memory for that, c is computed in halves.
  REAL few_sums[FEW_SUMS], *kept_sums = NULL, *sums = c;
  size_t sums_row = c_row;
  if (parts > 1 && epilogue && epilogue->skip == c) {
    sums_row = n;
    sums = m * n <= FEW_SUMS ? few_sums : (kept_sums = malloc(m * n * sizeof(REAL)));
    if (sums == NULL) {
      free(packed_a);
      const size_t rows = m > n ? m / 2 : 0, columns = m > n ? 0 : n / 2;
      const struct NAME(epilogue) first = NAME(epilogue_at)(epilogue, 0, 0);
      const struct NAME(epilogue) second = NAME(epilogue_at)(epilogue, rows, columns);
      NAME(multiply_matrices)(rows > 0 ? rows : m, columns > 0 ? columns : n, k, a, a_row, a_col, b, b_row,
                    b_col, bias, &first, c, c_row);
      NAME(multiply_matrices)(m - rows, n - columns, k, a + rows * a_row, a_row, a_col, b + columns * b_col,
                    b_row, b_col, bias ? bias + columns : NULL, &second,
                    c + rows * c_row + columns, c_row);
      return;
    }
  }
  size_t start = 0;
  for (size_t part = 0; part < parts; part++) {
    const size_t depth = parts == 1 ? k : k * (part + 1) / parts - start;
    // A part of the rows for which a stays in the second-level cache while the panels of b pass.
    const size_t block_size = BLOCK_BYTES / sizeof(REAL);
    const size_t most_rows = m * depth <= block_size ? m : block_size / depth;
    for (size_t row = 0; row < m; row += most_rows) {
      struct NAME(panel) panel = {
          .rows = m - row < most_rows ? m - row : most_rows,
          .depth = depth,
          .a = a + row * a_row + start * a_col,
          .a_row = a_row,
          .a_col = a_col,
          .from_row = sums_row,
          .c_row = part == parts - 1 ? c_row : sums_row,
      };
      if (packed_a && a_row == 1) {
        panel.a_col = NAME(spread)(panel.rows);
        NAME(pack_a)(panel.rows, depth, panel.a, a_col, packed_a, panel.a_col);
        panel.a = packed_a;
      } else if (packed_a) {
        panel.a_row = NAME(spread)(depth);
        NAME(pack_a)(depth, panel.rows, panel.a, a_row, packed_a, panel.a_row);
        panel.a = packed_a;
      }
      size_t column = 0;
      while (column < n) {
        const size_t width = panel_width(m, (n - column + LANES - 1) / LANES);
        const size_t columns = n - column < width * LANES ? n - column : width * LANES;
        panel.b = b + start * b_row + column * b_col;
        panel.from = part > 0 ? sums + row * sums_row + column : NULL;
        panel.c = sums + row * sums_row + column;
        if (part == parts - 1) {
          panel.c = c + row * c_row + column;
          panel.bias = bias ? bias + column : NULL;
          if (epilogue) {
            rest = NAME(epilogue_at)(epilogue, row, column);
            panel.epilogue = &rest;
          }
        }
        panel.last_count = columns - (width - 1) * LANES;
        const bool is_partial = panel.last_count < LANES;
        // Also packed where reading the last row of b would reach beyond b's last page.
        const size_t last = depth == 0 ? 0 : (depth - 1) * b_row + (width - 1) * LANES;
        if (packs_b || (is_partial && NAME(reaches_next_page)(panel.b + last))) {
          NAME(pack_b)(depth, columns, panel.b, b_row, b_col, packed_b, width * LANES);
          panel.b = packed_b;
          panel.b_row = width * LANES;
        } else {
          panel.b_row = b_row;
        }
        NAME(panels)[width - 1][is_partial](&panel);
        column += columns;
      }
    }
    start += depth;
  }
  free(packed_a);
  free(kept_sums);
}
