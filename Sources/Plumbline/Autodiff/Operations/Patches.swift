// The patches of images that a sliding window sees, as columns of a matrix, and the way back: what makes a pooling a
// reduction, and a convolution a matrix product. Each of the two operations is the other's adjoint.

/// y[c, k, (n, i, j)] = x[n, c, i s + k_1 - p, j s + k_2 - p], the padding value outside; dx = folded dy
struct Patches: BuiltInOperation {
  static let kind = OperationKind.patches
  let window: SlidingWindow
  let padding: Double
  var attributes: String { "\(window)" + (padding == 0 ? "" : " with \(padding)") }
  func shape(of inputs: [Shape]) -> Shape { ImagePatches(window, inputs[0]).shape }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = ImagePatches(window, inputs[0].shape)
    return Tensor(geometry.shape) { target in
      inputs[0].withValues { geometry.takeAll($0, into: target, padding: S(padding)) }
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.foldedPatches(window, into: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// x[n, c, h, w] = Σ y[c, k, (n, i, j)] over all k, i, j that see that place, k ascending; dy = patches of dx
struct FoldPatches: BuiltInOperation {
  static let kind = OperationKind.foldPatches
  let window: SlidingWindow
  let target: Shape
  var attributes: String { "\(window) into \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    let patches = ImagePatches(window, target).shape
    require(
      inputs[0] == patches,
      "images of shape \(target) have patches \(patches) by a window of \(window), not \(inputs[0])"
    )
    return target
  }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let geometry = ImagePatches(window, target)
    let memory = Storage<S>(count: geometry.size * geometry.positions)
    return Tensor(target) { target in
      inputs[0].withValues { geometry.foldAll($0, into: target, memory: memory.pointer) }
    }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.patches(window)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

extension ImagePatches {
  /// The shape of all patches: `[channels, window places, images · positions]`.
  var shape: Shape { [channels, window.area, images * positions] }

  /// Writes the patches of all images, side by side.
  func takeAll<S: TensorScalar>(
    _ source: UnsafePointer<S>, into target: UnsafeMutablePointer<S>, padding: S
  ) {
    for image in 0..<images {
      take(
        source + image * imageCount, into: target + image * positions,
        rowLength: images * positions, padding: padding)
    }
  }

  /// Writes the images into which patches fold. `memory` holds the patches of one: folding writes into them.
  func foldAll<S: TensorScalar>(
    _ source: UnsafePointer<S>, into target: UnsafeMutablePointer<S>,
    memory: UnsafeMutablePointer<S>
  ) {
    target.update(repeating: S(0), count: images * imageCount)
    for image in 0..<images {
      for row in 0..<size {
        (memory + row * positions).update(
          from: source + (row * images + image) * positions, count: positions)
      }
      fold(memory, rowLength: positions, into: target + image * imageCount)
    }
  }
}

// MARK: - Notation

extension TensorProtocol {
  /// The patches of images `[images, channels, height, width]` that a window sees:
  /// `[channels, window places, images · positions]`, where the padding holds `padding`.
  ///
  /// Complexity: O(values of the result); for overlapping windows that is about the window's area divided by
  /// stride² times the image.
  public func patches(_ window: SlidingWindow, paddingWith padding: Double = 0) -> Self {
    Self.apply(Patches(window: window, padding: padding), to: [self])
  }

  /// Images of shape `target` in which every place is the sum of the patches' values that were taken from it:
  /// the adjoint of ``patches(_:paddingWith:)``.
  public func foldedPatches(_ window: SlidingWindow, into target: Shape) -> Self {
    Self.apply(FoldPatches(window: window, target: target), to: [self])
  }
}
