// The kernels in plain C, for any processor; fma comes from the C library where there is no
// instruction for it.
#include "coefficients.h"
#include "template.h"

#pragma STDC FP_CONTRACT OFF

#define PLAIN_C
#define LANES_F32 1
#define LANES_F64 1

#include "precision_f32.h"

#include "precision_template.h"

#include "precision_f64.h"

#include "precision_template.h"

const struct plumb_kernel_set plumb_portable = {PLUMB_ISA_PORTABLE, kernels_f32, kernels_f64};
