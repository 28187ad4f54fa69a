import Findings
import Plumbline
import Training

/// A factor that every experiment has: how wide its networks are, or how they are trained. All other factors are read by arms.
struct TrainingFactor: Sendable {
  /// The name that `--vary` takes.
  let name: String
  /// What is wrong with a level on a training set of so many examples, and what to give instead; `nil` where it will do.
  let objection: @Sendable (Factor.Level, _ examples: Int) -> (problem: String, remedy: String)?
  /// Sets a run to a level that will do.
  let set: @Sendable (inout GridRun, Factor.Level) -> Void
  /// What a run is set to.
  let level: @Sendable (GridRun) -> Factor.Level

  /// All, in the order in which they name a cell.
  static let all = [
    count("width", \.width, atMost: { _ in 65536 }), optimizer,
    count("batch", \.batch, atMost: { $0 }),
    count("steps", \.steps, atMost: { _ in 1_000_000_000_000 }),
  ]

  /// The factor of a name; `nil` where it is one that arms read.
  static func named(_ name: String) -> TrainingFactor? { all.first { $0.name == name } }

  private static let optimizer = TrainingFactor(
    name: "optimizer",
    objection: { level, _ in
      OptimizerChoice(rawValue: "\(level)") != nil
        ? nil
        : (
          "there is no optimizer \"\(level)\"",
          "give some of " + OptimizerChoice.allCases.map(\.rawValue).joined(separator: ", ")
        )
    },
    set: { $0.optimizer = OptimizerChoice(rawValue: "\($1)") ?? $0.optimizer },
    level: { .text($0.optimizer.rawValue) })

  /// A number of things, at least one.
  private static func count(
    _ name: String, _ path: WritableKeyPath<GridRun, Int> & Sendable,
    atMost limit: @escaping @Sendable (_ examples: Int) -> Int
  ) -> TrainingFactor {
    TrainingFactor(
      name: name,
      objection: { level, examples in
        let limit = limit(examples)
        if let number = level.whole, 1 <= number, number <= limit { return nil }
        return ("\(name)=\(level)", "give whole numbers from 1 to \(limit)")
      },
      set: { $0[keyPath: path] = $1.whole ?? $0[keyPath: path] },
      level: { .number(Double($0[keyPath: path])) })
  }
}

extension Factor.Level {
  /// The whole number; `nil` for others and texts.
  fileprivate var whole: Int? { number.flatMap { Int(exactly: $0) } }
}
