// Forwards the optimizers' updates to the instruction set in use.
#include "plumb_optimizers.h"

#include "kernel_set.h"

#define FORWARD(REAL, SUFFIX)                                                                      \
  void plumb_sgd_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *velocity,                 \
                          double learning_rate, double momentum, double dampening,                 \
                          bool nesterov, double weight_decay, bool is_first) {                     \
    plumb_active()->SUFFIX.sgd(n, p, gradient, velocity, learning_rate, momentum, dampening,       \
                               nesterov, weight_decay, is_first);                                  \
  }                                                                                                \
  void plumb_rmsprop_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *square, REAL *mean,   \
                              REAL *velocity, double learning_rate, double decay,                  \
                              double epsilon, double momentum, double weight_decay) {              \
    plumb_active()->SUFFIX.rmsprop(n, p, gradient, square, mean, velocity, learning_rate, decay,   \
                                   epsilon, momentum, weight_decay);                               \
  }                                                                                                \
  void plumb_adagrad_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *square,               \
                              double learning_rate, double epsilon, double weight_decay) {         \
    plumb_active()->SUFFIX.adagrad(n, p, gradient, square, learning_rate, epsilon, weight_decay);  \
  }                                                                                                \
  void plumb_adam_##SUFFIX(size_t n, REAL *p, const REAL *gradient, REAL *mean, REAL *square,      \
                           double step_size, double beta1, double beta2, double epsilon,           \
                           double root_correction, double weight_decay, double shrink) {           \
    plumb_active()->SUFFIX.adam(n, p, gradient, mean, square, step_size, beta1, beta2, epsilon,    \
                                root_correction, weight_decay, shrink);                            \
  }
FORWARD(float, f32)
FORWARD(double, f64)
