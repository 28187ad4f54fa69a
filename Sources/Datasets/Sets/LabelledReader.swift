import Findings
import Foundation

/// Reads labelled data of any format from a path.
struct LabelledReader {
  let path: String
  let options: LabelledSets.Options

  /// What was found at the path.
  func sets() throws(Problem) -> LabelledSets { try sets(of: DataInput(path: path)) }

  /// What a file or a folder holds.
  func sets(of input: DataInput) throws(Problem) -> LabelledSets {
    let format = try DataFormats.format(of: input)
    return try sets(of: format.content(of: input, options.table), format.name)
  }

  /// What the content of this format means.
  func sets(of content: DataContent, _ format: String) throws(Problem) -> LabelledSets {
    switch content.meaning {
    case .arrays: try arrays(content.arrays, format)
    case .table(let table): try self.table(table, format)
    case .labelled(let examples): try labelled(examples(), format)
    }
  }

  private func labelled(
    _ examples: LabelledArrays, _ format: String
  ) throws(Problem) -> LabelledSets {
    func set(_ part: LabelledArrays.Part?, _ name: String) -> LabelledSet? {
      part.map {
        LabelledSet(
          name: name, features: $0.features, divisor: $0.divisor,
          targets: .classes($0.labels, count: $0.classCount, names: $0.classNames),
          provenance: $0.provenance)
      }
    }
    let (train, test) = (set(examples.train, "train"), set(examples.test, "test"))
    if let train, let test { try requireMatch(train, test) }
    return LabelledSets(orTestAsTraining: train, test, format: format, notes: examples.notes)
  }

  // MARK: Tables

  private func table(_ table: CSVTable, _ format: String) throws(Problem) -> LabelledSets {
    let features = NumericArray([table.rowCount, table.featureNames.count], table.features)
    var reading = LabelledReading(
      file: path, features: .init(name: "features", array: features), kind: options.targetKind)
    let divisor = try reading.divisor()
    let column = table.labelName ?? "labels"
    let targets: LabelledSet.Targets
    switch table.labels {
    case .classes(let indices, let names):
      guard options.targetKind != .values else {
        throw Problem(
          .mislabelled, subject: path, location: "column \(column)",
          problem: "it holds names such as \"\(names[0])\", and real values are asked for",
          remedy: "name the column with the values, or take its names as classes")
      }
      targets = .classes(indices, count: max(2, names.count), names: names)
    case .numbers(let numbers):
      targets = try reading.targets(
        .init(name: column, array: NumericArray([numbers.count], numbers)))
    case nil:
      throw Problem(
        .incompletePair, subject: path, location: "label column",
        problem: "no column is named for it",
        remedy: "give the name or the number of the column that holds the labels")
    }
    let separators = [9: "tabs", 32: "spaces", 44: "commas", 59: "semicolons", 124: "bars"]
    var notes = [
      "columns are separated by \(separators[Int(table.separator)] ?? "byte \(table.separator)"), "
        + (table.hasHeader ? "with a header" : "without a header"),
      "labels are in \(column)",
    ]
    if case .classes(let labels, _, _) = targets, labels.allSatisfy({ $0 == labels[0] }) {
      notes.append("all labels are equal: name the column that holds the labels if this is not it")
    }
    if table.leftOutIndex { notes.append("column 1, which counts the rows, is left out") }
    let data = LabelledSet(
      name: "train", features: features, divisor: divisor, targets: targets, provenance: path)
    return LabelledSets(
      train: data, test: nil, format: format, notes: notes + reading.notes)
  }

  // MARK: Named arrays

