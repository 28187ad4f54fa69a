import Findings

/// Makes labeled data from two arrays: decides what the labels mean, and refuses what makes no sense.
struct LabelledReading {
  /// What targets are to be treated as, if the user knows better than the rule.
  typealias TargetKind = LabelledSets.TargetKind

  /// Whole numbers below this are classes if they are stored as integers.
  private static let integerClassLimit = 1000
  /// The same if they are stored as floats, as numbers from text are.
  private static let floatClassLimit = 20
  /// So many columns of bytes may be an image.
  private static let leastPixels = 64
  /// Two different numbers, or -1, 0 and 1, of so many examples are classes.
  private static let leastOfFew = 10
  /// At most this many classes may be requested, or as many as there are examples.
  private static let classLimit = 1 << 16

  /// An array with the name it has in the file.
  struct Named {
    let name: String
    let array: NumericArray
  }

  let file: String
  let features: Named
  let kind: TargetKind
  /// The labels of all sets together; nil for those of the set alone.
  let universe: LabelUniverse?
  /// Whether the labels were read as text, which has more digits than a number keeps.
  let areText: Bool
  /// Whether the features are columns of a table, which has pixels only if it has very many.
  var areColumns = false
  /// Further notes.
  private(set) var notes: [String] = []

  init(
    file: String, features: Named, kind: TargetKind, universe: LabelUniverse? = nil,
    areText: Bool = false
  ) {
    self.universe = universe
    self.areText = areText
    self.file = file
    self.features = features
    self.kind = kind
  }

  // MARK: Features

  /// Checks the features, and returns the number by which they are to be divided.
  mutating func divisor() throws(Problem) -> Double {
    let array = features.array
    guard let count = array.shape.first, count > 0, array.count > 0 else {
      throw failure(
        .inconsistent, features.name,
        array.shape.isEmpty ? "it is a single number" : "\(array) holds no examples",
        "save an array whose first dimension counts the examples")
    }
    let range = ArrayRange(array)
    if let position = range.firstNonFinite {
      throw failure(
        .outOfRange, element(features, position), "the value is \(array.doubles()[position])",
        "remove the example, or fill in the value: " + NonFiniteValues.filling(features.name))
    }
    // Bytes up to 16 are not dark pictures, but pictures of 17 shades.
    if array.elementType == .uint8, range.maximum > 1 {
      return range.maximum < 128 ? range.maximum : 255
    }
    if array.elementType == .uint8 {
      notes.append("\(features.name) holds only bytes 0 and 1, which are not scaled")
    } else if range.minimum >= 0, range.maximum > 128, range.maximum <= 255, range.isWhole {
      let width = array.shape.dropFirst().reduce(1, *)
      if !areColumns {
        notes.append(
          "\(features.name) looks like image bytes stored as \(array.elementType.rawValue): "
            + "it is not scaled; divide by 255, or save it as uint8")
      } else if width >= Self.leastPixels {
        notes.append(
          "the \(width) columns look like the pixels of an image, from 0 to 255, and are not scaled; "
            + "to scale them: \(Setting.normalize) global")
      }
    }
    return 1
  }

  // MARK: Targets

  /// What the targets mean.
  mutating func targets(_ labels: Named) throws(Problem) -> LabelledSet.Targets {
    let array = try examplesFirst(labels)
    let values = array.doubles()
    if let position = values.firstIndex(where: { !$0.isFinite }) {
      throw failure(
        .outOfRange, element(Named(name: labels.name, array: array), position),
        "the value is \(values[position])", "remove the example, or correct the value")
    }
    // Beyond this, neighboring whole numbers become equal, and their classes one.
    let isWhole = areText || !array.elementType.isFloatingPoint
    if kind != .values, isWhole, let position = values.firstIndex(where: { abs($0) >= 0x1p53 }) {
      throw failure(
        .outOfRange, element(Named(name: labels.name, array: array), position),
        "\(NumericArray.text(values[position])) is beyond the whole numbers that can be distinguished (2^53)",
        "number the classes from 0: \(labels.name) = np.unique(\(labels.name), return_inverse=True)[1], or declare "
          + "them as values: \(Setting.targets) values")
    }
    if array.shape.count == 1 {
      return try vector(Named(name: labels.name, array: array), values)
    }
    if kind != .values, array.shape.count == 2, let classes = Self.oneHot(values, array.shape[1]) {
      notes.append("\(labels.name) is one-hot over \(array.shape[1]) classes")
      return .classes(classes, count: array.shape[1], names: nil)
    }
    guard kind != .classes else {
      throw failure(
        .mislabelled, labels.name, "\(array) is not one-hot, so it does not encode classes",
        "save class numbers: \(labels.name) = \(labels.name).argmax(axis=1)")
    }
    return .values(array)
  }

