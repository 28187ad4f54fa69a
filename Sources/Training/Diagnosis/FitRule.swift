import Foundation

/// Family 5: bias, variance, both or neither, against a stated base error; and whether the run stopped at the right time.
///
/// Bias is the training error above the base error, variance the dev error above the training error. A gap counts from three
/// standard errors of the counted mistakes on, and from 3 % on: 1 % and 11 % is variance, 15 % and 16 % bias, 15 % and 30 % both,
/// 0.5 % and 1 % neither (CASES.md 6).
struct FitRule: DiagnosisRule {
  private static let smallestGap = 0.03

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard evidence.standing == .learned || evidence.standing == .stalled,
      let trainError = evidence.train.error
    else { return [] }
    let outcome = evidence.outcome
    // The test set serves where there is no dev set.
    let (dev, count) =
      outcome.dev.map { ($0, outcome.devCount) } ?? (outcome.test, outcome.testCount)
    var findings: [Finding] = []
    let bias = trainError - outcome.baseError
    if bias > gap(trainError, evidence.exampleCount) {
      if isFalling(evidence) {
        findings.append(stoppedTooEarly(evidence))
      } else if evidence.standing == .learned || earlier.isEmpty {
        findings.append(highBias(evidence, trainError, bias))
      }
    }
    guard let dev, let devError = dev.error, let count else { return findings }
    let variance = devError - trainError
    if let test = outcome.test?.error, outcome.dev != nil, let testCount = outcome.testCount {
      let difference = abs(test - devError)
      let chance = gap((test + devError) / 2, min(count, testCount)) * 2.0.squareRoot()
      // Told before a smaller gap between train and dev.
      if difference > max(chance, variance) {
        findings.append(differentDistributions(devError, test))
      }
    }
    if variance > gap(devError, count) {
      findings.append(highVariance(evidence, trainError, devError, variance))
      if let late = stoppedTooLate(evidence) { findings.append(late) }
    }
    return findings
  }

  /// What a difference of errors has to exceed.
  private func gap(_ error: Double, _ count: Int) -> Double {
    let variance = max(error * (1 - error), 0.25 / Double(max(count, 1))) / Double(max(count, 1))
    return max(Self.smallestGap, 3 * variance.squareRoot())
  }

  private func isFalling(_ evidence: Evidence) -> Bool {
    let quarters = evidence.losses.quarterMedians
    return quarters.count == 4 && quarters[3] < 0.9 * quarters[2]
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  private func highBias(_ evidence: Evidence, _ error: Double, _ bias: Double) -> Finding {
    Finding(
      family: .fit, cause: .highBias,
      symptom:
        "the training error is \(percent(error)) and \(percent(evidence.outcome.baseError)) would be possible",
      explanation:
        "the network cannot even learn its own examples: it is too small, or not trained enough",
      evidence: [Finding.Number("train error", error), Finding.Number("bias", bias)],
      remedy: "take a larger network, train longer, or regularize less")
  }

  private func highVariance(
    _ evidence: Evidence, _ train: Double, _ dev: Double, _ variance: Double
  ) -> Finding {
    Finding(
      family: .fit, cause: .highVariance,
      symptom:
        "overfitting: the training error is \(percent(train)) and the error on other examples \(percent(dev))",
      explanation:
        "\(evidence.parameterCount) values were fitted to \(evidence.exampleCount) examples, and what was learned holds for those alone; "
        + "optimization is not the trouble",
      evidence: [
        Finding.Number("train error", train), Finding.Number("dev error", dev),
        Finding.Number("variance", variance),
      ],
      remedy:
        "get more data or augment them, regularize (L2, dropout), stop early, or take a smaller network"
    )
  }

  private func stoppedTooEarly(_ evidence: Evidence) -> Finding {
    Finding(
      family: .fit, cause: .stoppedTooEarly,
      symptom:
        "the loss is still falling: the median of the last quarter of the run is \(percent(evidence.losses.quarterMedians[3] / evidence.losses.quarterMedians[2])) of that of "
        + "the quarter before",
      explanation: "the run ended before the network had learned what it can",
      step: evidence.stepCount, evidence: [Finding.Number("loss", evidence.train.loss)],
      remedy: "train longer")
  }

  private func stoppedTooLate(_ evidence: Evidence) -> Finding? {
    guard let best = evidence.outcome.devCurve.min(by: { $0.loss < $1.loss }),
      let last = evidence.outcome.devCurve.last, evidence.settings.earlyStopping == nil,
      last.loss > 1.2 * best.loss, Double(best.step) < 0.7 * Double(evidence.stepCount)
    else { return nil }
    return Finding(
      family: .fit, cause: .stoppedTooLate,
      symptom: String(
        format: "the dev loss was lowest at step \(best.step), %.3g, and has risen to %.3g since",
        best.loss, last.loss),
      explanation: "from there on the network learned its own examples by heart", step: best.step,
      evidence: [
        Finding.Number("lowest dev loss", best.loss), Finding.Number("last dev loss", last.loss),
      ],
      remedy: "stop early: keep the parameters of the lowest dev loss")
  }

  private func differentDistributions(_ dev: Double, _ test: Double) -> Finding {
    Finding(
      family: .fit, cause: .differentDistributions,
      symptom:
        "the dev error is \(percent(dev)) and the test error \(percent(test)), which chance does not explain",
      explanation: "dev and test do not come from one distribution",
      evidence: [Finding.Number("dev error", dev), Finding.Number("test error", test)],
      remedy: "mix both and split them anew")
  }
}
