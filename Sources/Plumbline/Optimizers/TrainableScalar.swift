import CKernels

/// A scalar in which networks are trained: `Float` or `Double`. The requirements are the optimizers' updates,
/// one pass over contiguous vectors; their formulas stand in `plumb_optimizers.h`.
public protocol TrainableScalar: TensorScalar, BinaryFloatingPoint {
  /// The update of gradient descent, with momentum where there is a velocity.
  static func updateSGD(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    velocity: UnsafeMutablePointer<Self>?, learningRate: Double, momentum: Double,
    dampening: Double, nesterov: Bool, weightDecay: Double, isFirst: Bool)

  /// The update of RMSprop.
  static func updateRMSprop(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    square: UnsafeMutablePointer<Self>, mean: UnsafeMutablePointer<Self>?,
    velocity: UnsafeMutablePointer<Self>?, learningRate: Double, decay: Double, epsilon: Double,
    momentum: Double, weightDecay: Double)

  /// The update of Adagrad.
  static func updateAdagrad(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    square: UnsafeMutablePointer<Self>, learningRate: Double, epsilon: Double, weightDecay: Double)

  /// The update of Adam and AdamW.
  static func updateAdam(
    count: Int, _ parameters: UnsafeMutablePointer<Self>, _ gradient: UnsafePointer<Self>,
    mean: UnsafeMutablePointer<Self>, square: UnsafeMutablePointer<Self>, stepSize: Double,
    beta1: Double, beta2: Double, epsilon: Double, rootCorrection: Double, weightDecay: Double,
    shrink: Double)
}

extension Float: TrainableScalar {
  /// The kernel in single precision.
  public static func updateSGD(
    count: Int, _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    velocity: UnsafeMutablePointer<Float>?, learningRate: Double, momentum: Double,
    dampening: Double, nesterov: Bool, weightDecay: Double, isFirst: Bool
  ) {
    plumb_sgd_f32(
      count, parameters, gradient, velocity, learningRate, momentum, dampening, nesterov,
      weightDecay, isFirst)
  }

  /// The kernel in single precision.
  public static func updateRMSprop(
    count: Int, _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    square: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>?,
    velocity: UnsafeMutablePointer<Float>?, learningRate: Double, decay: Double, epsilon: Double,
    momentum: Double, weightDecay: Double
  ) {
    plumb_rmsprop_f32(
      count, parameters, gradient, square, mean, velocity, learningRate, decay, epsilon, momentum,
      weightDecay)
  }

  /// The kernel in single precision.
  public static func updateAdagrad(
    count: Int, _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    square: UnsafeMutablePointer<Float>, learningRate: Double, epsilon: Double, weightDecay: Double
  ) {
    plumb_adagrad_f32(count, parameters, gradient, square, learningRate, epsilon, weightDecay)
  }

  /// The kernel in single precision.
  public static func updateAdam(
    count: Int, _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    mean: UnsafeMutablePointer<Float>, square: UnsafeMutablePointer<Float>, stepSize: Double,
    beta1: Double, beta2: Double, epsilon: Double, rootCorrection: Double, weightDecay: Double,
    shrink: Double
  ) {
    plumb_adam_f32(
      count, parameters, gradient, mean, square, stepSize, beta1, beta2, epsilon, rootCorrection,
      weightDecay, shrink)
  }
}

extension Double: TrainableScalar {
  /// The kernel in double precision.
  public static func updateSGD(
    count: Int, _ parameters: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>,
    velocity: UnsafeMutablePointer<Double>?, learningRate: Double, momentum: Double,
    dampening: Double, nesterov: Bool, weightDecay: Double, isFirst: Bool
  ) {
    plumb_sgd_f64(
      count, parameters, gradient, velocity, learningRate, momentum, dampening, nesterov,
      weightDecay, isFirst)
  }

  /// The kernel in double precision.
  public static func updateRMSprop(
    count: Int, _ parameters: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>,
    square: UnsafeMutablePointer<Double>, mean: UnsafeMutablePointer<Double>?,
    velocity: UnsafeMutablePointer<Double>?, learningRate: Double, decay: Double, epsilon: Double,
    momentum: Double, weightDecay: Double
  ) {
    plumb_rmsprop_f64(
      count, parameters, gradient, square, mean, velocity, learningRate, decay, epsilon, momentum,
      weightDecay)
  }

  /// The kernel in double precision.
  public static func updateAdagrad(
    count: Int, _ parameters: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>,
    square: UnsafeMutablePointer<Double>, learningRate: Double, epsilon: Double, weightDecay: Double
  ) {
    plumb_adagrad_f64(count, parameters, gradient, square, learningRate, epsilon, weightDecay)
  }

  /// The kernel in double precision.
  public static func updateAdam(
    count: Int, _ parameters: UnsafeMutablePointer<Double>, _ gradient: UnsafePointer<Double>,
    mean: UnsafeMutablePointer<Double>, square: UnsafeMutablePointer<Double>, stepSize: Double,
    beta1: Double, beta2: Double, epsilon: Double, rootCorrection: Double, weightDecay: Double,
    shrink: Double
  ) {
    plumb_adam_f64(
      count, parameters, gradient, mean, square, stepSize, beta1, beta2, epsilon, rootCorrection,
      weightDecay, shrink)
  }
}
