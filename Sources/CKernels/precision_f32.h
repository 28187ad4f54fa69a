// The definitions that the templates below this include need for float.
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

#define REAL float
#define INTEGER int32_t
#define UNSIGNED uint32_t
#define NAME(name) name##_f32
#define LANES LANES_F32
#define QUAD_LANES 4

#define MANTISSA_BITS 23
#define EXPONENT_BIAS 127
#define SMALLEST_NORMAL 0x1p-126f
#define TINY 0x1p-26f        // expm1(x) and log1p(x) are x below it
#define EXP_LOWEST -104.0f   // exp is 0 here
#define EXP_HIGHEST 89.0f    // exp is infinite here
#define EXPM1_LOWEST -18.0f  // expm1 is -1 here
#define TANH_IS_1 9.5f
#define TAIL_ROUNDER 3.0f    // adding it to 1 / (t + shift) rounds that to a multiple of 2^-22
#define LOWEST_FACTOR -0x1p120f  // x is not below it in x sigmoid(x) and its kin
#define SCALAR_FMA fmaf
#define SCALAR_POWER powf
// In double precision, so that rounding hides by which instructions the C library computes them.
#define SCALAR_SIN(x) (float)sin((double)(x))
#define SCALAR_COS(x) (float)cos((double)(x))
