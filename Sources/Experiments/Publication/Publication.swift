import Plots

/// What a study, a training run or a learning-rate search writes into its folder when it is done.
public protocol Publication: Sendable {
  /// The result in numbers, for programs.
  associatedtype Summary: Codable & Sendable
  /// See ``Summary``: the content of `record.json`, and of `--json`.
  var summary: Summary { get }

  /// `summary.csv`: the results. No times, so that an interrupted sweep gives the same bytes.
  var csv: String { get }

  /// `figure.csv`: what the figure shows; `nil` where that is what `summary.csv` holds.
  var figureData: String? { get }

  /// `figure.svg`.
  ///
  /// - Parameter command: The command that reproduces the figure.
  func figure(command: String) -> FigureGrid

  /// `report.html`; `nil` for none.
  ///
  /// - Parameters:
  ///   - figure: The figure's SVG.
  ///   - command: The command that reproduces the report.
  func page(figure: String, command: String) -> HTMLReport?
}

extension Publication {
  /// `summary.csv` holds it.
  public var figureData: String? { nil }
}

extension ResultsFolder {
  /// The names of the files that every publication has.
  static let alwaysPublishedNames = [
    "runs.jsonl", "summary.csv", "figure.svg", "report.html", "record.json",
  ]

  /// The names of the files that a publication may have.
  public static let publishedNames = alwaysPublishedNames + ["figure.csv"]
}
