// The definitions that the templates below this include need for double.
#undef REAL
#undef INTEGER
#undef UNSIGNED
#undef NAME
#undef LANES
#undef QUAD_LANES
#undef MANTISSA_BITS
#undef EXPONENT_BIAS
#undef SMALLEST_NORMAL
#undef TINY
#undef EXP_LOWEST
#undef EXP_HIGHEST
#undef EXPM1_LOWEST
#undef TANH_IS_1
#undef TAIL_ROUNDER
#undef LOWEST_FACTOR
#undef SCALAR_FMA
#undef SCALAR_POWER
#undef SCALAR_SIN
#undef SCALAR_COS

#define REAL double
#define INTEGER int64_t
#define UNSIGNED uint64_t
#define NAME(name) name##_f64
#define LANES LANES_F64
#define QUAD_LANES 2

#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1023
#define SMALLEST_NORMAL 0x1p-1022
#define TINY 0x1p-55        // expm1(x) and log1p(x) are x below it
#define EXP_LOWEST -746.0   // exp is 0 here
#define EXP_HIGHEST 710.0   // exp is infinite here
#define EXPM1_LOWEST -38.0  // expm1 is -1 here
#define TANH_IS_1 20.0
#define TAIL_ROUNDER 6.0    // adding it to 1 / (t + shift) rounds that to a multiple of 2^-50
#define LOWEST_FACTOR -0x1p1000  // x is not below it in x sigmoid(x) and its kin
#define SCALAR_FMA fma
#define SCALAR_POWER pow
#define SCALAR_SIN sin
#define SCALAR_COS cos
