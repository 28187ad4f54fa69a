import Console

/// The options that every study has.
public enum StudyOptions {
  /// How many runs at a time.
  public static let jobs = Option(
    "jobs", "N", .integer(in: 1...4096), defaultText: "the number of cores",
    help: "runs at a time; changes no result")
  /// The folder of the results.
  public static let out = Option(
    "out", "DIR", .outputFolder(ResultsFolder.publishedNames),
    defaultText: "results/<study>-<what tells the request apart>",
    help:
      "where record.json, runs.jsonl, summary.csv, figure.svg and report.html go; a stopped study continues there"
  )
  /// The result as JSON.
  public static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  /// A part of the sweep.
  public static let shard = Option(
    "shard", "I/N", Shard.form, defaultText: "all of it",
    help:
      "carries out part I of N, for a scheduler of one's own: all parts name the same --out, and \(Provenance.program) collect DIR joins them"
  )
  /// The quick form.
  public static let quick = Option(flag: "quick", help: "a small form: fewer draws or runs")

  static let all: [any OptionDeclaration] = [jobs, out, json, shard, quick]
}

extension Command {
  /// The command under another name.
  func named(_ name: String) -> Command {
    Command(
      name, summary: summary, discussion: discussion, arguments: arguments, options: options,
      examples: examples)
  }

  /// The command with further options; one that it has already stays as it is.
  func adding(_ others: [any OptionDeclaration]) -> Command {
    let own = Set(options.map(\.description.name))
    return Command(
      name, summary: summary, discussion: discussion, arguments: arguments,
      options: options + others.filter { !own.contains($0.description.name) }, examples: examples)
  }
}
