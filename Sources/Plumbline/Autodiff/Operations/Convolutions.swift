// The convolution and its two adjoints. All three belong to one form, linear in images x, weight W and result y,
// Σ y[n, o, i, j] W[c, h, w, o] x[n, c, i s + h - p, j s + w - p]: each operation is the derivative of the form by one
// of the three, so that the pullback of each consists of the other two and derivatives of any order stay here.
//
// Each image is one matrix product with its patches, which are made anew where they are needed and held for one
// image only: they are as large as the window's area times the image, and stay in the cache this way.

/// Images, a weight and a window that belong together.
private struct ConvolutionGeometry {
  let patches: ImagePatches
  let outputs: Int

  /// Traps where the weight `[channels, height, width, outputs]` does not fit the images or the window.
  init(_ window: SlidingWindow, images: Shape, weight: Shape) {
    patches = ImagePatches(window, images)
    require(
      weight.rank == 4
        && Array(weight.extents[..<3]) == [patches.channels, window.height, window.width],
      "a convolution by a window of \(window) takes images [..., channels, height, width] and a weight "
        + "[channels, \(window.height), \(window.width), out], not \(images) and \(weight)")
    outputs = weight[3]
  }

  /// The shape of the result.
  var result: Shape { [patches.images, outputs, patches.rows, patches.columns] }
  /// The number of values of one image of the result.
  var resultCount: Int { outputs * patches.positions }
  var operations: Int { 2 * patches.images * resultCount * patches.size }

  /// Calls `body` with each image's number and memory for its patches.
  func forEachImage<S>(
    _ type: S.Type, _ body: (_ image: Int, _ patches: UnsafeMutablePointer<S>) -> Void
  ) {
    let count = max(patches.size * patches.positions, 1)
    let memory = UnsafeMutablePointer<S>.allocate(capacity: count)
    defer { memory.deallocate() }
    for image in 0..<patches.images { body(image, memory) }
  }

  /// The patches of one image of `images`.
  func take<S: TensorScalar>(
    _ image: Int, of images: UnsafePointer<S>, into memory: UnsafeMutablePointer<S>
  ) {
    patches.take(
      images + image * patches.imageCount, into: memory, rowLength: patches.positions,
      padding: S(0))
  }
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
    let (size, positions) = (geometry.patches.size, geometry.patches.positions)
    return Tensor(geometry.result) { target in
      inputs[0].withValues { images in
        inputs[1].withValues { weight in
          geometry.forEachImage(S.self) { image, patches in
            geometry.take(image, of: images, into: patches)
            S.product(
              rows: geometry.outputs, columns: positions, inner: size, weight, rowStride: 1,
              columnStride: geometry.outputs, patches, rowStride: positions, columnStride: 1,
              bias: nil, into: target + image * geometry.resultCount)
          }
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
    ConvolutionGeometry(window, images: inputs[0], weight: inputs[1]).operations
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
    let (size, positions) = (geometry.patches.size, geometry.patches.positions)
    var result = Tensor<S>.zeros(target)
    result.withMutableValues { target in
      inputs[0].withValues { values in
        inputs[1].withValues { weight in
          geometry.forEachImage(S.self) { image, patches in
            S.product(
              rows: size, columns: positions, inner: geometry.outputs, weight,
              rowStride: geometry.outputs, columnStride: 1, values + image * geometry.resultCount,
              rowStride: positions, columnStride: 1, bias: nil, into: patches)
            geometry.patches.fold(
              patches, rowLength: positions, into: target + image * geometry.patches.imageCount)
          }
        }
      }
    }
    return result
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (y, weight) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? convolution(upstream, weight, window) : nil,
      call.needs(1) ? convolutionWeight(upstream, y, window, into: weight.shape) : nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    ConvolutionGeometry(window, images: target, weight: inputs[1]).operations
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
    let (size, positions) = (geometry.patches.size, geometry.patches.positions)
    var result = Tensor<S>.zeros(target)
    result.withMutableValues { target in
      inputs[0].withValues { images in
        inputs[1].withValues { values in
          var epilogue = ProductEpilogue<S>()
          geometry.forEachImage(S.self) { image, patches in
            geometry.take(image, of: images, into: patches)
            S.product(
              rows: size, columns: geometry.outputs, inner: positions, patches,
              rowStride: positions, columnStride: 1, values + image * geometry.resultCount,
              rowStride: 1, columnStride: positions, epilogue: epilogue, into: target)
            // From the second image on the product is added to what stands there.
            epilogue.skip = UnsafePointer(target)
          }
        }
      }
    }
    return result
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.needs(0) ? transposedConvolution(y, upstream, window, into: x.shape) : nil,
      call.needs(1) ? convolution(x, upstream, window) : nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int {
    ConvolutionGeometry(window, images: inputs[0], weight: target).operations
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
