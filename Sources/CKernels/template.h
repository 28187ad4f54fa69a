// What all templates share. A template is a text that is compiled once for each precision and each
// instruction set, so that the same operations give the same bits in all of them. The instruction
// sets' files select theirs with a pragma that applies to every function between push and pop, and
// everything that one such function calls and that works on vectors is inlined into it.
#ifndef PLUMB_TEMPLATE_H
#define PLUMB_TEMPLATE_H

#include "kernel_set.h"

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

// One precision's part of a kernel set.
#define KERNELS(SUFFIX)                                                                            \
  {                                                                                                \
    .product = product_##SUFFIX,                                                                   \
    .unary =                                                                                       \
        {                                                                                          \
            [PLUMB_NEGATE] = unary_negate_##SUFFIX,                                                \
            [PLUMB_ABSOLUTE] = unary_absolute_##SUFFIX,                                            \
            [PLUMB_SIGN] = unary_sign_##SUFFIX,                                                    \
            [PLUMB_SQUARE] = unary_square_##SUFFIX,                                                \
            [PLUMB_RECIPROCAL] = unary_reciprocal_##SUFFIX,                                        \
            [PLUMB_SQRT] = unary_sqrt_##SUFFIX,                                                    \
            [PLUMB_EXP] = unary_exp_##SUFFIX,                                                      \
            [PLUMB_EXPM1] = unary_expm1_##SUFFIX,                                                  \
            [PLUMB_LOG] = unary_log_##SUFFIX,                                                      \
            [PLUMB_LOG1P] = unary_log1p_##SUFFIX,                                                  \
            [PLUMB_TANH] = unary_tanh_##SUFFIX,                                                    \
            [PLUMB_SIGMOID] = unary_sigmoid_##SUFFIX,                                              \
            [PLUMB_SOFTPLUS] = unary_softplus_##SUFFIX,                                            \
            [PLUMB_NORMAL_CDF] = unary_normal_cdf_##SUFFIX,                                        \
            [PLUMB_RELU] = unary_relu_##SUFFIX,                                                    \
        },                                                                                         \
    .activation =                                                                                  \
        {                                                                                          \
            [PLUMB_LEAKY_RELU] = activation_leaky_relu_##SUFFIX,                                   \
            [PLUMB_ELU] = activation_elu_##SUFFIX,                                                 \
            [PLUMB_GELU] = activation_gelu_##SUFFIX,                                               \
            [PLUMB_SILU] = activation_silu_##SUFFIX,                                               \
            [PLUMB_CLIP] = activation_clip_##SUFFIX,                                               \
        },                                                                                         \
    .pullback =                                                                                    \
        {                                                                                          \
            [PLUMB_LEAKY_RELU] = pullback_leaky_relu_##SUFFIX,                                     \
            [PLUMB_ELU] = pullback_elu_##SUFFIX,                                                   \
            [PLUMB_GELU] = pullback_gelu_##SUFFIX,                                                 \
            [PLUMB_SILU] = pullback_silu_##SUFFIX,                                                 \
            [PLUMB_CLIP] = pullback_clip_##SUFFIX,                                                 \
            [PLUMB_TANH_PULLBACK] = pullback_tanh_##SUFFIX,                                        \
            [PLUMB_SIGMOID_PULLBACK] = pullback_sigmoid_##SUFFIX,                                  \
            [PLUMB_SOFTPLUS_PULLBACK] = pullback_softplus_##SUFFIX,                                \
            [PLUMB_NORMAL_CDF_PULLBACK] = pullback_normal_cdf_##SUFFIX,                            \
        },                                                                                         \
    .binary =                                                                                      \
        {                                                                                          \
            [PLUMB_ADD] = binary_add_##SUFFIX,                                                     \
            [PLUMB_SUBTRACT] = binary_subtract_##SUFFIX,                                           \
            [PLUMB_MULTIPLY] = binary_multiply_##SUFFIX,                                           \
            [PLUMB_DIVIDE] = binary_divide_##SUFFIX,                                               \
            [PLUMB_MINIMUM] = binary_minimum_##SUFFIX,                                             \
            [PLUMB_MAXIMUM] = binary_maximum_##SUFFIX,                                             \
            [PLUMB_POWER] = binary_power_##SUFFIX,                                                 \
            [PLUMB_GREATER] = binary_greater_##SUFFIX,                                             \
            [PLUMB_GREATER_EQUAL] = binary_greater_equal_##SUFFIX,                                 \
            [PLUMB_EQUAL] = binary_equal_##SUFFIX,                                                 \
            [PLUMB_GATE] = binary_gate_##SUFFIX,                                                   \
        },                                                                                         \
    .select = select_##SUFFIX, .sum = sum_##SUFFIX, .maximum = largest_##SUFFIX,                   \
    .sum_rows = sum_rows_##SUFFIX, .sgd = sgd_##SUFFIX, .rmsprop = rmsprop_##SUFFIX,               \
    .adagrad = adagrad_##SUFFIX, .adam = adam_##SUFFIX, .softmax = softmax_##SUFFIX,               \
    .log_softmax = log_softmax_##SUFFIX, .log_sum_exp = log_sum_exp_##SUFFIX,                      \
    .cross_entropy = cross_entropy_##SUFFIX,                                                       \
    .cross_entropy_gradient = cross_entropy_gradient_##SUFFIX, .mask = mask_##SUFFIX,              \
  }

#endif
