import CKernels

extension PullbackFunction {
  /// What the backward pass reads in addition to the upstream gradient.
  package var readsInput: Bool { plumb_pullback_reads_input(self) }
  package var readsOutput: Bool { plumb_pullback_reads_output(self) }
}

extension RowFunction {
  /// Whether the result of a row is as long as the row rather than a single value.
  var keepsLength: Bool { plumb_row_keeps_length(self) }
}

/// Values that are one number with a given probability, and 0 otherwise: at the positions at which ``Key/mask(_:keeping:)``
/// has its ones.
package struct RandomMask: Sendable, Hashable {
  /// The number.
  let kept: Double
  /// How many of the 2⁵³ values that the upper bits of a random number can have are kept: those that are smaller.
  let threshold: UInt64

  /// A mask that keeps with `probability`.
  package init(keeping probability: Double, as kept: Double) {
    self.kept = kept
    // The uniform value does not decrease with the bits, so those whose value is below the probability come first.
    var (low, high) = (UInt64(0), UInt64(1) << 53)
    while low < high {
      let middle = (low + high) / 2
      if Key.unit(middle << 11) < probability { low = middle + 1 } else { high = middle }
    }
    threshold = low
  }
}

/// The runs of a broadcasting operation, with their starts computed beforehand.
struct BroadcastRuns: Sendable {
  let length: Int
  let steps: (Int, Int)
  let starts: [(Int, Int)]

  init(_ shape: Shape, _ left: Shape, _ right: Shape) {
    let loop = Loop(
      extents: shape.extents,
      strides: [left.strides(broadcastTo: shape)!, right.strides(broadcastTo: shape)!])
    length = loop.innerExtent
    steps = (loop.innerStrides[0], loop.innerStrides[1])
    var starts: [(Int, Int)] = []
    loop.forEachRun { starts.append(($0[0], $0[1])) }
    self.starts = starts
  }

  private init(length: Int, steps: (Int, Int), starts: [(Int, Int)]) {
    self.length = length
    self.steps = steps
    self.starts = starts
  }

  /// The number of results.
  var count: Int { length * starts.count }

  /// The number of values from each operand's first to the last one that is read.
  var readCounts: (Int, Int) {
    let last = starts.reduce((0, 0)) { (max($0.0, $1.0), max($0.1, $1.1)) }
    return (last.0 + (length - 1) * steps.0 + 1, last.1 + (length - 1) * steps.1 + 1)
  }

  /// Some of the runs, on operands that begin at the first value that any of them reads.
  func part(_ range: Range<Int>) -> (runs: BroadcastRuns, offsets: (Int, Int)) {
    let part = starts[range]
    let first = part.reduce((Int.max, Int.max)) { (min($0.0, $1.0), min($0.1, $1.1)) }
    let runs = BroadcastRuns(
      length: length, steps: steps, starts: part.map { ($0.0 - first.0, $0.1 - first.1) })
    return (runs, first)
  }
}

/// Rows along some axes of a tensor, in whatever order the axes lie in memory: the tensor's extents and strides with those axes
/// last.
struct StridedRows: Sendable {
  let rows: Int, length: Int
  let extents: [Int], strides: [Int]

  /// The rows along `axes` (normalized) of a tensor of `shape`.
  init(_ shape: Shape, along axes: [Int]) {
    let order = shape.extents.indices.filter { !axes.contains($0) } + axes
    let strides = shape.strides
    extents = order.map { shape.extents[$0] }
    self.strides = order.map { strides[$0] }
    length = axes.map { shape.extents[$0] }.reduce(1, *)
    rows = shape.reduced(over: axes, keepingAxes: true).elementCount
  }

  /// The number of values.
  var count: Int { rows * length }
}

/// A copy in which a tensor of whole numbers, one for each row, says which values are selected.
struct IndexedCopy: Sendable {
  /// What is copied.
  enum Kind: Sendable {
    /// y[row] = x[row, index].
    case pick
    /// y[row, index] = x[row]; the rest of y stays.
    case put
    /// y[row, index] = 1; the rest of y stays, and there is no x.
    case mark
    /// Row `row` of y = row `index` of x.
    case takeRows
    /// Row `index` of y grows by row `row` of x.
    case addRows
  }

  let kind: Kind
  /// The number of indices, and their upper bound.
  let rows: Int, bound: Int
  /// The number of values that one index selects.
  var length = 1

  /// Whether there is no x.
  var isOfOnes: Bool { kind == .mark }

  /// The number of values of x and of y.
  var sourceCount: Int {
    switch kind {
    case .pick: rows * bound
    case .put, .mark: rows
    case .takeRows: bound * length
    case .addRows: rows * length
    }
  }
  var targetCount: Int {
    switch kind {
    case .pick: rows
    case .put, .mark: rows * bound
    case .takeRows: rows * length
    case .addRows: bound * length
    }
  }

  /// Carries it out; traps if an index is not a whole number from 0 to `bound` - 1.
  func run<S: TensorScalar>(
    _ x: UnsafePointer<S>, _ indices: UnsafePointer<S>, into y: UnsafeMutablePointer<S>
  ) {
    for row in 0..<rows {
      guard let index = indices[row].index(below: bound) else {
        Self.refuse(indices[row], row: row, bound: bound)
      }
      switch kind {
      case .pick: y[row] = x[row * bound + index]
      case .put: y[row * bound + index] = x[row]
      case .mark: y[row * bound + index] = S(1)
      case .takeRows: (y + row * length).update(from: x + index * length, count: length)
      case .addRows:
        let sum = y + index * length
        S.binary(.add, count: length, sum, step: 1, x + row * length, step: 1, into: sum)
      }
    }
  }

  /// Traps with a message about the invalid index.
  static func refuse<S: TensorScalar>(_ index: S, row: Int, bound: Int) -> Never {
    fatalError("index \(index.real) of row \(row) is not a whole number from 0 to \(bound - 1)")
  }
}
