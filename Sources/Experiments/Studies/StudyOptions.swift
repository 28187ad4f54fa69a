import Console
import Plots

/// The options that every study has.
public enum StudyOptions {
  /// The number of simultaneous runs.
  public static let jobs = Option(
    "jobs", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "runs at a time; does not change any result")
  /// The folder of the results.
  public static let out = Option(
    "out", "DIR", .outputFolder(ResultsFolder.publishedNames),
    defaultText: "results/<study>-<hash of the request>",
    help:
      "the folder for record.json, runs.jsonl, summary.csv, figure.svg and report.html; a stopped study continues there"
  )
  /// The result as JSON.
  public static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  /// The width of the figure.
  public static let figureWidth = Option(
    "figure-width", "WIDTH",
    ValueForm<PaperWidth>(
      accepted: "millimeters from 40 to 1000, or one of "
        + PaperWidth.named.map(\.name).joined(separator: ", "),
      names: PaperWidth.named.map(\.name)
    ) { PaperWidth(parsing: $0) }, defaultText: "the screen's",
    help:
      "draws figure.svg for a paper, with matching font sizes, and as figure.pdf where the system has a converter: "
      + PaperWidth.named.map(\.name).joined(separator: ", ") + ", or a width in millimeters")
  /// A part of the sweep.
  public static let shard = Option(
    "shard", "I/N", Shard.form, defaultText: "all of it",
    help:
      "runs part I of N, for any other scheduler: give all parts the same --out, and join them with \(Provenance.program) collect DIR"
  )
  /// Whether failed runs are retried.
  public static let retry = Option(
    flag: "retry", help: "retries runs that failed before, as listed in failures.jsonl")
  /// Whether a failed run ends the sweep.
  public static let failFast = Option(
    flag: "fail-fast", help: "stops at the first failed run instead of finishing the others")
  /// The time after which it ends.
  public static let limitTime = Option(
    "limit-time", "TIME", timeForm, defaultText: "none",
    help:
      "stops after this time, such as 90s, 30m, 2h; what is finished is kept, and resume continues, even runs that were "
      + "under way")
  /// The number of runs after which it ends.
  public static let limitRuns = Option(
    "limit-runs", "N", .integer(in: 1...1_000_000_000), defaultText: "none",
    help: "stops after this many runs; what is finished is kept, and resume continues")
  /// How often long runs save their state.
  public static let checkpoint = Option(
    "checkpoint", "SECONDS", .number(in: 0...1e9), default: 60,
    help:
      "the minimum time between the states that a long run saves; saving takes at most 2 % of the time"
  )
  /// A time: a number of seconds, or one with its unit.
  private static let timeForm = ValueForm<Double>(
    accepted: "a time above 0 such as 90s, 30m, 2h or 1d"
  ) { text in
    let units = ["s": 1.0, "m": 60, "h": 3600, "d": 86400]
    let unit = text.last.flatMap { units[String($0)] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0,
      number < 1e7
    else { return nil }
    return number * (unit ?? 1)
  }

  /// How to handle runs that fail or take long; its limits count from now on.
  static func policy(_ options: ParsedOptions) -> SweepPolicy {
    var policy = SweepPolicy()
    if options[limitTime] != nil || options[limitRuns] != nil {
      policy.limits = SweepLimits(seconds: options[limitTime], runs: options[limitRuns])
    }
    policy.failsFast = options[failFast]
    policy.retries = options[retry]
    policy.checkpoints = .init(seconds: options[checkpoint])
    return policy
  }

  /// The options that say how a study is carried out rather than what is requested: they may differ each time it is resumed.
  static let execution: [any OptionDeclaration] = [
    jobs, retry, failFast, limitTime, limitRuns, checkpoint,
  ]

  /// The quick form.
  public static let quick = Option(flag: "quick", help: "a small form: fewer draws or runs")

  static let all: [any OptionDeclaration] =
    [out, json, figureWidth, shard] + SlurmJob.options + [quick] + execution
}

extension Command {
  /// The command under another name.
  func named(_ name: String) -> Command {
    Command(
      name, summary: summary, discussion: discussion, arguments: arguments, options: options,
      examples: examples)
  }

  /// The command with examples that do not name a study.
  func withExamples(leavingOut studies: [String]) -> Command {
    let program = Provenance.program
    return Command(
      name, summary: summary, discussion: discussion, arguments: arguments, options: options,
      examples: examples.map { example in
        Example(
          studies.reduce(example.line) { $0.replacing("\(program) \($1) ", with: "\(program) ") },
          example.meaning)
      })
  }

  /// The command with further options; existing ones stay as they are.
  func adding(_ others: [any OptionDeclaration]) -> Command {
    let own = Set(options.map(\.description.name))
    return Command(
      name, summary: summary, discussion: discussion, arguments: arguments,
      options: options + others.filter { !own.contains($0.description.name) }, examples: examples)
  }
}
