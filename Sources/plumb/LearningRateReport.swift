import Console
import Datasets
import Experiments
import Findings
import Foundation
import Plots
import Plumbline
import Training

/// The options of `plumb train` that look for a learning rate.
enum LearningRateOptions {
  static let find = Option(
    flag: "find-learning-rate",
    help:
      "runs a range test (nothing is kept) of 200 steps (or --steps) with the rate growing from 1e-06 to 10 and "
      + "suggests a rate")
  static let ladder = Option(
    "ladder", "N", .integer(in: 2...30),
    help:
      "trains with N rates, starting at --learning-rate, each a third of the previous one, and keeps the best by dev "
      + "loss, or by train loss without a dev set")

  static let all: [any OptionDeclaration] = [find, ladder]

  /// Throws if options contradict each other.
  static func check(_ options: ParsedOptions) throws {
    guard options[find] else { return }
    let contrary: [(isGiven: Bool, name: String)] = [
      (options.isGiven(ladder), "--ladder"),
      (options.isGiven(TrainOptions.learningRate), "--learning-rate"),
      (options.isGiven(TrainOptions.schedule), "--schedule"),
      (options.isGiven(TrainOptions.warmUp), "--warm-up"),
      (options.isGiven(TrainOptions.epochs), "--epochs"),
      (options.isGiven(TrainOptions.patience), "--early-stopping"),
      (options.isGiven(TrainCommand.explain), "--explain"),
    ]
    if let option = contrary.first(where: \.isGiven) {
      throw Problem(
        problem:
          "\(option.name): --find-learning-rate sweeps all rates once and suggests which to train with",
        remedy: "leave "
          + "one of the two out")
    }
    if let steps = options[TrainOptions.steps], steps < 20 {
      throw Problem(
        setting: "--steps",
        problem:
          "\(steps) steps are too few for --find-learning-rate: successive rates would differ too much",
        remedy: "give at least 20")
    }
  }
}

/// What `plumb train --find-learning-rate` shows.
struct LearningRateReport: Publication {
  let range: LearningRateRange
  let title: String

  var summary: LearningRateRange { range }

  private var readings: [(name: String, rate: Double?)] {
    [
      ("lowest loss", range.minimumRate), ("steepest descent", range.steepestRate),
      ("divergence", range.divergenceRate),
    ]
  }

  /// The curve in steps of a third of a decade, and what is read from it.
  var text: String {
    var table = Table(["rate", "loss", "smoothed", Table.Column("", .left)])
    let marks = readings.compactMap { reading in
      range.points.firstIndex { $0.rate == reading.rate }.map { ($0, reading.name) }
    }
    var next = -Double.infinity
    for (step, point) in range.points.enumerated() {
      let names = marks.filter { $0.0 == step }.map(\.1)
      let isDue = log10(point.rate) >= next
      guard isDue || !names.isEmpty || step == range.points.count - 1 else { continue }
      if isDue { next = log10(point.rate) + 1.0 / 3 - 1e-9 }
      table.add(
        NumberFormat.significant(point.rate, digits: 2),
        NumberFormat.significant(point.loss), NumberFormat.significant(point.smoothedLoss),
        names.joined(separator: ", "))
    }
    return table.text() + ending + "\n" + advice
  }

  private var ending: String {
    let rate = range.points.last.map { NumberFormat.significant($0.rate, digits: 2) } ?? ""
    switch range.ending {
    case .finished: return "Ended at the highest rate, \(rate)."
    case .diverged: return "Ended at \(rate), where the loss was several times its minimum."
    case .nonFinite: return "Ended after \(rate), where the loss was not finite."
    case .stopped: return "Interrupted at \(rate)."
    }
  }

  private var advice: String {
    guard let suggestion = range.suggestion else {
      return
        "No suggestion: the loss fell at no rate. Check the gradient with plumb check, and "
        + "try --init and --normalize."
    }
    return
      "Suggestion: --learning-rate \(NumberFormat.plain(suggestion)), a third of the rate of the lowest loss; "
      + "--ladder 3 from 3 times that tries its neighbors."
  }

