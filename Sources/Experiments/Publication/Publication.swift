import Console
import Foundation
import Plots

/// What a study, a training or a search for a learning rate leaves in its folder when it is done.
public protocol Publication: Sendable {
  /// The result in numbers, for programs.
  associatedtype Summary: Codable & Sendable
  /// See ``Summary``: what is in `record.json`, and what `--json` writes.
  var summary: Summary { get }

  /// `summary.csv`: the figure's data. No times, so that a sweep that was interrupted gives the same bytes.
  var csv: String { get }

  /// `figure.svg`.
  ///
  /// - Parameter command: The command that makes the figure again.
  func figure(command: String) -> FigureGrid

  /// `report.html`; `nil` for none.
  ///
  /// - Parameters:
  ///   - figure: The figure's SVG.
  ///   - command: The command that makes the report again.
  func page(figure: String, command: String) -> HTMLReport?
}

extension ResultsFolder {
  /// The names of the files that a publication may have.
  public static let publishedNames = [
    "runs.jsonl", "summary.csv", "figure.svg", "report.html", "record.json",
  ]

  /// Writes everything that a study leaves, together with its completed record: all of it or nothing.
  ///
  /// - Parameters:
  ///   - command: The words of the command that figure and report name.
  ///   - attachments: Further files.
  ///   - status: What the record says of the study.
  /// - Throws: ``Problem``; then every file is as it was.
  public func publish<Result: Publication, Configuration>(
    _ publication: Result, record: StudyRecord<Configuration, Result.Summary>,
    command: [String] = CommandLine.arguments, attachments: [FileGroup.File] = [],
    status: RecordStatus = .complete
  ) throws {
    let command = Provenance.line(command)
    let figure = publication.figure(command: command).svg()
    var files = attachments
    files.append(("summary.csv", Data(publication.csv.utf8)))
    files.append(("figure.svg", Data(figure.utf8)))
    if let page = publication.page(figure: figure, command: command) {
      files.append(("report.html", Data(page.text.utf8)))
    }
    let completed = record.completed(with: publication.summary, status: status)
    files.append(
      ("record.json", try JSONText.prettyEncoder.encode(completed) + Data("\n".utf8)))
    try FileGroup.write(files, in: path)
  }
}
