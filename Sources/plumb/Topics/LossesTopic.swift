import Console
import Plumbline

extension HelpTopic {
  /// What `--loss` takes.
  static let losses = HelpTopic(
    "losses", summary: "what --loss takes, and the output each loss goes with"
  ) {
    [
      .list("Losses, means over the examples", LossFunction.forms.map(row)),
      .paragraph(
        "Any common spelling works (CrossEntropyLoss, MSE). Without --loss, the loss follows from the output: \(customary)."
      ),
    ]
  }

  private static var customary: String {
    OutputFunction.allCases.map { output in
      "\(LossFunction.customary(for: output).rawValue) after \(output.rawValue)"
    }.joined(separator: ", ")
  }

  private static func row(_ form: any LossForm) -> (name: String, text: String) {
    let targets =
      switch form.targets {
      case .classes: "one class of several"
      case .shares: "numbers from 0 to 1, or yes and no"
      case .counts: "numbers of 0 or more"
      case .reals: "any numbers"
      }
    let others = form.otherNames.isEmpty ? "" : "; also \(form.otherNames.joined(separator: ", "))"
    let own = settings(of: form)
    return (
      form.title,
      "targets: \(targets); output: \(form.output.rawValue)\(own.isEmpty ? "" : "; \(own)")\(others)"
    )
  }
}
