import Console
import Datasets

extension HelpTopic {
  /// The layouts of arrays.
  static let layouts = HelpTopic(
    "layouts", summary: "how weights and examples are laid out in arrays: --layout"
  ) {
    [
      .list("Layouts", ArrayLayout.allCases.map { ($0.rawValue, $0.meaning) }),
      .paragraph(
        "plumb audit infers the layout from the shapes, and from the values if the shapes allow several; plumb train --parameters FILE from what "
          + "the file states or from the shapes. Parameters that plumb writes are in the layout rows, and say so."
      ),
    ]
  }
}
