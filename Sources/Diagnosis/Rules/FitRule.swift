import Findings
import Foundation
import Training

extension Finding.Cause {
  /// The network fits its own training examples worse than it could.
  public static let highBias: Self = "high-bias"
  /// What was learned does not generalize beyond the training examples.
  public static let highVariance: Self = "high-variance"
  /// The dev loss has been rising.
  public static let stoppedTooLate: Self = "stopped-too-late"
}

/// Family 5: bias, variance, both or neither, against a stated base error; and whether the run stopped at the right time.
///
/// Bias is the training error above the base error, variance the dev error above the training error. A gap counts if it exceeds
/// three standard errors of the counted mistakes, and 3 %, or 10 % of the cost of guessing where there are many classes: 1 % and 11
/// % is variance, 15 % and 16 % bias, 15 % and 30 % both, 0.5 % and 1 % neither (CASES.md 6). If no base error is stated, nobody
/// knows how much of the error is noise in the labels: then bias is reported if nearest neighbors do better on examples that they
/// leave out. For real targets, the unexplained share of the variance takes the role of the error, and a tenth of the variance is a
/// gap.
struct FitRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .fit, .highBias, "the network fits its own training examples worse than it could"),
    Finding.CauseMeaning(
      .fit, .highVariance, "what was learned does not generalize beyond the training examples"),
    Finding.CauseMeaning(.fit, .stoppedTooLate, "the dev loss has been rising"),
  ]

  private static let smallestGap = 0.03
  /// The same as a share of the error of an answer that ignores the input: with ten classes, 4 % is next to nothing.
  private static let smallestShareOfBase = 0.1

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    switch finding.cause {
    case .highBias:
      return [
        Treatment(
          "four times as wide, and at least 32 units", options: evidence.largerLayers ?? "",
          .network { $0.widened(to: 32, times: 4) }),
        Treatment("another learning rate", options: Setting.learningRate.option, .largerRates),
      ]
    case .highVariance, .stoppedTooLate:
      guard evidence.outcome.dev != nil else { return [] }
      let patience = evidence.patience
      return [
        Treatment(
          "stopped early", options: "\(Setting.earlyStopping) \(patience)",
          .settings { $0.earlyStopping = .init(patience: patience) }),
        Treatment(
          "weight decay 0.01", options: "\(Setting.weightDecay) 0.01",
          .settings { $0.optimizerOptions.weightDecay = 0.01 }),
      ]
    default: return []
    }
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if evidence.standing == .baseRate, earlier.isEmpty, evidence.fallsShort, evidence.seesRelation {
      // Nothing holds it there, and others do better: the remaining explanation is that it is too small.
      return [onTraining(evidence, after: []).finding].compactMap { $0 }
    }
    guard evidence.standing == .learned || evidence.standing == .stalled else { return [] }
    let outcome = evidence.outcome
    // The test set serves where there is no dev set.
    let (dev, count) =
      outcome.dev.map { ($0, outcome.devCount) } ?? (outcome.test, outcome.testCount)
    var generalization: [Finding] = []
    var variance = 0.0
    if let dev, let count {
      (generalization, variance) = beyondTraining(evidence, dev, count, after: earlier)
    }
    let (bias, finding) = onTraining(evidence, after: earlier)
    guard let finding else { return generalization }
    return variance > bias ? generalization + [finding] : [finding] + generalization
  }

  /// The share of mistakes, or of the variance that is left.
  private func share(_ evaluation: Evaluation, _ evidence: Evidence) -> Double {
    evaluation.error ?? 1 - evidence.progress(of: evaluation)
  }

  private func onTraining(
    _ evidence: Evidence, after earlier: [Finding]
  ) -> (bias: Double, finding: Finding?) {
    let error = evidence.share
    let bias = error - (evidence.outcome.baseError ?? 0)
    // If every example could be memorized, none is left to chance.
    let isLarge =
      evidence.train.error == nil || evidence.isSmallWorld
      ? bias > Self.smallestGap : bias > gap(error, evidence.exampleCount)
    guard isLarge, !earlier.contains(where: { $0.cause == .tooMuchRegularization }) else {
      return (bias, nil)
    }
    guard evidence.underfits, earlier.isEmpty else { return (bias, nil) }
    return (bias, highBias(evidence, error, bias))
  }

  private func beyondTraining(
    _ evidence: Evidence, _ dev: Evaluation, _ count: Int, after earlier: [Finding]
  ) -> (findings: [Finding], variance: Double) {
    let outcome = evidence.outcome
    let (trainError, devError) = (share(evidence.train, evidence), share(dev, evidence))
    let variance = devError - trainError
    if evidence.relation?.broken != nil,
      earlier.contains(where: { [.targetLeak, .differentDistributions].contains($0.cause) })
    {
      return ([], 1)
    }
    var findings: [Finding] = []
    if let missing = missingClasses(evidence) { return ([missing], 1) }
    // A set whose features differ is another task, whatever the network's answers are.
    let shift = shift(evidence)
    if let shift {
      findings.append(shift.finding)
    } else if let test = outcome.test?.error, outcome.dev?.error != nil,
      let testCount = outcome.testCount
    {
      let difference = abs(test - devError)
      let chance = gap((test + devError) / 2, min(count, testCount)) * 2.0.squareRoot()
      // Reported before a smaller gap between train and dev.
      if difference > max(chance, variance) {
        findings.append(differentDistributions(devError, test))
      }
    }
    // A few targets far from the others hide a relation as well as none does.
    if earlier.contains(where: { $0.cause == .targetOutliers }) { return (findings, 1) }
    if let finding = unrelated(evidence, dev) {
      return (earlier.contains { $0.cause == .noSignalInInputs } ? [] : [finding], 1)
    }
    let isLarge: Bool
    if dev.error != nil {
      let share = Self.smallestShareOfBase * (evidence.baseRate.error ?? 0)
      // Of a few examples, the error is known better than by its standard deviation at the error that was found.
      isLarge =
        variance > max(gap(devError, count), share)
        || Self.leastError(devError, count) - trainError > max(Self.smallestGap, share)
        // What two standard errors say is enough where nothing else says that anything was learned.
        || evidence.isTooFewToTell && devError > 0.85 * (evidence.baseRate.error ?? 1)
          && variance > 0.67 * gap(devError, count)
    } else if evidence.settings.loss.targets == .counts {
      // A likelihood has no zero: three quarters of what was learned have to be lost.
      let learned = evidence.baseRate.loss - evidence.train.loss
      isLarge = dev.loss - evidence.train.loss > 0.75 * max(learned, 0)
    } else {
      isLarge = variance > 0.1 && dev.loss > 2 * evidence.train.loss
    }
    // A gap to a set of another distribution is not overfitting.
    let isShifted = shift?.set == 0
    // What has hardly been learned cannot have been memorized: then the sets differ in their base rates.
    let hasLearned = trainError < 0.9 * (dev.error == nil ? 1 : evidence.baseRate.error ?? 1)
    if !isLarge, let extreme = extremeAnswers(evidence, dev) { return (findings + [extreme], 1) }
    if !isLarge, startsTooLarge(evidence), isOverconfident(dev, evidence),
      let law = SignalLaw(evidence)
    {
      return (findings + [law.finding(evidence)], 1)
    }
    guard isLarge, !isShifted, hasLearned else { return (findings, findings.isEmpty ? 0 : 1) }
    if let contradiction = contradiction(evidence, dev) {
      return (findings + [contradiction], 1)
    }
    // Memorizing alone would make it no worse than an answer that ignores the features, unless its answers become ever more
    // extreme, or the examples are few.
    if isWorseThanBaseRate(dev, evidence) {
      let late = stoppedTooLate(evidence, isWorse: true)
      let isClear = dev.error.map {
        Self.leastError($0, count) > evidence.baseRate.error ?? 1
      }
      if isClear ?? true || late != nil && !evidence.isTooFewToTell {
        return (findings + [late].compactMap(\.self), 1)
      }
    }
    // From weights that are far too large a network keeps what was drawn, and learns its examples by heart.
    if startsTooLarge(evidence), let law = SignalLaw(evidence) {
      findings.append(law.finding(evidence))
    }
    findings.append(highVariance(evidence, trainError, devError, variance))
    if let late = stoppedTooLate(evidence) { findings.append(late) }
    return (findings, variance)
  }

  private func startsTooLarge(_ evidence: Evidence) -> Bool {
    SignalLaw(evidence).map { $0.isExploding || $0.hasLargeScale && !$0.isNormalized } ?? false
  }

  /// Whether wrong answers cost half again as much as they would if the answers were as certain as they are right.
  private func isOverconfident(_ evaluation: Evaluation, _ evidence: Evidence) -> Bool {
    guard evidence.leavesError, let error = evaluation.error, error > 0, error < 1,
      let classes = evidence.targets.classCount, classes > 1
    else { return false }
    let entropy =
      -error * log(error / Double(classes - 1)) - (1 - error) * log(1 - error)
    return evaluation.loss > 1.5 * entropy
  }

  /// Answers so extreme that the few that are wrong cost far more than ignoring the features would.
  private func extremeAnswers(_ evidence: Evidence, _ dev: Evaluation) -> Finding? {
    guard let error = dev.error, dev.loss > 20 * evidence.baseRate.loss, evidence.hasLearned else {
      return nil
    }
    return LearningRateRule.tooLarge(
      evidence,
      String(
        format:
          "%.1f %% of the answers on other examples are wrong, and so extreme that the loss there is %.3g, while an answer that ignores the input costs %.3g",
        100 * error, dev.loss, evidence.baseRate.loss))
  }

  /// Classes about which nothing could be learned, if they are a good part of the other sets and most of what is wrong there. Sets
  /// of entirely different classes are of another distribution.
  private func missingClasses(_ evidence: Evidence) -> Finding? {
    let outcome = evidence.outcome
    let sets = [(outcome.dev?.error, outcome.devCount), (outcome.test?.error, outcome.testCount)]
      .compactMap { error, count in count.map { (error ?? 1) * Double($0) } }
    let wrong = sets.reduce(0, +)
    let told = evidence.data.findings?.first {
      $0.severity > .note && $0["examples elsewhere"] != nil
    }
    guard var finding = told, let examples = finding["examples elsewhere"], 2 * examples >= wrong
    else { return nil }
    if finding.cause == .differentDistributions { finding.family = .fit }
    return finding
  }

  /// That features of another set differ from the training set's, if the network does worse on it, and the index of that set.
  private func shift(_ evidence: Evidence) -> (finding: Finding, set: Int)? {
    let outcome = evidence.outcome
    let sets = [("dev", outcome.dev, outcome.devCount), ("test", outcome.test, outcome.testCount)]
      .compactMap { name, set, count in set.flatMap { set in count.map { (name, set, $0) } } }
    for (index, (name, set, count)) in sets.enumerated() {
      let found = evidence.data.findings?.first {
        $0.cause == .differentDistributions && $0.location.set == "train and \(name)"
          && $0["mean in \(name)"] != nil
      }
      guard var found else { continue }
      let error = share(set, evidence)
      guard
        error - share(evidence.train, evidence) > gap(min(error, 1), count)
          || evidence.above(set.loss) > 2 * evidence.above(evidence.train.loss)
      else { continue }
      found.family = .fit
      return (found, index)
    }
    return nil
  }

  /// What a difference of errors has to exceed.
  private func gap(_ error: Double, _ count: Int) -> Double {
    let variance = max(error * (1 - error), 0.25 / Double(max(count, 1))) / Double(max(count, 1))
    return max(Self.smallestGap, 3 * variance.squareRoot())
  }

  /// The error at or above which so many mistakes, or more, are found in one of 740 sets of this size: a bound like three standard
  /// deviations, which is exact for few examples too (C. J. Clopper and E. S. Pearson, Biometrika 26, 1934).
  static func leastError(_ error: Double, _ count: Int) -> Double {
    let mistakes = Int((error * Double(count)).rounded())
    guard mistakes > 0, count > 0 else { return 0 }
    let chance = 0.00135
    var (low, high) = (0.0, error)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if atLeast(mistakes, of: count, at: middle) < chance { low = middle } else { high = middle }
    }
    return low
  }

  /// The probability of so many mistakes or more among so many examples, each with this probability.
  private static func atLeast(_ mistakes: Int, of count: Int, at share: Double) -> Double {
    guard share > 0 else { return 0 }
    // Of the fewer, each from the one before; by logarithms, since the first of many examples underflows.
    var (sum, term) = (0.0, Double(count) * log1p(-share))
    for number in 0..<mistakes {
      sum += exp(term)
      term +=
        log(Double(count - number) / Double(number + 1)) + log(share) - log1p(-share)
    }
    return max(0, 1 - sum)
  }

  private func name(_ evidence: Evidence) -> String {
    evidence.train.error == nil ? "unexplained variance" : "error"
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  private func highBias(_ evidence: Evidence, _ error: Double, _ bias: Double) -> Finding {
    let isStated = evidence.outcome.baseError != nil
    let possible = evidence.outcome.baseError ?? evidence.attainable ?? 0
    return Finding(
      family: .fit, cause: .highBias,
      symptom:
        "the training \(name(evidence)) is \(percent(error)), but \(percent(possible)) is attainable"
        + (isStated ? "" : ": \(witness(evidence))"),
      explanation:
        evidence.isTooSmallForProduct
        ? "a product of \(evidence.fits?.product?.features.count ?? 0) features takes about as many hidden units, and the network has \(evidence.hiddenWidths.reduce(0, +)): it is too small"
        : "the network does not even fit its own training examples: it is too small, or not trained enough",
      evidence: [
        Finding.Number("train error", error), Finding.Number("bias", bias),
        Finding.Number(isStated ? "base error" : "attainable error", possible),
      ],
      remedy: "use a larger network"
        + (evidence.largerLayers.map { " (\($0))" } ?? "")
        + ", train longer (\(Setting.steps) \(3 * evidence.stepCount))"
        + (evidence.fasterRate.map { ", or at a larger rate (\($0))" } ?? "")
        + ", or regularize less")
  }

  /// What shows that as little is attainable as others leave.
  private func witness(_ evidence: Evidence) -> String {
    if evidence.isSmallWorld { return "no example contradicts another" }
    if let product = evidence.fits?.product, product.share == evidence.attainable {
      let features = product.features.map(String.init).joined(separator: " and ")
      return "the product of features \(features) alone reaches it (counted from 0)"
    }
    return evidence.neighbors?.share == evidence.attainable
      ? "nearest neighbors reach it on held-out examples"
      : "a closed-form fit reaches it on held-out examples"
  }

  private func highVariance(
    _ evidence: Evidence, _ train: Double, _ dev: Double, _ variance: Double
  ) -> Finding {
    Finding(
      family: .fit, cause: .highVariance,
      symptom:
        "overfitting: the training \(name(evidence)) is \(percent(train)), and on other examples \(percent(dev))",
      explanation:
        "\(evidence.parameterCount) parameters were fitted to \(evidence.exampleCount) examples, and what was learned does not generalize"
        + tooFewToTell(evidence)
        // Of what is wrong on other examples the training examples account for a part too.
        + (train < 0.25 * dev && !startsTooLarge(evidence)
          && !evidence.isTooFewToTell ? "; optimization is not the problem" : ""),
      evidence: [
        Finding.Number("train error", train), Finding.Number("dev error", dev),
        Finding.Number("variance", variance),
      ] + relationNumbers(evidence),
      remedy: evidence.isTooFewToHoldBack || evidence.isTooFewToTell
        ? "get more data, or drop features that say little; with so few examples, holding the network back"
          + (evidence.regularizingOptions.isEmpty
            ? "" : " (\(evidence.regularizingOptions.joined(separator: " ")))")
          + " may help too, but they hardly show whether it does"
        : "get more data or augment them"
          + (evidence.regularizingOptions.isEmpty
            ? ""
            : ", or regularize the network (\(evidence.regularizingOptions.joined(separator: " ")))")
    )
  }

  /// That nobody can tell from so few examples whether there is anything to learn.
  private func tooFewToTell(_ evidence: Evidence) -> String {
    guard evidence.isTooFewToTell, let fits = evidence.fits, let visible = fits.visibleCorrelation
    else { return "" }
    return String(
      format:
        "; the examples are too few to tell whether the features say anything of the targets: the strongest relation found is %.2g "
        + "standard deviations beyond chance, where %.2g would be evidence, and a feature's correlation would have to be %.2g to be noticed",
      max(0, fits.strength - 1), FitReference.relationStrength - 1, visible)
  }

  private func relationNumbers(_ evidence: Evidence) -> [Finding.Number] {
    guard evidence.isTooFewToTell, let fits = evidence.fits else { return [] }
    return [
      Finding.Number("strongest relation, in standard deviations", fits.strength),
      Finding.Number("correlation that would be noticed", fits.visibleCorrelation ?? .nan),
    ]
  }

  /// A network that learns its own examples and is no better than the base rate on others, if nothing else sees a relation either.
  private func unrelated(_ evidence: Evidence, _ dev: Evaluation) -> Finding? {
    let base = dev.error == nil ? evidence.baseRate.loss : evidence.baseRate.error ?? 1
    guard evidence.isWithoutRelation, let fits = evidence.fits, (dev.error ?? dev.loss) > 0.9 * base
    else { return nil }
    return BaseRateRule.noRelation(
      fits,
      "what the network learns from its own examples is worthless on others: there it is no better than an answer that ignores "
        + "the input")
  }

  /// Whether the network does worse on other examples than an answer that ignores the features.
  private func isWorseThanBaseRate(_ dev: Evaluation, _ evidence: Evidence) -> Bool {
    if let error = dev.error, let base = evidence.baseRate.error { return error > base }
    return dev.error == nil && dev.loss > evidence.baseRate.loss
  }

  /// What the training examples say about their targets, if none of it holds in the other set.
  private func contradiction(_ evidence: Evidence, _ dev: Evaluation) -> Finding? {
    guard let relation = evidence.relation, let fits = evidence.fits, fits.seesRelation,
      relation.fails && fits.best < 0.8 * fits.base && isWorseThanBaseRate(dev, evidence)
        || !relation.holds && fits.best < 0.5 * fits.base
    else { return nil }
    let relabelled = relation.relabelledError.flatMap { $0 < 0.5 * relation.base ? $0 : nil }
    let name = evidence.outcome.dev == nil ? "test" : "dev"
    return Finding(
      family: .fit, cause: .differentDistributions,
      symptom:
        "the training set's relation between features and targets does not hold in \(name): a closed-form fit leaves "
        + "\(percent(fits.best)) on held-out training examples and \(percent(relation.error)) in \(name), where an answer that "
        + "ignores the features leaves \(percent(relation.base))",
      explanation:
        relabelled.map {
          "the classes of \(name) are numbered differently: with other numbers for the same groups of examples, the fit leaves "
            + "\(percent($0)) there; the network's error there is \(percent(share(dev, evidence)))"
        }
        ?? "the targets of \(name) differ for the same features, or are not in the order of its examples; the network leaves "
        + "\(percent(share(dev, evidence))) there",
      location: Finding.Location(set: name),
      evidence: [
        Finding.Number("left on training examples", fits.best),
        Finding.Number("left in \(name)", relation.error),
        Finding.Number("base rate in \(name)", relation.base),
      ],
      remedy: relabelled != nil
        ? "number the classes of \(name) as those of the training set"
        : "check how the targets of \(name) were made and ordered; if that is right, pool the sets and split them again"
    )
  }

  /// - Parameter isWorse: Whether the dev loss is beyond that of an answer that ignores the features, so that any minimum before
  ///   counts.
  private func stoppedTooLate(_ evidence: Evidence, isWorse: Bool = false) -> Finding? {
    guard let best = evidence.outcome.devCurve.min(by: { $0.loss < $1.loss }),
      let last = evidence.outcome.devCurve.last, evidence.settings.earlyStopping == nil,
      isWorse
        ? evidence.above(last.loss) > 1.05 * evidence.above(best.loss)
        : evidence.above(last.loss) > 1.2 * evidence.above(best.loss)
          && Double(best.step) < 0.7 * Double(evidence.stepCount)
    else { return nil }
    return Finding(
      family: .fit, cause: .stoppedTooLate,
      symptom: String(
        format: "the dev loss was lowest at step \(best.step), %.3g, and has risen to %.3g since",
        best.loss, last.loss),
      explanation: "from then on the network memorized its training examples",
      location: Finding.Location(step: best.step),
      evidence: [
        Finding.Number("lowest dev loss", best.loss), Finding.Number("last dev loss", last.loss),
      ],
      remedy:
        "stop early and keep the parameters with the lowest dev loss (\(Setting.earlyStopping) \(evidence.patience))"
    )
  }

  private func differentDistributions(_ dev: Double, _ test: Double) -> Finding {
    Finding(
      family: .fit, cause: .differentDistributions,
      symptom:
        "the dev error is \(percent(dev)) and the test error \(percent(test)), more than chance explains",
      explanation: "dev and test do not come from the same distribution",
      evidence: [Finding.Number("dev error", dev), Finding.Number("test error", test)],
      remedy: "pool both and split them again")
  }
}
