import CKernels

// The optimizers' updates, one pass over contiguous vectors; their formulas are in `plumb_kernel_list.h`.
extension TrainableScalar {
  /// The update of gradient descent, with momentum where there is a velocity.
  static func updateSGD(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    velocity: UnsafeMutablePointer<Self>?, learningRate: Double, momentum: Double,
    dampening: Double, nesterov: Bool, weightDecay: Double, isFirst: Bool
  ) {
    plumb_sgd(
      precision, count, parameters, gradient, velocity, learningRate, momentum, dampening, nesterov,
      weightDecay, isFirst)
  }

  /// The update of RMSprop.
  static func updateRMSprop(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    square: UnsafeMutablePointer<Self>, mean: UnsafeMutablePointer<Self>?,
    velocity: UnsafeMutablePointer<Self>?, learningRate: Double, decay: Double, epsilon: Double,
    momentum: Double, weightDecay: Double
  ) {
    plumb_rmsprop(
      precision, count, parameters, gradient, square, mean, velocity, learningRate, decay, epsilon,
      momentum, weightDecay)
  }

  /// The update of Adagrad.
  static func updateAdagrad(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    square: UnsafeMutablePointer<Self>, learningRate: Double, epsilon: Double, weightDecay: Double
  ) {
    plumb_adagrad(
      precision, count, parameters, gradient, square, learningRate, epsilon, weightDecay)
  }

  /// The update of Adam and AdamW.
  static func updateAdam(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    mean: UnsafeMutablePointer<Self>, square: UnsafeMutablePointer<Self>, stepSize: Double,
    beta1: Double, beta2: Double, epsilon: Double, rootCorrection: Double, weightDecay: Double,
    shrink: Double
  ) {
    plumb_adam(
      precision, count, parameters, gradient, mean, square, stepSize, beta1, beta2, epsilon,
      rootCorrection, weightDecay, shrink)
  }
}
