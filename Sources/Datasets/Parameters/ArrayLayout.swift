/// The array layout of parameters and examples.
public enum ArrayLayout: String, Sendable, Hashable, CaseIterable, Codable {
  /// W is out x in and examples are columns: the deep-learning-course convention.
  case columns
  /// W is in x out and examples are rows.
  case rows
  /// W is out x in and examples are rows.
  case torch

  /// The layout as described in the help.
  public var meaning: String {
    switch self {
    case .columns:
      "weights are outputs x inputs and examples are columns, Z = W X + b: as in deep-learning courses"
    case .rows:
      "weights are inputs x outputs and examples are rows, Z = X W + b: as in Keras and JAX"
    case .torch:
      "weights are outputs x inputs and examples are rows, Z = X Wᵀ + b: as in PyTorch"
    }
  }

  /// An explanation of all layouts.
  package static let explanation = allCases.map { layout in
    "\(layout.rawValue): W is \(layout.transposesWeights ? "out x in" : "in x out"), examples are "
      + (layout.transposesExamples ? "columns" : "rows")
  }.joined(separator: "; ")

  /// Whether weights are out x in.
  package var transposesWeights: Bool { self != .rows }
  /// Whether examples are columns.
  package var transposesExamples: Bool { self == .columns }
}
