import Findings
import Plumbline

extension SplitSizes {
  /// Whether a test part is requested.
  public var hasTest: Bool {
    switch self {
    case .ratios(_, _, let test): test > 0
    case .counts(_, let test): test > 0
    }
  }
}

extension LabelledSets {
  /// These examples, newly split into train, dev and test.
  ///
  /// If a test part is requested, all sets are merged first. If not, an existing test set
  /// is left as it is, and only the other examples are split.
  /// - Throws: ``/Findings/Problem`` as ``DataSplit`` does.
  /// - Complexity: O(number of features).
  public func splitting(
    _ sizes: SplitSizes, key: Key, isStratified: Bool = true
  ) throws(Problem) -> LabelledSets {
    let kept = sizes.hasTest ? nil : test
    let pooled = kept == nil ? all : [train, dev].compactMap { $0 }
    let data = LabelledSet.joining(pooled)
    let split = try DataSplit(of: data, sizes: sizes, key: key, isStratified: isStratified)
    // The statistics of a table's training rows are computed for the new ones.
    let parts =
      try source.map { source throws(Problem) in try split.sets(of: source) }
      ?? split.sets(of: data)
    var notes = parts.summary.notes
    if pooled.count > 1 {
      notes.append(
        "\(pooled.map(\.name).joined(separator: " and ")) of the source were pooled first")
    }
    if kept != nil { notes.append("the test set is the source's own") }
    if case .classes(_, _, let names?) = data.targets {
      let list = names.enumerated().map { "\($0.offset) \($0.element)" }
      notes.append("classes are numbered: \(list.joined(separator: ", "))")
    }
    return LabelledSets(
      train: parts.train, dev: parts.dev, test: parts.test ?? kept,
      format: "split of \(summary.format)", notes: notes, preparation: parts.preparation)
  }

  /// The arrays `train_x`, `train_y`, `dev_x`, ... from which ``init(path:options:)`` reads the same
  /// sets again, in the types of the source; without the names of classes.
  public var arrays: [(name: String, array: NumericArray)] {
    all.flatMap { data in
      let targets =
        switch data.targets {
        case .classes(let labels, _, _): NumericArray([labels.count], labels)
        case .values(let values): values
        }
      return [("\(data.name)_x", data.features), ("\(data.name)_y", targets)]
    }
  }
}

extension LabelledSet {
  /// The examples of these sets, one set after another, in a type that holds all of them.
  ///
  /// Traps when the shapes or the kinds of targets differ, which cannot happen for sets from one source.
  static func joining(_ sets: [LabelledSet]) -> LabelledSet {
    guard let first = sets.first else { fatalError("no sets to join") }
    guard sets.count > 1 else { return first }
    var labels: [Int] = []
    var values: [NumericArray] = []
    var (count, names) = (0, [String]?.none)
    for set in sets {
      guard set.exampleShape == first.exampleShape, set.divisor == first.divisor else {
        fatalError("examples of shapes \(first.exampleShape) and \(set.exampleShape) are joined")
      }
      switch set.targets {
      case .classes(let classes, let classCount, let classNames):
        labels += classes
        count = max(count, classCount)
        names = names ?? classNames
      case .values(let array): values.append(array)
      }
    }
    guard values.isEmpty || values.count == sets.count else {
      fatalError("classes and values are joined")
    }
    return LabelledSet(
      name: first.name, features: NumericArray.joining(sets.map(\.features)),
      divisor: first.divisor,
      targets: values.isEmpty
        ? .classes(labels, count: count, names: names) : .values(NumericArray.joining(values)),
      provenance: first.provenance)
  }
}

extension NumericArray {
  /// Arrays one after another along the first dimension; of different types as `float64`.
  fileprivate static func joining(_ arrays: [NumericArray]) -> NumericArray {
    let shape = [arrays.reduce(0) { $0 + $1.shape[0] }] + arrays[0].shape.dropFirst()
    guard Set(arrays.map(\.elementType)).count == 1 else {
      return NumericArray(shape, arrays.flatMap { $0.doubles() })
    }
    return NumericArray(arrays[0].elementType, shape, bytes: arrays.flatMap(\.bytes))
  }
}
