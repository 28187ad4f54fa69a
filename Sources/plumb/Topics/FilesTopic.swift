import Console
import Datasets

extension HelpTopic {
  /// What `--data` reads.
  static let files = HelpTopic("files", summary: "what --data reads, and how labels are found") {
    [
      .list(
        "Formats, recognized by content, not by file name",
        LabelledSets.formats.map { ($0.name, $0.meaning) }),
      .list(
        "Generated data, with settings such as moons:count=500,noise=0.2",
        GeneratedData.generators.map { ($0.name, $0.settings.joined(separator: ", ")) }),
      .paragraph(
        "In a table the label is the column named like one (label, target, class, y and the like), otherwise the last one or the only "
          + "one with text, unless --label-column is given. A text column becomes one feature per distinct text, dates become day "
          + "and month, and missing values the median. plumb data inspect FILE prints what was found in each column."
      ),
      .paragraph(
        "In arrays the examples are rows or columns, whichever the labels fit. Labels are class numbers, from 0 or from 1, texts, or one-hot "
          + "rows. Targets that are not classes are values: --targets values."
      ),
    ]
  }
}
