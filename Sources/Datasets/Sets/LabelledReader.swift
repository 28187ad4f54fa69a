import Console
import Findings
import Foundation

/// Reads labeled data of any format from a path.
struct LabelledReader {
  let path: String
  let options: LabelledSets.Options

  /// The sets found at the path.
  func sets() throws(Problem) -> LabelledSets { try sets(of: DataInput(path: path)) }

  /// The sets that a file or a folder holds.
  func sets(of input: DataInput) throws(Problem) -> LabelledSets {
    let format = try DataFormats.format(of: input)
    return try sets(of: format.content(of: input, options.table), format.name)
  }

  /// The sets in content of this format.
  func sets(of content: DataContent, _ format: String) throws(Problem) -> LabelledSets {
    switch content.meaning {
    case .arrays:
      try arrays(
        named(content.arrays, format), content.featureNames, format, notes: content.notes)
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
    if let train, let dev = set(examples.dev, "dev") {
      try requireMatch(train, dev)
      return LabelledSets(
        train: train, dev: dev, test: test, format: format, notes: examples.notes)
    }
    return LabelledSets(orTestAsTraining: train, test, format: format, notes: examples.notes)
  }

  // MARK: Named arrays

  /// The arrays that are not left out; those given as the labels get a name that says so.
  ///
  /// - Throws: ``/Findings/Problem`` if an option names an array that does not exist, or applies only to tables.
  private func named(
    _ arrays: [DataContent.NamedArray], _ format: String
  ) throws(Problem) -> [DataContent.NamedArray] {
    let table = options.table
    func require(_ reference: TableOptions.ColumnReference, _ what: String) throws(Problem) {
      guard !arrays.contains(where: { $0.name == reference.text }) else { return }
      throw Problem(
        .notFound, subject: path, location: what,
        problem:
          "\(format) has arrays, not columns, and there is no array \(reference.text) among "
          + arrays.map(\.name).joined(separator: ", "),
        remedy: "give one of these; to drop a column of an array: X = np.delete(X, 2, axis=1)"
      )
    }
    for reference in table.drop { try require(reference, "dropped array") }
    guard table.categorical.isEmpty, table.missingValues.isEmpty else {
      throw Problem(
        .unsupported, subject: path, location: "columns",
        problem: "\(format) has arrays of numbers, not named columns",
        remedy: "save the data as a table: pandas.DataFrame(X).to_csv(\"data.csv\", index=False)")
    }
    var kept = arrays.filter { array in !table.drop.contains { $0.text == array.name } }
    if case .columns(let references) = table.label {
      for reference in references { try require(reference, "label array") }
      guard references.count == 1, let label = references.first else {
        throw Problem(
          .unsupported, subject: path, location: "label arrays",
          problem: "several arrays are given for the labels",
          remedy:
            "put them into one: Y = np.stack([\(references.map(\.text).joined(separator: ", "))], axis=1)"
        )
      }
      // Other arrays whose names say that they hold labels would count as labels too.
      kept.removeAll { array in
        array.name != label.text && ArrayRole(name: array.name)?.content == .labels
          && ArrayRole(name: array.name)?.part == .train
      }
      kept = kept.map { array in
        array.name == label.text && ArrayRole(name: array.name) == nil
          ? .init(name: "y", read: array.read, texts: array.texts) : array
      }
    }
    return kept
  }

  func arrays(
    _ arrays: [DataContent.NamedArray], _ featureNames: [String]?, _ format: String,
    notes given: [String] = []
  ) throws(Problem) -> LabelledSets {
    let names = arrays.map(\.name)
    func array(_ name: String) -> DataContent.NamedArray {
      guard let array = arrays.first(where: { $0.name == name }) else {
        fatalError("there is no array \(name) among \(names)")
      }
      return array
    }
    var roles = try roles(names)
    var notes = given
    if roles.isEmpty, let found = try positionalRoles(arrays) {
      roles = found
      for role in found.sorted(by: { $0.value < $1.value }) {
        notes.append("\(role.value) is taken as the \(role.key.words), by its shape")
      }
    }
    if let (x, y) = try unnamedLabels(arrays, roles) {
      roles[ArrayRole(part: .train, content: .labels)] = y
      notes.append(
        "\(y) is taken as the labels: the only array with a value for each example of \(x)")
    }
    // All sets have the classes of all labels, so that class numbers mean the same in each.
    var universe = LabelUniverse()
    for (role, name) in roles where role.content == .labels {
      if let texts = try array(name).texts() {
        universe.names.formUnion(texts.texts)
      } else {
        universe.values.formUnion(try array(name).read().doubles().prefix(1 << 24))
      }
    }
    func part(
      _ part: ArrayRole.Part, _ kind: LabelledSets.TargetKind, like train: LabelledSet? = nil
    ) throws(Problem) -> LabelledSet? {
      var universe = universe
      if let train, train.classCount != nil {
        (universe.isDecided, universe.numbers) = (true, train.classValues)
      }
      let x = roles[ArrayRole(part: part, content: .features)]
      let y = roles[ArrayRole(part: part, content: .labels)]
      guard let x, let y else {
        guard let one = x ?? y else { return nil }
        if part != .train, y == nil {
          notes.append("\(one) has no labels, and is left out")
          return nil
        }
        let free = names.filter { !roles.values.contains($0) }
        throw Problem(
          .incompletePair, subject: path, location: "arrays",
          problem: "\(one) has no \(x == nil ? "features" : "labels") next to it"
            + (names.count > 1
              ? "; there are \(names.joined(separator: ", "))" : ", and is the only array"),
          remedy: try y == nil && free.isEmpty && path.lowercased().hasSuffix(".npz")
            ? NPYFormat.dividing(array(one).read(), "np.load(sys.argv[1])[\"\(one)\"]", path)
            : y == nil && !free.isEmpty
              ? "give the array that holds them: \(Setting.labelColumn) \(free[0]), or drop \(one): \(Setting.drop) \(one)"
              : "save both: np.savez(file, X=X, Y=Y)")
      }
      let texts = try array(y).texts()
      let labels =
        if let texts {
          NumericArray(texts.shape, [Double](repeating: 0, count: texts.texts.count))
        } else {
          try array(y).read()
        }
      var features = try array(x).read()
      if let turned = Self.examplesFirst(features, labels) {
        features = turned
        notes.append("the last dimension of \(x) counts the examples, and is moved to the front")
      }
      var reading = LabelledReading(
        file: path, features: .init(name: x, array: features), kind: kind, universe: universe)
      let divisor = try reading.divisor()
      let targets: LabelledSet.Targets
      if let texts {
        // Its number of examples is checked; its notes about the numbers that replace the texts are not wanted.
        var shapes = reading
        _ = try shapes.targets(.init(name: y, array: labels))
        targets = try LabelledReading.classes(
          ofNames: texts.texts, file: path, name: y, among: universe.names)
      } else {
        targets = try reading.targets(.init(name: y, array: labels))
      }
      notes += reading.notes
      return LabelledSet(
        name: part.rawValue, features: reading.features.array, divisor: divisor, targets: targets,
        provenance: path, featureNames: featureNames)
    }
    guard let train = try part(.train, options.targetKind) else {
      throw Problem(
        .notFound, subject: path, location: "arrays",
        problem: names.isEmpty
          ? "there are no arrays at all"
          : "there are no features and labels among \(names.joined(separator: ", "))",
        remedy:
          "save the features under the name X and the labels under Y: np.savez(file, X=..., Y=...)")
    }
    // A few test labels say less than all training labels, so the latter decide the kind of all.
    let kind: LabelledSets.TargetKind = train.classCount == nil ? .values : .classes
    let dev = try part(.dev, kind, like: train)
    let test = try part(.test, kind, like: train)
    let others = names.filter { !roles.values.contains($0) && ArrayRole(name: $0) == nil }
    if !others.isEmpty { notes.append("other arrays: \(others.joined(separator: ", "))") }
    let matched = try matching([train, dev, test].compactMap { $0 })
    func set(_ part: ArrayRole.Part) -> LabelledSet? {
      matched.first { $0.name == part.rawValue }
    }
    return LabelledSets(
      train: matched[0], dev: set(.dev), test: set(.test), format: format, notes: notes)
  }

  /// Features whose examples are the last dimension, with that first; nil if they are first already, or that cannot be determined.
  private static func examplesFirst(
    _ features: NumericArray, _ labels: NumericArray
  ) -> NumericArray? {
    let counts = Set(labels.shape.filter { $0 != 1 })
    guard features.shape.count >= 2, let count = features.shape.last, count > 1,
      counts.contains(count)
        || labels.shape.isEmpty == false && labels.shape.allSatisfy({ $0 == 1 }) && count == 1,
      features.shape[0] != count,
      !labels.shape.contains(features.shape[0])
        || labels.shape == [1, count]
          && features.shape[0] != 1
    else { return nil }
    return features.movingLastAxisFirst()
  }

  /// Roles of arrays whose names say nothing, as np.savez(file, x, y) writes them, if the shapes allow only one reading: a vector
  /// of labels for each array of examples.
  private func positionalRoles(
    _ arrays: [DataContent.NamedArray]
  ) throws(Problem) -> [ArrayRole: String]? {
    // Weights and biases have such shapes too.
    let areParameters = arrays.contains { array in
      let name = array.name.lowercased()
      return name.prefixMatch(of: /d?[wb]\d+/) != nil || name.contains("weight")
        || name.contains("bias")
    }
    guard arrays.count == 2 || arrays.count == 4, !areParameters else { return nil }
    var features: [(name: String, count: Int)] = []
    var labels: [(name: String, count: Int)] = []
    for array in arrays {
      let shape = if let texts = try array.texts() { texts.shape } else { try array.read().shape }
      let count = shape.first ?? 0
      if shape.count == 1 || shape.count == 2 && shape[1] == 1 {
        labels.append((array.name, count))
      } else if shape.count >= 2 {
        features.append((array.name, count))
      }
    }
    guard features.count == arrays.count / 2, labels.count == features.count,
      Set(features.map(\.count)).count == features.count,
      Set(features.map(\.count)) == Set(labels.map(\.count))
    else { return nil }
    var roles: [ArrayRole: String] = [:]
    for (part, x) in zip([ArrayRole.Part.train, .test], features) {
      roles[ArrayRole(part: part, content: .features)] = x.name
      roles[ArrayRole(part: part, content: .labels)] = labels.first { $0.count == x.count }?.name
    }
    return roles
  }

  /// The array that holds the labels of the training features although its name does not say so: the only other one with a value
  /// for each example.
  private func unnamedLabels(
    _ arrays: [DataContent.NamedArray], _ roles: [ArrayRole: String]
  ) throws(Problem) -> (features: String, labels: String)? {
    guard roles.count == 1, let x = roles[ArrayRole(part: .train, content: .features)],
      let features = arrays.first(where: { $0.name == x })
    else { return nil }
    let count = try features.read().shape.first
    var found: [String] = []
    for array in arrays where array.name != x {
      let shape: [Int]
      do throws(Problem) {
        shape = if let texts = try array.texts() { texts.shape } else { try array.read().shape }
      } catch {
        // An array that cannot be read does not hold labels.
        guard error.kind == .unsupported || error.kind == .tooLarge else { throw error }
        continue
      }
      if shape.filter({ $0 != 1 }) == [count] { found.append(array.name) }
    }
    return found.count == 1 ? (x, found[0]) : nil
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

  /// Sets, the training examples first, made consistent in shape, scale and classes.
  private func matching(_ sets: [LabelledSet]) throws(Problem) -> [LabelledSet] {
    for set in sets.dropFirst() { try requireMatch(sets[0], set) }
    // All are divided by the same number, even if one of two sets of pictures happens to be dark.
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
        provenance: data.provenance, featureNames: data.featureNames)
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
        "their shape is \(NumericArray.description(of: other.exampleShape)), but that of the "
          + "training examples \(NumericArray.description(of: train.exampleShape))",
        "give both the same shape")
    }
    guard (train.features.elementType == .uint8) == (other.features.elementType == .uint8) else {
      throw mismatch(
        "they are \(other.features.elementType.rawValue), but the training examples "
          + "\(train.features.elementType.rawValue), so their scales may differ",
        "save both with the same dtype")
    }
    switch (train.targets, other.targets) {
    case (.classes, .classes): break
    case (.values(let first), .values(let second)):
      guard first.shape.dropFirst() == second.shape.dropFirst() else {
        throw mismatch(
          "their targets are \(second), but those of the training examples \(first)",
          "give both the same shape")
      }
    default:
      fatalError("\(other.name) targets were read as another kind than the training targets")
    }
  }
}
