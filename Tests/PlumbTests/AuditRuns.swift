import AuditCases
import Datasets
import Plumbline
import TestSupport
import Verification

/// Runs for `plumb audit`, as a program of examples in rows leaves them.
enum AuditRuns {
  static func network(
    _ widths: [Int] = [3, 4, 2], _ activation: Activation = .tanh
  ) throws -> HandWrittenNetwork {
    try HandWrittenNetwork(widths: widths, activations: [activation])
  }

  static func arrays(
    _ mutations: [Mutation] = [], _ widths: [Int] = [3, 4, 2],
    _ activation: Activation = .tanh, layout: ArrayLayout = .rows, zeroBiases: Bool = false,
    examples: Int = 7
  ) throws -> [String: ArrayBytes] {
    let auditCase = AuditCase(
      "a run", try network(widths, activation), examples: examples, content: .everything,
      layout: layout, zeroBiases: zeroBiases, deviation: zeroBiases ? 0.01 : 0.7,
      mutations: mutations)
    var arrays = auditCase.run.arrays.mapValues { ArrayBytes($0) }
    if let cost = auditCase.run.cost { arrays["cost"] = ArrayBytes([], [cost]) }
    return arrays
  }

  /// Three layers, of which `changes` make something unusable.
  static func file(
    _ name: String = "run.npz", _ changes: @escaping @Sendable (inout [String: ArrayBytes]) -> Void
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      var arrays = try arrays([], [3, 4, 5, 2])
      changes(&arrays)
      try folder.write(archive(arrays), as: name)
    }
  }
}
