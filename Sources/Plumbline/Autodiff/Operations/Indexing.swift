// Selection by class number. Indices are a tensor of whole numbers in the scalar type, so that they can
// be an input of a recorded step; Float holds them exactly up to 2^24.

/// y[i] = x[i, k_i], dx[i, k_i] = dy[i], 0 elsewhere
struct Gather: BuiltInOperation {
  static let name = "gather"
  var convention: String? { "no gradient to the indices" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[0].rank == inputs[1].rank + 1
        && inputs[0].extents.dropLast() == inputs[1].extents[...],
      "gather takes values [..., n] and an index for each row [...], not \(inputs)")
    return inputs[1]
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(
      .indexed(IndexedCopy(kind: .pick, rows: site.count, bound: site.shapes[0][-1])))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.scattered(at: call.inputs[1], classes: call.inputs[0].shape[-1]), nil]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y[i, k_i] = x[i], 0 elsewhere; dx[i] = dy[i, k_i]
struct Scatter: BuiltInOperation {
  static let name = "scatter"
  let classes: Int
  var attributes: String { "\(classes) classes" }
  var convention: String? { "no gradient to the indices" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[0] == inputs[1],
      "scatter takes a value and an index for each row, not \(inputs)")
    return Shape(inputs[0].extents + [classes])
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.onZeros(IndexedCopy(kind: .put, rows: site.shapes[0].elementCount, bound: classes))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.gathered(at: call.inputs[1]), nil]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y[i] = row k_i of x; dx's row k is the sum of the dy[i] with k_i = k
struct Rows: BuiltInOperation {
  static let name = "rows"
  var convention: String? { "no gradient to the indices" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[0].rank >= 1 && inputs[1].rank == 1,
      "rows takes a table and a vector of row numbers, not \(inputs)")
    return Shape([inputs[1].extents[0]] + inputs[0].extents.dropFirst())
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(
      .indexed(
        IndexedCopy(
          kind: .takeRows, rows: site.shape.extents[0], bound: site.shapes[0].extents[0],
          length: site.shapes[0].extents.dropFirst().reduce(1, *))))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.scatteredRows(at: call.inputs[1], count: call.inputs[0].shape.extents[0]), nil]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// y's row k = the sum of the x[i] with k_i = k, in the order of i; dx[i] = row k_i of dy
struct ScatterRows: BuiltInOperation {
  static let name = "scatterRows"
  let count: Int
  var attributes: String { "\(count) rows" }
  var convention: String? { "no gradient to the indices" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 2 && inputs[1].rank == 1 && inputs[0].extents.first == inputs[1].extents[0],
      "scatterRows takes rows and an equally long vector of row numbers, not \(inputs)")
    return Shape([count] + inputs[0].extents.dropFirst())
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.onZeros(
      IndexedCopy(
        kind: .addRows, rows: site.shapes[1].elementCount, bound: count,
        length: site.shape.extents.dropFirst().reduce(1, *)))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream.rows(at: call.inputs[1]), nil]
  }
}

/// y[i, k] = 1 where k = k_i, else 0; no gradient
struct OneHot: BuiltInOperation {
  static let name = "oneHot"
  let classes: Int
  var attributes: String { "\(classes) classes" }
  var convention: String? { "no gradient to the indices" }
  func shape(of inputs: [Shape]) -> Shape { Shape(inputs[0].extents + [classes]) }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.onZeros(IndexedCopy(kind: .mark, rows: site.shapes[0].elementCount, bound: classes))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [nil] }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 0 }
}

extension CallSite {
  /// The calls of a copy into a result that is otherwise 0.
  fileprivate func onZeros(_ copy: IndexedCopy) -> KernelCalls<Operand> {
    .several([
      KernelCall(.fill(count: count, 0), output, []),
      KernelCall(.indexed(copy), output, copy.isOfOnes ? [output, inputs[0]] : inputs),
    ])
  }
}

// MARK: - Notation

extension TensorProtocol {
  /// From values `[..., n]`, the one at each row's index: `[...]`. Indices are whole numbers below n.
  public func gathered(at indices: Self) -> Self { Self.apply(Gather(), to: [self, indices]) }

  /// Each value `[...]` at its row's index among zeros: `[..., classes]`. The adjoint of gathering.
  package func scattered(at indices: Self, classes: Int) -> Self {
    Self.apply(Scatter(classes: classes), to: [self, indices])
  }

  /// A table of `count` rows in which each row is added to the row of its index. The adjoint of selecting
  /// rows.
  package func scatteredRows(at indices: Self, count: Int) -> Self {
    Self.apply(ScatterRows(count: count), to: [self, indices])
  }

  /// The rows of a table at the given row numbers, which may repeat.
  public func rows(at indices: Self) -> Self { Self.apply(Rows(), to: [self, indices]) }

  /// Class numbers `[...]` as rows of zeros with a single one: `[..., classes]`.
  public func oneHot(classes: Int) -> Self { Self.apply(OneHot(classes: classes), to: [self]) }
}
