import Findings
import Foundation

/// Training examples, development and test examples if the file has them, and how the data were
/// read.
///
/// ```swift
/// let sets = try LabelledSets(path: "cats.npz")
/// print(sets.summary)
/// let (x, y): (Tensor<Double>, Tensor<Double>) = (sets.train.featureMatrix(), sets.train.targetTensor())
/// ```
public struct LabelledSets: Sendable {
  /// The interpretation of targets.
  public enum TargetKind: String, Sendable, Hashable, CaseIterable {
    /// Classes if they are one-hot or whole numbers from 0 with few gaps; else real values.
    case automatic
    /// Classes; anything else is an error.
    case classes
    /// Real values.
    case values
  }

  /// How to read a file whose content leaves a choice.
  public struct Options: Sendable, Hashable {
    /// How the columns of a table are read.
    public var table: TableOptions
    /// The interpretation of targets.
    public var targetKind: TargetKind

    /// Options; by default everything is inferred from the content.
    public init(
      table: TableOptions = TableOptions(), targetKind: TargetKind = .automatic
    ) {
      self.table = table
      self.targetKind = targetKind
    }
  }

  /// The training examples.
  public let train: LabelledSet
  /// The development (validation) examples, on which settings are chosen; nil when there are none.
  public let dev: LabelledSet?
  /// The test examples; nil when the file has none.
  public let test: LabelledSet?
  /// How the data were read, for people.
  public let summary: LabelledSummary
  /// The preprocessing of a table's columns; nil for other sources.
  public let preparation: TablePreparation?
  /// The table that the sets were made from, so that other rows of it can be used for training.
  let source: TableSource?

  /// Reads the data at `path`: the single entry point for every format, recognized by content, not by name.
  ///
  /// - NPZ and safetensors with `X` and `Y`, `train_x`/`train_y`/`dev_x`/`dev_y`/`test_x`/`test_y`
  ///   and their spellings (`x_train`, `train_set_x`, `x_val`, `images`, `labels`, ...): examples
  ///   first; labels as classes, 0/1, one-hot, a row `(1, m)`, or real values.
  /// - Separated values, plain or gzip, as ``DataTable`` reads them: numbers, names, answers, dates and gaps.
  /// - IDX files by their usual names, and CIFAR-10's binary files; a folder with either.
  ///
  /// Bytes of pictures are scaled to 0...1.
  /// - Throws: ``/Findings/Problem``: the file is missing, damaged or of another kind; features and
  ///   labels do not fit together; a value is not finite; a label is not a class.
  /// - Complexity: O(size of the file).
  public init(path: String, options: Options = Options()) throws(Problem) {
    self = try LabelledReader(path: path, options: options).sets()
  }

  /// Sets in which the test set serves as the training set if there is no other.
  ///
  /// Traps if there is neither.
  init(
    orTestAsTraining train: LabelledSet?, _ test: LabelledSet?, format: String, notes: [String] = []
  ) {
    guard let first = train ?? test?.named("train") else {
      fatalError("neither training nor test examples")
    }
    self.init(
      train: first, test: train == nil ? nil : test, format: format,
      notes: notes + (train == nil ? [Self.testServesAsTraining] : []))
  }

  /// The note for sets whose training set was meant for testing.
  private static let testServesAsTraining =
    "the test set serves as the training set, and there is no test set"

  /// Whether the training set is actually a test set, because no other was found.
  public var trainsOnTest: Bool { summary.notes.contains(Self.testServesAsTraining) }

  /// Whether they are from a table, so that options about columns act on them.
  public var isTable: Bool { preparation != nil }

  /// Whether they are from a sheet of a workbook.
  public var isSheet: Bool { isTable && summary.format.contains(ExcelFormat.name) }

  /// The existing sets, training first.
  public var all: [LabelledSet] { [train, dev, test].compactMap { $0 } }

  /// The same sets with different test examples.
  public func with(test: LabelledSet) -> LabelledSets {
    LabelledSets(
      train: train, dev: dev, test: test, format: summary.format, notes: summary.notes,
      preparation: preparation)
  }

  init(
    train: LabelledSet, dev: LabelledSet? = nil, test: LabelledSet?, format: String,
    notes: [String], preparation: TablePreparation? = nil, source: TableSource? = nil
  ) {
    self.train = train
    self.dev = dev
    self.test = test
    summary = LabelledSummary(
      file: train.provenance, format: format,
      sets: [train, dev, test].compactMap { $0 }.map { LabelledSummary.Part($0) },
      columns: preparation.map { preparation in
        preparation.columns.map { LabelledSummary.Column($0, missing: preparation.missing) }
      }, notes: notes)
    self.preparation = preparation
    self.source = source
  }
}

extension LabelledSets: Equatable {
  /// Whether the sets and their summaries are equal.
  public static func == (a: LabelledSets, b: LabelledSets) -> Bool {
    a.all == b.all && a.summary == b.summary && a.preparation == b.preparation
  }
}

extension LabelledSets {
  /// The supported data formats, and the content of their files.
  public static let formats = DataFormats.all.map { (name: $0.name, meaning: $0.meaning) }
}
