// The convolution and its two adjoints. All three belong to one form, linear in images x, weight W and result y,
// Σ y[n, o, i, j] W[c, h, w, o] x[n, c, i s + h - p, j s + w - p]: each operation is the derivative of the form by one
// of the three, so that the pullback of each consists of the other two and derivatives of any order stay here.
//
// Each image is one matrix product with its patches, which are made anew where they are needed and held for one
// image only: they are as large as the window's area times the image, and stay in the cache this way.

/// Images, a weight and a window that belong together, and the three sums over them.
struct ConvolutionGeometry: Sendable {
  private(set) var patches: ImagePatches
  let outputs: Int
  /// From one image to the next.
  private let imageStride: Int

  /// Traps where the weight `[channels, height, width, outputs]` does not fit the images or the window.
  init(_ window: SlidingWindow, images: Shape, weight: Shape) {
    patches = ImagePatches(window, images)
    require(
      weight.rank == 4
        && Array(weight.extents[..<3]) == [patches.channels, window.height, window.width],
      "a convolution by a window of \(window) takes images [..., channels, height, width] and a weight "
        + "[channels, \(window.height), \(window.width), out], not \(images) and \(weight)")
    outputs = weight[3]
    imageStride = patches.imageCount
  }

  /// The shape of the result.
  var result: Shape { [patches.images, outputs, patches.rows, patches.columns] }
  /// The number of values of one image of the result, and of the weight.
  var resultCount: Int { outputs * patches.positions }
  var weightCount: Int { patches.size * outputs }
  /// The number of values from the first image's first to the last one's last.
  var imagesCount: Int {
    patches.images == 0 ? 0 : (patches.images - 1) * imageStride + patches.imageCount
  }
  /// The multiplications of each of the three sums.
  var multiplications: Int { patches.images * resultCount * patches.size }
  /// The values of the patches of one image, for which each of the sums needs memory: they are held for one image
  /// only, and made anew for every sum, so that they stay in the cache.
  var memoryCount: Int { patches.size * patches.positions }

  /// The same for another number of images.
  func with(images: Int) -> ConvolutionGeometry {
    var geometry = self
    geometry.patches.images = images
    return geometry
  }

  /// The same for another number of channels out of the same images.
  func with(channels: Int) -> ConvolutionGeometry {
    var geometry = self
    geometry.patches.channels = channels
    return geometry
  }

  /// y = the convolution of x by W.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func computeResult<S: TensorScalar>(
    _ x: UnsafePointer<S>, _ weight: UnsafePointer<S>, into y: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    for image in 0..<patches.images {
      take(image, of: x, into: memory)
      S.product(
        rows: outputs, columns: patches.positions, inner: patches.size, weight, rowStride: 1,
        columnStride: outputs, memory, rowStride: patches.positions, columnStride: 1, bias: nil,
        into: y + image * resultCount)
    }
  }

  /// x = the sum of y times the weights by which each place of x goes into it.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func computeImages<S: TensorScalar>(
    _ y: UnsafePointer<S>, _ weight: UnsafePointer<S>, into x: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    for image in 0..<patches.images {
      S.product(
        rows: patches.size, columns: patches.positions, inner: outputs, weight,
        rowStride: outputs, columnStride: 1, y + image * resultCount,
        rowStride: patches.positions, columnStride: 1, bias: nil, into: memory)
      let target = x + image * imageStride
      target.update(repeating: S(0), count: patches.imageCount)
      patches.fold(memory, rowLength: patches.positions, into: target)
    }
  }

  /// W = the sum over images and positions of what a place of the window sees times y.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func computeWeight<S: TensorScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, into weight: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    if patches.images == 0 { weight.update(repeating: S(0), count: weightCount) }
    var epilogue = ProductEpilogue<S>()
    for image in 0..<patches.images {
      take(image, of: x, into: memory)
      S.product(
        rows: patches.size, columns: outputs, inner: patches.positions, memory,
        rowStride: patches.positions, columnStride: 1, y + image * resultCount, rowStride: 1,
        columnStride: patches.positions, epilogue: epilogue, into: weight)
      // From the second image on the product is added to what stands there.
      epilogue.skip = UnsafePointer(weight)
    }
  }

  /// Calls `body` with memory for the patches of one image.
  func withMemory<S>(_ body: (UnsafeMutablePointer<S>) -> Void) {
    let memory = UnsafeMutablePointer<S>.allocate(capacity: max(memoryCount, 1))
    defer { memory.deallocate() }
    body(memory)
  }

  @inline(__always)
  private func take<S: TensorScalar>(
    _ image: Int, of images: UnsafePointer<S>, into memory: UnsafeMutablePointer<S>
  ) {
    patches.take(
      images + image * imageStride, into: memory, rowLength: patches.positions, padding: S(0))
  }
}

/// Which of images, weight and result a convolution's sum computes from the other two.
enum ConvolutionSum: Sendable {
  case result, images, weight
}

/// y = the convolution of x by W; dx and dW by the two operations below
struct Convolution: BuiltInOperation {
  static let kind = OperationKind.convolution
  let window: SlidingWindow
  var attributes: String { "\(window)" }
  func shape(of inputs: [Shape]) -> Shape {
    ConvolutionGeometry(window, images: inputs[0], weight: inputs[1]).result
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = ConvolutionGeometry(window, images: inputs[0].shape, weight: inputs[1].shape)
    return Tensor(geometry.result) { target in
      inputs[0].withValues { images in
        inputs[1].withValues { weight in
          geometry.withMemory { geometry.computeResult(images, weight, into: target, memory: $0) }
        }
      }
    }
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

/// x = Σ y W over what each place of x has gone into: the adjoint of the convolution in its images
struct ConvolutionImages: BuiltInOperation {
  static let kind = OperationKind.convolutionImages
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
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = ConvolutionGeometry(window, images: target, weight: inputs[1].shape)
    return Tensor(target) { target in
      inputs[0].withValues { values in
        inputs[1].withValues { weight in
          geometry.withMemory { geometry.computeImages(values, weight, into: target, memory: $0) }
        }
      }
    }
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
  static let kind = OperationKind.convolutionWeight
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
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = ConvolutionGeometry(window, images: inputs[0].shape, weight: target)
    return Tensor(target) { target in
      inputs[0].withValues { images in
        inputs[1].withValues { values in
          geometry.withMemory { geometry.computeWeight(images, values, into: target, memory: $0) }
        }
      }
    }
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

/// Images of shape `shape` in which every place is the sum of `values` times the weights by which it would go into
/// them: the adjoint of ``convolution(_:_:_:)`` in its images.
public func transposedConvolution<T: TensorProtocol>(
  _ values: T, _ weight: T, _ window: SlidingWindow, into shape: Shape
) -> T {
  T.apply(ConvolutionImages(window: window, target: shape), to: [values, weight])
}

/// The weight of shape `shape` that weighs every place of a window by the sum over images and positions of the
/// images' value there times `values`: the adjoint of ``convolution(_:_:_:)`` in its weight.
package func convolutionWeight<T: TensorProtocol>(
  _ images: T, _ values: T, _ window: SlidingWindow, into shape: Shape
) -> T {
  T.apply(ConvolutionWeight(window: window, target: shape), to: [images, values])
}
