import CKernels

/// The kernels along rows of one precision.
protocol RowScalar: KernelScalar {
  typealias RowKernel = (Int, Int, Input, Output) -> Void
  static var softmax: RowKernel { get }
  static var logSoftmax: RowKernel { get }
  static var logSumExp: RowKernel { get }
  static var crossEntropy: (Int, Int, Input, Input, Output, Output) -> Int { get }
  static var crossEntropyGradient: (Int, Int, Input, Input, Input, Int, Output) -> Int { get }
}

extension Float: RowScalar {
  static var softmax: RowKernel { { plumb_softmax_f32($0, $1, $2, $3) } }
  static var logSoftmax: RowKernel { { plumb_log_softmax_f32($0, $1, $2, $3) } }
  static var logSumExp: RowKernel { { plumb_log_sum_exp_f32($0, $1, $2, $3) } }
  static var crossEntropy: (Int, Int, Input, Input, Output, Output) -> Int {
    { plumb_cross_entropy_f32($0, $1, $2, $3, $4, $5) }
  }
  static var crossEntropyGradient: (Int, Int, Input, Input, Input, Int, Output) -> Int {
    { plumb_cross_entropy_gradient_f32($0, $1, $2, $3, $4, $5, $6) }
  }
}

extension Double: RowScalar {
  static var softmax: RowKernel { { plumb_softmax_f64($0, $1, $2, $3) } }
  static var logSoftmax: RowKernel { { plumb_log_softmax_f64($0, $1, $2, $3) } }
  static var logSumExp: RowKernel { { plumb_log_sum_exp_f64($0, $1, $2, $3) } }
  static var crossEntropy: (Int, Int, Input, Input, Output, Output) -> Int {
    { plumb_cross_entropy_f64($0, $1, $2, $3, $4, $5) }
  }
  static var crossEntropyGradient: (Int, Int, Input, Input, Input, Int, Output) -> Int {
    { plumb_cross_entropy_gradient_f64($0, $1, $2, $3, $4, $5, $6) }
  }
}
