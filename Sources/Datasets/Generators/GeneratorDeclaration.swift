import Console
import Findings
import Plumbline

/// A generator that can be requested by name: its settings, and what it makes of them.
struct GeneratorDeclaration: Sendable {
  /// A number that can be set.
  struct Setting: Sendable {
    let name: String
    let defaultValue: Double
    let range: ClosedRange<Double>
    let isWhole: Bool

    /// A whole number.
    static func whole(_ name: String, _ value: Int, _ range: ClosedRange<Int>) -> Setting {
      Setting(
        name: name, defaultValue: Double(value),
        range: Double(range.lowerBound)...Double(range.upperBound), isWhole: true)
    }

    /// Any number.
    static func number(_ name: String, _ value: Double, _ range: ClosedRange<Double>) -> Setting {
      Setting(name: name, defaultValue: value, range: range, isWhole: false)
    }

    func require(
      _ value: Double, _ text: String, of generator: String
    ) throws(Problem) {
      guard range.contains(value), !isWhole || value == value.rounded() else {
        throw failure(text, of: generator)
      }
    }

    func failure(_ text: String, of generator: String) -> Problem {
      Problem(
        .outOfRange, subject: generator, location: name,
        problem: "\"\(text)\" is not \(isWhole ? "a whole number" : "a number") from "
          + "\(NumberFormat.plain(range.lowerBound)) to \(NumberFormat.plain(range.upperBound))",
        remedy: "write it like \(generator):\(name)=\(NumberFormat.plain(defaultValue))")
    }
  }

  typealias Maker = (_ count: Int, _ first: Int) throws(Problem) -> LabelledSet

  let name: String
  let settings: [Setting]
  /// Makes this many examples from a given one on, with these settings.
  let generator: @Sendable (GeneratedData) -> Maker
  /// What is wrong with settings that contradict each other; nil if nothing is.
  let conflict: @Sendable (GeneratedData) -> String?

  private init(
    _ name: String, count: Int, _ settings: [Setting],
    conflict: @escaping @Sendable (GeneratedData) -> String? = { _ in nil },
    _ generator: @escaping @Sendable (GeneratedData) -> Maker
  ) {
    self.name = name
    // A test set of a fifth comes with the training set unless it is declined with test=0. The labels of a share of the training
    // set can be redrawn, as noise.
    self.settings =
      [
        .whole("count", count, 1...10_000_000), .whole("test", count / 5, 0...10_000_000),
        .whole("seed", 1, 0...9_007_199_254_740_992), .number("random-labels", 0, 0...1),
      ] + settings
    self.generator = generator
    self.conflict = conflict
  }

  private init(
    _ name: String, count: Int, _ settings: [Setting],
    conflict: @escaping @Sendable (GeneratedData) -> String? = { _ in nil },
    examples: @escaping @Sendable (GeneratedData) -> any ExampleGenerator
  ) {
    self.init(name, count: count, settings, conflict: conflict) { data in
      let generator = examples(data)
      return { (count, first) throws(Problem) in
        try generator.dataset(count: count, startingAt: first)
      }
    }
  }

  // MARK: The list