  /// A line for each step.
  var csv: String {
    "rate,loss,smoothed_loss\n"
      + range.points.map { "\($0.rate),\($0.loss),\($0.smoothedLoss)\n" }.joined()
  }

  /// Loss against rate.
  func figure(command: String) -> FigureGrid {
    let notes = [("suggestion", range.suggestion)] + readings
    let chart = Chart(
      title: title, x: Axis("learning rate", scale: .log10), y: Axis("loss", scale: .log10),
      series: [
        Series("batches", range.points.map { .init($0.rate, $0.loss) }, style: .line, slot: 2),
        Series(
          "smoothed", range.points.map { .init($0.rate, $0.smoothedLoss) }, style: .line, slot: 0),
      ],
      annotations: notes.compactMap { name, rate in
        rate.map { .verticalLine(at: $0, name) }
      },
      caption: Caption(
        "The loss of each batch before its update as the rate grows; smoothed over neighboring steps.",
        source: "Smith 2017 (arXiv:1506.01186)", command: command))
    return FigureGrid([chart])
  }

  func page(figure: String, command: String) -> HTMLReport? {
    HTMLReport(
      title: title,
      [
        .paragraph(ending), .paragraph(advice),
        .figure(self.figure(command: command), wide: figure),
        .table(
          header: ["reading", "rate"],
          rows: readings.map { [$0.name, $0.rate.map(NumberFormat.plain) ?? ""] }),
        .code(command),
      ])
  }

  private typealias Record = StudyRecord<TrainingRequest, LearningRateRange>

  /// The name of the study in its record.
  static let study = "learning-rate-range"

  /// Carries out the test, prints it, and writes the requested files.
  static func carryOut<Scalar>(
    _ run: TrainingRun<Scalar>, _ request: TrainingRequest, _ options: ParsedOptions,
    folder path: String?, json: String?, workers: Workers
  ) throws -> ExitStatus {
    var test = LearningRateRangeTest()
    test.steps = options[TrainOptions.steps] ?? test.steps
    let record = Record(
      study: study, sweepKey: try request.key, provenance: Provenance(), configuration: request,
      data: .init(
        name: request.data, statement: request.data, hash: request.dataHash,
        examples: request.examples))
    let work = try path.map { path in try StudyFolder(ResultsFolder(path: path), record) }
    // So that a folder whose test was killed is recognized.
    try work?.begin()
    return try Interrupts.finishing {
      let bar = ProgressBar("range test", items: test.steps, unit: "steps")
      let range = try test.range(
        run.network, on: run.train, run.settings, from: run.initial, workers: workers
      ) { _ in
        bar.advance(items: 1)
        return Interrupts.isRequested
      }
      bar.finish()
      let report = LearningRateReport(
        range: range, title: "Range test of a \(request.arm) network of depth \(request.depth)")
      print(report.text)
      let isInterrupted = range.ending == .stopped
      if let work, !(isInterrupted && work.status == .complete) {
        try work.publish(report, status: isInterrupted ? .interrupted : .complete)
        print("figure: \(work.folder.file("figure.svg"))")
      }
      if let json {
        try AtomicFile.write(JSONText.prettyEncoder.encode(Result(range)), to: json)
      }
      return range.suggestion == nil ? .answerIsNo : .done
    }
  }

  /// The result as JSON.
  private struct Result: Encodable {
    let suggestion: Double?
    let range: LearningRateRange

    init(_ range: LearningRateRange) {
      self.range = range
      suggestion = range.suggestion
    }

    private enum CodingKeys: CodingKey { case suggestion }

    func encode(to encoder: any Encoder) throws {
      try range.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(suggestion, forKey: .suggestion)
    }
  }
}
