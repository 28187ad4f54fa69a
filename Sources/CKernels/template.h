// What all templates share. A template is a text that is compiled once for each precision and each
// instruction set, so that the same operations give the same bits in all of them. The instruction
// sets' files select theirs with a pragma that applies to every function between push and pop, and
// everything that one such function calls and that works on vectors is inlined into it.
#ifndef PLUMB_TEMPLATE_H
#define PLUMB_TEMPLATE_H

#include "instruction_sets.h"

#include <math.h>
#include <stdlib.h>

#define INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Runs a statement for the whole vectors of n values, from value i on each, and again for the rest:
// with `partial` and `count` as load_some takes them.
#define FOR_EACH_VECTOR(n, ...)                                                                    \
  size_t i = 0;                                                                                    \
  for (; i + LANES <= n; i += LANES) {                                                             \
    const size_t count = LANES;                                                                    \
    const bool partial = false;                                                                    \
    __VA_ARGS__;                                                                                   \
  }                                                                                                \
  if (i < n) {                                                                                     \
    const size_t count = n - i;                                                                    \
    const bool partial = true;                                                                     \
    __VA_ARGS__;                                                                                   \
  }

#define VECTOR NAME(vector)
#define INTEGERS NAME(integers)
#define UNSIGNEDS NAME(unsigneds)

// An included list's functions with the loops' names in front, as entries of a table.
#define TABLE_UNARY(CONSTANT, name, swift, expression) [PLUMB_##CONSTANT] = NAME(unary_##name),
#define TABLE_BINARY(CONSTANT, name, swift, expression) [PLUMB_##CONSTANT] = NAME(binary_##name),
#define TABLE_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)                        \
  [PLUMB_##CONSTANT##_PULLBACK] = NAME(pullback_##name),
#define TABLE_ROW(CONSTANT, name, swift, keeps_length)                                             \
  [PLUMB_##CONSTANT##_OF_ROW] = NAME(row_##name),
#define TABLE_KERNEL(result, name, parameters, arguments) .name = NAME(name),

#endif
