import Console
import Plumbline

extension HelpTopic {
  /// What `--optimizer` takes.
  static let optimizers = HelpTopic(
    "optimizers", summary: "what --optimizer takes, and its settings"
  ) {
    [
      .list(
        "Optimizers, with their settings (and defaults)",
        OptimizerChoice.rules.map { ($0.title, settings(of: $0)) }),
      .paragraph("On the command line a setting is an option: --weight-decay 0.01, --beta1 0.95."),
    ]
  }
}
