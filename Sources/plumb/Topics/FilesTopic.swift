import Console
import Datasets

extension HelpTopic {
  /// What data are read from.
  static let files = HelpTopic("files", summary: "what --data reads, and how labels are found") {
    [
      .list(
        "Formats, told by the content and not by the name",
        LabelledSets.formats.map { ($0.name, $0.meaning) }),
      .list(
        "Data without a file, with settings as in moons:count=500,noise=0.2",
        GeneratedData.generators.map { ($0.name, $0.settings.joined(separator: ", ")) }),
      .paragraph(
        "In a table the label is the column that is named for it (label, target, class, y and the like), else the last one, or the only "
          + "one with text; --label-column says otherwise. Columns of text become a feature for each of their texts, dates become day "
          + "and month, and missing values the median. What was found in each column is printed by plumb data inspect FILE."
      ),
      .paragraph(
        "In arrays the examples are rows or columns, whichever the labels fit. Labels are class numbers, from 0 or from 1, texts, or a "
          + "row for each example with a single 1. Targets that are not classes are values: --targets values."
      ),
    ]
  }
}
