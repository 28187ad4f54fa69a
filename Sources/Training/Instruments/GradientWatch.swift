import Plumbline

/// Notes at which step the gradient of a parameter, and of each bias, was last other than exactly zero.
///
/// Where gradients flow this costs one comparison for each parameter and one for each bias: the search for a
/// nonzero value starts where the last step found one.
struct GradientWatch<Scalar: TrainableScalar>: Sendable {
  private let entries: [ParameterLayout.Entry]
  /// Of each parameter, the place at which the last nonzero value was found.
  private var places: [Int]
  /// Of each parameter, the last step with a nonzero value; -1 for none.
  private(set) var lastStep: [Int]
  /// The parameters with one axis: biases, which tell of single units.
  private let vectors: [Int]
  /// Of each of their values, the last step at which it was not zero; -1 for none.
  private(set) var lastStepOfUnit: [[Int]]

  init(_ layout: ParameterLayout) {
    entries = layout.entries
    places = Array(repeating: 0, count: entries.count)
    lastStep = Array(repeating: -1, count: entries.count)
    let vectors = layout.entries.indices.filter { layout.entries[$0].shape.rank == 1 }
    self.vectors = vectors
    lastStepOfUnit = vectors.map {
      Array(repeating: -1, count: layout.entries[$0].shape.elementCount)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func look(at gradient: Tensor<Scalar>, step: Int) {
    gradient.withValues { values in
      for index in entries.indices {
        let count = entries[index].shape.elementCount
        guard count > 0 else { continue }
        let start = values + entries[index].offset
        var place = places[index]
        if start[place] == 0 {
          place = 0
          while place < count && start[place] == 0 { place += 1 }
          guard place < count else { continue }
          places[index] = place
        }
        lastStep[index] = step
      }
      for (row, index) in vectors.enumerated() {
        let start = values + entries[index].offset
        for unit in lastStepOfUnit[row].indices where start[unit] != 0 {
          lastStepOfUnit[row][unit] = step
        }
      }
    }
  }

  /// What was seen in `stepCount` steps.
  func record(stepCount: Int) -> [Evidence.GradientRecord] {
    entries.indices.map { index in
      Evidence.GradientRecord(
        name: entries[index].name, shape: entries[index].shape.extents,
        zeroSince: lastStep[index] < stepCount - 1 ? lastStep[index] + 1 : nil,
        unitsZeroSince: vectors.firstIndex(of: index).map { row in
          lastStepOfUnit[row].map { $0 < stepCount - 1 ? $0 + 1 : nil }
        })
    }
  }
}
