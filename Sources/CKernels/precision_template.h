// All kernels of one instruction set in one precision, and their table. Included after the
// precision's definitions. With PLAIN_C the product and the reductions are those of the reference.
#include "lanes_template.h"

#include "elementwise_template.h"

#ifdef PLAIN_C
#include "portable_template.h"
#else
#include "reduction_template.h"

#include "product_template.h"
#endif

#include "fused_product_template.h"

#include "rows_template.h"

#include "optimizers_template.h"

#include "random_template.h"

static const struct NAME(plumb_kernels) NAME(kernels) = {
    .unary = {
#define PLUMB_UNARY TABLE_UNARY
#include "plumb_kernel_list.h"
    },
    .binary = {
#define PLUMB_BINARY TABLE_BINARY
#include "plumb_kernel_list.h"
    },
    .pullback = {
#define PLUMB_PULLBACK TABLE_PULLBACK
#include "plumb_kernel_list.h"
    },
    .row = {
#define PLUMB_ROW TABLE_ROW
#include "plumb_kernel_list.h"
    },
#define PLUMB_KERNEL TABLE_KERNEL
#include "plumb_kernel_list.h"
};
