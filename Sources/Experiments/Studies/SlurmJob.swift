import Console
import Findings
import Foundation

/// A sweep as a job array of Slurm: each task carries out a part of it into the same folder, into its own journal.
struct SlurmJob {
  static let flag = Option(
    flag: "slurm",
    help:
      "submits the sweep as a job array with sbatch; \(Provenance.program) status DIR shows its progress, and collect DIR "
      + "joins the parts")
  static let tasks = Option(
    "tasks", "N", .integer(in: 1...100_000), defaultText: "one per cell, at most 1000",
    help: "the size of the job array: the number of parts of the sweep")
  private static let partition = Option(
    "partition", "NAME", word, defaultText: "the cluster's default",
    help: "sbatch's partition for the job array"
  )
  private static let time = Option(
    "time", "TIME", word, defaultText: "the partition's default",
    help:
      "the time limit per task, such as 30 (minutes) or 1-12:00:00; the next submission continues a stopped task"
  )
  private static let memory = Option(
    "memory", "SIZE", word, defaultText: "that of the partition",
    help: "memory per task, such as 4G")
  private static let concurrency = Option(
    "concurrency", "N", .integer(in: 1...100_000), defaultText: "any number",
    help: "the maximum number of tasks to run at a time")
  private static let word = ValueForm<String>(accepted: "a word of letters, digits and ,.:_+-") {
    text in text.wholeMatch(of: /[A-Za-z0-9,.:_+-]+/) == nil ? nil : text
  }

  static let options: [any OptionDeclaration] = [
    flag, tasks, partition, time, memory, concurrency,
  ]

  /// The file of the script in the folder, and the file of the job's number.
  static let scriptName = "slurm.sh", jobName = "slurm.json"

  /// A job that was submitted, as `slurm.json` holds it.
  struct Submitted: Codable {
    /// Its number, and those of its tasks.
    let job: String, tasks: Int
  }

  private let study: String, folder: ResultsFolder
  private let words: [String]
  private let count: Int, jobs: Int
  private let options: ParsedOptions

  /// The job of a command.
  ///
  /// - Parameters:
  ///   - words: The words of the command that request the whole sweep, without the program.
  ///   - parts: The largest number of parts.
  /// - Throws: ``/Findings/Problem`` if the study cannot be divided.
  init(
    of study: String, _ words: [String], in folder: ResultsFolder, parts: Int?,
    _ options: ParsedOptions
  ) throws(Problem) {
    guard let parts else {
      throw Problem(
        setting: "slurm", problem: "this study cannot be divided", remedy: "leave the option out")
    }
    self.study = study
    self.words = words
    self.folder = folder
    self.options = options
    count = min(parts, options[Self.tasks] ?? 1000)
    jobs = options[StudyOptions.jobs] ?? 1
  }

  /// Throws if options are about a job although none is requested.
  static func check(_ options: ParsedOptions) throws(Problem) {
    guard !options[flag], let first = options.words(of: Self.options).first else { return }
    throw Problem(
      problem: "\(first.prefix { $0 != "=" }) is about a job array, but none is requested",
      remedy: "add --slurm, or leave the option out")
  }

  /// The batch script. Tasks that are stopped are queued again by Slurm if the cluster does that, and continue from their saved
  /// state.
  var script: String {
    let path = URL(fileURLWithPath: folder.path).standardizedFileURL.path
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let execution = StudyOptions.execution.filter { $0.description.name != "--jobs" }
    let command = ([program] + words + options.words(of: execution) + ["--out", path])
      .map(FilePaths.quoted)
    var directives = [
      "--job-name=\(study)",
      "--array=1-\(count)" + (options[Self.concurrency].map { "%\($0)" } ?? ""),
      "--cpus-per-task=\(jobs)", "--requeue", "--open-mode=append",
    ]
    for (name, option) in [
      ("partition", Self.partition), ("time", Self.time), ("mem", Self.memory),
    ] {
      if let value = options[option] { directives.append("--\(name)=\(value)") }
    }
    return """
      #!/bin/sh
      \(directives.map { "#SBATCH \($0)" }.joined(separator: "\n"))
      # A part of a sweep; sbatch \(FilePaths.quoted(FilePaths.joined(path, Self.scriptName))) submits it again.
      cd \(FilePaths.quoted(FileManager.default.currentDirectoryPath)) || exit 2
      exec \(command.joined(separator: " ")) --shard "$SLURM_ARRAY_TASK_ID/\(count)" --jobs \(jobs)

      """
  }

  /// Writes the script and submits it.
  ///
  /// - Throws: ``/Findings/Problem`` if Slurm refuses it; the script exists in that case, and can be submitted by hand.
  func submit() throws {
    let path = folder.file(Self.scriptName)
    try AtomicFile.write(script, to: path)
    let logs = folder.file("slurm")
    try? FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    // A percent sign in the path would stand for a number of the job.
    let output = logs.contains("%") ? "/dev/null" : "\(logs)/%a.log"
    let words = ["sbatch", "--parsable", "--output=\(output)", path]
    let shell = words.map(FilePaths.quoted).joined(separator: " ") + " 2>&1; echo \"status $?\""
    let lines = (CommandOutput.of(["sh", "-c", shell], within: 60) ?? "").split(separator: "\n")
    guard lines.last == "status 0",
      let job = lines.dropLast().last?.split(separator: ";").first.map(String.init),
      Int(job) != nil
    else {
      let reason = lines.dropLast().joined(separator: "; ")
      throw Problem(
        subject: path,
        problem: "sbatch did not accept the job (\(reason.isEmpty ? "no answer" : reason))",
        remedy: "submit it where Slurm is available: sbatch \(FilePaths.quoted(path))")
    }
    try folder.write(json: Submitted(job: job, tasks: count), to: Self.jobName)
    print(
      "job \(job): \(count) tasks of \(jobs) \(jobs == 1 ? "thread" : "threads"); \(Provenance.line(of: "status", folder.path)) shows their progress"
    )
  }

  /// What the queue says about the job of a folder, in words; `nil` if none was submitted from there.
  static func queue(of folder: ResultsFolder) -> String? {
    guard let text = RegularFile.contents(folder.file(jobName)),
      let submitted = try? JSONText.decoder.decode(Submitted.self, from: text)
    else { return nil }
    let head = "job \(submitted.job) of \(submitted.tasks) tasks: "
    guard submitted.job.allSatisfy(\.isNumber),
      CommandOutput.of(["squeue", "--version"], within: 5) != nil
    else { return head + "squeue does not answer here" }
    let words = ["squeue", "--noheader", "--array", "--jobs=\(submitted.job)", "--format=%T"]
    guard let output = CommandOutput.of(words, within: 20), !output.isEmpty else {
      return head + "none left in the queue"
    }
    let states = Dictionary(
      grouping: output.split(separator: "\n").map {
        $0.trimmingCharacters(in: .whitespaces).lowercased()
      }
    ) { $0 }
    return head
      + states.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }.joined(
        separator: ", ")
  }
}
