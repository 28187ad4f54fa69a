// The one list of kernels. Whoever needs something of every kernel (the enumerations, the table of an instruction set, the
// forwarding functions, the loops themselves) defines some of these macros and includes this file; what is not defined
// is passed over, and every macro is undefined at the end:
//
//   PLUMB_UNARY(CONSTANT, name, swift, expression)       y = f(x) with settings a and b
//   PLUMB_BINARY(CONSTANT, name, swift, expression)      z = f(x, y)
//   PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)   dx from d, with setting a
//   PLUMB_ROW(CONSTANT, name, swift, keeps_length)       a function of each row
//   PLUMB_KERNEL(result, name, (parameters), (arguments))
//
// To add an element-wise function is to add a line here: `expression` is its vector form, compiled for both precisions
// and every instruction set. REAL is the type of the values, which the including file defines.

#ifndef PLUMB_UNARY
#define PLUMB_UNARY(CONSTANT, name, swift, expression)
#endif
#ifndef PLUMB_BINARY
#define PLUMB_BINARY(CONSTANT, name, swift, expression)
#endif
#ifndef PLUMB_PULLBACK
#define PLUMB_PULLBACK(CONSTANT, name, swift, reads_x, reads_y, expression)
#endif
#ifndef PLUMB_ROW
#define PLUMB_ROW(CONSTANT, name, swift, keeps_length)
#endif
#ifndef PLUMB_KERNEL
#define PLUMB_KERNEL(result, name, parameters, arguments)
#endif

// --- Functions of one argument -------------------------------------------------------------------
//
// y[i] = f(x[i]). The functions from exp to erf are off by less than 2 units in the last
// place of the result, subnormal inputs and results included; those before them are rounded
// correctly, and those after them are bit for bit the ones above one after the other, as written.

PLUMB_UNARY(NEGATE, negate, "negate", -x)
PLUMB_UNARY(ABSOLUTE, absolute, "absolute", NAME(absolute)(x))
PLUMB_UNARY(SIGN, sign, "sign", NAME(sign)(x))  // -1, 0, 1; NaN stays NaN
PLUMB_UNARY(SQUARE, square, "square", x * x)
PLUMB_UNARY(RECIPROCAL, reciprocal, "reciprocal", 1 / x)
PLUMB_UNARY(SQRT, sqrt, "sqrt", __builtin_elementwise_sqrt(x))
PLUMB_UNARY(SCALE, scale, "scale", x * a)
PLUMB_UNARY(OFFSET, offset, "offset", x + a)
PLUMB_UNARY(POWER_OF, power_of, "powerOf", NAME(power)(x, CONSTANT(a)))  // the C library's pow
PLUMB_UNARY(SIN, sin, "sin", NAME(sin)(x))  // the C library's, and cos likewise
PLUMB_UNARY(COS, cos, "cos", NAME(cos)(x))
PLUMB_UNARY(RELU, relu, "relu", NAME(relu)(x))  // x <= 0 ? 0 : x, so NaN stays NaN and -0 becomes 0
PLUMB_UNARY(EXP, exp, "exp", NAME(exp)(x))
PLUMB_UNARY(EXPM1, expm1, "expm1", NAME(expm1)(x))
PLUMB_UNARY(LOG, log, "log", NAME(log)(x))
PLUMB_UNARY(LOG1P, log1p, "log1p", NAME(log1p)(x))
PLUMB_UNARY(TANH, tanh, "tanh", NAME(tanh)(x))
PLUMB_UNARY(SIGMOID, sigmoid, "sigmoid", NAME(sigmoid)(x))        // accurate in both tails
PLUMB_UNARY(SOFTPLUS, softplus, "softplus", NAME(softplus)(x))    // log(1 + exp(x)), likewise
PLUMB_UNARY(NORMAL_CDF, normal_cdf, "normalCDF", NAME(normal_cdf)(x))  // accurate in the left tail
PLUMB_UNARY(ERF, erf, "erf", NAME(erf)(x))
PLUMB_UNARY(LEAKY_RELU, leaky_relu, "leakyRelu", NAME(choose)(x > 0, x, x * a))
PLUMB_UNARY(ELU, elu, "elu", NAME(choose)(x > 0, x, NAME(expm1)(x) * a))
PLUMB_UNARY(GELU, gelu, "gelu", NAME(bounded_below)(x) * NAME(normal_cdf)(x))
PLUMB_UNARY(SILU, silu, "silu", NAME(bounded_below)(x) * NAME(sigmoid)(x))
PLUMB_UNARY(CLIP, clip, "clip", NAME(clip)(x, a, b))  // min(max(x, a), b), but x where equal

// --- Functions of two arguments ------------------------------------------------------------------
//
// z[i] = f(x[i * x_step], y[i * y_step]); a step is 0 (one value for all) or 1.

