import Console
import Findings
import Foundation
import Plots

/// A results folder while one process owns it: locked, started with a record of the request, and released with everything that is
/// published. Studies, trainings and learning-rate searches all use it.
public struct StudyFolder<Configuration: Codable & Sendable, Summary: Codable & Sendable>: Sendable
{
  /// Where the results go.
  public let folder: ResultsFolder
  /// The request; a search among several configurations may end with a different one than it began with.
  public var record: StudyRecord<Configuration, Summary>
  /// The status of this exact request in the folder; `nil` if the folder holds nothing of it, or only a part.
  public let status: RecordStatus?
  /// The command that wrote the existing record; `nil` for none.
  public let recordedCommand: [String]?
  /// Whether the folder was made for this request, and whether it holds its result.
  private let isNew: Bool, hasResult: Bool
  private let lock: FolderLock

  /// Locks the folder for this process. Nothing is written into it.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - record: The request, the code and the machine.
  ///   - grows: Whether the folder holds a part of what is requested; see ``ResultsFolder/prepare(study:sweepKey:grows:)``.
  /// - Throws: ``/Findings/Problem`` if the folder contains something else, cannot be written to, or is in use by another process.
  public init(
    _ folder: ResultsFolder, _ record: StudyRecord<Configuration, Summary>,
    grows: () throws(Problem) -> Bool = { false }
  ) throws {
    self.folder = folder
    self.record = record
    isNew = !FileManager.default.fileExists(atPath: folder.path)
    let isGrown = try folder.prepare(study: record.study, sweepKey: record.sweepKey, grows: grows)
    lock = try folder.lock()
    // Not earlier: taking the folder puts in order what a killed process has left.
    let header = folder.header
    status = isGrown ? nil : header?.status
    hasResult = !isGrown && header?.hasSummary == true
    recordedCommand = header?.provenance?.command
  }

  /// Writes the record of what is in progress. An existing result stays in its record until another replaces it, so that a
  /// killed process loses none.
  public func begin() throws {
    guard !hasResult else { return }
    do {
      try folder.write(json: record, to: "record.json")
    } catch {
      // The folder is empty: a request that a full disk refuses leaves nothing.
      if isNew { rmdir(folder.path) }
      throw error
    }
  }

  /// Records that the request was interrupted, with finished work in its journal.
  func interrupt() throws {
    try folder.write(json: record.interrupted(), to: "record.json")
  }

  /// Writes everything that was requested, or the part that exists if a signal ended it: all files or none.
  ///
  /// - Parameters:
  ///   - publication: The result, which gives summary, table, figures and report.
  ///   - command: The words of the command shown in figure and report.
  ///   - paper: The width that `figure.svg` is drawn for; `nil` for that of a screen, which the report always uses.
  ///   - attachments: Further files.
  ///   - status: The status of the study for the record.
  /// - Throws: ``/Findings/Problem``; then every file is as it was.
  public func publish<Result: Publication>(
    _ publication: Result, command: [String] = CommandLine.arguments,
    paper: PaperWidth? = nil, attachments: [FileGroup.File] = [], status: RecordStatus = .complete
  ) throws where Result.Summary == Summary {
    let command = Provenance.line(command)
    let drawing = publication.figure(command: command)
    let figure = drawing.svg()
    var files = attachments
    files.append(("summary.csv", Data(publication.csv.utf8)))
    if let data = publication.figureData { files.append(("figure.csv", Data(data.utf8))) }
    let drawn = paper.map { drawing.fitted(to: $0).svg() } ?? figure
    files.append(("figure.svg", Data(drawn.utf8)))
    if let page = publication.page(figure: figure, command: command) {
      files.append(("report.html", Data(page.text.utf8)))
    }
    let completed = record.completed(with: publication.summary, status: status)
    files.append(
      ("record.json", try JSONText.prettyEncoder.encode(completed) + Data("\n".utf8)))
    try FileGroup.write(files, in: folder.path)
  }
}
