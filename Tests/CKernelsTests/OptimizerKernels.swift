import CKernels

/// The settings of one update. Values that an optimizer does not have are ignored.
struct OptimizerSettings {
  var rate = 0.013, weightDecay = 0.0, epsilon = 1e-3
  var momentum = 0.9, dampening = 0.0, decay = 0.95
  var isNesterov = false, isFirst = false, hasVelocity = false, hasMean = false
  var shrink = 0.0, rootCorrection = 0.8
}

/// The updates of one precision.
extension KernelScalar {
  static func sgd(
    _ count: Int, _ p: Output, _ gradient: [Self], _ velocity: Output?,
    _ settings: OptimizerSettings
  ) {
    plumb_sgd(
      precision, count, p, gradient, velocity, settings.rate, settings.momentum,
      settings.dampening, settings.isNesterov, settings.weightDecay, settings.isFirst)
  }
  static func rmsprop(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ mean: Output?,
    _ velocity: Output?, _ settings: OptimizerSettings
  ) {
    plumb_rmsprop(
      precision, count, p, gradient, square, mean, velocity, settings.rate, settings.decay,
      settings.epsilon, settings.momentum, settings.weightDecay)
  }
  static func adagrad(
    _ count: Int, _ p: Output, _ gradient: [Self], _ square: Output, _ settings: OptimizerSettings
  ) {
    plumb_adagrad(
      precision, count, p, gradient, square, settings.rate, settings.epsilon, settings.weightDecay)
  }
  static func adam(
    _ count: Int, _ p: Output, _ gradient: [Self], _ mean: Output, _ square: Output,
    _ settings: OptimizerSettings
  ) {
    plumb_adam(
      precision, count, p, gradient, mean, square, settings.rate, settings.momentum, settings.decay,
      settings.epsilon, settings.rootCorrection, settings.weightDecay, settings.shrink)
  }
}
