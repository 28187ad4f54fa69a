import Findings
import Foundation
import Plumbline

extension Finding.Cause {
  /// Labels contradict those of their neighbors.
  public static let labelNoise: Self = "label-noise"
}

/// Family 6: labels that are wrong at random: most neighbors agree on a class, and none has the label that the example has.
///
/// With two classes, the neighbors of a single label cannot show it to be wrong, since they may have the other label for good
/// reasons; there, what counts is how mistakes depend on confidence (``NoiseProfile``). With three or more, a wrong label is one
/// that no nearby example has. A class of share p among the neighbors is contradicted with a probability of p (1 - p)¹⁵, 2.4 % at
/// most: if more than 4 % are, at 95 % confidence, classes do not merely overlap.
struct LabelNoiseRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(.data, .labelNoise, "labels contradict those of their neighbors")
  ]

  /// The correlation of a feature with the order of the classes from which on they are values.
  private static let ordered = 0.5
  /// The same where the neighbors' mistakes are near in that order, by so many standard deviations.
  private static let likelyOrdered = 0.25, nearness = 2.0

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .labelNoise, evidence.outcome.dev != nil,
      evidence.settings.earlyStopping == nil
    else { return [] }
    return [
      Treatment(
        "stopped early", options: "\(Setting.earlyStopping) 5", isDecisive: false,
        .settings { $0.earlyStopping = .init(patience: 5) })
    ]
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // Of grades and ages, which rise with a feature, the next one is not a wrong label.
    guard evidence.fits?.orderCorrelation ?? 0 < Self.ordered else { return [] }
    return [
      contradicted(evidence) ?? certainMistakes(evidence) ?? turnedRound(evidence)
        ?? unexplained(evidence)
    ]
    .compactMap { $0 }
  }

  private func contradicted(_ evidence: Evidence) -> Finding? {
    guard let reference = evidence.neighbors, let share = reference.contradicted,
      let classes = evidence.targets.classCount, classes > 2, evidence.leavesError,
      reference.contradictsLabels
    else { return nil }
    return finding(
      evidence,
      String(
        format:
          "%.0f %% of the examples have a label that none of their 15 neighbors shares, while those agree on another",
        100 * share), [Finding.Number("contradicted labels", share)])
  }

  /// Mistakes that are nearly as frequent where the network is most confident as elsewhere.
  ///
  /// Where classes overlap, the most confident quarter has few mistakes: 5 % for two normal classes with an error of 25 %. Labels
  /// that are wrong by chance are wrong anywhere. This is only checked for a network that does as well as anything else, and much
  /// better than an answer that ignores the features: one that is wrong about the classes is confident of nothing. With two
  /// classes, nobody can say whether labels were flipped or answers are a matter of chance.
  private func certainMistakes(_ evidence: Evidence) -> Finding? {
    guard let answers = evidence.answers, let share = answers.certainMistakes,
      let count = answers.certainCount, let error = evidence.train.error,
      let base = evidence.baseRate.error, evidence.seesRelation, !evidence.fallsShort,
      evidence.standing != .diverged, evidence.standing != .nonFinite, error < 0.85 * base,
      // One that is still learning is not yet certain of what it will know, and one with a bottleneck cannot tell classes apart.
      !evidence.isFalling, evidence.facts.narrowest ?? .max > 2,
      let classes = evidence.targets.classCount, classes > 2
    else { return nil }
    let deviation = (share * (1 - share) / Double(max(count, 1))).squareRoot()
    guard share - 1.645 * deviation > max(0.14, 0.5 * error) else { return nil }
    return finding(
      evidence,
      String(
        format:
          "the network disagrees with %.0f %% of the labels where it is most certain, and with %.0f %% overall",
        100 * share,
        100 * error),
      [Finding.Number("mistakes where certain", share), Finding.Number("train error", error)])
  }

  /// Two classes: mistakes of methods that have not seen an example are as frequent where the methods are confident as elsewhere.
  private func turnedRound(_ evidence: Evidence) -> Finding? {
    let mistakes = max(evidence.train.error ?? 0, 1e-9)
    guard let noise = evidence.noise, let base = evidence.baseRate.error,
      noise.isFlat(own: (evidence.answers?.halfMistakes ?? 0) / mistakes),
      // Many things are predictable only to three quarters: an unmeasured cause flips as many labels as mislabeling does, and looks
      // the same, so that nothing need be wrong there.
      min(noise.error, evidence.train.error ?? 0) > 0.285, noise.error < 0.8 * base,
      !evidence.fallsShort
    else { return nil }
    return finding(
      evidence,
      String(
        format:
          "other methods misclassify %.0f %% of %d held-out examples, and hardly fewer of those they are certain of: "
          + "with overlapping classes these would be right",
        100 * noise.error, noise.count),
      [
        Finding.Number("mistakes on examples left out", noise.error),
        Finding.Number("mistakes of the certain half over all", noise.halfRatio),
      ])
  }

  /// The same where fewer labels are wrong, if that does harm: the network learns them by heart, or seems to have more to learn.
  ///
  /// A network that is right about the others is healthy, whatever its error. What turns labels round may also be something that was
  /// not measured, and the finding says so.
  private func unexplained(_ evidence: Evidence) -> Finding? {
    guard let noise = evidence.noise, let base = evidence.baseRate.error,
      let own = evidence.train.error, noise.isSpread,
      noise.error > Self.fewWrong + (evidence.outcome.baseError ?? 0), noise.error < 0.75 * base,
      evidence.standing == .learned || evidence.standing == .stalled, !evidence.fallsShort
    else { return nil }
    let other = (evidence.outcome.dev ?? evidence.outcome.test)?.error ?? own
    // A network that still has to learn what the others know says nothing of the labels.
    guard
      own < 0.7 * noise.error || other - own > 0.05 && own < noise.error
        || own < noise.error + 0.03 && evidence.isInTrouble
    else { return nil }
    var found = finding(
      evidence,
      String(
        format:
          "methods that have not seen them misclassify %.0f %% of %d examples, nearly as many where they are most certain: where classes "
          + "overlap, these would be right", 100 * noise.error, noise.count),
      [
        Finding.Number("mistakes on examples left out", noise.error),
        Finding.Number("mistakes of the certain half over all", noise.halfRatio),
        Finding.Number("mistakes of the certain quarter over all", noise.quarterRatio),
      ])
    found.explanation =
      "these labels are wrong, or depend on something that is not among the features: a network can only memorize them"
    return found
  }

  private static let fewWrong = 0.06

  private func finding(
    _ evidence: Evidence, _ symptom: String, _ numbers: [Finding.Number]
  ) -> Finding {
    if (evidence.fits?.classOrder ?? 0) > Self.likelyOrdered,
      (evidence.neighbors?.nearness ?? 0) > Self.nearness
    {
      return Finding(
        family: .data, cause: .labelNoise, symptom: symptom,
        explanation:
          "the classes seem to be grades, and most wrong answers are next to the label: where one grade ends and the next begins is "
          + "uncertain, so this much can hardly be avoided",
        location: Finding.Location(set: "train"), evidence: numbers,
        remedy:
          "if the labels are grades, predict them as numbers (\(Setting.targets) values): the loss then tells answers that are nearly right from "
          + "those that are far off")
    }
    let smooths = evidence.settings.loss != evidence.settings.loss.judged
    let takesSmoothing = evidence.settings.loss.form is any ClassLossForm
    let options = [
      evidence.settings.earlyStopping == nil ? "stop early (\(evidence.earlyStoppingOption))" : nil,
      takesSmoothing && !smooths ? "smooth them (\(Setting.labelSmoothing) 0.1)" : nil,
    ].compactMap(\.self)
    return Finding(
      family: .data, cause: .labelNoise, symptom: symptom,
      explanation: "these labels look wrong, and a network can only memorize them",
      location: Finding.Location(set: "train"), evidence: numbers,
      remedy: "check the labels of those examples"
        + (options.isEmpty
          ? "" : "; " + options.joined(separator: ", or ") + " if they cannot be corrected"))
  }
}
