// The list of what is computed, and on which inputs.
#include "kernel_digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plumb_kernels.h"

#pragma STDC FP_CONTRACT OFF

// --- Inputs --------------------------------------------------------------------------------------

// SplitMix64, whose constants are Steele, Lea and Flood's (2014).
static uint64_t next_random(uint64_t *state) {
  uint64_t mixed = *state += 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

// Between -1 and 1: a whole number of 53 bits, scaled, so without rounding.
static double next_fraction(uint64_t *state) {
  return (double)(next_random(state) >> 11) * 0x1p-52 - 1;
}

static void *memory_of(size_t count, size_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  if (memory == NULL) abort();
  return memory;
}

// --- Digest --------------------------------------------------------------------------------------

// Fowler, Noll and Vo's hash (FNV-1a), a word at a time.
static const uint64_t empty_digest = 0xCBF29CE484222325;

static uint64_t with_word(uint64_t digest, uint64_t word) {
  for (int byte = 0; byte < 8; byte++, word >>= 8)
    digest = (digest ^ (word & 0xFF)) * 0x100000001B3;
  return digest;
}

// --- Sizes ---------------------------------------------------------------------------------------

// Rows and columns of c, and the depth, so that every kind of tile, of packing and of blocking
// occurs: the depth in parts, the rows in blocks, rows of b and columns of a that lie far apart.
static const size_t product_sizes[][3] = {
    {1, 1, 1},   {0, 3, 4},    {4, 5, 0},    {1, 7, 5},      {2, 10, 3},     {7, 7, 32},
    {3, 33, 20}, {32, 10, 48}, {17, 48, 9},  {33, 100, 7},   {64, 64, 64},   {5, 130, 40},
    {2, 160, 6}, {1, 784, 10}, {13, 1, 100}, {6, 20, 1100},  {200, 8, 700},  {66, 520, 4},
    {1024, 130, 5},
};
enum { PRODUCT_SIZES = sizeof product_sizes / sizeof product_sizes[0] };

// Rows, and values in a row.
static const size_t row_sizes[][2] = {{1, 1},   {5, 2},   {32, 7},  {33, 10},  {9, 16},
                                      {4, 17},  {3, 100}, {2, 784}, {1, 1000}, {2, 1500},
                                      {300, 3}, {129, 5}};
enum { ROW_SIZES = sizeof row_sizes / sizeof row_sizes[0] };

#define REAL float
#define PRECISION PLUMB_SINGLE
#define BITS uint32_t
#define NAME(name) name##_f32
#include "digest_template.h"
#undef REAL
#undef PRECISION
#undef BITS
#undef NAME

#define REAL double
#define PRECISION PLUMB_DOUBLE
#define BITS uint64_t
#define NAME(name) name##_f64
#include "digest_template.h"

// --- The list ------------------------------------------------------------------------------------

struct part {
  const char *name;
  uint64_t (*digest)(int function);
  int function;
};

#define PART(kernel, digest, function)                                                             \
  {kernel " f32", digest##_f32, function}, { kernel " f64", digest##_f64, function }
#define FUNCTION(family, CONSTANT) PART(#family " " #CONSTANT, digest_##family, PLUMB_##CONSTANT),

static const struct part parts[] = {
    PART("product", digest_product, 0),
    PART("fused product", digest_fused_product, 0),
    // Powers, which are the C library's, count as empty.
#define PLUMB_UNARY(CONSTANT, name, swift, expression) FUNCTION(unary, CONSTANT)
#define PLUMB_BINARY(CONSTANT, name, swift, expression) FUNCTION(binary, CONSTANT)
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)                        \
  FUNCTION(pullback, CONSTANT##_PULLBACK)
#include "plumb_kernel_list.h"
    PART("select", digest_select, 0),
    PART("sum and maximum", digest_reductions, 0),
    PART("sum of rows", digest_row_sums, 0),
    PART("softmax and its kin", digest_softmax, 0),
    PART("cross-entropy", digest_cross_entropy, 0),
    PART("optimizers", digest_optimizers, 0),
};

size_t kernel_digest_count(void) { return sizeof parts / sizeof parts[0]; }

const char *kernel_digest_name(size_t part) { return parts[part].name; }

uint64_t kernel_digest(size_t part) { return parts[part].digest(parts[part].function); }
