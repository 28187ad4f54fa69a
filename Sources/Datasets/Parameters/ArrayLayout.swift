/// How parameters and examples lie in arrays.
public enum ArrayLayout: String, Sendable, Hashable, CaseIterable, Codable {
  /// W is out x in and examples are columns: the deep-learning-course convention.
  case columns
  /// W is in x out and examples are rows.
  case rows
  /// W is out x in and examples are rows.
  case torch

  /// Whether weights are out x in.
  package var transposesWeights: Bool { self != .rows }
  /// Whether examples are columns.
  package var transposesExamples: Bool { self == .columns }
}
