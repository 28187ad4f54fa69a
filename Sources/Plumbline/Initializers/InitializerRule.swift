/// An object in a file that says how a parameter is initialized, `{"scheme": "variance-scaling", "gain": 2}`: the title is the
/// scheme.
public protocol InitializerScheme: Form {
  /// Short texts for initializers of the scheme, such as `he` and `normal:0.01`.
  static var names: [InitializerName] { get }

  /// The initializer with these settings.
  var initializer: Initializer { get }
}

extension InitializerScheme {
  /// None.
  public static var names: [InitializerName] { [] }
}

/// A distribution over the values of a parameter.
public protocol InitializerRule: InitializerScheme {
  /// The same draws times a factor.
  func scaled(by factor: Double) -> Self

  /// The standard deviation of the values for a shape; `nil` if they depend on each other.
  func standardDeviation(shape: Shape) -> Double?

  /// The mean square of values that are, at least nearly, independent with mean 0, as the prediction of signals assumes;
  /// `nil` if they are not.
  func meanSquareOfIndependentValues(shape: Shape) -> Double?

  /// The initial values of a parameter in row-major order.
  func values(shape: Shape, key: Key) -> [Double]

  /// The rule with its numbers in words.
  var summary: String { get }
}

extension InitializerRule {
  /// The initializer of this rule.
  public var initializer: Initializer { Initializer(self) }

  /// The square of the standard deviation, if there is one.
  public func meanSquareOfIndependentValues(shape: Shape) -> Double? {
    standardDeviation(shape: shape).map { $0 * $0 }
  }
}

/// A short text for an initializer: a name, or a name and a number after a colon.
public struct InitializerName: Sendable {
  /// An example, with the meaning of its number: `normal:0.01 (the standard deviation)`.
  public let usage: String
  /// Just the example.
  public let example: String

  /// The initializer of a text with this name; `nil` for every other text.
  let initializer: @Sendable (_ text: String, _ gain: Double) -> Initializer?
  /// The text of an initializer; `nil` if this name has none for it.
  let text: @Sendable (Initializer) -> String?

  /// A name for one initializer, which may depend on the gain of the activation that follows.
  static func plain(
    _ name: String, _ make: @escaping @Sendable (_ gain: Double) -> Initializer
  ) -> InitializerName {
    InitializerName(
      usage: name, example: name, initializer: { $0 == name ? make($1) : nil },
      text: { $0 == make(Initializer.customaryGain) ? name : nil })
  }

  /// A name for the rules that differ from the default only in one number.
  static func numbered<Rule: InitializerRule>(
    _ name: String, _ path: any WritableKeyPath<Rule, Double> & Sendable, example: Double,
    meaning: String? = nil, in range: NumberRange = .any
  ) -> InitializerName {
    @Sendable func rule(_ number: Double) -> Rule {
      var rule = Rule()
      rule[keyPath: path] = number
      return rule
    }
    let text = "\(name):\(example)"
    return InitializerName(
      usage: text + (meaning.map { " (\($0))" } ?? ""), example: text,
      initializer: { text, _ in
        guard text.hasPrefix(name + ":"), let number = Double(text.dropFirst(name.count + 1)),
          number.isFinite, range.contains(number)
        else { return nil }
        return rule(number).initializer
      },
      text: { initializer in
        guard let own = initializer.rule as? Rule, own == rule(own[keyPath: path]) else {
          return nil
        }
        return "\(name):\(own[keyPath: path])"
      })
  }
}
