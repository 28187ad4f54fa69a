import Console
import Datasets
import Diagnosis
import Findings
import Verification

extension HelpTopic {
  /// The causes that findings name, as the rules declare them.
  static let causes = HelpTopic(
    "causes", summary: "what diagnoses, data inspections and audits can report, by family"
  ) {
    let trainings = Diagnosis.causes.filter { meaning in
      !DataJudgement.causes.contains(meaning)
    }
    return [
      .paragraph(
        "These ids are in diagnosis.json, runs.jsonl and what --json writes: family and cause of each finding. A cause can be reported under a "
          + "family other than its own, where the trouble shows.")
    ]
      + lists("plumb train and plumb diagnose", trainings)
      + lists("plumb data inspect, and trainings on such data", DataJudgement.causes)
      + lists("plumb check", GradientCheck.causes)
      + lists("plumb audit", Audit.causes)
  }

  /// A list for each family, in the order in which the families first occur.
  private static func lists(_ title: String, _ causes: [Finding.CauseMeaning]) -> [Part] {
    let families = causes.map(\.family).reduce(into: [Finding.Family]()) { found, family in
      if !found.contains(family) { found.append(family) }
    }
    return families.map { family in
      .list(
        "\(title): \(family.rawValue)",
        causes.filter { $0.family == family }.map { ($0.cause.rawValue, $0.meaning) })
    }
  }
}
