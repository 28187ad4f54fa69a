import Plumbline

/// Notes at which step the gradient of a parameter, and of each bias, was last not exactly zero.
///
/// Where gradients flow this costs one comparison for each parameter and one for each bias: the search for a
/// nonzero value starts where the last step found one.
struct GradientWatch<Scalar: TrainableScalar>: Sendable {
  private let entries: [ParameterLayout.Entry]
  /// For each parameter, the range of its values, and the position at which the last nonzero one was found.
  private let ranges: [Range<Int>]
  private var positions: [Int]
  /// For each parameter, the last step with a nonzero value; -1 for none.
  private var lastStep: [Int]
  /// The ranges of parameters with one axis, mostly biases, whose values belong to single units.
  private let unitRanges: [Range<Int>]
  /// For each of these values, one range after the other, the last step at which it was not zero; -1 for none.
  private var lastStepOfUnit: [Int32]

  init(_ layout: ParameterLayout) {
    entries = layout.entries
    ranges = entries.map { $0.offset..<$0.offset + $0.shape.elementCount }
    positions = ranges.map(\.lowerBound)
    lastStep = Array(repeating: -1, count: entries.count)
    unitRanges = zip(entries, ranges).filter { $0.0.shape.rank == 1 }.map(\.1)
    lastStepOfUnit = Array(repeating: -1, count: unitRanges.reduce(0) { $0 + $1.count })
  }

  /// What was seen so far, as a checkpoint keeps it.
  struct State: Codable {
    fileprivate let positions: [Int], lastStep: [Int], lastStepOfUnit: [Int32]
  }

  /// What was seen so far.
  var state: State {
    State(positions: positions, lastStep: lastStep, lastStepOfUnit: lastStepOfUnit)
  }

  /// Goes on from a state of the same layout.
  ///
  /// - Returns: Whether its layout is the same.
  mutating func restore(_ state: State) -> Bool {
    guard
      state.positions.count == ranges.count && state.lastStep.count == ranges.count
        && state.lastStepOfUnit.count == lastStepOfUnit.count,
      zip(state.positions, ranges).allSatisfy({ $1.isEmpty || $1.contains($0) })
    else { return false }
    (positions, lastStep, lastStepOfUnit) = (
      state.positions, state.lastStep, state.lastStepOfUnit
    )
    return true
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func look(at gradient: Tensor<Scalar>, step: Int) {
    gradient.withValues { values in
      for index in ranges.indices where !ranges[index].isEmpty {
        if values[positions[index]] == 0 {
          guard let position = ranges[index].first(where: { values[$0] != 0 }) else { continue }
          positions[index] = position
        }
        lastStep[index] = step
      }
      // Read, chosen and written without a branch, with steps as wide as a Float, so that it becomes vector instructions.
      let step = Int32(clamping: step)
      lastStepOfUnit.withUnsafeMutableBufferPointer { buffer in
        guard var units = buffer.baseAddress else { return }
        for range in unitRanges {
          let values = values + range.lowerBound
          for unit in 0..<range.count {
            let last = units[unit]
            units[unit] = values[unit] != 0 ? step : last
          }
          units += range.count
        }
      }
    }
  }

  /// What was seen in `stepCount` steps.
  func record(stepCount: Int) -> [Evidence.GradientRecord] {
    func since(_ step: Int) -> Int? { step < stepCount - 1 ? step + 1 : nil }
    var unit = 0
    return entries.indices.map { index in
      var units: [Int?]?
      if entries[index].shape.rank == 1 {
        units = lastStepOfUnit[unit..<unit + ranges[index].count].map { since(Int($0)) }
        unit += ranges[index].count
      }
      return Evidence.GradientRecord(
        name: entries[index].name, shape: entries[index].shape.extents,
        zeroSince: since(lastStep[index]), unitsZeroSince: units)
    }
  }
}
