// The convolution and its two adjoints. All three belong to one form, linear in images x, weight W and result y,
// Σ y[n, o, i, j] W[c, h, w, o] x[n, c, i s + h - p, j s + w - p]: each operation is the derivative of the form by one
// of the three, so that the pullback of each consists of the other two and derivatives of any order stay here.
//
// Each image is one matrix product with its patches, which are computed anew when needed and held for one image only: they are as
// large as the window's area times the image, and stay in the cache this way.

/// Images, a weight and a window that belong together, and the three sums over them.
struct ConvolutionGeometry: Sendable {
  private(set) var patches: ImagePatches
  let outputs: Int
  /// The distance from one image to the next.
  private let imageStride: Int

  /// Traps if the weight `[channels, height, width, outputs]` does not fit the images or the window.
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
  /// The values of the patches of one image, for which each of the sums needs memory: they are held for one image only, and
  /// computed anew for every sum, so that they stay in the cache.
  var memoryCount: Int { patches.size * patches.positions }

  /// The units that can be computed separately: the images or, for the weight, which is a sum over the images in their order, the
  /// channels, whose weights are contiguous.
  func units(of sum: ConvolutionSum) -> Int {
    sum == .weight ? patches.channels : patches.images
  }

  /// The same for another number of units.
  func with(_ count: Int, unitsOf sum: ConvolutionSum) -> ConvolutionGeometry {
    var geometry = self
    if sum == .weight {
      geometry.patches.channels = count
    } else {
      geometry.patches.images = count
    }
    return geometry
  }

  /// The numbers of values of the two operands and of the output, and how far each moves from one unit to the next.
  func use(
    in sum: ConvolutionSum
  ) -> (counts: (Int, Int, Int), steps: (Int, Int, Int)) {
    let result = patches.images * resultCount
    let (image, channel) = (patches.imageCount, patches.height * patches.width)
    return switch sum {
    case .result: ((imagesCount, weightCount, result), (image, 0, resultCount))
    case .images: ((result, weightCount, imagesCount), (resultCount, 0, image))
    case .weight:
      ((imagesCount, result, weightCount), (channel, 0, patches.window.area * outputs))
    }
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
        ProductSizes(
          rows: outputs, columns: patches.positions, inner: patches.size, a: (1, outputs),
          b: (patches.positions, 1)), weight, memory, ProductEpilogue(),
        into: y + image * resultCount)
    }
  }

  /// x = the sum of y times the weights by which each cell of x contributes to it.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func computeImages<S: TensorScalar>(
    _ y: UnsafePointer<S>, _ weight: UnsafePointer<S>, into x: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    for image in 0..<patches.images {
      S.product(
        ProductSizes(
          rows: patches.size, columns: patches.positions, inner: outputs, a: (outputs, 1),
          b: (patches.positions, 1)), weight, y + image * resultCount, ProductEpilogue(),
        into: memory)
      let target = x + image * imageStride
      target.update(repeating: S(0), count: patches.imageCount)
      patches.fold(memory, rowLength: patches.positions, into: target)
    }
  }

  /// W = the sum over images and positions of what a cell of the window sees times y.
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
        ProductSizes(
          rows: patches.size, columns: outputs, inner: patches.positions,
          a: (patches.positions, 1), b: (1, patches.positions)), memory,
        y + image * resultCount, epilogue, into: weight)
      // From the second image on, the product is added to the existing values.
      epilogue.skip = UnsafePointer(weight)
    }
  }

  /// The sum that a call requests, from the two operands that are given.
  @inline(__always)
  func compute<S: TensorScalar>(
    _ sum: ConvolutionSum, _ x: UnsafePointer<S>, _ y: UnsafePointer<S>,
    into output: UnsafeMutablePointer<S>, memory: UnsafeMutablePointer<S>
  ) {
    switch sum {
    case .result: computeResult(x, y, into: output, memory: memory)
    case .images: computeImages(x, y, into: output, memory: memory)
    case .weight: computeWeight(x, y, into: output, memory: memory)
    }
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