  func arrays(
    _ arrays: [DataContent.NamedArray], _ format: String
  ) throws(Problem) -> LabelledSets {
    let names = arrays.map(\.name)
    func array(_ name: String) throws(Problem) -> NumericArray {
      guard let array = arrays.first(where: { $0.name == name }) else {
        fatalError("there is no array \(name) among \(names)")
      }
      return try array.read()
    }
    let roles = try roles(names)
    var notes: [String] = []
    func part(
      _ part: ArrayRole.Part, _ kind: LabelledSets.TargetKind
    ) throws(Problem) -> LabelledSet? {
      let x = roles[ArrayRole(part: part, content: .features)]
      let y = roles[ArrayRole(part: part, content: .labels)]
      guard let x, let y else {
        guard let one = x ?? y else { return nil }
        throw Problem(
          .incompletePair, subject: path, location: "arrays",
          problem: "\(one) has no \(x == nil ? "features" : "labels") beside it; there are "
            + names.joined(separator: ", "),
          remedy: "save both: np.savez(file, X=X, Y=Y)")
      }
      var reading = LabelledReading(
        file: path, features: .init(name: x, array: try array(x)), kind: kind)
      let divisor = try reading.divisor()
      let targets = try reading.targets(.init(name: y, array: try array(y)))
      notes += reading.notes
      return LabelledSet(
        name: part.rawValue, features: reading.features.array, divisor: divisor, targets: targets,
        provenance: path)
    }
    guard let train = try part(.train, options.targetKind) else {
      throw Problem(
        .notFound, subject: path, location: "arrays",
        problem: names.isEmpty
          ? "there are no arrays at all"
          : "there are no features and labels among \(names.joined(separator: ", "))",
        remedy: "save them under the names X and Y: np.savez(file, X=X, Y=Y)")
    }
    // A few test labels tell less than all training labels, so these decide what all are.
    let kind: LabelledSets.TargetKind = train.classCount == nil ? .values : .classes
    let dev = try part(.dev, kind)
    let test = try part(.test, kind)
    let others = names.filter { ArrayRole(name: $0) == nil }
    if !others.isEmpty { notes.append("other arrays: \(others.joined(separator: ", "))") }
    let matched = try matching([train, dev, test].compactMap { $0 })
    func set(_ part: ArrayRole.Part) -> LabelledSet? {
      matched.first { $0.name == part.rawValue }
    }
    return LabelledSets(
      train: matched[0], dev: set(.dev), test: set(.test), format: format, notes: notes)
  }

  private func roles(_ names: [String]) throws(Problem) -> [ArrayRole: String] {
    var roles: [ArrayRole: String] = [:]
    for name in names {
      guard let role = ArrayRole(name: name) else { continue }
      if let other = roles.updateValue(name, forKey: role) {
        throw Problem(
          .inconsistent, subject: path, location: "arrays",
          problem: "\(other) and \(name) could both be the "
            + "\(role.content == .features ? "features" : "labels")",
          remedy: "save one of them under another name")
      }
    }
    return roles
  }

  /// Sets, the training examples first, that speak of the same: shape, scale, classes.
  private func matching(_ sets: [LabelledSet]) throws(Problem) -> [LabelledSet] {
    for set in sets.dropFirst() { try requireMatch(sets[0], set) }
    // All are divided by the same, also where one of two sets of pictures happens to be dark.
    let divisor = sets.map(\.divisor).max() ?? 1
    let classCount = sets.compactMap(\.classCount).max() ?? 0
    return sets.map { data in
      let targets: LabelledSet.Targets =
        switch (data.targets, sets[0].targets) {
        case (.classes(let labels, _, _), .classes(_, _, let names)):
          .classes(labels, count: classCount, names: names)
        default: data.targets
        }
      return LabelledSet(
        name: data.name, features: data.features, divisor: divisor, targets: targets,
        provenance: data.provenance)
    }
  }

  private func requireMatch(
    _ train: LabelledSet, _ other: LabelledSet
  ) throws(Problem) {
    func mismatch(_ problem: String, _ remedy: String) -> Problem {
      Problem(
        .inconsistent, subject: path, location: "\(other.name) examples", problem: problem,
        remedy: remedy)
    }
    guard train.exampleShape == other.exampleShape else {
      throw mismatch(
        "their shape is \(NumericArray.description(of: other.exampleShape)), and that of the "
          + "training examples \(NumericArray.description(of: train.exampleShape))",
        "give both the same shape")
    }
    guard (train.features.elementType == .uint8) == (other.features.elementType == .uint8) else {
      throw mismatch(
        "they are \(other.features.elementType.rawValue), and the training examples "
          + "\(train.features.elementType.rawValue), so their scales may differ",
        "save both with the same dtype")
    }
    switch (train.targets, other.targets) {
    case (.classes, .classes): break
    case (.values(let first), .values(let second)):
      guard first.shape.dropFirst() == second.shape.dropFirst() else {
        throw mismatch(
          "their targets are \(second), and those of the training examples \(first)",
          "give both the same shape")
      }
    default:
      fatalError("\(other.name) targets were read as another kind than the training targets")
    }
  }
}
