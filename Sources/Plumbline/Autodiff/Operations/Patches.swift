// The patches of images that a sliding window sees, as columns of a matrix, and the way back: this turns a pooling into a
// reduction, and a convolution into a matrix product. Each of the two operations is the other's adjoint.

/// y[c, k, (n, i, j)] = x[n, c, i s + k_1 - p, j s + k_2 - p], the padding value outside; dx = folded dy
struct Patches: BuiltInOperation {
  static let name = "patches"
  let window: SlidingWindow
  let padding: Double
  var attributes: String { "\(window)" + (padding == 0 ? "" : " with \(padding)") }
  func shape(of inputs: [Shape]) -> Shape { ImagePatches(window, inputs[0]).shape }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(.patches(ImagePatches(window, site.shapes[0]), padding: padding))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.foldedPatches(window, into: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// x[n, c, h, w] = Σ y[c, k, (n, i, j)] over all k, i, j that see that cell, k ascending; dy = patches of dx
struct FoldPatches: BuiltInOperation {
  static let name = "foldPatches"
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
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(.foldPatches(ImagePatches(window, target)))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.patches(window)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { inputs[0].elementCount }
}

// MARK: - Notation

extension TensorProtocol {
  /// The patches of images `[images, channels, height, width]` that a window sees:
  /// `[channels, window cells, images · positions]`, where the padding holds `padding`.
  ///
  /// Complexity: O(values of the result); for overlapping windows that is about the window's area divided by
  /// stride² times the image.
  public func patches(_ window: SlidingWindow, paddingWith padding: Double = 0) -> Self {
    Self.apply(Patches(window: window, padding: padding), to: [self])
  }

  /// Images of shape `target` in which every cell is the sum of the patches' values that were taken from it:
  /// the adjoint of ``patches(_:paddingWith:)``.
  public func foldedPatches(_ window: SlidingWindow, into target: Shape) -> Self {
    Self.apply(FoldPatches(window: window, target: target), to: [self])
  }
}
