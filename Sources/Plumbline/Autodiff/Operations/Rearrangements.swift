// Operations that move values without changing them. The adjoint of each is another of them.

/// y = x under another shape, dx = dy under x's
struct Reshape: ViewOperation {
  static let name = "reshape"
  let target: Shape
  var attributes: String { "to \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs[0].elementCount == target.elementCount,
      "\(inputs[0].elementCount) values of shape \(inputs[0]) cannot be reshaped to \(target)")
    return target
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.reshaped(to: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y = x with permuted axes, dx = dy with the inverse permutation
struct Transpose: BuiltInOperation {
  static let name = "transpose"
  let permutation: [Int]
  var attributes: String { "axes \(permutation)" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      permutation.sorted() == Array(0..<inputs[0].rank),
      "\(permutation) is not a permutation of the axes of shape \(inputs[0])")
    return Shape(permutation.map { inputs[0].extents[$0] })
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let strides = site.shapes[0].strides
    return site.call(
      .copy(
        extents: site.shape.extents, from: permutation.map { strides[$0] },
        to: site.shape.strides))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.transposed(permutation: permutation.indices.map { permutation.firstIndex(of: $0)! })]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y = a block of x, dx = dy where the block was, 0 elsewhere
struct Slice: BuiltInOperation {
  static let name = "slice"
  let ranges: [Range<Int>]
  var attributes: String { "\(ranges)" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      ranges.count == inputs[0].rank
        && zip(ranges, inputs[0].extents).allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= $1 },
      "the block \(ranges) does not lie in shape \(inputs[0])")
    return Shape(ranges.map(\.count))
  }
  /// The offset of a block that is a run of the values: whole in every axis but the first.
  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int? {
    let isRun = zip(ranges, inputs[0].extents).dropFirst().allSatisfy { $0.count == $1 }
    return isRun ? (result.elementCount == 0 ? 0 : start(in: inputs[0])) : nil
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    .one(
      KernelCall(
        .copy(
          extents: site.shape.extents, from: site.shapes[0].strides, to: site.shape.strides),
        site.output, [site.inputs[0] + start(in: site.shapes[0])]))
  }
  func start(in shape: Shape) -> Int {
    zip(ranges, shape.strides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.padded(as: ranges, of: call.inputs[0].shape)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y = x as a block among zeros, dx = that block of dy
struct Pad: BuiltInOperation {
  static let name = "pad"
  let ranges: [Range<Int>]
  let target: Shape
  var attributes: String { "\(ranges) of \(target)" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs[0].extents == ranges.map(\.count),
      "a block of shape \(inputs[0]) does not fill \(ranges)")
    return target
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let strides = target.strides
    let start = zip(ranges, strides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
    return .several([
      KernelCall(.fill(count: site.count, 0), site.output, []),
      KernelCall(
        .copy(
          extents: site.shapes[0].extents, from: site.shapes[0].strides, to: strides),
        site.output + start, site.inputs),
    ])
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.sliced(ranges)]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y = the inputs one after the other along an axis; each takes its block of dy
struct Concatenate: BuiltInOperation {
  static let name = "concatenate"
  static let role: SignalRole? = .sequence
  let axis: Int
  var attributes: String { "axis \(axis)" }
  func shape(of inputs: [Shape]) -> Shape {
    var extents = inputs[0].extents
    extents[axis] = 0
    for input in inputs {
      var rest = input.extents
      require(
        rest.count == extents.count, "concatenate takes inputs of equal rank, not \(inputs)")
      extents[axis] += rest[axis]
      rest[axis] = extents[axis]
      require(
        rest == extents,
        "concatenate along axis \(axis) takes inputs that agree elsewhere: \(inputs)")
    }
    return Shape(extents)
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let strides = site.shape.strides
    var start = 0
    return .several(
      zip(site.inputs, site.shapes).map { input, shape in
        defer { start += shape.extents[axis] * strides[axis] }
        return KernelCall(
          .copy(extents: shape.extents, from: shape.strides, to: strides), site.output + start,
          [input])
      })
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    var start = 0
    return call.inputs.enumerated().map { index, input in
      defer { start += input.shape.extents[axis] }
      return call.needs(index)
        ? upstream.sliced(axis: axis, start..<start + input.shape.extents[axis]) : nil
    }
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

// MARK: - Notation

extension TensorProtocol {
  /// The same values under another shape with the same number of elements.
  public func reshaped(to shape: Shape) -> Self {
    self.shape == shape ? self : Self.apply(Reshape(target: shape), to: [self])
  }

  /// The axes in another order: axis i of the result is axis `permutation[i]`.
  public func transposed(permutation: [Int]) -> Self {
    Self.apply(Transpose(permutation: permutation.map(shape.normalized)), to: [self])
  }

  /// The axes in reverse order: for a matrix, its transpose.
  public func transposed() -> Self { transposed(permutation: (0..<shape.rank).reversed()) }

  /// The block given by a range along each axis.
  public func sliced(_ ranges: [Range<Int>]) -> Self {
    Self.apply(Slice(ranges: ranges), to: [self])
  }

  /// The values as a block of a tensor of shape `target` that is 0 elsewhere: the adjoint of slicing.
  package func padded(as ranges: [Range<Int>], of target: Shape) -> Self {
    Self.apply(Pad(ranges: ranges, target: target), to: [self])
  }

  /// A range along one axis, and all of the others.
  public func sliced(axis: Int, _ range: Range<Int>) -> Self {
    var ranges = shape.extents.map { 0..<$0 }
    ranges[shape.normalized(axis)] = range
    return sliced(ranges)
  }

  /// The values of one or more tensors, which must agree elsewhere, concatenated along an axis.
  public static func concatenate(_ parts: [Self], alongAxis axis: Int = 0) -> Self {
    require(!parts.isEmpty, "concatenate takes at least one tensor")
    return apply(Concatenate(axis: parts[0].shape.normalized(axis)), to: parts)
  }

  /// Several tensors of equal shape stacked along a new axis.
  public static func stack(_ parts: [Self], alongAxis axis: Int = 0) -> Self {
    require(
      parts.allSatisfy { $0.shape == parts[0].shape },
      "stack takes tensors of equal shape, not \(parts.shapes)")
    return concatenate(parts.map { $0.expanded(atAxis: axis) }, alongAxis: axis)
  }

  /// With a new axis of extent 1 before axis `axis` (negative: counted from the end of the result).
  public func expanded(atAxis axis: Int) -> Self {
    var extents = shape.extents
    let position = axis < 0 ? axis + extents.count + 1 : axis
    require((0...extents.count).contains(position), "there is no axis \(axis) in shape \(shape)")
    extents.insert(1, at: position)
    return reshaped(to: Shape(extents))
  }
}
