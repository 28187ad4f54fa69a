import Datasets
import Diagnosis
import Findings
import Plumbline
import Testing
import Training

/// Data are judged once: what a training says of its data is what their inspection says, word for word.
@Suite struct OneJudgeTests {
  /// Data with a fault, and a training that suffers from it.
  struct Fault: CustomTestStringConvertible {
    let cause: Finding.Cause
    var sets: [LabelledSet]
    var loss = LossFunction.crossEntropy
    var settings: (OptimizerChoice, rate: Double) = (.adam, 5e-3)
    var testDescription: String { cause.rawValue }
  }

  /// Normal features, and a class by the sign of the first two; changed row by row.
  private static func set(
    _ name: String, _ count: Int, seed: Int, width: Int = 5,
    _ change: (_ features: inout [Float], _ label: inout Int, _ row: Int) -> Void = { _, _, _ in }
  ) -> LabelledSet {
    let values = Key(seed: seed).normal(count * width).map { Float($0) }
    var (features, labels): ([Float], [Int]) = ([], [])
    for row in 0..<count {
      var own = Array(values[row * width..<(row + 1) * width])
      var label = own[0] + own[1] > 0 ? 1 : 0
      change(&own, &label, row)
      features += own
      labels.append(label)
    }
    return LabelledSet(
      name: name, Tensor<Float>([count, width], features), labels: labels)
  }

  private static let faults = [
    Fault(
      cause: .unscaledInputs,
      sets: [set("train", 300, seed: 1) { x, _, _ in x = x.map { 4000 * $0 } }],
      settings: (.sgd, 0.1)),
    Fault(
      cause: .imbalance,
      sets: [
        set("train", 600, seed: 2) { x, label, _ in label = x[0] + x[1] + x[2] > 3.2 ? 1 : 0 }
      ],
      settings: (.sgd, 0.02)),
    Fault(
      cause: .duplicates,
      sets: [set("train", 300, seed: 3, width: 40), set("dev", 60, seed: 3, width: 40)]),
    Fault(
      cause: .missingClasses,
      sets: [
        set("train", 300, seed: 4),
        set("dev", 100, seed: 5) { x, label, _ in
          if x[2] > 0.5 { label = 2 }
        },
      ]),
    Fault(
      cause: .differentDistributions,
      sets: [
        set("train", 300, seed: 6),
        set("dev", 200, seed: 7) { x, _, _ in x = x.map { 3 * $0 + 2 } },
      ]),
    Fault(
      cause: .targetLeak,
      sets: [
        set("train", 300, seed: 8) { x, label, _ in
          if x[4] > 0 { label = 1 - label }
          x[3] = Float(label) + 0.05 * x[3]
        }
      ]),
    Fault(cause: .singleClass, sets: [set("train", 100, seed: 9) { _, label, _ in label = 1 }]),
    Fault(
      cause: .constantInputs,
      sets: [set("train", 100, seed: 10) { x, _, _ in x = x.map { _ in 0.5 } }]),
  ]

  @Test("a training finds what the inspection finds, in its words", arguments: faults)
  func agreement(fault: Fault) throws {
    let inspected = DataJudgement(fault.sets).findings
    #expect(inspected.contains { $0.cause == fault.cause && $0.severity > .note })
    let width = fault.sets[0].featureCount
    let network = try TrialData.network([width, 8, 3], .softmax)
    let examples = try fault.sets.map {
      try Examples<Float>($0, input: Shape([width]), outputs: 3, loss: fault.loss)
    }
    let settings = TrialData.settings(
      fault.loss, fault.settings.0, rate: fault.settings.rate, steps: 60)
    let run = TrainingRun(
      network, on: examples[0], settings, dev: examples.count > 1 ? examples[1] : nil)
    let found = try run.diagnosed().diagnosis.findings
    #expect(found.contains { $0.cause == fault.cause }, "\(found)")
    let known = Set(DataJudgement.causes.map(\.cause))
    for finding in found where known.contains(finding.cause) {
      #expect(
        inspected.contains { $0.cause == finding.cause && $0.symptom == finding.symptom },
        "\(finding)")
    }
  }

  @Test("of sound data neither says anything")
  func soundData() throws {
    let sets = [Self.set("train", 300, seed: 11), Self.set("dev", 100, seed: 12)]
    #expect(DataJudgement(sets).findings.allSatisfy { $0.severity == .note })
    let evidence = DataEvidence(
      train: Examples<Float>(sets[0]), dev: Examples<Float>(sets[1]), loss: .crossEntropy)
    #expect(evidence.findings == DataJudgement(sets).findings)
  }
}
