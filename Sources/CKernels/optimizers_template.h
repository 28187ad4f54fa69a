// Included once per precision with REAL, NAME(name) and ROOT defined. Formulas: plumb_optimizers.h.

void NAME(plumb_sgd)(size_t n, REAL *restrict p, const REAL *restrict gradient,
                     REAL *restrict velocity, double learning_rate, double momentum,
                     double dampening, bool nesterov, double weight_decay, bool is_first) {
  const REAL rate = (REAL)learning_rate, mu = (REAL)momentum, decay = (REAL)weight_decay;
  const REAL share = is_first ? 1 : (REAL)(1 - dampening), kept = is_first ? 0 : mu;
  if (!velocity) {
    for (size_t i = 0; i < n; i++) p[i] -= rate * (gradient[i] + decay * p[i]);
  } else if (!nesterov) {
    for (size_t i = 0; i < n; i++) {
      const REAL g = gradient[i] + decay * p[i];
      velocity[i] = kept * velocity[i] + share * g;
      p[i] -= rate * velocity[i];
    }
  } else {
    for (size_t i = 0; i < n; i++) {
      const REAL g = gradient[i] + decay * p[i];
      velocity[i] = kept * velocity[i] + share * g;
      p[i] -= rate * (g + mu * velocity[i]);
    }
  }
}

void NAME(plumb_rmsprop)(size_t n, REAL *restrict p, const REAL *restrict gradient,
                         REAL *restrict square, REAL *restrict mean, REAL *restrict velocity,
                         double learning_rate, double decay, double epsilon, double momentum,
                         double weight_decay) {
  const REAL rate = (REAL)learning_rate, a = (REAL)decay, b = (REAL)(1 - decay);
  const REAL e = (REAL)epsilon, mu = (REAL)momentum, shrink = (REAL)weight_decay;
  for (size_t i = 0; i < n; i++) {
    const REAL g = gradient[i] + shrink * p[i];
    square[i] = a * square[i] + b * g * g;
    REAL spread = square[i];
    if (mean) {
      mean[i] = a * mean[i] + b * g;
      spread -= mean[i] * mean[i];
    }
    const REAL change = g / (ROOT(spread) + e);
    if (velocity) {
      velocity[i] = mu * velocity[i] + change;
      p[i] -= rate * velocity[i];
    } else {
      p[i] -= rate * change;
    }
  }
}

void NAME(plumb_adagrad)(size_t n, REAL *restrict p, const REAL *restrict gradient,
                         REAL *restrict square, double learning_rate, double epsilon,
                         double weight_decay) {
  const REAL rate = (REAL)learning_rate, e = (REAL)epsilon, decay = (REAL)weight_decay;
  for (size_t i = 0; i < n; i++) {
    const REAL g = gradient[i] + decay * p[i];
    square[i] += g * g;
    p[i] -= rate * g / (ROOT(square[i]) + e);
  }
}

void NAME(plumb_adam)(size_t n, REAL *restrict p, const REAL *restrict gradient,
                      REAL *restrict mean, REAL *restrict square, double step_size, double beta1,
                      double beta2, double epsilon, double root_correction, double weight_decay,
                      double shrink) {
  const REAL step = (REAL)step_size, b1 = (REAL)(1 - beta1), b2 = (REAL)beta2;
  const REAL c2 = (REAL)(1 - beta2), e = (REAL)epsilon, root = (REAL)root_correction;
  const REAL decay = (REAL)weight_decay, kept = (REAL)(1 - shrink);
  for (size_t i = 0; i < n; i++) {
    const REAL value = p[i] * kept;
    const REAL g = gradient[i] + decay * value;
    mean[i] += (g - mean[i]) * b1;
    square[i] = b2 * square[i] + c2 * g * g;
    p[i] = value - step * mean[i] / (ROOT(square[i]) / root + e);
  }
}

#undef REAL
#undef NAME
#undef ROOT
