import Plumbline

/// The request to an experiment. Together with the data it determines every number of the result.
public struct GridConfiguration: Codable, Sendable, Hashable {
  /// Hidden weight layers, ascending.
  public var depths: [Int] = [2, 4, 8, 16, 32, 64, 128]
  /// The kinds of network.
  public var arms: [Arm] = Arm.allCases {
    didSet { armDefinitions = Self.definitions(of: arms) }
  }
  /// The text that defines each arm outside the library, by name; `nil` if there are none.
  public private(set) var armDefinitions: [String: String]?
  /// The width of every hidden layer.
  public var width = 64
  /// Examples in a batch, and batches.
  public var batch = 128, steps = 400
  /// The algorithm.
  public var optimizer = OptimizerChoice.adam
  /// Further training settings, by option name; `nil` for the defaults.
  public var training: [String: Factor.Level]?
  /// The grid of learning rates, the same for every cell. A single rate is not searched but used.
  public var learningRates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
  /// Seeds for choosing the rate, and fresh ones for the report.
  public var seeds = 3, reportSeeds = 5
  /// The set of draws: a different number changes all seeds; `nil` for 1.
  public var seed: Int?
  /// The factors varied in addition to arms and depths; `nil` for none.
  public var factors: [Factor]?
  /// How the levels of the factors are combined; `nil` for every combination.
  public var design: Design?
  /// Whether the rates are searched by successive halving; `nil` for all rates at all steps.
  public var halving: Bool?
  /// The names of the measures in addition to loss and error on the training set; `nil` for none.
  public var measures: [String]?

  /// How the levels of several factors are combined.
  public enum Design: String, Codable, Sendable, CaseIterable {
    /// Every level of one with every level of the others.
    case grid
    /// The first level of every factor, and then each other level of one factor at a time.
    case oneAtATime = "one-at-a-time"
  }

  /// The default configuration.
  public init() {}

  private static func definitions(of arms: [Arm]) -> [String: String]? {
    let own = arms.compactMap { arm in arm.definition.map { (arm.rawValue, $0) } }
    return own.isEmpty ? nil : Dictionary(own, uniquingKeysWith: { first, _ in first })
  }

  /// A small form that takes less than a minute on two cores and still shows the effect.
  public static var quick: GridConfiguration {
    var configuration = GridConfiguration()
    configuration.depths = [4, 16, 64]
    configuration.arms = [.plain, .residual]
    configuration.learningRates = [3e-4, 1e-3, 3e-3]
    configuration.steps = 200
    configuration.seeds = 1
    return configuration
  }

  /// The combinations of levels, in order; a single empty one if nothing is varied.
  public var conditions: [Condition] {
    let factors = factors ?? []
    if design == .oneAtATime {
      let base = Condition(factors.map { ($0.name, $0.levels[0]) })
      let others = factors.indices.flatMap { changed in
        factors[changed].levels.dropFirst().map { level in
          Condition(
            factors.indices.map {
              (factors[$0].name, $0 == changed ? level : factors[$0].levels[0])
            })
        }
      }
      return [base] + others
    }
    return factors.reduce([Condition()]) { conditions, factor in
      conditions.flatMap { condition in
        factor.levels.map { condition.setting(factor.name, to: $0) }
      }
    }
  }
}

/// A kind of network at a depth, under a condition.
public struct GridCell: Sendable, Hashable {
  /// The kind.
  public let arm: Arm
  /// Hidden weight layers.
  public let depth: Int
  /// The levels of the varied factors.
  public let condition: Condition

  package init(arm: Arm, depth: Int, condition: Condition = Condition()) {
    self.arm = arm
    self.depth = depth
    self.condition = condition
  }
}