  /// The labels with one row for each example: a vector, even if it is written as a row or a column.
  private mutating func examplesFirst(_ labels: Named) throws(Problem) -> NumericArray {
    let (array, shape) = (labels.array, labels.array.shape)
    let count = features.array.shape[0]
    if shape == [1, count], features.array.shape == [count, count], count > 1 {
      notes.append(
        "\(features.name) is square and \(labels.name) is a row: each row of "
          + "\(features.name) is taken as an example; if its columns are the examples, save "
          + "\(features.name) = \(features.name).T")
    }
    if shape == [count] || shape == [count, 1] || shape == [1, count] {
      return array.reshaped(to: [count])
    }
    if shape.count >= 2, shape[0] == count, array.count > 0 { return array }
    let (x, y) = (features.name, labels.name)
    let remedy =
      if shape.count == 2, shape[1] == count {
        "put the examples first: \(y) = \(y).T"
      } else if features.array.shape.count == 2, shape.contains(features.array.shape[1]) {
        "put the examples first: \(x) = \(x).T"
      } else {
        "give one label for each example"
      }
    throw failure(
      .inconsistent, y,
      "the shape \(NumericArray.description(of: shape)) does not fit the \(count) examples of "
        + "\(x) \(NumericArray.description(of: features.array.shape))", remedy)
  }

  private mutating func vector(
    _ labels: Named, _ values: [Double]
  ) throws(Problem) -> LabelledSet.Targets {
    guard kind != .values else { return .values(labels.array) }
    let isFloat = labels.array.elementType.isFloatingPoint
    let all = universe?.values ?? Set(values)
    if !(kind == .automatic && areMeasured(values, labels.name)),
      let numbers = classNumbers(all, count: values.count, isFloat: isFloat)
    {
      let indices = Dictionary(uniqueKeysWithValues: zip(numbers, 0...))
      let names = numbers.map { NumericArray.text($0) }
      notes.append(
        "the numbers of \(labels.name) are classes: \(Self.list(names))"
          + (numbers.count > 2 || kind == .automatic && numbers != [-1, 1]
            ? "; to treat them as values: \(Setting.targets) values" : ""))
      return .classes(values.map { indices[$0] ?? 0 }, count: max(2, numbers.count), names: names)
    }
    let mustBeClasses = kind == .classes || !isFloat
    if let index = values.firstIndex(where: { $0 != $0.rounded() || $0 < 0 }) {
      guard mustBeClasses else { return .values(labels.array) }
      throw failure(
        .outOfRange, element(labels, index),
        "\(values[index]) is not a class: classes are non-negative whole numbers",
        "number the classes: \(labels.name) = np.unique(\(labels.name), return_inverse=True)[1], or declare "
          + "them as values: \(Setting.targets) values")
    }
    let largest = values.max() ?? 0
    let distinct = Set(values).count
    let isMeasured = kind == .automatic && areMeasured(values, labels.name)
    guard kind == .classes || !isMeasured && areClasses(all, count: values.count, isFloat: isFloat)
    else {
      notes.append(
        "\(labels.name) holds \(distinct) different numbers up to \(NumericArray.text(largest)): treated as real values"
          + (distinct * (isMeasured ? 2 : 5) <= values.count
            ? "; to treat them as classes: \(Setting.targets) classes" : "")
      )
      return .values(labels.array)
    }
    // Every class is counted, so a single number must not create millions of them.
    guard largest < Double(max(Self.classLimit, values.count)) else {
      throw failure(
        .outOfRange, labels.name, "\(largest) is too large for a class number",
        "number the classes from 0")
    }
    if areText, kind == .automatic, distinct > 2 {
      notes.append(
        "the numbers of \(labels.name) are classes, 0 to \(NumericArray.text(largest)); to treat them as values: \(Setting.targets) values"
      )
    }
    return .classes(
      values.map { Int($0) }, count: max(2, Int(all.max() ?? largest) + 1), names: nil)
  }

  /// Whether whole numbers are amounts, such as ages and counts, although few values are left out: there are many values and a name
  /// that suggests an amount, or the values at the upper end are rare, as in the tail of a distribution.
  private func areMeasured(_ values: [Double], _ name: String) -> Bool {
    var counts: [Double: Int] = [:]
    for value in values {
      counts[value, default: 0] += 1
      guard value == value.rounded(), counts.count <= 2000 else { return false }
    }
    guard counts.count > Self.floatClassLimit else { return false }
    if LabelChoice.namesAnAmount(name) { return true }
    let tail = counts.sorted { $0.key > $1.key }.prefix(max(2, counts.count / 10))
    let usual = Double(values.count) / Double(counts.count)
    return usual >= 4
      && Double(tail.reduce(0) { $0 + $1.value }) / Double(tail.count) < usual / 4
  }

