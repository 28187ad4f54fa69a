import Datasets
import Findings

/// Family 6: targets that do not differ, so that there is nothing to tell apart.
struct SingleClassRule: DiagnosisRule {
  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    [evidence.data.finding(.singleClass)].compactMap(\.self)
  }
}
