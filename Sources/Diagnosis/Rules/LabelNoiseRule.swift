import Findings
import Foundation

extension Finding.Cause {
  /// Labels contradict what their neighbours say.
  public static let labelNoise: Self = "label-noise"
}

/// Family 6: labels that are wrong at random: most neighbours agree on a class, and none has the label that the example has.
///
/// Of two classes that overlap nobody can say so; of three and more a wrong label is one that no example near by has. A class of share p
/// among the neighbours is contradicted with a probability of p (1 - p)¹⁵, 2.4 % at most: where more than 4 % are, at 95 %
/// confidence, classes do not just overlap.
struct LabelNoiseRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    guard let reference = evidence.neighbors, let share = reference.contradicted,
      let classes = evidence.targets.classCount, classes > 2, evidence.leavesError,
      reference.seesSignal
    else { return [] }
    let deviation = (share * (1 - share) / Double(max(reference.queryCount, 1))).squareRoot()
    guard share - 1.645 * deviation > 0.04 else { return [] }
    return [
      Finding(
        family: .data, cause: .labelNoise,
        symptom: String(
          format:
            "%.0f %% of the examples have a label that none of their 15 neighbours has, while those agree on another",
          100 * share),
        explanation: "so many labels look wrong; a network can only learn them by heart",
        location: Finding.Location(set: "train"),
        evidence: [Finding.Number("contradicted labels", share)],
        remedy:
          "look at the labels of those examples; stop early (--split 80,20,0 --early-stopping 5) or smooth them "
          + "(--label-smoothing 0.1) where they cannot be mended")
    ]
  }
}
