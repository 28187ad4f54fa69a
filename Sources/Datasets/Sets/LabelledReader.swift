import Foundation

/// Reads labelled data of any format from a path.
struct LabelledReader {
  let path: String
  let options: LabelledSets.Options

  /// What was found at the path.
  func sets() throws(DatasetError) -> LabelledSets {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try folder()
    }
    return try sets(in: ByteSource(contentsOfFile: path))
  }

  /// What an opened file holds.
  func sets(in source: ByteSource) throws(DatasetError) -> LabelledSets {
    switch try DataFormat(source) {
    case .npz:
      let file = try NPZFile(ZipArchive(source))
      return try arrays(file.names, "NPZ") { name throws(DatasetError) in
        try file.array(named: name)
      }
    case .safetensors:
      let file = try SafetensorsFile(source)
      return try arrays(file.names, "safetensors") { name throws(DatasetError) in
        try file.array(named: name)
      }
    case .npy:
      throw DatasetError(
        .incompletePair, file: path, place: "content",
        problem: "this is a single array, and training needs features and labels",
        remedy: "save both in one file: np.savez(\"data.npz\", X=X, Y=Y)")
    case .idx: return try digits()
    case .cifar: return try cifar(train: [source], test: nil)
    case .table: return try table(CSVTable(source, options.table))
    }
  }

  // MARK: Pictures

  private func folder() throws(DatasetError) -> LabelledSets {
    guard let files = CIFARFiles.files(in: path) else { return try digits() }
    var train: [ByteSource] = []
    for file in files.train { train.append(try ByteSource(contentsOfFile: file)) }
    let test = try files.test.map { file throws(DatasetError) in
      try ByteSource(contentsOfFile: file)
    }
    return try cifar(train: train, test: test)
  }

  private func cifar(
    train: [ByteSource], test: ByteSource?
  ) throws(DatasetError) -> LabelledSets {
    // A test file alone serves as the training set, as with the digits.
    let training = try CIFARFiles.read(
      train.isEmpty ? [test].compactMap { $0 } : train, name: "train")
    let testing =
      train.isEmpty
      ? nil
      : try test.map { source throws(DatasetError) in try CIFARFiles.read([source], name: "test") }
    var notes = ["pictures are 3 planes (red, green, blue) of 32 x 32"]
    if train.isEmpty { notes.append("the test file serves as the training set") }
    return LabelledSets(
      train: training, test: testing, format: "CIFAR-10 binary", notes: notes)
  }

  private func digits() throws(DatasetError) -> LabelledSets {
    let files = try DigitFiles.sets(at: path)
    guard let training = files.train ?? files.test else {
      fatalError("digits: neither a training nor a test pair to load")
    }
    let train = try training.labelled(name: "train")
    let test = try (files.train == nil ? nil : files.test).map { pair throws(DatasetError) in
      try pair.labelled(name: "test")
    }
    return LabelledSets(
      train: train, test: test, format: "IDX",
      notes: files.train == nil ? ["the test pair serves as the training set"] : [])
  }

  // MARK: Tables

  private func table(_ table: CSVTable) throws(DatasetError) -> LabelledSets {
    let features = NumericArray([table.rowCount, table.featureNames.count], table.features)
    var reading = LabelledReading(
      file: path, features: .init(name: "features", array: features), kind: options.targetKind)
    let divisor = try reading.divisor()
    let column = table.labelName ?? "labels"
    let targets: LabelledData.Targets
    switch table.labels {
    case .classes(let indices, let names):
      guard options.targetKind != .values else {
        throw DatasetError(
          .mislabelled, file: path, place: "column \(column)",
          problem: "it holds names such as \"\(names[0])\", and real values are asked for",
          remedy: "name the column with the values, or take its names as classes")
      }
      targets = .classes(indices, count: max(2, names.count), names: names)
    case .numbers(let numbers):
      targets = try reading.targets(
        .init(name: column, array: NumericArray([numbers.count], numbers)))
    case nil:
      throw DatasetError(
        .incompletePair, file: path, place: "label column", problem: "no column is named for it",
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
    let data = LabelledData(
      name: "train", features: features, divisor: divisor, targets: targets, provenance: path)
    return LabelledSets(
      train: data, test: nil, format: "separated values", notes: notes + reading.notes)
  }

  // MARK: Named arrays

  func arrays(
    _ names: [String], _ format: String,
    _ array: (String) throws(DatasetError) -> NumericArray
  ) throws(DatasetError) -> LabelledSets {
    let roles = try roles(names)
    var notes: [String] = []
    func part(
      _ part: ArrayRole.Part, _ kind: LabelledSets.TargetKind
    ) throws(DatasetError) -> LabelledData? {
      let x = roles[ArrayRole(part: part, content: .features)]
      let y = roles[ArrayRole(part: part, content: .labels)]
      guard let x, let y else {
        guard let one = x ?? y else { return nil }
        throw DatasetError(
          .incompletePair, file: path, place: "arrays",
          problem: "\(one) has no \(x == nil ? "features" : "labels") beside it; there are "
            + names.joined(separator: ", "),
          remedy: "save both: np.savez(file, X=X, Y=Y)")
      }
      var reading = LabelledReading(
        file: path, features: .init(name: x, array: try array(x)), kind: kind)
      let divisor = try reading.divisor()
      let targets = try reading.targets(.init(name: y, array: try array(y)))
      notes += reading.notes
      return LabelledData(
        name: part.rawValue, features: reading.features.array, divisor: divisor, targets: targets,
        provenance: path)
    }
    guard let train = try part(.train, options.targetKind) else {
      throw DatasetError(
        .notFound, file: path, place: "arrays",
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
    func set(_ part: ArrayRole.Part) -> LabelledData? {
      matched.first { $0.name == part.rawValue }
    }
    return LabelledSets(
      train: matched[0], dev: set(.dev), test: set(.test), format: format, notes: notes)
  }

  private func roles(_ names: [String]) throws(DatasetError) -> [ArrayRole: String] {
    var roles: [ArrayRole: String] = [:]
    for name in names {
      guard let role = ArrayRole(name: name) else { continue }
      if let other = roles.updateValue(name, forKey: role) {
        throw DatasetError(
          .inconsistent, file: path, place: "arrays",
          problem: "\(other) and \(name) could both be the "
            + "\(role.content == .features ? "features" : "labels")",
          remedy: "save one of them under another name")
      }
    }
    return roles
  }

  /// Sets, the training examples first, that speak of the same: shape, scale, classes.
  private func matching(_ sets: [LabelledData]) throws(DatasetError) -> [LabelledData] {
    for set in sets.dropFirst() { try requireMatch(sets[0], set) }
    // All are divided by the same, also where one of two sets of pictures happens to be dark.
    let divisor = sets.map(\.divisor).max() ?? 1
    let classCount = sets.compactMap(\.classCount).max() ?? 0
    return sets.map { data in
      let targets: LabelledData.Targets =
        switch (data.targets, sets[0].targets) {
        case (.classes(let labels, _, _), .classes(_, _, let names)):
          .classes(labels, count: classCount, names: names)
        default: data.targets
        }
      return LabelledData(
        name: data.name, features: data.features, divisor: divisor, targets: targets,
        provenance: data.provenance)
    }
  }

  private func requireMatch(
    _ train: LabelledData, _ other: LabelledData
  ) throws(DatasetError) {
    func mismatch(_ problem: String, _ remedy: String) -> DatasetError {
      DatasetError(
        .inconsistent, file: path, place: "\(other.name) examples", problem: problem,
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
