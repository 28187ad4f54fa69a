/// Which piece of a piecewise operation each element lies on: the side of a ReLU, the winner of a maximum.
///
/// A piecewise smooth operation is smooth between two points at which its decisions are equal,
/// and has a kink or a step between two at which they differ.
public struct Decisions: Sendable, Hashable {
  /// One decision for each element of this shape.
  public let shape: Shape
  /// The decisions in row-major order. What a number means depends on the operation: for a sign -1, 0
  /// or 1 (2 for NaN), for a maximum the position of the winner (below 0 at a tie).
  public let codes: [Int32]

  /// Decisions in row-major order; traps if their number does not fit the shape.
  public init(shape: Shape, codes: [Int32]) {
    require(
      codes.count == shape.elementCount,
      "shape \(shape) holds \(shape.elementCount) decisions, but \(codes.count) were given")
    self.shape = shape
    self.codes = codes
  }

  /// The decision on each element.
  init(_ x: Tensor<Double>, _ code: (Double) -> Int32) {
    self.init(shape: x.shape, codes: x.scalars.map(code))
  }

  /// On which side of 0 each element lies.
  public init(signsOf x: Tensor<Double>) { self.init(x, Self.side) }

  /// -1, 0 or 1 by the sign of a value, 2 for NaN.
  static func side(_ value: Double) -> Int32 {
    value > 0 ? 1 : value < 0 ? -1 : value == 0 ? 0 : 2
  }

  /// Which of two operands is larger, after broadcasting: -1, 0 or 1 if the first is smaller, equal or larger.
  public init(comparing x: Tensor<Double>, with y: Tensor<Double>) {
    guard let shape = Shape.broadcast(x.shape, y.shape) else {
      fatalError("a comparison cannot broadcast \(x.shape) and \(y.shape)")
    }
    let (x, y) = (x.broadcast(to: shape).scalars, y.broadcast(to: shape).scalars)
    self.init(
      shape: shape, codes: zip(x, y).map { $0 < $1 ? -1 : $0 > $1 ? 1 : $0 == $1 ? 0 : 2 })
  }

  /// The position of the winner among the elements along axes, given the largest of each; at a tie a number below 0 that encodes
  /// all winners.
  init(winnersOf x: Tensor<Double>, alongAxes axes: [Int], _ largest: Tensor<Double>) {
    let kept = x.shape.extents.indices.filter { !axes.contains($0) }
    let rows = x.transposed(permutation: kept + axes).scalars
    let length = axes.map { x.shape.extents[$0] }.reduce(1, *)
    self.init(
      shape: largest.shape,
      codes: largest.scalars.enumerated().map { row, value in
        var code: Int32?
        for position in 0..<length where rows[row * length + position] == value {
          // The sign keeps ties apart from single winners; wrapping is harmless in a fingerprint.
          code =
            code.map { ($0 &* 1_000_003 &+ Int32(truncatingIfNeeded: position) &+ 0x9E37) | .min }
            ?? Int32(truncatingIfNeeded: position)
        }
        return code ?? Int32.max
      })
  }

  /// The positions at which two sets of decisions of one operation differ.
  public func positions(differingFrom other: Decisions) -> [Int] {
    codes == other.codes ? [] : codes.indices.filter { codes[$0] != other.codes[$0] }
  }
}

/// The decisions of one operation of a tape.
public struct RecordedDecisions: Sendable, Hashable {
  /// The position on the tape.
  public let index: Int
  /// The operation's name.
  public let operation: String
  /// The path of the layer whose output it decides on, if any.
  public let layer: String?
  /// What it decided.
  public let decisions: Decisions
}

extension Tape {
  /// The decisions of all piecewise operations, in order. Complexity: O(input values).
  public var decisions: [RecordedDecisions] {
    valueWasRead = true
    return nodes.indices.compactMap { index in
      guard let operation = nodes[index].operation, operation.isPiecewise else { return nil }
      let inputs = nodes[index].inputs.map { position in
        let value = value(at: position)
        return (value as? Tensor<Double>) ?? Tensor<Double>(converting: value)
      }
      return operation.decisions(inputs).map {
        RecordedDecisions(
          index: index, operation: operation.name,
          layer: nodes[index].inputs.lazy.compactMap { self.layerPath(at: $0) }.first
            ?? layerPath(at: index), decisions: $0)
      }
    }
  }
}
