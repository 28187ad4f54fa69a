import Plumbline

/// Elements of a piecewise operation that change piece between two points: units of a layer whose ReLU
/// switches, for some of the samples.
public struct Crossing: Sendable, Hashable, CustomStringConvertible {
  /// The operation's index on the tape and its name.
  public let node: Int, operation: String
  /// The path of its layer, if it has one.
  public let layer: String?
  /// The index along the last axis.
  public let unit: Int
  /// The indices along the other axes, flattened.
  public let samples: [Int]

  /// As in "relu of layer 2, unit 0, 17 samples".
  public var description: String { description { $0 } }

  /// The same with layer names other than their paths.
  public func description(layerName: (String) -> String) -> String {
    let owner = layer.map { " of layer \(layerName($0))" } ?? ""
    return
      "\(Spelling.words(operation))\(owner), unit \(unit), \(samples.count) sample\(samples.count == 1 ? "" : "s")"
  }

  /// All elements that decide differently in two evaluations of one function, by operation and unit.
  public static func between(
    _ left: [RecordedDecisions], _ right: [RecordedDecisions]
  ) -> [Crossing] {
    zip(left, right).flatMap { left, right -> [Crossing] in
      guard left.decisions.shape == right.decisions.shape else { return [] }
      let units = Swift.max(left.decisions.shape.extents.last ?? 1, 1)
      var samples: [Int: [Int]] = [:]
      for decision in left.decisions.positions(differingFrom: right.decisions) {
        samples[decision % units, default: []].append(decision / units)
      }
      return samples.sorted { $0.key < $1.key }.map { unit, samples in
        Crossing(
          node: left.index, operation: left.operation, layer: left.layer, unit: unit,
          samples: samples)
      }
    }
  }
}

/// An entry at which the function has two slopes, and what the gradient says there.
public struct Kink: Sendable, Hashable {
  /// The entry in row-major order; `nil` for a direction in all entries of the tensor.
  public let entry: Int?
  /// What the gradient says.
  public let claimed: Double
  /// The slopes of the function on the two sides.
  public let leftSlope: Double, rightSlope: Double
  /// What the operations' conventions for their kinks give, by dual numbers.
  public let byConvention: Double
  /// The elements that switch there.
  public let crossings: [Crossing]
}

/// A function along one line through the point that is checked.
struct Line {
  /// Whether anything on the tape has pieces.
  let isPiecewise: Bool
  /// The size of the terms that the value is summed from.
  let magnitude: Double
  /// The smallest step: changes within it count as changes at 0.
  let smallest: Double
  let value: (Double) -> Double
  let decisions: (Double) -> (value: Double, decisions: [RecordedDecisions])
  /// The slope by dual numbers, which take no step.
  let slope: (Double) -> Double

  /// What is found at 0.
  enum Finding {
    /// One slope, by central differences with their error.
    case smooth(slope: Double, error: Double)
    /// One slope, by dual numbers: a kink is too near for accurate differences.
    case besideKink(slope: Double)
    /// Two slopes, by dual numbers.
    case kinked(left: Double, right: Double, [Crossing])
  }

  /// The slope at 0, from steps between which no decision changes; both slopes if one changes at 0.
  ///
  /// - Parameter gradientScale: The size of gradients here, which says how accurate an answer must be.
  func examined(gradientScale: Double) -> Finding {
    guard isPiecewise else {
      let found = CentralDifference(magnitude: magnitude, of: value)
      return found.predictedError.isFinite
        ? .smooth(slope: found.derivative, error: found.predictedError) : oneSided()
    }
    let right = decisions(smallest).decisions
    let left = decisions(-smallest).decisions
    if !isSame(left, right) {
      // One step to the side, the slope is that of the piece there; two steps extrapolate it to 0.
      return .kinked(
        left: 2 * slope(-smallest) - slope(-2 * smallest),
        right: 2 * slope(smallest) - slope(2 * smallest), Crossing.between(left, right))
    }
    let function = masked(right)
    let central = CentralDifference(magnitude: magnitude, of: function)
    var best = (slope: central.derivative, error: central.predictedError)
    func isSharp() -> Bool { best.error <= 1e-7 * Swift.max(gradientScale, abs(best.slope)) }
    if isSharp() { return .smooth(slope: best.slope, error: best.error) }
    let near = CentralDifference(scale: 0x1p-14, magnitude: magnitude, of: function)
    if near.predictedError < best.error { best = (near.derivative, near.predictedError) }
    // If the slope is inaccurate although no step is ruled out, dual numbers would not give a more accurate one.
    let isFree = function(0x1p-4).isFinite && function(-0x1p-4).isFinite
    return isSharp() || isFree
      ? .smooth(slope: best.slope, error: best.error) : .besideKink(slope: slope(0))
  }

  /// The slope at the edge of a domain, as of a logarithm or a root near 0: by the side on which the function has values.
  private func oneSided() -> Finding {
    let sides = [OneSidedDifference.Side.right, .left].map {
      OneSidedDifference($0, magnitude: magnitude, of: value)
    }
    let best = sides[0].predictedError <= sides[1].predictedError ? sides[0] : sides[1]
    return .smooth(slope: best.derivative, error: best.predictedError)
  }

  /// The order of the Taylor remainder; `nil` if a kink is too near to measure it.
  func taylorSlope(derivative: Double) -> TaylorSlope? {
    guard isPiecewise else {
      return TaylorSlope(derivative: derivative, magnitude: magnitude, of: value)
    }
    let function = masked(decisions(smallest).decisions)
    guard function(0x1p-18).isFinite || !value(0x1p-18).isFinite else { return nil }
    return TaylorSlope(derivative: derivative, magnitude: magnitude) { step in
      step == 0 ? value(0) : function(step)
    }
  }

  /// The function where it decides as in `reference`: elsewhere its values say nothing about the slope there.
  private func masked(_ reference: [RecordedDecisions]) -> (Double) -> Double {
    { step in
      let (value, decisions) = self.decisions(step)
      return isSame(decisions, reference) ? value : .nan
    }
  }
}

private func isSame(_ left: [RecordedDecisions], _ right: [RecordedDecisions]) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { $0.decisions == $1.decisions }
}
