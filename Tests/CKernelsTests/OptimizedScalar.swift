import CKernels

/// The settings of one update. Values that an optimizer does not have are ignored.
struct OptimizerSettings {
  var rate = 0.013, weightDecay = 0.0, epsilon = 1e-3
  var momentum = 0.9, dampening = 0.0, decay = 0.95
  var isNesterov = false, isFirst = false, hasVelocity = false, hasMean = false
  var shrink = 0.0, rootCorrection = 0.8
}

/// The updates of one precision.
protocol OptimizedScalar: KernelScalar {
  static func sgd(
    _ count: Int, _ p: Output, _ gradient: [Self], _ velocity: Output?,
    _ settings: OptimizerSettings)
  static func rmsprop(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ mean: Output?,
    _ velocity: Output?, _ settings: OptimizerSettings)
  static func adagrad(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ settings: OptimizerSettings)
  static func adam(
    _ count: Int, _ p: Output, _ gradient: [Self], _ mean: Output, _ square: Output,
    _ settings: OptimizerSettings)
}

extension Float: OptimizedScalar {
  static func sgd(
    _ count: Int, _ p: Output, _ gradient: [Self], _ velocity: Output?,
    _ settings: OptimizerSettings
  ) {
    plumb_sgd_f32(
      count, p, gradient, velocity, settings.rate, settings.momentum, settings.dampening,
      settings.isNesterov, settings.weightDecay, settings.isFirst)
  }
  static func rmsprop(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ mean: Output?,
    _ velocity: Output?, _ settings: OptimizerSettings
  ) {
    plumb_rmsprop_f32(
      count, p, gradient, square, mean, velocity, settings.rate, settings.decay,
      settings.epsilon, settings.momentum, settings.weightDecay)
  }
  static func adagrad(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ settings: OptimizerSettings
  ) {
    plumb_adagrad_f32(
      count, p, gradient, square, settings.rate, settings.epsilon, settings.weightDecay)
  }
  static func adam(
    _ count: Int, _ p: Output, _ gradient: [Self], _ mean: Output, _ square: Output,
    _ settings: OptimizerSettings
  ) {
    plumb_adam_f32(
      count, p, gradient, mean, square, settings.rate, settings.momentum, settings.decay,
      settings.epsilon, settings.rootCorrection, settings.weightDecay, settings.shrink)
  }
}

extension Double: OptimizedScalar {
  static func sgd(
    _ count: Int, _ p: Output, _ gradient: [Self], _ velocity: Output?,
    _ settings: OptimizerSettings
  ) {
    plumb_sgd_f64(
      count, p, gradient, velocity, settings.rate, settings.momentum, settings.dampening,
      settings.isNesterov, settings.weightDecay, settings.isFirst)
  }
  static func rmsprop(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ mean: Output?,
    _ velocity: Output?, _ settings: OptimizerSettings
  ) {
    plumb_rmsprop_f64(
      count, p, gradient, square, mean, velocity, settings.rate, settings.decay,
      settings.epsilon, settings.momentum, settings.weightDecay)
  }
  static func adagrad(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ settings: OptimizerSettings
  ) {
    plumb_adagrad_f64(
      count, p, gradient, square, settings.rate, settings.epsilon, settings.weightDecay)
  }
  static func adam(
    _ count: Int, _ p: Output, _ gradient: [Self], _ mean: Output, _ square: Output,
    _ settings: OptimizerSettings
  ) {
    plumb_adam_f64(
      count, p, gradient, mean, square, settings.rate, settings.momentum, settings.decay,
      settings.epsilon, settings.rootCorrection, settings.weightDecay, settings.shrink)
  }
}
