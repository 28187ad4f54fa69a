import Console
import Datasets

extension HelpTopic {
  /// How arrays lie.
  static let layouts = HelpTopic(
    "layouts", summary: "how weights and examples lie in arrays: --layout"
  ) {
    [
      .list("Layouts", ArrayLayout.allCases.map { ($0.rawValue, $0.meaning) }),
      .paragraph(
        "plumb audit tells the layout by the shapes, and by the values where those allow several; plumb train --parameters FILE by what "
          + "the file says or by the shapes. Parameters that plumb writes are in the layout rows, and say so."
      ),
    ]
  }
}