PLUMB_BINARY(ADD, add, "add", x + y)
PLUMB_BINARY(SUBTRACT, subtract, "subtract", x - y)
PLUMB_BINARY(MULTIPLY, multiply, "multiply", x * y)
PLUMB_BINARY(DIVIDE, divide, "divide", x / y)
PLUMB_BINARY(MINIMUM, minimum, "minimum", NAME(minimum)(x, y))  // NaN where either is NaN
PLUMB_BINARY(MAXIMUM, maximum, "maximum", NAME(maximum)(x, y))  // NaN where either is NaN
PLUMB_BINARY(POWER, power, "power", NAME(power)(x, y))          // the C library's pow
PLUMB_BINARY(GREATER, greater, "greater", NAME(one_where)(x > y))
PLUMB_BINARY(GREATER_EQUAL, greater_equal, "greaterEqual", NAME(one_where)(x >= y))
PLUMB_BINARY(EQUAL, equal, "equal", NAME(one_where)(x == y))
// The ReLU's backward pass.
PLUMB_BINARY(GATE, gate, "gate", NAME(choose)(y > 0, x, (VECTOR){0}))

// --- Backward passes of activation functions -----------------------------------------------------
//
// dx[i] from the upstream gradient d[i] and, where the formula has them, the input x[i] and the output
// y[i]; the other may be NULL. density(x) = exp(x * x * -0.5) / sqrt(2 pi).

PLUMB_PULLBACK(LEAKY_RELU, leaky_relu, "leakyRelu", 1, 0, NAME(choose)(x > 0, d, d * a))
PLUMB_PULLBACK(ELU, elu, "elu", 1, 1, NAME(choose)(x > 0, d, d * (y + a)))
PLUMB_PULLBACK(GELU, gelu, "gelu", 1, 0, d * (NAME(normal_cdf)(x) + x * NAME(normal_density)(x)))
PLUMB_PULLBACK(SILU, silu, "silu", 1, 0, NAME(silu_pullback)(d, x))
PLUMB_PULLBACK(CLIP, clip, "clip", 1, 1, d * NAME(one_where)(x == y))
PLUMB_PULLBACK(TANH, tanh, "tanh", 0, 1, d * (1 - y * y))
PLUMB_PULLBACK(SIGMOID, sigmoid, "sigmoid", 0, 1, d * y * (1 - y))
PLUMB_PULLBACK(SOFTPLUS, softplus, "softplus", 1, 0, d * NAME(sigmoid)(x))
PLUMB_PULLBACK(NORMAL_CDF, normal_cdf, "normalCDF", 1, 0, d * NAME(normal_density)(x))

// --- Functions of rows ---------------------------------------------------------------------------
//
// For each of `rows` rows of n contiguous values, one value or as many as the row has. With m the
// row's maximum, or 0 where that is not finite, and s the sum of exp(x - m):
//   softmax       y[i, j] = exp(x[i, j] - m) / s         y may be x
//   log_softmax   y[i, j] = (x[i, j] - m) - log(s)       y may be x
//   log_sum_exp   y[i] = log(s) + m
//   sum           y[i], by one fixed tree: a run of more than 1024 values is split at the largest
//                 power of two below n that is a multiple of 1024, and the two halves' sums are added;
//                 a run of up to 1024 goes to 16 lanes (lane j: values j, j + 16, ... added in order,
//                 starting from 0), and the lanes are added as (0+8, 1+9, ...), then (0+4, ...),
//                 (0+2, 1+3), 0+1
//   maximum       y[i], n >= 1; NaN where any is NaN; 0, never -0, where it is a zero

PLUMB_ROW(SOFTMAX, softmax, "softmax", 1)
PLUMB_ROW(LOG_SOFTMAX, log_softmax, "logSoftmax", 1)
PLUMB_ROW(LOG_SUM_EXP, log_sum_exp, "logSumExp", 0)
PLUMB_ROW(SUM, sum, "sum", 0)
PLUMB_ROW(MAXIMUM, maximum, "maximum", 0)

// --- Kernels of other forms ----------------------------------------------------------------------

// c = a b: c is m x n, a is m x k, b is k x n. Element (i, p) of a is a[i * a_row + p * a_col], and likewise for b, so that a
// transposed operand is one with its two strides exchanged. One of the two strides of each operand is 1 in every case that
// has to be fast. Rows of c are contiguous and c_row apart. k = 0 gives zeros, before the epilogue (which may be NULL).
PLUMB_KERNEL(void, product,
             (size_t m, size_t n, size_t k, const REAL *a, size_t a_row, size_t a_col, const REAL *b,
              size_t b_row, size_t b_col, const plumb_epilogue *epilogue, REAL *c, size_t c_row),
             (m, n, k, a, a_row, a_col, b, b_row, b_col, epilogue, c, c_row))

// z[i] = mask[i] != 0 ? x[i * x_step] : y[i * y_step]; a step is 0 or 1.
PLUMB_KERNEL(void, select,
             (size_t n, const REAL *mask, const REAL *x, size_t x_step, const REAL *y,
              size_t y_step, REAL *z),
             (n, mask, x, x_step, y, y_step, z))

