import Console
import Findings
import Foundation

/// A study in its folder: which one it is, and the options of the command that made it.
struct StoredStudy {
  let study: any Study
  /// The words of the command that began it.
  let command: [String]
  /// What its command line requested, except the folder.
  let options: ParsedOptions
  /// Its folder.
  let folder: ResultsFolder
  /// What its record says about the program and the machine.
  let provenance: Provenance
  /// The bundle that it came in; `nil` if it came in a folder.
  let unpacked: ResultsBundle.Unpacked?

  /// The study that the record of a folder, or of a bundle, names.
  ///
  /// - Parameter more: Words for options that replace its own, such as `--jobs`.
  /// - Throws: ``/Findings/Problem`` if the folder holds no study of this program.
  init(inFolder path: String, among studies: [any Study], more: [String] = []) throws {
    unpacked = try ResultsBundle.unpacked(path)
    folder = ResultsFolder(path: unpacked?.path ?? path)
    let file = folder.file("record.json")
    guard RegularFile.size(file) != nil else {
      throw Problem(
        .notFound, subject: file, problem: "there is no such file",
        remedy: "give a folder made by a study")
    }
    guard let record = folder.header, let provenance = record.provenance else {
      throw Problem(
        subject: file, problem: "this is not the record of a study",
        remedy: "give a folder made by a study")
    }
    guard let study = studies.first(where: { $0.name == record.study }) else {
      throw Problem(
        subject: file, problem: "it is from \(record.study), which is not a study of this program",
        remedy: "use the program that made it")
    }
    self.study = study
    self.provenance = provenance
    command = provenance.command
    var words = provenance.command.requestWords
    // A program with a single experiment is called without the experiment's name; records of earlier versions have the words of
    // `all`, of which its studies take only `--quick`.
    if words.first == "all" { words.removeAll { $0 != "--quick" } }
    if words.first == study.name { words.removeFirst() }
    for word in more where word.hasPrefix("--data=") {
      words.removeOption("--data", hasValue: true)
    }
    if let unpacked { words = unpacked.words(words) }
    do {
      options = try study.command.adding(StudyOptions.all).parse(words + more)
    } catch {
      throw Problem(
        subject: file,
        problem: "its command is no longer understood (\(words.joined(separator: " ")))",
        remedy: "start the study again by hand, with --out \(FilePaths.quoted(path))")
    }
  }
}

extension StoredStudy {
  /// The study of a folder or a bundle, with the data that an option names instead of those of its record.
  ///
  /// - Throws: ``/Findings/Problem`` also if the bundle does not contain its data, and they are not here.
  init(
    inFolder path: String, among studies: [any Study], data: Option<String?>,
    _ options: ParsedOptions
  ) throws {
    try self.init(inFolder: path, among: studies, more: options.words(of: [data]))
    guard let unpacked, !options.isGiven(data),
      let missing = unpacked.missing.first(where: { FilePaths.isFolder($0) == nil })
    else { return }
    throw Problem(
      setting: "data", subject: missing,
      problem:
        "the bundle does not include these data (digest \(unpacked.manifest.data?.hash ?? "unknown")), and they are not here",
      remedy: "give them with \(Setting.data)")
  }
}

extension [String] {
  /// The words of a command without those that apply to a single call: limits, and the job array.
  var lastingWords: [String] {
    var words = self
    let once: [any OptionDeclaration] =
      [
        StudyOptions.retry, StudyOptions.failFast, StudyOptions.limitTime, StudyOptions.limitRuns,
      ] + SlurmJob.options
    for option in once.map(\.description) {
      words.removeOption(option.name, hasValue: !option.placeholder.isEmpty)
    }
    return words
  }

  /// The words of a command that say what is requested, without the program and the options that say where and how it is carried
  /// out.
  var requestWords: [String] {
    var words = Array(dropFirst())
    let options: [any OptionDeclaration] =
      [StudyOptions.out, StudyOptions.json, StudyOptions.shard] + SlurmJob.options
      + StudyOptions.execution
    for option in options.map(\.description) {
      words.removeOption(option.name, hasValue: !option.placeholder.isEmpty)
    }
    return words
  }

  /// Removes an option with its value, in both spellings.
  fileprivate mutating func removeOption(_ name: String, hasValue: Bool) {
    while let index = firstIndex(where: { $0 == name || $0.hasPrefix("\(name)=") }) {
      let length = hasValue && self[index] == name ? 2 : 1
      removeSubrange(index..<Swift.min(count, index + length))
    }
  }
}

/// `resume`: continues a stopped study with its own command line.
enum ResumeCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }), help: "the folder given to --out")

  static let command = Command(
    "resume", summary: "continues a stopped study in its folder",
    discussion:
      "The options are those of the original command, with paths relative to the current folder. A complete study is "
      + "reread and shown.",
    arguments: [folder], options: StudyOptions.execution,
    examples: [
      Command.Example("\(Provenance.program) resume results/depth-0a1b2c3d", "after a power cut"),
      StoredStudy.example("resume results/d", "a complete study, which is shown again"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    let more = options.words(of: StudyOptions.execution)
    let stored = try StoredStudy(inFolder: options[folder], among: studies, more: more)
    return try StudyProgram.run(
      stored.study, stored.options, command: stored.command, folder: stored.folder.path, json: nil
    ).status
  }
}

extension StoredStudy {
  /// A small study and a command on its folder: an example that works as it stands.
  ///
  /// - Parameter options: Further options of the study.
  static func example(
    _ words: String, _ meaning: String, _ options: String = ""
  ) -> Command.Example {
    let program = Provenance.program
    return Command.Example(
      "\(program) depth --quick --depths 2,4 --steps 20\(options.isEmpty ? "" : " " + options) --out results/d; \(program) \(words)",
      meaning)
  }
}
