// The optimizers' updates: one pass over contiguous vectors of parameters, gradients and state.
//
// Every value is updated by the same IEEE operations in the same order on every instruction set, so the
// promise of plumb_kernels.h holds here too. The formulas are PyTorch's.
#ifndef PLUMB_OPTIMIZERS_H
#define PLUMB_OPTIMIZERS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// g = gradient + weight_decay p; v = is_first ? g : momentum v + (1 - dampening) g;
// p -= learning_rate (nesterov ? g + momentum v : v). velocity is NULL where momentum is 0.
#define PLUMB_DECLARE_OPTIMIZERS(REAL, SUFFIX)                                                     \
  void plumb_sgd_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *velocity,                 \
                          double learning_rate, double momentum, double dampening, bool nesterov,  \
                          double weight_decay, bool is_first);                                     \
  /* g = gradient + weight_decay p; s = decay s + (1 - decay) g^2; where centered (mean not NULL)  \
     m = decay m + (1 - decay) g and the scale is sqrt(s - m^2) + epsilon, else sqrt(s) + epsilon; \
     with momentum (velocity not NULL) v = momentum v + g / scale, p -= learning_rate v. */        \
  void plumb_rmsprop_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *square, REAL *mean,   \
                              REAL *velocity, double learning_rate, double decay, double epsilon,  \
                              double momentum, double weight_decay);                               \
  /* g = gradient + weight_decay p; s += g^2; p -= learning_rate g / (sqrt(s) + epsilon) */        \
  void plumb_adagrad_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *square,               \
                              double learning_rate, double epsilon, double weight_decay);          \
  /* p *= 1 - shrink; g = gradient + weight_decay p; m += (g - m)(1 - beta1);                      \
     s = beta2 s + (1 - beta2) g^2; p -= step_size m / (sqrt(s) / root_correction + epsilon) */    \
  void plumb_adam_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *mean, REAL *square,      \
                           double step_size, double beta1, double beta2, double epsilon,           \
                           double root_correction, double weight_decay, double shrink);

PLUMB_DECLARE_OPTIMIZERS(float, f32)
PLUMB_DECLARE_OPTIMIZERS(double, f64)

#ifdef __cplusplus
}
#endif
#endif
