import Datasets
import Findings
import Plumbline
import Training

/// The data of an experiment: one set, or one for each level of the factors `data` and `normalize`.
struct GridSets: Sendable {
  /// What is known about the data of some levels.
  struct Entry: Sendable {
    /// The levels; empty if neither is varied.
    let condition: Condition
    /// What records say about the training set.
    let name: String, hash: String, features: Int, classes: Int, statement: String
    /// The examples.
    let data: GridData
  }

  /// The factors that choose among data.
  static let factors: Set = ["data", "normalize"]

  /// In the order of the levels.
  let entries: [Entry]

  /// The data of these levels.
  ///
  /// - Throws: ``/Findings/Problem`` if targets are not classes, or two levels have the same examples.
  init(_ data: [(condition: Condition, data: StudyData)]) throws(Problem) {
    var entries: [Entry] = []
    for (condition, data) in data {
      let train = data.train
      guard let classes = train.classCount else {
        throw Problem(
          setting: "data", problem: "the targets of \(train.name) are real values",
          remedy: "give data with classes")
      }
      let entry = Entry(
        condition: condition, name: train.name, hash: train.contentHash,
        features: train.featureCount, classes: classes, statement: data.statement,
        data: GridData(
          train: Examples(train), dev: data.dev.map { Examples($0) },
          test: data.test.map { Examples($0) }))
      if let same = entries.first(where: { $0.name == entry.name && $0.hash == entry.hash }) {
        throw Problem(
          setting: "vary",
          problem: "\(same.condition) and \(condition) are the same examples",
          remedy: "give each once")
      }
      entries.append(entry)
    }
    self.entries = entries
  }

  /// The data of a condition.
  subscript(condition: Condition) -> Entry {
    let levels = condition.keeping(Self.factors)
    return entries.first { $0.condition == levels } ?? entries[0]
  }

  /// The examples of a run.
  func data(of run: GridRun) -> GridData {
    (entries.first { $0.name == run.data && $0.hash == run.dataHash } ?? entries[0]).data
  }

  /// The fewest examples of any.
  var exampleCount: Int { entries.map(\.data.train.count).min() ?? 0 }

  /// A digest of all; if there is only one, that of its training set.
  var hash: String {
    guard entries.count > 1 else { return entries[0].hash }
    var hash = ContentHash()
    for entry in entries { for byte in "\(entry.name) \(entry.hash) ".utf8 { hash.combine(byte) } }
    return hash.hexadecimal
  }

  /// As the record names them.
  var record: DataRecord {
    func record(_ entry: Entry, name: String) -> DataRecord {
      DataRecord(
        name: name, statement: entry.statement, hash: entry.hash, examples: entry.data.train.count)
    }
    if entries[0].condition.settings.isEmpty { return record(entries[0], name: entries[0].name) }
    return DataRecord(
      name: entries.map(\.name).joined(separator: ", "),
      statement: entries.map(\.statement).joined(separator: "; "), hash: hash,
      examples: entries.reduce(0) { $0 + $1.data.train.count },
      parts: entries.map { record($0, name: "\($0.condition)") })
  }

  /// Whether the data that a record names are these, or some of them.
  func hold(_ record: DataRecord?) -> Bool {
    guard let parts = record?.parts else { return record?.hash == hash }
    return parts.allSatisfy { part in
      entries.allSatisfy { "\($0.condition)" != part.name || $0.hash == part.hash }
    }
  }
}

/// The examples of an experiment.
struct GridData: Sendable {
  let train: Examples<Float>, dev: Examples<Float>?, test: Examples<Float>?
}
