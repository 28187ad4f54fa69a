import Console
import Findings
import Plumbline

/// A generator by name with its settings, as on a command line:
/// `two-spirals`, `glyphs:count=2000,noise=0.1`.
///
/// ```swift
/// let sets = try GeneratedData("rings:classes=3,count=600").sets()
/// ```
public struct GeneratedData: Sendable, Hashable, Codable {
  /// The generator's name.
  public let name: String
  /// All settings by name, with defaults for those not given.
  public let settings: [String: Double]

  /// The names of all generators.
  public static let names = GeneratorDeclaration.all.map(\.name)

  /// The generators, each with its settings at their defaults: `noise=0.1`.
  public static let generators = GeneratorDeclaration.all.map { declaration in
    (
      name: declaration.name,
      settings: declaration.settings.map { "\($0.name)=\(NumberFormat.plain($0.defaultValue))" }
    )
  }

  /// A generator with these settings; those not given have their defaults.
  ///
  /// - Throws: ``/Findings/Problem`` for an unknown name, setting or value, with the nearest
  ///   known one.
  public init(_ name: String, settings: [String: Double] = [:]) throws(Problem) {
    let declaration = try GeneratorDeclaration.named(name)
    var all = Dictionary(
      uniqueKeysWithValues: declaration.settings.map { ($0.name, $0.defaultValue) })
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      let setting = try declaration.setting(key)
      try setting.require(value, "\(value)", of: name)
      all[key] = value
    }
    self.name = name
    self.settings = all
    try declaration.requireTogether(self)
  }

  /// Reads `NAME` or `NAME:KEY=VALUE,...`.
  ///
  /// - Throws: ``/Findings/Problem`` as the other initializer does, and for text in another form.
  public init(parsing text: String) throws(Problem) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let declaration = try GeneratorDeclaration.named(String(parts[0]))
    var settings: [String: Double] = [:]
    if parts.count > 1 {
      for assignment in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
        let sides = assignment.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else {
          throw declaration.failure(
            "settings", "\"\(assignment)\" is not of the form key=value",
            "write it like \(declaration.name):count=500,seed=2")
        }
        let setting = try declaration.setting(String(sides[0]))
        guard let value = Double(sides[1]) else {
          throw setting.failure(String(sides[1]), of: declaration.name)
        }
        guard settings.updateValue(value, forKey: setting.name) == nil else {
          throw declaration.failure(
            "settings", "\(setting.name) is given twice", "give it once")
        }
      }
    }
    try self.init(declaration.name, settings: settings)
  }

  /// The examples: `count` for training, followed by `test` for testing.
  ///
  /// - Complexity: O(number of examples).
  public func sets() throws(Problem) -> LabelledSets {
    let declaration = try GeneratorDeclaration.named(name)
    let make = declaration.generator(self)
    let (count, testCount) = (whole("count"), whole("test"))
    let noise = self["random-labels"]
    let drawn = try make(count, 0)
    let train = try
      (noise > 0 ? drawn.randomizingLabels(key: key["random labels"], fraction: noise) : drawn)
      .named("train")
    let test =
      testCount > 0 ? try make(testCount, count).named("test") : nil
    return LabelledSets(train: train, test: test, format: "generated", notes: [])
  }

  /// The generator and all its settings, in a form that ``init(parsing:)`` reads.
  public var text: String {
    let list = (try? GeneratorDeclaration.named(name))?.settings.map { setting in
      "\(setting.name)=\(NumberFormat.plain(settings[setting.name] ?? setting.defaultValue))"
    }
    return "\(name):" + (list ?? []).joined(separator: ",")
  }

  /// The value of a setting that is declared.
  subscript(name: String) -> Double {
    guard let value = settings[name] else {
      fatalError("\(self.name) has no setting \(name), only \(settings.keys.sorted())")
    }
    return value
  }

  /// The value of a setting declared as a whole number.
  func whole(_ name: String) -> Int { Int(self[name]) }

  /// The key from which all randomness is drawn.
  var key: Key { Key(seed: whole("seed"))["data"] }
}
