import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Findings about data")
struct DataJudgementTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func load(_ arrays: [(name: String, array: NumericArray)]) throws -> LabelledSets {
    try LabelledSets(path: folder.write([UInt8](NPZFile.data(arrays)), as: "data.npz"))
  }

  private func load(_ train: LabelledSet, test: LabelledSet? = nil) throws -> LabelledSets {
    func arrays(_ data: LabelledSet) -> [(name: String, array: NumericArray)] {
      guard case .classes(let labels, _, _) = data.targets else { return [] }
      return [
        ("\(data.name)_x", data.features), ("\(data.name)_y", NumericArray([labels.count], labels)),
      ]
    }
    return try load(arrays(train) + (test.map(arrays) ?? []))
  }

  private func causes(_ sets: LabelledSets, outputs: Int? = nil) -> [Finding.Cause] {
    DataJudgement(of: sets, outputCount: outputs).findings.map(\.cause)
  }

  @Test("values whose squares overflow are told with finite numbers", arguments: [1e155, 1.7e308])
  func huge(size: Double) throws {
    let rows = (0..<40).map { [Double($0 % 7) - 3, $0 % 5 == 0 ? size : -size] }
    let labels = (0..<40).map { $0 % 2 }
    let sets = try load(
      SmallSets.rows(rows, labels),
      test: SmallSets.rows(Array(rows[10...]), Array(labels[10...]), name: "test"))
    let judgement = DataJudgement(of: sets)
    let check = judgement.distribution
    let finding = try #require(judgement.findings.first { $0.cause == .unscaledInputs })
    // 8 of 40 values are positive: the mean is -0.6 and the spread 0.8 of the size.
    // Of both features together, the one of them tiny, the root mean square is the size over √2.
    let (spread, root) = (finding["largest spread"], finding["size"])
    #expect(abs((spread ?? 0) / size - 0.8) < 1e-12)
    #expect(abs((root ?? 0) / size - 0.5.squareRoot()) < 1e-12)
    #expect(try !JSONEncoder().encode(finding).isEmpty && !JSONEncoder().encode(check).isEmpty)
  }

  @Test(
    "healthy data have no finding",
    arguments: ["two-spirals", "moons", "rings", "teacher", "random-labels"])
  func healthy(name: String) throws {
    let key = Key(seed: 4)
    let generators: [any ExampleGenerator] = [
      TwoSpirals(key: key), Moons(key: key), Rings(key: key), TeacherNetwork(key: key),
      RandomLabels(key: key),
    ]
    let generator = try #require(generators.first { $0.name == name })
    let sets = try load(
      generator.dataset(count: 600).named("train"),
      test: generator.dataset(count: 200, startingAt: 600).named("test"))
    let found = DataJudgement(of: sets).findings.filter { $0.severity > .note }
    #expect(found.isEmpty, "\(found)")
  }

  @Test("constant features")
  func constants() throws {
    let rows = (0..<6).map { [Double($0) / 6, 3, Double($0 * $0) / 36, 0] }
    let found = DataJudgement(of: try load(SmallSets.rows(rows, [0, 1, 0, 1, 0, 1]))).findings
    #expect(found.map(\.cause) == [.constantFeatures])
    #expect(
      "\(found[0].location)" == "train, feature 1, feature 3" && found[0].severity == .warning)
    #expect(found[0]["count"] == 2 && found[0]["features"] == 4)
    let same = (0..<4).map { _ in [1.0, 2] }
    #expect(
      DataJudgement(of: try load(SmallSets.rows(same, [0, 1, 0, 1]))).findings.contains {
        $0.cause == .constantInputs && $0.severity == .error
      })
  }

  @Test("features that are not scaled", arguments: [300.0, 1e-4])
  func scales(factor: Double) throws {
    let values = Key(seed: 2).normal(40).map { $0 * factor }
    let rows = stride(from: 0, to: 40, by: 2).map { [values[$0], values[$0 + 1]] }
    let labels = (0..<20).map { $0 % 2 }
    #expect(causes(try load(SmallSets.rows(rows, labels))) == [.unscaledInputs])
  }

  @Test("of features that are not scaled, those of the largest scale are named")
  func largestScale() throws {
    let values = Key(seed: 2).normal(60)
    // The widest is not the largest.
    let rows = (0..<20).map { row -> [Double] in
      let (wide, large): (Double, Double) = (20 * values[3 * row], 1000 + values[3 * row + 1])
      return [wide, large, 900 + values[3 * row + 2]]
    }
    let labels = (0..<20).map { $0 % 2 }
    let found = DataJudgement(of: try load(SmallSets.rows(rows, labels))).findings
    #expect("\(try #require(found.first).location)" == "train, feature 1, feature 2", "\(found)")
    #expect(found[0].symptom.contains("(feature 1: 1000)"), "\(found)")
  }

  @Test("spreads that differ by far")
  func spreads() throws {
    let values = Key(seed: 2).normal(40)
    let rows = stride(from: 0, to: 40, by: 2).map { [3 * values[$0], 0.01 * values[$0 + 1]] }
    let found = DataJudgement(
      of: try load(SmallSets.rows(rows, (0..<20).map { $0 % 2 }))
    ).findings
    #expect(found.map(\.cause) == [.unscaledInputs])
    #expect(
      found[0].symptom.contains("standard deviations differ")
        && "\(found[0].location)" == "train, feature 0")
  }

  @Test("classes: imbalance, gaps, one alone, beyond the outputs")
  func classes() throws {
    let rare = SmallSets.classes((0..<110).map { $0 < 100 ? 0 : 1 })
    let found = DataJudgement(of: try load(rare)).findings
    #expect(found.map(\.cause) == [.imbalance])
    #expect(found[0].explanation.contains("right for 90.9%"))
    #expect(found[0].evidence.first == Finding.Number("largest count", 100))
    #expect(causes(try load(SmallSets.classes([0, 2, 2, 0, 0, 2]))) == [.missingClasses])
    let one = DataJudgement(of: try load(SmallSets.classes([0, 0, 0]))).findings
    #expect(one.map(\.cause) == [.singleClass] && one[0].severity == .error)
    let beyond = DataJudgement(of: try load(SmallSets.classes([0, 1, 2, 0, 1, 2])), outputCount: 2)
      .findings
    #expect(beyond.map(\.cause) == [.labelsOutOfRange] && beyond[0].severity == .error)
    #expect("\(beyond[0].location)" == "train, example 2 and others")
    #expect(beyond[0].evidence.map(\.value) == [2, 2, 2])
    #expect(causes(try load(SmallSets.classes([0, 1, 2, 0, 1, 2])), outputs: 3).isEmpty)
  }

  @Test("duplicates within and across sets, to the bit, and labels that conflict")
  func duplicates() throws {
    let rows: [[Double]] = (0..<20).map { index in
      let origin = index % 18
      return [Double(origin) / 18, Double(origin * 7 % 5)]
    }
    let labels: [Int] = (0..<20).map { $0 == 19 ? 0 : $0 % 2 }
    let test = SmallSets.rows(
      [[2.0 / 18, 4], [0.123, 1], [3.0 / 18, 1], [0.77, 2]], [0, 1, 0, 1], name: "test")
    let found = DataJudgement(of: try load(SmallSets.rows(rows, labels), test: test)).findings
      .filter { $0.cause != .differentDistributions }
    #expect(
      Set(found.map(\.cause)) == [.duplicates, .repeatedExamples, .conflictingLabels])
    let across = try #require(found.first { $0.cause == .duplicates })
    #expect(across["count"] == 2 && across["share"] == 0.5 && across.severity == .note)
    #expect(
      across.location.description.contains("test, example 0, identical to example 2 of train"))
    let within = try #require(found.first { $0.cause == .repeatedExamples })
    #expect(within["count"] == 1 && within["largest group"] == 2)
    let conflict = try #require(found.first { $0.cause == .conflictingLabels })
    // Example 19 repeats 1 with the other label; 18 repeats 0 with the same.
    #expect(conflict.evidence.map(\.value) == [2, 1, 0.05])
    #expect("\(conflict.location)" == "train, example 1, example 19")
    #expect(conflict.explanation.contains("5.00%"))
    // Amounts differ between equal examples.
    let amounts = LabelledSet(
      name: "train", Tensor<Double>([20, 2], rows.flatMap { $0 }),
      targets: Tensor<Double>([20, 1], (0..<20).map { Double($0 * 7 % 20) }))
    #expect(!DataJudgement([amounts]).findings.contains { $0.cause == .conflictingLabels })
  }

  @Test("the same numbers in another type are duplicates")
  func types() throws {
    let values = [0.5, 1, 2, 3, 4, 5]
    let sets = try load([
      ("train_x", NumericArray([3, 2], values)), ("train_y", NumericArray([3], [0, 1, 1])),
      ("test_x", NumericArray([2, 2], [9, 9, 2, 3] as [Float])),
      ("test_y", NumericArray([2], [0, 1])),
    ])
    let found = DataJudgement(of: sets).findings.first { $0.cause == .duplicates }
    #expect(found?["count"] == 1)
  }

  @Test("values that are not finite, told of a file that is not labelled data")
  func nonFinite() throws {
    let path = try folder.write(
      [UInt8](
        NPZFile.data([
          ("X", NumericArray([2, 2], [1, Double.nan, 3, .infinity])),
          ("Y", NumericArray([2], [0, 1])),
        ])), as: "nan.npz")
    let inspection = try DataInspection(path: path)
    #expect(inspection.labelled == nil)
    let found = DataJudgement.findings(in: inspection)
    #expect(found.map(\.cause) == [.nonFiniteData] && found[0].severity == .error)
    #expect(found[0].evidence.map(\.value) == [2, 4] && "\(found[0].location)" == "X")
  }

  @Test("labels that are not classes, told of a file that is not labelled data")
  func noClasses() throws {
    let path = try folder.write(
      [UInt8](
        NPZFile.data([
          ("X", NumericArray([2, 1], [1.0, 2])), ("Y", NumericArray([2], [-1, 3])),
        ])), as: "signs.npz")
    let found = DataJudgement.findings(in: try DataInspection(path: path))
    #expect(found.map(\.cause) == [.labelsOutOfRange] && found[0].severity == .error)
    #expect(found[0].symptom.contains("np.unique"))
    // An array alone is not a fault of the data.
    let alone = try folder.write(NumericArray([2], [1.0, 2]).npyBytes(), as: "a.npy")
    let inspection = try DataInspection(path: alone)
    #expect(inspection.refusal != nil && DataJudgement.findings(in: inspection).isEmpty)
  }

  @Test("findings are plain values")
  func coding() throws {
    let found = DataJudgement(of: try load(SmallSets.classes([0, 0, 0]))).findings
    let text = try JSONEncoder().encode(found)
    #expect(try JSONDecoder().decode([Finding].self, from: text) == found)
  }

  @Test(
    "MNIST's test digits: nothing but the constant border", .enabled(if: RealData.folder != nil))
  func digits() throws {
    let sets = try LabelledSets(path: #require(RealData.folder))
    let found = DataJudgement(of: sets).findings
    #expect(found.map(\.cause) == [.constantFeatures])
    #expect(found.map(\.severity) == [.note])
  }
}
