import Foundation
import TestSupport
import Testing

/// Every remedy is typed in the case that it is for: it is accepted, and the run learns what it did not.
@Suite("Remedies, typed")
struct TypedRemedyTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, layers) in Self.networks {
      try folder.write(
        "{\"input\": [3], \"output\": \"softmax\", \"layers\": [\(layers)]}", as: name + ".json")
    }
  }

  /// Networks of three features and four classes that options cannot say.
  private static let networks: [String: String] = {
    func dense(_ outputs: Int, _ more: String = "") -> String {
      "{\"layer\": \"dense\", \"outputs\": \(outputs)\(more)}"
    }
    let relu = "{\"layer\": \"relu\"}"
    let block = "{\"layer\": \"residual\", \"branch\": [\(dense(8)), \(relu), \(dense(8))]}"
    let norm = "{\"layer\": \"batch-norm\"}"
    func list(_ parts: [String]) -> String { parts.joined(separator: ", ") }
    return [
      "off": list([dense(12, ", \"bias\": \"constant:-8\""), relu, dense(4)]),
      "blocks": list([dense(8)] + Array(repeating: block, count: 24) + [relu, dense(4)]),
      "norm": list([dense(12), norm, relu, dense(12), norm, relu, dense(4)]),
      "masked": list([dense(12), relu, dense(4), "{\"layer\": \"dropout\", \"rate\": 0.8}"]),
    ]
  }()

  /// A training that is at fault, as it is typed.
  struct Fault: Sendable, CustomTestStringConvertible {
    let cause: String, table: Table, words: String

    var testDescription: String { "\(cause): \(words)" }

    init(_ cause: String, _ table: Table, _ words: String) {
      (self.cause, self.table, self.words) = (cause, table, words)
    }

    init(_ cause: String, _ words: String) { self.init(cause, .sides, words) }
  }

  /// What is in the table: three features of mean 0 and about size 1, `a`, `b`, `c`, and the last column.
  enum Table: Sendable {
    /// A side of a curve through the first two features; the same sorted by it; with one feature in a thousandth of its unit and one in
    /// thousands; one in fifty on the other side.
    case sides, sorted, unscaled, rare
    /// Four classes; an amount, the same far from zero, and with a few that are far from the others.
    case quarters, amount, farAmount, outliers
    /// A side, and a column that is it with a little noise.
    case leak
    /// One side alone.
    case oneSide
    /// A side of a line, of which three labels in ten are turned round.
    case noisySides
    /// Pictures of digits, which are drawn and not in the table.
    case glyphs
  }

  static let faults: [Fault] = [
    Fault("learning-rate-too-small", "--hidden 8 --optimizer sgd --learning-rate 1e-4 --steps 200"),
    Fault("learning-rate-too-small", .quarters, "--hidden 16 --learning-rate 1e-6 --steps 200"),
    Fault("too-few-steps", "--hidden 8 --steps 12"),
    Fault("gradient-clipped", "--hidden 8 --optimizer sgd --clip-norm 1e-5"),
    Fault("schedule-too-fast", "--hidden 8 --optimizer sgd --schedule exponential:0.5"),
    Fault("schedule-too-fast", .quarters, "--hidden 16 --warm-up 100000"),
    Fault(
      "momentum-too-large", .quarters,
      "--hidden 16 --optimizer momentum --momentum 0.9995 --learning-rate 0.1"),
    Fault("epsilon-too-large", .quarters, "--hidden 16 --epsilon 100"),
    Fault("smoothing-too-strong", .quarters, "--hidden 16 --label-smoothing 0.98"),
    Fault("too-much-regularization", .quarters, "--hidden 16 --l2 3000 --learning-rate 0.01"),
    Fault("too-much-regularization", .quarters, "--hidden 16,16 --dropout 0.95"),
    Fault("initial-scale-too-small", .quarters, "--hidden 16,16 --init zero --learning-rate 0.01"),
    Fault(
      "equal-initial-weights", .quarters,
      "--hidden 16,16 --activation tanh --init zero --learning-rate 0.01"),
    Fault(
      "initial-scale-too-small", .quarters,
      "--hidden 16,16,16,16 --init normal:0.001 --optimizer sgd"),
    Fault(
      "output-loss-mismatch", .quarters,
      "--hidden 8 --output sigmoid --loss binary-cross-entropy --as-written --steps 150"),
    Fault("output-loss-mismatch", "--network 3,8,1 --output softmax --as-written"),
    Fault(
      "output-loss-mismatch", .quarters,
      "--hidden 16 --output softmax --loss mse --optimizer sgd --learning-rate 0.02 --as-written"),
    Fault(
      "output-loss-mismatch", .quarters, "--hidden 16 --output softmax --loss mae --as-written"),
    Fault("output-loss-mismatch", "--hidden 8 --output sigmoid --loss hinge --as-written"),
    Fault(
      "labels-read-as-values", .quarters,
      "--network 3,16,1 --output linear --loss mse --as-written --learning-rate 0.01"),
    Fault("labels-read-as-values", .quarters, "--hidden 16 --targets values --learning-rate 0.01"),
    Fault("cannot-represent", "--network 3,1 --learning-rate 0.03"),
    Fault("cannot-represent", .quarters, "--network 3,16,1,4 --learning-rate 0.01"),
    // The layers are chosen, and with them a normalization, which the remedy's layers do not lose.
    Fault("cannot-represent", .unscaled, "--activation linear"),
    Fault(
      "sorted-batches", .sorted,
      "--hidden 8 --order sequential --batch 32 --optimizer sgd --learning-rate 0.5 --steps 200"),
    Fault("unscaled-inputs", .unscaled, "--hidden 8 --optimizer sgd"),
    Fault("unscaled-targets", .farAmount, "--hidden 8 --learning-rate 0.01"),
    Fault("targets-out-of-reach", .amount, "--hidden 8 --output sigmoid --loss mse --as-written"),
    Fault("target-outliers", .outliers, "--hidden 8 --learning-rate 0.01"),
    Fault("born-dead", .quarters, "--network off.json --learning-rate 0.02 --steps 250"),
    Fault(
      "overflow", .quarters, "--hidden 12,12 --init normal:1e25 --learning-rate 0.02 --steps 150"),
    Fault("branches-unscaled", .quarters, "--network blocks.json --steps 100"),
    Fault(
      "batch-statistics", .quarters,
      "--network norm.json --batch 2 --learning-rate 0.02 --steps 250"
    ),
    Fault(
      "augmentation-too-strong", .glyphs, "--hidden 16 --augment shift=14,noise=3 --steps 120"),
    Fault(
      "dropout-misplaced", .quarters, "--network masked.json --learning-rate 0.002 --steps 200"),
    Fault(
      "schedule-too-fast", .quarters,
      "--hidden 12 --optimizer adagrad --learning-rate 0.05 --learning-rate-decay 40 --steps 200"),
    Fault("imbalance", .rare, "--hidden 8 --optimizer sgd --learning-rate 0.01 --steps 150"),
  ]

  private func write(_ table: Table) throws {
    // A fixed sequence that looks like chance.
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func draw() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53)
    }
    func feature() -> Double { (draw() + draw() + draw() + draw() - 2) * 3.0.squareRoot() }
    var rows: [(features: [Double], last: Double)] = []
    for row in 0..<480 {
      var x = [feature(), feature(), feature()]
      let side = x[0] * x[0] + x[1] > 0.9 ? 1.0 : 0
      var last = side
      switch table {
      case .sides, .sorted: break
      case .unscaled: (x[0], x[1]) = (x[0] * 1e-3, x[1] * 3000)
      case .rare: last = x[0] + x[1] > 2.6 ? 1 : 0
      case .quarters: last = (x[0] > 0 ? 1 : 0) + (x[1] > 0 ? 2 : 0)
      case .amount: last = 3 * x[0] - x[1]
      case .farAmount: last = 40_000 + 3000 * (x[0] - x[1])
      case .outliers: last = row % 120 == 7 ? 4000 : x[0] + 2 * x[1]
      case .leak: x[2] = side * 3 + 0.1 * x[2]
      case .oneSide: last = 1
      case .noisySides: last = (x[0] > 0.3 * x[1]) != (draw() < 0.27) ? 1 : 0
      case .glyphs: break
      }
      rows.append((x, last))
    }
    if case .sorted = table { rows.sort { $0.last < $1.last } }
    let name = [.amount, .farAmount, .outliers].contains(table) ? "amount" : "kind"
    let lines = rows.map { row in
      (row.features.map { "\($0)" } + [name == "kind" ? "\(Int(row.last))" : "\(row.last)"])
        .joined(separator: ",")
    }
    try folder.write("a,b,c,\(name)\n" + lines.joined(separator: "\n") + "\n", as: "table.csv")
  }

  /// The findings of a training, its training loss and error, and its exit status.
  private func train(
    _ words: [String], _ out: String, data: String = "table.csv"
  ) throws -> Outcome {
    let outcome = try PlumbProcess.run(
      ["train", "--data", data, "--out", out, "--json", "\(out).json"] + words, in: folder)
    struct File: Decodable { let findings: [Finding] }
    struct Result: Decodable { let trainLoss: Double?, trainError: Double?, devLoss: Double? }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
      try folder.text(name).map { try decoder.decode(type, from: Data($0.utf8)) }
    }
    let result = try read(Result.self, "\(out).json")
    return Outcome(
      status: outcome.status, error: outcome.error, loss: result?.trainLoss,
      mistakes: result?.trainError, devLoss: result?.devLoss,
      findings: try read(File.self, "\(out)/diagnosis.json")?.findings ?? [])
  }

  private struct Finding: Decodable {
    struct Counterfactual: Decodable { let options: String?, loss: Double, devLoss: Double? }
    let cause: String, remedy: String, counterfactual: Counterfactual?
  }

  private struct Outcome {
    let status: Int32, error: String, loss: Double?, mistakes: Double?, devLoss: Double?
    let findings: [Finding]
  }

  /// What a remedy says to type: options with their values.
  private func options(_ remedy: String) -> [[String]] {
    let prose: Set<Substring> = ["and", "or", "until", "where", "for"]
    return remedy.matches(of: /(--[a-z][a-z0-9-]*)(?: ([a-z0-9][^\s;)]*))?/).map { match in
      let value = match.output.2.flatMap { prose.contains($0) ? nil : $0 }
      return [String(match.output.1)]
        + (value.map { [String($0).trimmingCharacters(in: .init(charactersIn: ",:."))] } ?? [])
    }
  }

  /// The words with these options in place of what they say of the same.
  private func typed(_ words: [String], _ options: [[String]]) -> [String] {
    let same = [["--steps", "--epochs"], ["--hidden", "--network"]]
    let given = Set(options.map { $0[0] })
    let replaced = given.union(same.filter { !given.isDisjoint(with: $0) }.joined())
    var rest: [String] = []
    var isLeftOut = false
    for word in words {
      if word.hasPrefix("--") { isLeftOut = replaced.contains(word) }
      if !isLeftOut { rest.append(word) }
    }
    return rest + options.joined()
  }

  @Test("are accepted, and learn", arguments: faults)
  func learns(fault: Fault) throws {
    try write(fault.table)
    let words = fault.words.split(separator: " ").map(String.init)
    let data = fault.table == .glyphs ? "glyphs:count=120" : "table.csv"
    let before = try train(words, "before", data: data)
    let first = try #require(before.findings.first, "\(before.error)")
    #expect(first.cause == fault.cause)
    let options = options(first.remedy)
    #expect(!options.isEmpty, "\(first.remedy)")
    let after = try train(typed(words, options), "after", data: data)
    #expect(after.status == 0, "\(first.remedy): \(after.error)")
    #expect(after.findings.first?.cause != fault.cause, "\(first.remedy)")
    // Another loss has another unit: then mistakes, or that the cause is gone, have to do.
    if fault.cause == "imbalance" { return }
    if let mistakes = after.mistakes, let own = before.mistakes {
      #expect(mistakes < 0.7 * own, "\(first.remedy): \(mistakes) after \(own)")
    } else if after.mistakes == nil, !options.joined().contains("--loss") {
      let (loss, own) = (try #require(after.loss), before.loss ?? .infinity)
      #expect(loss < 0.7 * own, "\(first.remedy): \(loss) after \(own)")
    } else if let mistakes = after.mistakes {
      #expect(mistakes < 0.3, "\(first.remedy): \(mistakes)")
    }
  }

  @Test(
    "that are shown are what is printed: typed, they give the loss that was shown",
    arguments: faults)
  func isShown(fault: Fault) throws {
    try write(fault.table)
    let words = fault.words.split(separator: " ").map(String.init)
    let data = fault.table == .glyphs ? "glyphs:count=120" : "table.csv"
    let explained = try train(words + ["--explain"], "explained", data: data)
    var count = 0
    for finding in explained.findings {
      guard let shown = finding.counterfactual, let text = shown.options else { continue }
      let printed = options(finding.remedy).flatMap(\.self)
      let stated = options(text)
      #expect(printed.starts(with: stated.flatMap(\.self)), "\(finding.remedy) is not \(text)")
      let after = try train(typed(words, stated), "typed \(count)", data: data)
      #expect(after.loss == shown.loss, "\(text): \(after.loss ?? .nan), not \(shown.loss)")
      #expect(after.devLoss == shown.devLoss)
      count += 1
    }
    let first = try #require(explained.findings.first, "\(explained.error)")
    #expect(first.counterfactual == nil || count > 0, "\(first.remedy)")
  }

  @Test("name the column of a table that is to be left out, which is then not a feature any more")
  func leak() throws {
    try write(.leak)
    func remedy(_ words: [String], _ name: String) throws -> String {
      try #require(train(words, name).findings.first { $0.cause == "target-leak" }?.remedy)
    }
    // Where the number of inputs comes from the data, nothing else is to be typed.
    #expect(options(try remedy(["--hidden", "8"], "hidden")) == [["--drop", "c"]])
    let remedy = try remedy(["--network", "3,8,1"], "before")
    #expect(options(remedy) == [["--drop", "c"], ["--hidden", "8"]])
    // Inputs and outputs that were counted out are counted anew.
    let after = try train(typed(["--network", "3,8,1"], options(remedy)), "after")
    #expect(after.status == 0 && !after.findings.contains { $0.cause == "target-leak" })
  }

  @Test("of labels that are noise are accepted, and the dev set is not the worse for it")
  func labelNoise() throws {
    try write(.noisySides)
    let line = "--hidden 8 --split 80,20,0 --learning-rate 0.01 --steps 150"
    let words = line.split(separator: " ").map(String.init)
    let before = try train(words, "before")
    let noise = before.findings.first { $0.cause == "label-noise" }
    let remedy = try #require(noise?.remedy, "\(before.findings)")
    for option in options(remedy) {
      let after = try train(typed(words, [option]), "after \(option[0])")
      #expect(after.status == 0, "\(option): \(after.error)")
      let (loss, own) = (try #require(after.devLoss), try #require(before.devLoss))
      #expect(loss < 1.02 * own, "\(option): \(loss) after \(own)")
    }
  }

  @Test("of a network that is too small, or learns by heart, help")
  func fit() throws {
    try write(.quarters)
    let spirals = "two-spirals:count=200,turns=2"
    let small = "--hidden 4 --learning-rate 0.05 --steps 700"
    let large = "--hidden 96,96 --split 15,85,0 --learning-rate 0.01 --steps 250"
    for (cause, line, data) in [
      ("high-bias", small, spirals), ("high-variance", large, "table.csv"),
    ] {
      let words = line.split(separator: " ").map(String.init)
      let before = try train(words, cause, data: data)
      let remedy = try #require(
        before.findings.first { $0.cause == cause }?.remedy, "\(before.findings)")
      let after = try train(typed(words, options(remedy)), "\(cause) after", data: data)
      #expect(after.status == 0, "\(remedy): \(after.error)")
      let (loss, own) =
        cause == "high-bias" ? (after.loss, before.loss) : (after.devLoss, before.devLoss)
      #expect(try #require(loss) < 0.9 * #require(own), "\(remedy)")
    }
  }

  @Test("of one class alone name no option, since none makes another class of it")
  func oneClass() throws {
    try write(.oneSide)
    let before = try train(["--hidden", "4", "--steps", "5"], "before")
    #expect(before.findings.first?.cause == "single-class")
    #expect(options(before.findings.first?.remedy ?? "") == [])
  }
}
