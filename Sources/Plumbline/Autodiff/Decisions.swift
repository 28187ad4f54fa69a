/// Which piece of a piecewise operation each element lies on: the side of a ReLU, the winner of a maximum.
///
/// An operation that is made of smooth pieces is smooth between two points at which its decisions are equal,
/// and has a kink or a step between two at which they differ.
public struct Decisions: Sendable, Hashable {
  /// One decision for each element of this shape.
  public let shape: Shape
  /// The decisions in row-major order. What a number stands for is the operation's own affair: for a sign -1, 0
  /// or 1 (2 for NaN), for a maximum the place of the winner (below 0 at a tie).
  public let codes: [Int32]

  /// Decisions in row-major order; traps where their number does not fit the shape.
  public init(shape: Shape, codes: [Int32]) {
    require(
      codes.count == shape.elementCount,
      "shape \(shape) holds \(shape.elementCount) decisions and \(codes.count) were given")
    self.shape = shape
    self.codes = codes
  }

  /// On which side of 0 each element lies.
  public init(signsOf x: Tensor<Double>) {
    self.init(shape: x.shape, codes: x.withValues { x, count in (0..<count).map { side(x[$0]) } })
  }

  /// Which of two operands is larger, after broadcasting: -1, 0 or 1 as the first is smaller, equal or larger.
  public init(comparing x: Tensor<Double>, with y: Tensor<Double>) {
    guard let shape = Shape.broadcast(x.shape, y.shape) else {
      fatalError("a comparison cannot broadcast \(x.shape) and \(y.shape)")
    }
    let (x, y) = (x.broadcast(to: shape), y.broadcast(to: shape))
    self.init(
      shape: shape,
      codes: x.withValues { x, count in
        y.withValues { y, _ in
          (0..<count).map { x[$0] < y[$0] ? -1 : x[$0] > y[$0] ? 1 : x[$0] == y[$0] ? 0 : 2 }
        }
      })
  }

  /// The places at which two sets of decisions of one operation differ.
  public func places(differingFrom other: Decisions) -> [Int] {
    codes == other.codes ? [] : codes.indices.filter { codes[$0] != other.codes[$0] }
  }
}

private func side(_ value: Double) -> Int32 {
  value > 0 ? 1 : value < 0 ? -1 : value == 0 ? 0 : 2
}

extension Tensor {
  fileprivate func withValues<Result>(_ body: (UnsafePointer<Scalar>, Int) -> Result) -> Result {
    withValues { body($0, count) }
  }
}

/// The decisions of one operation of a tape.
public struct RecordedDecisions: Sendable, Hashable {
  /// The place on the tape.
  public let index: Int
  /// The operation's name.
  public let operation: String
  /// The path of the layer whose output it decides on, where there is one.
  public let layer: String?
  /// What it decided.
  public let decisions: Decisions
}

extension Tape {
  /// The decisions of all piecewise operations, in order. Complexity: O(values that they were given).
  public var decisions: [RecordedDecisions] {
    valueWasRead = true
    return nodes.indices.compactMap { index in
      guard let operation = nodes[index].operation, operation.isPiecewise else { return nil }
      let inputs = nodes[index].inputs.map { place in
        let value = value(at: place)
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

// MARK: - The decisions of the built-in operations

extension Relu {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
}

extension LeakyRelu {
  var isPiecewise: Bool { slope != 1 }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
}

extension Elu {
  // With alpha = 1 the two slopes at 0 are equal; the second derivative's comparison tells of its own step.
  var isPiecewise: Bool { alpha != 1 }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
}

extension Absolute {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
}

extension Sign {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
}

extension Clip {
  var isPiecewise: Bool { true }
  /// Below, at the lower end, inside, at the upper end, above: -2 ... 2.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(
      shape: inputs[0].shape,
      codes: inputs[0].withValues { x, count in
        (0..<count).map { side(x[$0] - low) + side(x[$0] - high) }
      })
  }
}

extension Gate {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[1]) }
}

extension Select {
  var isPiecewise: Bool { true }
  /// 1 where the first operand was taken, 0 where the second was.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(
      shape: inputs[0].shape,
      codes: inputs[0].withValues { mask, count in (0..<count).map { mask[$0] != 0 ? 1 : 0 } })
  }
}

extension Compare {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(comparing: inputs[0], with: inputs[1])
  }
}

extension Extremum {
  var isPiecewise: Bool { true }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    Decisions(comparing: inputs[0], with: inputs[1])
  }
}

extension MaximumOverAxes {
  var isPiecewise: Bool { true }
  /// The place of the winner among the reduced elements; at a tie a number below 0 made of all winners.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    let x = inputs[0]
    let largest = forward([x])
    let kept = x.shape.extents.indices.filter { !axes.contains($0) }
    let rows = x.transposed(permutation: kept + axes)
    let length = axes.map { x.shape.extents[$0] }.reduce(1, *)
    return Decisions(
      shape: largest.shape,
      codes: rows.withValues { x, _ in
        largest.withValues { largest, count in
          (0..<count).map { row in
            var code: Int32?
            for place in 0..<length where x[row * length + place] == largest[row] {
              // The sign keeps ties apart from single winners; wrapping is harmless in a fingerprint.
              code =
                code.map { ($0 &* 1_000_003 &+ Int32(truncatingIfNeeded: place) &+ 0x9E37) | .min }
                ?? Int32(truncatingIfNeeded: place)
            }
            return code ?? Int32.max
          }
        }
      })
  }
}

extension ActivationGradient {
  var isPiecewise: Bool { [.leakyRelu, .elu, .clip].contains(function) }
  /// Of the function whose derivative this is: it jumps where the function bends.
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    switch function {
    case .leakyRelu, .elu: Decisions(signsOf: inputs[1])
    case .clip: Decisions(comparing: inputs[1], with: inputs[2])
    default: nil
    }
  }
}
