// The plain form of every kernel, for both precisions.
#include "plumb_kernels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

#define REAL float
#define NAME(name) name##_f32
#define MATH(name) name##f
#include "portable_template.h"

#define REAL double
#define NAME(name) name##_f64
#define MATH(name) name
#include "portable_template.h"
