import Console
import Datasets
import Experiments
import Findings
import Foundation
import Plumbline

/// `plumb data split`: examples for training, for development and for testing.
enum DataSplitCommand {
  private static let source = Argument(
    "FILE", DataOptions.source,
    help: "a file or folder of data, or data by name such as glyphs or mnist")
  private static let ratios = Option(
    "ratios", "LIST", shares, defaultText: "60,20,20",
    help:
      "the shares of train, dev and test; with two numbers, train and dev, and the source's test set "
      + "is kept as it is")
  private static let counts = Option(
    "counts", "DEV,TEST", numbers,
    help: "the numbers of dev and test examples; training gets the rest")
  private static let seed = Option(
    "seed", "N", .integer(in: 0...Int.max), default: 1, help: "the same seed gives the same split")
  private static let plain = Option(
    flag: "no-stratify", help: "draws examples regardless of class")
  private static let out = Option(
    "out", "FILE.npz", .output(endings: [".npz"]),
    help:
      "writes train_x, train_y, dev_x, dev_y, test_x and test_y; without it the split is only reported"
  )
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")

  private static let shares = ValueForm<SplitSizes>(
    accepted: "two or three comma-separated numbers of at least 0, such as 60,20,20"
  ) { text in
    let form = ValueForm<[Double]>.list(of: .number(in: 0 ... .infinity))
    guard let values = form.read(text), (2...3).contains(values.count) else { return nil }
    return .ratios(train: values[0], dev: values[1], test: values.count > 2 ? values[2] : 0)
  }

  private static let numbers = ValueForm<SplitSizes>(
    accepted: "two comma-separated whole numbers of at least 0, such as 1000,1000"
  ) { text in
    let form = ValueForm<[Int]>.list(of: .integer(in: 0...Int.max))
    guard let values = form.read(text), values.count == 2 else { return nil }
    return .counts(dev: values[0], test: values[1])
  }

  static let command = Command(
    "data split", summary: "splits data into train, dev and test sets from the same distribution",
    discussion: """
      Examples are drawn at random within each class, so every part has the same class proportions; identical \
      examples stay in one part. A source with several sets is pooled first, unless only train and dev are \
      requested. Then the parts are tested for coming from the same distribution: class proportions by chi-square, \
      features by the Kolmogorov-Smirnov test with Bonferroni correction.

      The exit status is 1 if the parts differ in distribution.
      """,
    arguments: [source],
    options: [ratios, counts, seed, plain, out, json] + DataOptions.all,
    examples: [
      Command.Example("plumb data split cats.npz --out cats-split.npz", "60, 20 and 20 percent"),
      Command.Example(
        "plumb data split mnist --ratios 98,1,1 --seed 7 --out mnist-split.npz", "large data"),
      Command.Example(
        "plumb data split cats.npz --ratios 80,20 --out cats-dev.npz",
        "a dev set taken from the training set; the test set stays"),
      Command.Example("plumb data split two-spirals --out spirals.npz", "generated data"),
    ])

  /// The result as JSON.
  private struct Result: Encodable {
    let summary: LabelledSummary
    let distribution: DistributionCheck
    let findings: [Finding]
    let seed: Int
  }

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if options[ratios] != nil, options[counts] != nil {
      throw Problem(problem: "--ratios and --counts exclude each other", remedy: "give only one")
    }
    let sizes =
      options[ratios] ?? options[counts] ?? .ratios(train: 60, dev: 20, test: 20)
    let whole = try LabelledSets(source: options[source], options: DataOptions.reading(options))
    try DataOptions.refuseIdle(options, for: whole, of: options[source])
    let sets =
      try whole
      .splitting(
        sizes, key: Key(seed: options[seed])["split"], isStratified: !options[plain])
    let judgement = DataJudgement(of: sets)
    let check = judgement.distribution
    let findings = judgement.findings.filter {
      [.singleClass, .missingClasses, .duplicates, .repeatedExamples, .conflictingLabels].contains(
        $0.cause)
    }
    if let target = options[out] { try AtomicFile.write(NPZFile.data(sets.arrays), to: target) }
    if let path = options[json] {
      let result = Result(
        summary: sets.summary, distribution: check, findings: findings, seed: options[seed])
      try AtomicFile.write(JSONText.prettyEncoder.encode(result), to: path)
    }
    print(sets.summary)
    print("\n\(check)")
    if !findings.isEmpty { print("\n" + DataJudgement.text(findings)) }
    if let target = options[out] { print("\nwritten: \(target)") }
    return check.verdict == .different ? .answerIsNo : .done
  }
}
