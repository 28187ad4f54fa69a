import Console
import Plumbline
import Verification

extension HelpTopic {
  /// What `--activation` and `--activations` take.
  static let activations = HelpTopic(
    "activations", summary: "what --activation and --activations take"
  ) {
    [
      .list("Activations", Activation.all.map(row)),
      .paragraph(
        "Any common spelling works (ReLU, LeakyReLU). The gain is the factor by which he and similar initializers scale up the initial weights, so that "
          + "the signal keeps its scale."),
      .paragraph("plumb audit also reads \(RarerFunction.names.joined(separator: ", "))."),
    ]
  }

  private static func row(_ activation: Activation) -> (name: String, text: String) {
    var parts: [String] = []
    if activation.range != -.infinity ... .infinity {
      parts.append(
        "from \(number(activation.range.lowerBound)) to \(number(activation.range.upperBound))")
    }
    if activation.gain != 1 { parts.append("gain \(number(activation.gain))") }
    if !activation.otherNames.isEmpty {
      parts.append("also \(activation.otherNames.joined(separator: ", "))")
    }
    return (activation.title, parts.joined(separator: "; "))
  }

  private static func number(_ value: Double) -> String {
    value.isInfinite
      ? "∞"
      : value == value.rounded()
        ? NumberFormat.plain(value) : NumberFormat.significant(value, digits: 4)
  }
}
