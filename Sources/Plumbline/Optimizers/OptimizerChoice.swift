import Findings

/// An optimizer by name: one of the list of rules.
public struct OptimizerChoice: Sendable {
  /// The rule with its default settings.
  public let rule: any UpdateRule

  /// The rules available in files and options.
  public static let rules: [any UpdateRule] = [
    SGDRule(),
    MomentumRule(),
    NesterovRule(),
    RMSpropRule(),
    AdagradRule(),
    AdamRule(),
    AdamWRule(),
    LionRule(),
    AdamaxRule(),
    MuonRule(),
  ]

  /// Every setting of any optimizer in the list, with the optimizers that take it: `adam (0.9)`, with the default in brackets.
  package static let settings: [(name: String, isFlag: Bool, takers: [String])] = {
    var settings: [(name: String, isFlag: Bool, takers: [String])] = []
    for rule in rules {
      for setting in rule.settings {
        let taker = rule.title + (setting.standard.isEmpty ? "" : " (\(setting.standard))")
        if let index = settings.firstIndex(where: { $0.name == setting.name }) {
          settings[index].takers.append(taker)
        } else {
          settings.append((setting.name, setting.isFlag, [taker]))
        }
      }
    }
    return settings
  }()

  /// An optimizer with a rule, which need not be in the list.
  public init(_ rule: some UpdateRule) { self.rule = rule }

  private init(any rule: any UpdateRule) { self.rule = rule }

  /// The names of the settings that this optimizer takes, such as `weight_decay`.
  public var takenOptions: [String] { rule.settingNames }

  /// The rule with the settings in `options`; the others have their defaults.
  ///
  /// - Throws: A setting that the optimizer does not have, or a value outside its range.
  public func rule(_ options: OptimizerOptions) throws(Problem) -> any UpdateRule {
    try rule.setting(options.values)
  }

  /// The optimizer at a learning rate; settings not in `options` have PyTorch's defaults, and 0.9 for momentum. Traps if an
  /// option does not fit.
  public func optimizer<Scalar: TrainableScalar>(
    learningRate: Double, options: OptimizerOptions = OptimizerOptions()
  ) -> any Optimizer<Scalar> {
    do throws(Problem) {
      return try rule(options).optimizer(learningRate: learningRate)
    } catch {
      fatalError("the optimizer \(rawValue): \(error)")
    }
  }
}

extension OptimizerChoice: RawRepresentable, CaseIterable, Codable, Hashable {
  /// The optimizers of the list.
  public static var allCases: [OptimizerChoice] { rules.map(OptimizerChoice.init(any:)) }

  /// The title of the rule.
  public var rawValue: String { rule.title }

  /// The optimizer of this title.
  public init?(rawValue title: String) {
    guard let rule = Self.rules.first(where: { $0.title == title }) else { return nil }
    self.rule = rule
  }

  /// Whether they have the same title.
  public static func == (left: OptimizerChoice, right: OptimizerChoice) -> Bool {
    left.rawValue == right.rawValue
  }

  /// Hashes the title.
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// An optimizer's settings, by the names of its rule; those not given have their defaults. Yes is 1, no 0.
@dynamicMemberLookup
public struct OptimizerOptions: Sendable, Hashable {
  /// The values by name, as in `weight_decay`.
  public private(set) var values: [String: Double] = [:]

  /// Every default.
  public init() {}

  /// The value of a setting; `nil` for the default.
  public subscript(name: String) -> Double? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The value of a setting whose name is a single word.
  public subscript(dynamicMember name: String) -> Double? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The weight decay.
  public var weightDecay: Double? {
    get { values["weight_decay"] }
    set { values["weight_decay"] = newValue }
  }
}

extension OptimizerOptions: Codable {
  /// Reads an object of numbers and booleans.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FieldKey.self)
    for key in container.allKeys {
      let isFlag = try? container.decode(Bool.self, forKey: key)
      values[key.words] =
        try isFlag.map { $0 ? 1 : 0 } ?? container.decode(Double.self, forKey: key)
    }
  }

  /// Writes an object of numbers.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    for (name, value) in values.sorted(by: { $0.key < $1.key }) { try fields.write(name, value) }
  }
}

extension FieldKey {
  /// The name with underscores between its words, even if a decoder has turned it into `weightDecay`.
  fileprivate var words: String {
    stringValue.reduce(into: "") { words, letter in
      words += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
  }
}