  /// Whether whole numbers from 0 on look like classes: they leave few gaps, whereas prices and years leave many; and if the
  /// numbers may be measurements, each of them occurs repeatedly.
  private func areClasses(_ numbers: Set<Double>, count: Int, isFloat: Bool) -> Bool {
    let limit = isFloat ? Self.floatClassLimit : Self.integerClassLimit
    guard let largest = numbers.max(), largest < Double(max(2 * numbers.count, limit)) else {
      return false
    }
    return !isFloat || numbers.count <= Self.floatClassLimit || numbers.count * 5 <= count
  }

  /// Class numbers that are not 0, 1, 2 and so on: 1, 2, 3, or 0 and 255, or -1 and 1; nil for others.
  private func classNumbers(_ numbers: Set<Double>, count: Int, isFloat: Bool) -> [Double]? {
    if let universe, universe.isDecided { return universe.numbers }
    if numbers == [-1, 1] || numbers == [-1, 0, 1] && count >= Self.leastOfFew {
      return numbers.sorted()
    }
    guard numbers.count > 1, let least = numbers.min(), let largest = numbers.max() else {
      return nil
    }
    let areCounted = least == 0 && largest == Double(numbers.count - 1)
    let isWhole = numbers.allSatisfy { $0 == $0.rounded() }
    // Two numbers, and any few that were declared to be classes, are classes whatever they are.
    if !areCounted, numbers.count * 2 <= count + 2, kind == .classes { return numbers.sorted() }
    if !areCounted, isWhole, numbers.count == 2, count >= Self.leastOfFew {
      return numbers.sorted()
    }
    guard least >= 1, isWhole, areClasses(numbers, count: count, isFloat: isFloat) else {
      return nil
    }
    return numbers.sorted()
  }

  /// Classes from names, in alphabetical order, whatever the order of the examples.
  ///
  /// - Parameter all: The names of all sets together.
  /// - Throws: ``/Findings/Problem`` if there are too many.
  static func classes(
    ofNames labels: [String], file: String, name: String, among all: Set<String>? = nil
  ) throws(Problem) -> LabelledSet.Targets {
    let names = (all ?? Set(labels)).sorted(by: PreparableTable.isBefore)
    guard names.count <= classLimit else {
      throw Problem(
        .outOfRange, subject: file, location: "column \(name)",
        problem:
          "there are \(names.count) different names, more than the limit of \(classLimit) classes",
        remedy: "give the column that holds the labels: \(Setting.labelColumn)")
    }
    let indices = Dictionary(uniqueKeysWithValues: zip(names, 0...))
    return .classes(labels.map { indices[$0] ?? 0 }, count: max(2, names.count), names: names)
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : "")
  }

  /// The class of each row if every row holds a single 1 and zeros; nil otherwise.
  static func oneHot(_ values: [Double], _ width: Int) -> [Int]? {
    var classes: [Int] = []
    for start in stride(from: 0, to: values.count, by: width) {
      var found: Int?
      for column in 0..<width where values[start + column] != 0 {
        guard values[start + column] == 1, found == nil else { return nil }
        found = column
      }
      guard let found else { return nil }
      classes.append(found)
    }
    return classes
  }

  // MARK: Words

  /// An element as NumPy names it, and in words.
  private func element(_ named: Named, _ position: Int) -> String {
    let indices = named.array.indices(of: position)
    let list = indices.map(String.init).joined(separator: ", ")
    let columns =
      indices.count > 1
      ? ", column \(indices.dropFirst().map(String.init).joined(separator: ", "))" : ""
    return "\(named.name)[\(list)] (row \(indices.first ?? 0)\(columns), counted from 0)"
  }

  private func failure(
    _ kind: Problem.Kind, _ position: String, _ problem: String, _ remedy: String
  ) -> Problem {
    Problem(kind, subject: file, location: position, problem: problem, remedy: remedy)
  }
}

/// The labels of all sets of a file.
struct LabelUniverse {
  var values: Set<Double> = []
  var names: Set<String> = []
  /// Whether another set has decided which numbers are the classes, and these; nil if a class is its own number.
  var isDecided = false
  var numbers: [Double]?
}
