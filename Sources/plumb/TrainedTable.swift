import Console
import Datasets
import Findings
import Plumbline
import Training

/// The data of a training, read again if the network shows how they are meant.
enum TrainedTable {
  /// The data of a source. If a network has one input more than there are features, a column that numbers the rows is included
  /// among them; if it has one output, whole numbers under a name such as quality are treated as amounts.
  static func sets(
    _ source: String, _ options: ParsedOptions
  ) throws -> (sets: LabelledSets, note: String?) {
    var reading = DataOptions.reading(options)
    // What is scaled is an amount.
    if options[TrainCommand.scaleTargets], reading.targetKind != .classes {
      reading.table.labelsAreAmounts = true
    }
    var sets = try LabelledSets(source: source, options: reading)
    try DataOptions.refuseIdle(options, for: sets, of: source)
    if let amounts = try asAmounts(sets, source, reading, options) { return amounts }
    if asksForValues(options),
      let count = manyNumbers(sets.train) ?? scaledNumbers(sets.train, options)
    {
      reading.targetKind = .values
      if let values = try? LabelledSets(source: source, options: reading) {
        return (
          values,
          "the labels are \(count) different numbers, which are treated as quantities (--targets classes treats each as a class)"
        )
      }
    }
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
        let had = Set((sets.preparation?.columns ?? []).filter { $0.use == .dropped }.map(\.name))
        let kept = (other.preparation?.columns ?? []).filter {
          $0.use != .dropped && had.contains($0.name)
        }
        notes.append(
          "the network takes \(widths[0]) features, so \(kept.map(\.name).joined(separator: ", ")), which would be left out otherwise, \(kept.count == 1 ? "is" : "are") among them"
        )
        (sets, reading) = (other, whole)
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
        "the network has one output, so \(name) is treated as a quantity (--targets classes treats it as \(count) classes)"
      )
    }
    return (sets, notes.isEmpty ? nil : notes.joined(separator: "\n"))
  }

  /// The number of distinct labels if there are too many numbers to be classes; `nil` if there are fewer, or they are not numbers.
  static func manyNumbers(_ data: LabelledSet) -> Int? {
    guard data.classCount != nil, data.classNames == nil || data.classValues != nil else {
      return nil
    }
    let count = data.classCounts.count { $0 > 0 }
    return count > 20 ? count : nil
  }

  /// The number of distinct labels if they are more than two numbers that are to be scaled, and no option says what predicts them.
  private static func scaledNumbers(_ data: LabelledSet, _ options: ParsedOptions) -> Int? {
    guard options[TrainCommand.scaleTargets], !TrainedLoss.isChosen(options),
      data.classNames == nil || data.classValues != nil
    else { return nil }
    let count = data.classCounts.count { $0 > 0 }
    return count > 2 ? count : nil
  }

  /// Whether options request something that only amounts can have: a scale, a loss of distances or counts, an output that is a
  /// number.
  private static func asksForValues(_ options: ParsedOptions) -> Bool {
    guard options[DataOptions.targets] == .automatic else { return false }
    let loss = options[TrainCommand.loss]?.targets
    let output = options[NetworkOptions.reading]
    return options[TrainCommand.scaleTargets] || loss == .reals || loss == .counts
      || output == .linear || output == .exponential
  }

  /// A note that this many classes may be amounts; `nil` if they are few.
  static func noteOnManyClasses(_ data: LabelledSet) -> String? {
    guard let count = manyNumbers(data) else { return nil }
    let rare = data.classCounts.count { (1..<10).contains($0) }
    guard 2 * rare > count else { return nil }
    return
      "the labels are \(count) different numbers, \(rare) of which have fewer than 10 examples, and are treated as classes; --targets values treats them "
      + "for amounts"
  }

  /// Whole numbers as amounts, if the loss requires that: counts, or distances of one output other than the squared error, which
  /// people take for classes too.
  private static func asAmounts(
    _ sets: LabelledSets, _ source: String, _ reading: LabelledSets.Options,
    _ options: ParsedOptions
  ) throws -> (sets: LabelledSets, note: String?)? {
    guard let loss = options[TrainCommand.loss], options[DataOptions.targets] == .automatic,
      let count = sets.train.classCount
    else { return nil }
    let hasOneOutput =
      switch options[NetworkOptions.network] {
      case nil: true
      case .widths(let widths): widths.last == 1
      case .file: false
      }
    let isDistance = loss.targets == .reals && loss != .meanSquaredError
    guard loss.targets == .counts || isDistance && hasOneOutput && count > 2 else { return nil }
    var values = reading
    values.targetKind = .values
    guard let other = try? LabelledSets(source: source, options: values) else {
      guard loss.targets == .counts else { return nil }
      throw Problem(
        setting: "--loss",
        problem: "the loss \(loss.rawValue) needs counts, but the labels are \(count) classes",
        remedy: "leave the option out, or give a column of counts with --label-column")
    }
    return (
      other,
      "the loss \(loss.rawValue) needs quantities, so the labels are treated as such (--targets classes treats them as \(count) classes)"
    )
  }
}
