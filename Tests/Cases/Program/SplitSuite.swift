import Console
import Datasets
import Findings
import Foundation
import Plumbline

/// How often sets that were split by chance are said to come from different distributions: at most one in a hundred may be.
enum SplitSuite: CaseSuite {
  private static let seeds = Option(
    "seeds", "N", .integer(in: 1...10_000), default: 100, help: "how many splits of each set")
  private static let data = Option(
    repeated: "data", "FILE",
    ValueForm<String>.input("the data", files: { LabelledSets.files(ofSource: $0) }),
    help: "other data to split, of a file or by name")

  static let command = Command(
    "splits", summary: "false alarms of the comparison of sets that were split by chance",
    discussion:
      "Data with heavy tails, counts, features that hardly vary, more features than examples, and examples that repeat.",
    options: [seeds, data])

  /// The largest share of splits that may be told apart.
  private static let largestShare = 0.01

  private static let ratios: [SplitSizes] = [
    .ratios(train: 70, dev: 15, test: 15), .ratios(train: 80, dev: 20, test: 0),
    .ratios(train: 60, dev: 20, test: 20), .ratios(train: 90, dev: 5, test: 5),
  ]

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    var sets = generated
    for source in options[data] {
      sets.append(try LabelledSets(source: source).train.named(source))
    }
    var (alarms, splits) = (0, 0)
    var table = Table(Table.Column("data", .left), "splits", "told apart")
    for set in sets {
      var own = 0
      for seed in 1...options[seeds] {
        let split = try DataSplit(
          of: set, sizes: ratios[seed % ratios.count], key: Key(seed: seed)["split"],
          isStratified: seed % 2 == 0)
        let found = DataJudgement(of: split.sets(of: set)).findings
        if found.contains(where: { $0.cause == .differentDistributions && $0.severity > .note }) {
          own += 1
        }
      }
      table.add(set.name, "\(options[seeds])", "\(own)")
      alarms += own
      splits += options[seeds]
    }
    print(table.text())
    let share = Double(alarms) / Double(splits)
    print("\(alarms) of \(splits) splits are told apart (\(NumberFormat.percent(share)))")
    return share <= largestShare ? .done : .answerIsNo
  }

  // MARK: Data

  private static var generated: [LabelledSet] {
    let key = Key(seed: 5)
    /// A set whose features are made of a normal and a uniform number each, and of the label.
    func set(
      _ name: String, _ count: Int, _ width: Int,
      _ value: (_ normal: Double, _ uniform: Double, _ label: Int, _ column: Int) -> Double
    ) -> LabelledSet {
      let own = key[name]
      let labels = own["labels"].uniform(count).map { Int(3 * $0) }
      let normal = own["normal"].normal(count * width)
      let uniform = own["uniform"].uniform(count * width)
      let values = (0..<count * width).map {
        Float(value(normal[$0], uniform[$0], labels[$0 / width], $0 % width))
      }
      return LabelledSet(name: name, Tensor<Float>([count, width], values), labels: labels)
    }
    let plain = set("normal", 400, 6) { normal, _, label, _ in normal + Double(label) }
    return [
      plain,
      set("Cauchy", 600, 12) { _, uniform, label, _ in tan(.pi * (uniform - 0.5)) + Double(label) },
      set("lognormal", 600, 8) { normal, _, label, _ in exp(2 * normal + Double(label)) },
      set("2,000 features", 300, 2000) { normal, _, label, _ in normal + 0.2 * Double(label) },
      set("rim of pictures", 800, 300) { _, uniform, label, column in
        column < 4 ? uniform + Double(label) : uniform < 0.004 ? 60_000 * uniform : 0
      },
      set("counts", 500, 20) { _, uniform, _, _ in (-0.3 * log(uniform + 1e-12)).rounded() },
      repeated(plain, times: 5),
      values("amounts", key["amounts"]),
    ]
  }

  /// Each of the examples several times.
  private static func repeated(_ set: LabelledSet, times: Int) -> LabelledSet {
    let count = set.exampleCount / times
    return set.selecting((0..<set.exampleCount).map { $0 % count }, name: "repeated examples")
  }

  /// Targets with a heavy tail.
  private static func values(_ name: String, _ key: Key) -> LabelledSet {
    let (count, width) = (500, 5)
    let features = key["features"].normal(count * width)
    let noise = key["noise"].normal(count)
    let targets = (0..<count).map { exp(features[$0 * width] + noise[$0]) }
    return LabelledSet(
      name: name, Tensor<Double>([count, width], features),
      targets: Tensor<Double>([count, 1], targets))
  }
}
