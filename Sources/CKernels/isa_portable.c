// The kernels in plain C, for any processor; fma comes from the C library where there is no
// instruction for it.
#include "coefficients.h"
#include "template.h"

#pragma STDC FP_CONTRACT OFF

#define LANES_F32 1
#define LANES_F64 1

#include "precision_f32.h"

#include "lanes_template.h"

#include "elementwise_template.h"

#include "activations_template.h"

#include "portable_template.h"

#include "rows_template.h"

#include "optimizers_template.h"

#include "mask_template.h"

#include "precision_f64.h"

#include "lanes_template.h"

#include "elementwise_template.h"

#include "activations_template.h"

#include "portable_template.h"

#include "rows_template.h"

#include "optimizers_template.h"

#include "mask_template.h"

const struct plumb_kernel_set plumb_portable = {PLUMB_ISA_PORTABLE, KERNELS(f32), KERNELS(f64)};