// y[j] = the sum over i of x[i * x_row + j], in blocks of 128 rows: within a block rows are added in
// order starting from 0, then the blocks' sums are added in order.
PLUMB_KERNEL(void, sum_rows, (size_t rows, size_t columns, const REAL *x, size_t x_row, REAL *y),
             (rows, columns, x, x_row, y))

// The softmax cross-entropy of logits x with a class k = classes[i] for each row, a whole number
// from 0 to n - 1: log_probabilities is log_softmax of x (and may be x), and
// chosen[i] = log_probabilities[i, k], the negative loss of row i.
//
// Its gradient, from what the forward pass has left in log_probabilities (which `gradient` may be)
// and a value u of upstream for each row, upstream[i * upstream_step], with a step of 0 or 1:
// gradient[i, j] = (j == k ? u : 0) - exp(log_probabilities[i, j]) * u.
//
// Both return `rows`, or the first row whose class is not a class; the outputs of that row and of
// those after it are then not all written.
PLUMB_KERNEL(size_t, cross_entropy,
             (size_t rows, size_t n, const REAL *x, const REAL *classes, REAL *log_probabilities,
              REAL *chosen),
             (rows, n, x, classes, log_probabilities, chosen))
PLUMB_KERNEL(size_t, cross_entropy_gradient,
             (size_t rows, size_t n, const REAL *log_probabilities, const REAL *classes,
              const REAL *upstream, size_t upstream_step, REAL *gradient),
             (rows, n, log_probabilities, classes, upstream, upstream_step, gradient))

// bits[i] = number first + i of a key: the first two words of Philox4x32-10 (Salmon et al., SC 2011), low
// word first, for the counter (j, j >> 32, 0, 0) of number j and the key's two halves, low half first. The same in both
// precisions.
PLUMB_KERNEL(void, random_bits, (size_t n, uint64_t key, uint64_t first, uint64_t *bits),
             (n, key, first, bits))
// x[i] = the value that a standard normal number is below with probability p[i]; x may be p.
PLUMB_KERNEL(void, normal_quantile, (size_t n, const REAL *p, REAL *x), (n, p, x))
// y[i] = kept where number first + i of a key, shifted right by 11 bits, is below the threshold, and 0
// elsewhere.
PLUMB_KERNEL(void, mask,
             (size_t n, uint64_t key, uint64_t first, uint64_t threshold, double kept, REAL *y),
             (n, key, first, threshold, kept, y))

// --- Optimizers ----------------------------------------------------------------------------------
//
// One pass over contiguous vectors of parameters, gradients and state; the formulas are PyTorch's.

// g = gradient + weight_decay p; v = is_first ? g : momentum v + (1 - dampening) g;
// p -= learning_rate (nesterov ? g + momentum v : v). velocity is NULL where momentum is 0.
PLUMB_KERNEL(void, sgd,
             (size_t n, REAL *p, const REAL *gradient, REAL *velocity, double learning_rate,
              double momentum, double dampening, bool nesterov, double weight_decay, bool is_first),
             (n, p, gradient, velocity, learning_rate, momentum, dampening, nesterov, weight_decay,
              is_first))
// g = gradient + weight_decay p; s = decay s + (1 - decay) g^2; where centered (mean not NULL)
// m = decay m + (1 - decay) g and the scale is sqrt(s - m^2) + epsilon, else sqrt(s) + epsilon;
// with momentum (velocity not NULL) v = momentum v + g / scale, p -= learning_rate v.
PLUMB_KERNEL(void, rmsprop,
             (size_t n, REAL *p, const REAL *gradient, REAL *square, REAL *mean, REAL *velocity,
              double learning_rate, double decay, double epsilon, double momentum,
              double weight_decay),
             (n, p, gradient, square, mean, velocity, learning_rate, decay, epsilon, momentum,
              weight_decay))
// g = gradient + weight_decay p; s += g^2; p -= learning_rate g / (sqrt(s) + epsilon)
PLUMB_KERNEL(void, adagrad,
             (size_t n, REAL *p, const REAL *gradient, REAL *square, double learning_rate,
              double epsilon, double weight_decay),
             (n, p, gradient, square, learning_rate, epsilon, weight_decay))
// p *= 1 - shrink; g = gradient + weight_decay p; m += (g - m)(1 - beta1);
// s = beta2 s + (1 - beta2) g^2; p -= step_size m / (sqrt(s) / root_correction + epsilon)
PLUMB_KERNEL(void, adam,
             (size_t n, REAL *p, const REAL *gradient, REAL *mean, REAL *square, double step_size,
              double beta1, double beta2, double epsilon, double root_correction,
              double weight_decay, double shrink),
             (n, p, gradient, mean, square, step_size, beta1, beta2, epsilon, root_correction,
              weight_decay, shrink))

#undef PLUMB_UNARY
#undef PLUMB_BINARY
#undef PLUMB_PULLBACK
#undef PLUMB_ROW
#undef PLUMB_KERNEL
