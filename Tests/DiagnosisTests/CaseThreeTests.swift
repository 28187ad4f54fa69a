import Datasets
import Diagnosis
import Findings
import Foundation
import Networks
import Plumbline
import TestSupport
import Testing
import Training

/// "The cost sticks at 0.6439737380528059" (CASES.md 3), on the pictures of that case.
@Suite(
  .enabled(if: CatPictures.path != nil, CatPictures.absence),
  .enabled(if: CaseData.isOptimized, "12288 features take long in a debug build"), .serialized)
struct CaseThreeTests {
  private func sets() throws -> (train: Examples<Double>, test: Examples<Double>) {
    let sets = try LabelledSets(path: try #require(CatPictures.path))
    func examples(_ data: LabelledSet) throws -> Examples<Double> {
      try Examples(data, input: [12288], outputs: 1, loss: .binaryCrossEntropy)
    }
    return (try examples(sets.train), try examples(try #require(sets.test)))
  }

  private func run(
    _ widths: [Int], rate: Double, steps: Int, seed: Int,
    _ scheme: DenseNetworkOptions.Scheme = .fixed(.normal(standardDeviation: 0.01))
  ) throws -> TrainingRun<Double> {
    let (train, test) = try sets()
    return TrainingRun(
      try CaseData.network(widths, scheme), on: train,
      CaseData.descent(rate: rate, steps: steps, seed: seed), test: test, evaluationInterval: 0)
  }

  /// With this seed the units die at the step that the thread reports.
  @Test func theUnitsDieAtAStepThatIsNamed() throws {
    let run = try run([12288, 7, 1], rate: 1, steps: 600, seed: 2)
    let diagnosed = try run.diagnosed()
    let (result, diagnosis) = (diagnosed.result, diagnosed.diagnosis)
    #expect(abs(result.train.loss - 0.6439737380528059) < 1e-15)
    #expect(abs(diagnosis.evidence.baseRate.loss - 0.6439737380528058) < 1e-15)
    let finding = try #require(diagnosis.findings.first)
    #expect(finding.family == .baseRate && finding.cause == .updateKilledUnits)
    #expect(finding.location.layer == "0")
    // The same, seen without instruments: the gradient of W1 before and from the named step on.
    let named = try #require(finding.location.step)
    #expect(named == 56)
    var trainer = try Trainer(run.network, on: run.train, run.settings)
    for step in 0..<named + 20 {
      _ = try trainer.step()
      let isZero = trainer.gradient["0.weight"].scalars.allSatisfy { $0 == 0 }
      if step == named - 1 { #expect(!isZero, "step \(step)") }
      if step >= named { #expect(isZero, "step \(step)") }
    }
    #expect(finding.explanation.contains("the update of step \(named - 1)"))

    let rates = [0.0075, 0.02, 0.06, 0.18, 0.54]
    let explained = try run.explained(
      finding, in: diagnosis.evidence, steps: 1500, rates: rates)
    let shown = try #require(explained.counterfactual)
    #expect(shown.learned && rates.contains(shown.learningRate), "\(shown)")
    #expect(shown.loss < 0.5 * diagnosis.evidence.baseRate.loss, "\(shown)")
    // It is the largest that learns half of what there is to learn: the next one does not get there.
    if let rate = rates.first(where: { $0 > shown.learningRate }) {
      var larger = run
      larger.settings.learningRate = rate
      larger.settings.length = .steps(1500)
      let loss = try larger.result().train.loss
      #expect(loss > 0.5 * diagnosis.evidence.baseRate.loss, "rate \(rate)")
    }
  }

  @Test func theDeeperNetworkOverfits() throws {
    let diagnosed = try run(
      [12288, 20, 7, 5, 1], rate: 0.0075, steps: 2000, seed: 3, .fixed(.lecun())
    ).diagnosed()
    let diagnosis = diagnosed.diagnosis
    #expect(diagnosed.result.train.error ?? 1 < 0.02)
    // One picture of the test set does stand in the training set.
    #expect(diagnosis.findings.map(\.cause) == [.highVariance, .duplicates], "\(diagnosis)")
    #expect(diagnosis.findings.first?.symptom.hasPrefix("overfitting") == true)
  }
}
