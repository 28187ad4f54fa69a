import Diagnosis
import Foundation
import Plots
import Training

/// A readable report of a training run: curves, a table of epochs, sentences.
public struct TrainingReport: Publication {
  /// The request and the result.
  public let request: TrainingRequest, outcome: TrainingOutcome
  /// The loss of every step.
  public let losses: [Double]
  /// The number of steps per epoch.
  public let stepsPerEpoch: Int

  /// What the diagnosis says, a paragraph each.
  private let findings: [String]

  /// The numbers of the outcome.
  public var summary: TrainingOutcome { outcome }

  /// The report of a finished run.
  public init<Scalar>(_ request: TrainingRequest, _ run: DiagnosedResult<Scalar>) {
    self.request = request
    outcome = TrainingOutcome(run)
    losses = run.result.losses
    stepsPerEpoch = run.result.stepsPerEpoch
    findings = run.diagnosis.findings.map(\.description)
  }

  /// One line per epoch.
  public var csv: String {
    let header =
      "epoch,steps,mean_batch_loss,train_loss,train_error,dev_loss,dev_error,learning_rate"
    let rows = outcome.epochs.map { epoch -> String in
      let numbers: [Double?] = [
        epoch.meanBatchLoss, epoch.train?.loss, epoch.train?.error, epoch.dev?.loss,
        epoch.dev?.error, epoch.learningRate,
      ]
      return (["\(epoch.epoch)", "\(epoch.stepsDone)"] + numbers.map { $0.map { "\($0)" } ?? "" })
        .joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  // MARK: The figure

  /// Loss and error over the steps.
  public func figure(command: String) -> FigureGrid {
    let title =
      request.arm + " network of depth \(request.depth), width \(request.width): training"
    var losses = [Series("batches", batchLosses, style: .line, slot: 2)]
    var errors: [Series] = []
    func add(
      _ label: String, _ slot: Int, _ evaluation: (TrainingEpoch) -> Evaluation?,
      _ end: (loss: Double?, error: Double?)
    ) {
      func points(
        _ value: (Evaluation) -> Double?, _ last: Double?
      ) -> [Series.Point] {
        let inner = outcome.epochs.compactMap { epoch in
          evaluation(epoch).flatMap(value).map { Series.Point(Double(epoch.stepsDone), $0) }
        }
        // The evaluation at the end is that of the parameters that were kept.
        let isKept = outcome.ending == "finished" || outcome.ending == "stopped"
        guard isKept, let last else { return inner }
        return inner.filter { $0.x < Double(outcome.steps) }
          + [Series.Point(Double(outcome.steps), last)]
      }
      let loss = points(\.loss, end.loss)
      // Markers show where the evaluations are, as long as they can be told apart.
      let style = loss.count > 40 ? Series.Style.line : .lineAndPoints
      if !loss.isEmpty { losses.append(Series(label, loss, style: style, slot: slot)) }
      let error = points({ $0.error.map { 100 * $0 } }, end.error.map { 100 * $0 })
      if !error.isEmpty { errors.append(Series(label, error, style: style, slot: slot)) }
    }
    add("train", 0, \.train, (outcome.trainLoss, outcome.trainError))
    add("dev", 1, \.dev, (outcome.devLoss, outcome.devError))
    let positive = losses.flatMap(\.points).compactMap(\.y).filter(\.isFinite)
    let (low, high) = (positive.min() ?? 1, positive.max() ?? 1)
    let isWide = low > 0 && high / low > 30
    var charts = [
      Chart(
        title: "Loss", x: Axis("step"), y: Axis("loss", scale: isWide ? .log10 : .linear),
        series: losses)
    ]
    if !errors.isEmpty {
      charts.append(
        Chart(title: "Error", x: Axis("step"), y: Axis("error (%)"), series: errors))
    }
    return FigureGrid(
      charts, title: title,
      caption: Caption(
        "Batches: the loss before each update, including penalties; in long runs, means over neighboring steps. Train and dev: "
          + "whole sets, in inference mode.", command: command))
  }

  /// The losses of the steps: means of neighbors if there are more than a line can show.
  private var batchLosses: [Series.Point] {
    let group = (losses.count + 399) / 400
    return stride(from: 0, to: losses.count, by: max(1, group)).map { start in
      let part = losses[start..<min(start + group, losses.count)]
      return Series.Point(
        Double(start) + Double(part.count - 1) / 2, part.reduce(0, +) / Double(part.count))
    }
  }

  // MARK: The page

  /// The report as one HTML file.
  public func page(figure: String, command: String) -> HTMLReport? {
    func number(_ value: Double?) -> String { value.map { String(format: "%.5g", $0) } ?? "" }
    func percent(_ value: Double?) -> String {
      value.map { String(format: "%.2f %%", 100 * $0) } ?? ""
    }
    let sets = [
      ["train", number(outcome.trainLoss), percent(outcome.trainError)],
      ["dev", number(outcome.devLoss), percent(outcome.devError)],
      ["test", number(outcome.testLoss), percent(outcome.testError)],
    ].filter { !$0[1].isEmpty }
    // The first line of a finding is what is seen; cause and remedy are in lines of their own.
    let lines = findings.flatMap { $0.split(separator: "\n") }.map { line in
      let text = line.drop { $0 == " " }
      return text.prefix(1).uppercased() + text.dropFirst()
    }
    return HTMLReport(
      title: "Training of a \(request.arm) network",
      [
        .verdict(
          lines.first
            ?? (outcome.ending == "stopped" ? endingSentence : "No problems were found."))
      ] + lines.dropFirst().map { .paragraph($0) } + [
        .figure(self.figure(command: command), wide: figure),
        .table(header: ["set", "loss", "error"], rows: sets),
        .paragraph(endingSentence),
        .paragraph("Data: \(request.data), \(request.examples) training examples."),
        .code(command), .details("The network", [.code(request.network.json)]),
      ])
  }

  /// How the run ended, in a sentence.
  public var endingSentence: String {
    switch outcome.ending {
    case "stopped-early":
      "Stopped early after epoch \(outcome.epochs.last?.epoch ?? 0): the dev loss was lowest after epoch "
        + "\(outcome.bestEpoch ?? 0), whose parameters were kept."
    case "non-finite":
      "Stopped at step \(outcome.divergedAtStep ?? 0), where the loss was not finite; the parameters at the last "
        + "finite loss were kept." + (outcome.divergedWhere.map { "\nwhere: \($0)" } ?? "")
    case "stopped": "Interrupted after \(outcome.steps) steps; results so far are kept."
    default:
      "Finished after \(outcome.steps) steps, \(outcome.epochs.count) epoch\(outcome.epochs.count == 1 ? "" : "s") of \(stepsPerEpoch) step\(stepsPerEpoch == 1 ? "" : "s")."
    }
  }
}
