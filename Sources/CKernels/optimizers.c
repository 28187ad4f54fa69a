#include "plumb_optimizers.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

#define REAL float
#define NAME(name) name##_f32
#define ROOT sqrtf
#include "optimizers_template.h"

#define REAL double
#define NAME(name) name##_f64
#define ROOT sqrt
#include "optimizers_template.h"
