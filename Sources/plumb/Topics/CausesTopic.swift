import Console
import Findings
import Verification

extension HelpTopic {
  /// The mistakes that an audit names.
  static let causes = HelpTopic(
    "causes", summary: "the mistakes that plumb audit names, by their ids"
  ) {
    [
      .list(
        "Mistakes in a backward pass", CauseID.meaningsInAudits.map { ($0.id.rawValue, $0.summary) }
      ),
      .paragraph(
        "Each comes with a sentence that says where it was made and with the line of algebra that is missing. plumb audit --json writes "
          + "the id, and how often such a claim was right where the mistake was known."),
    ]
  }
}
