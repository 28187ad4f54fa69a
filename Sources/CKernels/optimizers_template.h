// The optimizers' updates of one instruction set in one precision; their formulas are in
// plumb_kernel_list.h. Included after lanes_template.h. Every operation is rounded by itself, in the
// order in which it is written, so a lane has the bits of a plain loop.

#define LOAD(p) NAME(load_some)(p, partial, count)
#define STORE(p, x) NAME(store_some)(p, x, partial, count)

struct NAME(sgd) {
  REAL rate, momentum, kept, share, decay;
  bool nesterov;
};

static INLINE void NAME(update_sgd)(REAL *p, const REAL *gradient, REAL *velocity,
                                    const struct NAME(sgd) * by, const bool partial,
                                    size_t count) {
  const VECTOR value = LOAD(p);
  VECTOR change = LOAD(gradient) + by->decay * value;
  if (velocity) {
    const VECTOR speed = by->kept * LOAD(velocity) + by->share * change;
    STORE(velocity, speed);
    change = by->nesterov ? change + by->momentum * speed : speed;
  }
  STORE(p, value - by->rate * change);
}

static void NAME(sgd)(size_t n, REAL *p, const REAL *gradient, REAL *velocity,
                      double learning_rate, double momentum, double dampening, bool nesterov,
                      double weight_decay, bool is_first) {
  const struct NAME(sgd) by = {
      .rate = (REAL)learning_rate,
      .momentum = (REAL)momentum,
      .kept = is_first ? 0 : (REAL)momentum,
      .share = is_first ? 1 : (REAL)(1 - dampening),
      .decay = (REAL)weight_decay,
      .nesterov = nesterov,
  };
  FOR_EACH_VECTOR(n, NAME(update_sgd)(p + i, gradient + i, velocity ? velocity + i : NULL, &by,
                                      partial, count))
}

struct NAME(rmsprop) {
  REAL rate, kept, share, epsilon, momentum, decay;
};

static INLINE void NAME(update_rmsprop)(REAL *p, const REAL *gradient, REAL *square, REAL *mean,
                                        REAL *velocity, const struct NAME(rmsprop) * by,
                                        const bool partial, size_t count) {
  const VECTOR value = LOAD(p), g = LOAD(gradient) + by->decay * value;
  VECTOR spread = by->kept * LOAD(square) + by->share * g * g;
  STORE(square, spread);
  if (mean) {
    const VECTOR average = by->kept * LOAD(mean) + by->share * g;
    STORE(mean, average);
    spread -= average * average;
  }
  VECTOR change = g / (__builtin_elementwise_sqrt(spread) + by->epsilon);
  if (velocity) {
    change = by->momentum * LOAD(velocity) + change;
    STORE(velocity, change);
  }
  STORE(p, value - by->rate * change);
}

static void NAME(rmsprop)(size_t n, REAL *p, const REAL *gradient, REAL *square, REAL *mean,
                          REAL *velocity, double learning_rate, double decay, double epsilon,
                          double momentum, double weight_decay) {
  const struct NAME(rmsprop) by = {
      .rate = (REAL)learning_rate,
      .kept = (REAL)decay,
      .share = (REAL)(1 - decay),
      .epsilon = (REAL)epsilon,
      .momentum = (REAL)momentum,
      .decay = (REAL)weight_decay,
  };
  FOR_EACH_VECTOR(n, NAME(update_rmsprop)(p + i, gradient + i, square + i, mean ? mean + i : NULL,
                                          velocity ? velocity + i : NULL, &by, partial, count))
}

struct NAME(adagrad) {
  REAL rate, epsilon, decay;
};

static INLINE void NAME(update_adagrad)(REAL *p, const REAL *gradient, REAL *square,
                                        const struct NAME(adagrad) * by, const bool partial,
                                        size_t count) {
  const VECTOR value = LOAD(p), g = LOAD(gradient) + by->decay * value;
  const VECTOR sum = LOAD(square) + g * g;
  STORE(square, sum);
  STORE(p, value - by->rate * g / (__builtin_elementwise_sqrt(sum) + by->epsilon));
}

static void NAME(adagrad)(size_t n, REAL *p, const REAL *gradient, REAL *square,
                          double learning_rate, double epsilon, double weight_decay) {
  const struct NAME(adagrad) by = {(REAL)learning_rate, (REAL)epsilon, (REAL)weight_decay};
  FOR_EACH_VECTOR(
      n, NAME(update_adagrad)(p + i, gradient + i, square + i, &by, partial, count))
}

struct NAME(adam) {
  REAL step, mean_share, square_kept, square_share, epsilon, root, decay, kept;
};

static INLINE void NAME(update_adam)(REAL *p, const REAL *gradient, REAL *mean, REAL *square,
                                     const struct NAME(adam) * by, const bool partial,
                                     size_t count) {
  const VECTOR value = LOAD(p) * by->kept, g = LOAD(gradient) + by->decay * value;
  VECTOR average = LOAD(mean);
  average = average + (g - average) * by->mean_share;
  STORE(mean, average);
  const VECTOR spread = by->square_kept * LOAD(square) + by->square_share * g * g;
  STORE(square, spread);
  const VECTOR scale = __builtin_elementwise_sqrt(spread) / by->root + by->epsilon;
  STORE(p, value - by->step * average / scale);
}

static void NAME(adam)(size_t n, REAL *p, const REAL *gradient, REAL *mean, REAL *square,
                       double step_size, double beta1, double beta2, double epsilon,
                       double root_correction, double weight_decay, double shrink) {
  const struct NAME(adam) by = {
      .step = (REAL)step_size,
      .mean_share = (REAL)(1 - beta1),
      .square_kept = (REAL)beta2,
      .square_share = (REAL)(1 - beta2),
      .epsilon = (REAL)epsilon,
      .root = (REAL)root_correction,
      .decay = (REAL)weight_decay,
      .kept = (REAL)(1 - shrink),
  };
  FOR_EACH_VECTOR(n, NAME(update_adam)(p + i, gradient + i, mean + i, square + i, &by, partial,
                                       count))
}

#undef LOAD
#undef STORE
