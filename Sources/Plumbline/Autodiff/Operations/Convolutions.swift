// The convolution and its two adjoints: each is the derivative of one form by one of its three arguments (see
// `ConvolutionGeometry`), so the pullback of each consists of the other two.

/// y = the convolution of x by W; dx and dW by the two operations below
struct Convolution: BuiltInOperation {
  static let name = "convolution"
  static let role: SignalRole? = .product
  let window: SlidingWindow
  var attributes: String { "\(window)" }
  func shape(of inputs: [Shape]) -> Shape {
    ConvolutionGeometry(window, images: inputs[0], weight: inputs[1]).result
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let geometry = ConvolutionGeometry(window, images: site.shapes[0], weight: site.shapes[1])
    return site.call(.convolution(.result, geometry))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, weight) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? transposedConvolution(upstream, weight, window, into: x.shape) : nil,
      call.needs(1) ? convolutionWeight(x, upstream, window, into: weight.shape) : nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    ConvolutionGeometry(window, images: inputs[0], weight: inputs[1]).multiplications * 2
  }
}

/// x = Σ y W over the outputs that each cell of x contributes to: the adjoint of the convolution in its images
struct ConvolutionImages: BuiltInOperation {
  static let name = "convolutionImages"
  let window: SlidingWindow
  /// The shape of x.
  let target: Shape
  var attributes: String { "\(window) into \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    let result = ConvolutionGeometry(window, images: target, weight: inputs[1]).result
    require(
      inputs[0] == result,
      "the convolution of images \(target) by a weight \(inputs[1]) has the shape \(result), not "
        + "\(inputs[0])")
    return target
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let geometry = ConvolutionGeometry(window, images: target, weight: site.shapes[1])
    return site.call(.convolution(.images, geometry))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (y, weight) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? convolution(upstream, weight, window) : nil,
      call.needs(1) ? convolutionWeight(upstream, y, window, into: weight.shape) : nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    ConvolutionGeometry(window, images: target, weight: inputs[1]).multiplications * 2
  }
}

/// W = Σ x y over images and positions: the adjoint of the convolution in its weight
struct ConvolutionWeight: BuiltInOperation {
  static let name = "convolutionWeight"
  let window: SlidingWindow
  /// The shape of W.
  let target: Shape
  var attributes: String { "\(window) into \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    let result = ConvolutionGeometry(window, images: inputs[0], weight: target).result
    require(
      inputs[1] == result,
      "the convolution of images \(inputs[0]) by a weight \(target) has the shape \(result), not "
        + "\(inputs[1])")
    return target
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let geometry = ConvolutionGeometry(window, images: site.shapes[0], weight: target)
    return site.call(.convolution(.weight, geometry))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? transposedConvolution(y, upstream, window, into: x.shape) : nil,
      call.needs(1) ? convolution(x, upstream, window) : nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    ConvolutionGeometry(window, images: inputs[0], weight: target).multiplications * 2
  }
}

// MARK: - Notation

/// The convolution of images `[images, channels, height, width]` by a weight `[channels, height, width, out]` that is
/// as large as the window: `[images, out, rows, columns]`. The window is not mirrored; the padding holds zeros.
public func convolution<T: TensorProtocol>(_ images: T, _ weight: T, _ window: SlidingWindow) -> T {
  T.apply(Convolution(window: window), to: [images, weight])
}

/// Images of shape `shape` in which every cell is the sum of `values` times the weights by which it would contribute to
/// them: the adjoint of ``convolution(_:_:_:)`` in its images.
public func transposedConvolution<T: TensorProtocol>(
  _ values: T, _ weight: T, _ window: SlidingWindow, into shape: Shape
) -> T {
  T.apply(ConvolutionImages(window: window, target: shape), to: [values, weight])
}

/// The weight of shape `shape` that weighs every cell of a window by the sum over images and positions of the
/// images' value there times `values`: the adjoint of ``convolution(_:_:_:)`` in its weight.
package func convolutionWeight<T: TensorProtocol>(
  _ images: T, _ values: T, _ window: SlidingWindow, into shape: Shape
) -> T {
  T.apply(ConvolutionWeight(window: window, target: shape), to: [images, values])
}
