// All kernels of one instruction set, in both precisions. An instruction set's file defines
//   KERNEL_SET, KERNEL_ISA     the table to fill and its number
//   LANES_F32, LANES_F64       values in a vector, literals
//   MAXIMUM_WIDTH              vectors in a row of a product's tile, 2 or 4
//   TILE_ROWS_1 ...            the most rows of a tile that is 1 ... MAXIMUM_WIDTH, or twice
//                              MAXIMUM_WIDTH, vectors wide
//   MOST_SUMS                  the most vectors in a tile
//   MASKED_ACCESS_MAY_FAULT    whether masked_load and masked_store touch the masked lanes' pages
// and, in both precisions, masked_load and masked_store of 1 to LANES - 1 values, and includes this
// once, inside the pragma that selects the instruction set.

// Hides where a pointer comes from. Otherwise the compiler, to save a register, computes one row's
// address from the row's before, and the chain of additions is slower than the arithmetic.
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

// A shuffle's index list: F(0), F(1), ... F(count - 1), for a literal count.
#define INDICES(count, F) INDICES_OF(count, F)
#define INDICES_OF(count, F) INDICES_##count(F)
#define INDICES_2(F) F(0), F(1)
#define INDICES_4(F) INDICES_2(F), F(2), F(3)
#define INDICES_8(F) INDICES_4(F), F(4), F(5), F(6), F(7)
#define INDICES_16(F) INDICES_8(F), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15)

// Sizes of the product's parts, measured; the results do not depend on them.
enum {
  PANEL_BYTES = 32 * 1024,   // of a panel of b: most of the first-level cache
  BLOCK_BYTES = 256 * 1024,  // of a block of a: a part of the second-level cache
  CACHE_LINE = 64,
  LINE_PADDING = 2 * CACHE_LINE,  // the most that a column or row of a block of a grows by
  FEW_SUMS = 1024,           // values that wait on the stack where they cannot wait in c
  PAGE = 4096,
  PACK_STRIDE = 2048,        // rows of b this many bytes apart are packed where that pays
  PACK_ROWS = 64,            // rows of c for which packing pays
};

// How many shares of at most `most` make up `count`.
static INLINE size_t shares_of(size_t count, size_t most) { return (count + most - 1) / most; }

// The first of the shares of `count` when it is dealt out evenly in shares of at most `most`, so
// that none is left with a small rest.
static INLINE size_t even_share(size_t count, size_t most) {
  const size_t shares = shares_of(count, most);
  return shares == 1 ? count : (count + shares - 1) / shares;
}

// The width of the next panel of `vectors` vectors. With one or two rows, twice the usual width
// gives enough sums to keep the multipliers busy.
static INLINE size_t panel_width(size_t rows, size_t vectors) {
  if (rows <= 2 && vectors >= 2 * MAXIMUM_WIDTH) return 2 * MAXIMUM_WIDTH;
  return even_share(vectors, MAXIMUM_WIDTH);
}

// The fixed tree of sums: see the list of kernels.
enum { SUM_RUN = 1024, SUM_LANES = 16, ROW_SUM_BLOCK = 128 };
// Vectors at once in a sum of rows, and in a maximum.
enum { ROW_SUM_WIDTH = 4, MAXIMUM_CHAINS = 4 };

#include "precision_f32.h"

#include "precision_template.h"

#include "precision_f64.h"

#include "precision_template.h"

const struct plumb_kernel_set KERNEL_SET = {KERNEL_ISA, kernels_f32, kernels_f64};