  static let all: [GeneratorDeclaration] = [
    GeneratorDeclaration(
      "two-spirals", count: 1000,
      [.number("turns", 3, 0.01...100), .number("noise", 0, 0...10)],
      examples: { TwoSpirals(key: $0.key, turns: $0["turns"], noise: $0["noise"]) }),
    GeneratorDeclaration(
      "moons", count: 1000, [.number("noise", 0.1, 0...10)],
      examples: { Moons(key: $0.key, noise: $0["noise"]) }),
    GeneratorDeclaration(
      "rings", count: 1000, [.whole("classes", 2, 2...1000), .number("noise", 0.05, 0...10)],
      examples: { Rings(key: $0.key, classCount: $0.whole("classes"), noise: $0["noise"]) }),
    GeneratorDeclaration(
      "teacher", count: 2000,
      [
        .whole("features", 16, 1...100_000), .whole("width", 32, 1...10_000),
        .whole("layers", 2, 0...1000), .whole("classes", 10, 2...10_000),
        .number("gain", 2, 1e-3...1000),
      ],
      examples: { data in
        let hidden = [Int](repeating: data.whole("width"), count: data.whole("layers"))
        return TeacherNetwork(
          key: data.key, widths: [data.whole("features")] + hidden + [data.whole("classes")],
          gain: data["gain"])
      }),
    GeneratorDeclaration(
      "random-labels", count: 1000,
      [.whole("features", 32, 1...100_000), .whole("classes", 10, 2...10_000)],
      examples: { data in
        RandomLabels(
          key: data.key, featureCount: data.whole("features"), classCount: data.whole("classes"))
      }),
    GeneratorDeclaration(
      "parity", count: 1000,
      [.whole("features", 20, 1...10_000), .whole("relevant", 3, 1...10_000)],
      conflict: { data in
        data["relevant"] > data["features"]
          ? "\(data.whole("relevant")) of \(data.whole("features")) features cannot be relevant"
          : nil
      },
      examples: { data in
        Parity(
          key: data.key, featureCount: data.whole("features"),
          relevantCount: data.whole("relevant"))
      }),
    GeneratorDeclaration(
      "words", count: 2000,
      [
        .whole("words", 32, 1...10_000), .whole("letters", 8, 1...1000),
        .whole("length", 16, 6...10_000),
      ],
      examples: { data in
        WordText(
          key: data.key, words: data.whole("words"), letters: data.whole("letters"),
          length: data.whole("length"))
      }),
    GeneratorDeclaration(
      "colored-glyphs", count: 2000, [.whole("halved", 0, 0...1)],
      examples: { ColoredGlyphs(key: $0.key, side: $0["halved"] == 1 ? 14 : Glyphs.side) }),
    GeneratorDeclaration("glyphs", count: 2000, glyphSettings) { data in
      let glyphs = Glyphs(key: data.key, variation: variation(data))
      return { (count, first) throws(Problem) in
        try glyphs.dataset(count: count, startingAt: first)
      }
    },
  ]

  private static let glyphSettings: [Setting] = {
    let standard = Glyphs.Variation.standard
    return [
      .number("rotation", standard.rotation, 0...45), .number("shear", standard.shear, 0...2),
      .number("scale", standard.scale, 0...0.9), .number("shift", standard.shift, 0...28),
      .number("jitter", standard.jitter, 0...1), .number("pen", standard.penWidth, 0...0.9),
      .number("fading", standard.fading, 0...1), .number("inversion", standard.inversion, 0...1),
      .whole("clutter", standard.clutter, 0...100), .number("noise", standard.noise, 0...1),
    ]
  }()

  private static func variation(_ data: GeneratedData) -> Glyphs.Variation {
    Glyphs.Variation(
      rotation: data["rotation"], shear: data["shear"], scale: data["scale"],
      shift: data["shift"], jitter: data["jitter"], penWidth: data["pen"],
      fading: data["fading"], inversion: data["inversion"], clutter: data.whole("clutter"),
      noise: data["noise"])
  }

  // MARK: Looking up

  static func named(_ name: String) throws(Problem) -> GeneratorDeclaration {
    if let found = all.first(where: { $0.name == name }) { return found }
    let nearest = EditDistance.nearest(to: name, among: all.map(\.name))
    throw Problem(
      .notFound, subject: name, location: "name", problem: "no generator has this name",
      remedy: nearest.map { "did you mean \($0)?" }
        ?? "the names are " + all.map(\.name).joined(separator: ", "))
  }

  func setting(_ key: String) throws(Problem) -> Setting {
    if let found = settings.first(where: { $0.name == key }) { return found }
    let names = settings.map(\.name)
    throw failure(
      "settings", "there is no setting \(key)",
      EditDistance.nearest(to: key, among: names).map { "did you mean \($0)?" }
        ?? "the settings are " + names.joined(separator: ", "))
  }

  func requireTogether(_ data: GeneratedData) throws(Problem) {
    guard let conflict = conflict(data) else { return }
    throw failure("settings", conflict, "change one of the two")
  }

  func failure(_ position: String, _ problem: String, _ remedy: String) -> Problem {
    Problem(.outOfRange, subject: name, location: position, problem: problem, remedy: remedy)
  }
}
