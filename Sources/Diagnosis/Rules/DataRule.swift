import Findings
import Foundation
import Training

extension Finding.Cause {
  /// Features of a size that gradient descent has trouble with.
  public static let unscaledInputs: Self = "unscaled-inputs"
  /// One class has nearly all examples.
  public static let imbalance: Self = "imbalance"
  /// Examples of dev or test are training examples too.
  public static let duplicates: Self = "duplicates"
  /// Features or targets are infinite or NaN.
  public static let nonFiniteData: Self = "non-finite-data"
}

/// Family 6: trouble that the data bring along. What a data file holds is inspected by Datasets; here stands what explains
/// a run.
struct DataRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let data = evidence.data
    var findings: [Finding] = []
    if data.nonFiniteCount > 0, evidence.outcome.failure == nil {
      findings.append(
        Finding(
          family: .data, cause: .nonFiniteData,
          symptom: "\(data.nonFiniteCount) features or targets are infinite or NaN",
          explanation: "a single one makes every sum that it enters not finite",
          evidence: [Finding.Number("non-finite values", Double(data.nonFiniteCount))],
          remedy: "take those examples out, or fill the values in"))
    }
    // What learns all the same is left in peace, unless it learns so slowly that it has not come to an end.
    if evidence.standing != .learned || evidence.underfits
      || evidence.leavesError && evidence.isFalling,
      data.constantShare < 1, let finding = unscaled(data)
    {
      findings.append(finding)
    }
    if let share = evidence.baseRate.largestShare, share > 0.9, let error = evidence.train.error,
      let baseError = evidence.baseRate.error, error >= 0.9 * baseError, baseError > 0
    {
      findings.append(
        Finding(
          family: .data, cause: .imbalance,
          symptom: String(
            format:
              "%.1f %% of the examples belong to one class, and nearly all of the others are answered wrongly",
            100 * share),
          explanation: "naming that class always is right so often that the error says nothing",
          evidence: [Finding.Number("largest share", share), Finding.Number("error", error)],
          remedy: "judge by the error of each class; weight or repeat the rare ones"))
    }
    return findings
  }

  /// He's weights expect inputs of mean square 1; a hundred times that is no longer a matter of taste, nor is a ten-thousandth,
  /// nor an offset beside which the features hardly vary.
  private func unscaled(_ data: DataEvidence) -> Finding? {
    let offset = data.offsetRatio ?? 1
    let isSmall = data.featureMeanSquare < 1e-4
    guard isSmall || data.featureMeanSquare > 100 || data.deviationRatio > 100 || offset > 30 else {
      return nil
    }
    return Finding(
      family: .data, cause: .unscaledInputs,
      symptom: String(
        format:
          "the features have a mean square of %.3g, and the widest spreads %.3g times as far as the middle one",
        data.featureMeanSquare, data.deviationRatio)
        + (offset > 30
          ? String(format: "; they lie %.3g times as far from zero as they vary", offset) : ""),
      explanation: isSmall
        ? "the first layer's gradient shrinks with the features, so that the biases outrun the weights"
        : "the first layer's gradient grows with the features, so that no learning rate suits it and "
          + "the other layers, or the small features and the large ones",
      evidence: [
        Finding.Number("feature mean square", data.featureMeanSquare),
        Finding.Number("ratio of spreads", data.deviationRatio),
        Finding.Number("ratio of offset to spread", offset),
      ],
      remedy:
        "subtract each feature's mean and divide by its standard deviation, both of the training set "
        + "(--normalize per-feature)")
  }
}

/// Family 6, what does not keep a network from learning and only flatters it: told after everything else.
struct LeakRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let duplicates = evidence.data.duplicatesAcrossSets, duplicates > 0 else { return [] }
    // Examples that fall together by chance do so within a set as they do across sets: three standard deviations of a
    // count are left to chance, and of each set's own share no more than the double.
    let chance = evidence.data.duplicatesExpected ?? 0
    guard Double(duplicates) > 2 * chance + 3 * chance.squareRoot() else { return [] }
    return [
      Finding(
        family: .data, cause: .duplicates,
        symptom: duplicates == 1
          ? "one example of dev or test stands among the training examples"
          : "\(duplicates) examples of dev or test stand among the training examples",
        explanation: "what has been learned by heart counts as understood there",
        evidence: [Finding.Number("duplicates", Double(duplicates))],
        remedy: "take them out of the training set, or of the other")
    ]
  }
}
