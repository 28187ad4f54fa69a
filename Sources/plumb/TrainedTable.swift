import Console
import Datasets

/// The data of a training, read again where the network says how they are meant.
enum TrainedTable {
  /// The data of a source. A network that has an input more than there are features counts a column that numbers the rows among them;
  /// one output for whole numbers under a name such as quality takes them for amounts.
  static func sets(
    _ source: String, _ options: ParsedOptions
  ) throws -> (sets: LabelledSets, note: String?) {
    var reading = DataOptions.reading(options)
    var sets = try LabelledSets(source: source, options: reading)
    guard case .widths(let widths) = options[NetworkOptions.network], sets.preparation != nil else {
      return (sets, nil)
    }
    var notes: [String] = []
    if widths.first != sets.train.featureCount {
      var whole = reading
      whole.table.keepsIdentifiers = true
      if let other = try? LabelledSets(source: source, options: whole),
        other.train.featureCount == widths.first
      {
        (sets, reading) = (other, whole)
        notes.append(
          "the network takes \(widths[0]) features, so that the column which numbers the rows is one of them"
        )
      }
    }
    let isOpen =
      options[DataOptions.targets] == .automatic && !options[TrainCommand.asWritten]
      && options[TrainCommand.loss]?.targets ?? .reals == .reals
    if isOpen, widths.last == 1, let count = sets.train.classCount, count > 2,
      let name = sets.labelNamesAnAmount
    {
      reading.targetKind = .values
      sets = try LabelledSets(source: source, options: reading)
      notes.append(
        "the network has one output, so that \(name) is taken for an amount (--targets classes takes it for \(count) classes)"
      )
    }
    return (sets, notes.isEmpty ? nil : notes.joined(separator: "\n"))
  }
}
