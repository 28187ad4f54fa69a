import Diagnosis
import Networks
import Plumbline
import Training

/// The cost of a diagnosis: the time of whole training runs with the instruments relative to that of the same runs
/// without, run alternately.
public struct InstrumentsBenchmark: Codable, Sendable {
  /// One training.
  public struct Case: Codable, Sendable {
    /// The network, the steps and the batch.
    public let name: String
    /// Whether inputs predict the labels. With random labels, the diagnosis tries whether anything else could learn them, which is
    /// its most expensive case.
    public let isLearnable: Bool
    /// The median time of training without instruments.
    public let milliseconds: Double
    /// The median over the pairs of the time with instruments divided by the time without, minus 1; and the quartiles.
    public let overhead: Double, lower: Double, upper: Double
  }

  /// The cases.
  public let cases: [Case]

  /// Training runs of the sizes that the project is meant for.
  public static func run(pairs: Int = 15) throws -> InstrumentsBenchmark {
    let shapes: [(widths: [Int], steps: Int, batch: Int)] = [
      ([8, 7, 7, 1], 3000, 256), ([784] + Array(repeating: 64, count: 5) + [10], 400, 128),
      ([784] + Array(repeating: 64, count: 33) + [10], 400, 128),
      ([784] + Array(repeating: 256, count: 5) + [10], 400, 128),
    ]
    return InstrumentsBenchmark(
      cases: try [true, false].flatMap { isLearnable in
        try shapes.map { try measured($0.widths, $0.steps, $0.batch, isLearnable, pairs) }
      })
  }

  private static func measured(
    _ widths: [Int], _ steps: Int, _ batch: Int, _ isLearnable: Bool, _ pairs: Int
  ) throws -> Case {
    let network = try NetworkDescription(widths: widths).network()
    let outputs = widths.last ?? 1
    let key = Key(seed: 1)
    let count = max(2000, batch)
    let classes = max(2, outputs)
    let features: Tensor<Float> = key["x"].normalTensor([count, widths[0]])
    // The class whose random direction an example points to most.
    let teacher: Tensor<Float> = key["teacher"].normalTensor([widths[0], classes])
    let targets: Tensor<Float> =
      isLearnable
      ? .classes(largestIn: matmul(features, teacher))
      : Tensor(classes: (0..<count).map { key["label"].integer(at: $0, below: classes) })
    let examples = Examples<Float>(
      features: features, targets: outputs == 1 ? targets.reshaped(to: [count, 1]) : targets)
    var settings = TrainingSettings(loss: outputs == 1 ? .binaryCrossEntropy : .crossEntropy)
    settings.batchSize = batch
    settings.length = .steps(steps)
    let run = TrainingRun(network, on: examples, settings, evaluationInterval: 0)
    func milliseconds(instrumented: Bool) throws -> Double {
      let clock = ContinuousClock()
      let start = clock.now
      if instrumented { _ = try run.diagnosed() } else { _ = try run.result() }
      return (clock.now - start) / .milliseconds(1)
    }
    _ = try milliseconds(instrumented: true)
    var (times, ratios): ([Double], [Double]) = ([], [])
    for pair in 0..<pairs {
      // Alternately, so that a machine that slows down favors neither.
      let first = try milliseconds(instrumented: pair.isMultiple(of: 2))
      let second = try milliseconds(instrumented: !pair.isMultiple(of: 2))
      let (with, without) = pair.isMultiple(of: 2) ? (first, second) : (second, first)
      times.append(without)
      ratios.append(with / without - 1)
    }
    ratios.sort()
    return Case(
      name:
        "\(widths[0]) to \(outputs), \(widths.count - 2) hidden layers of \(widths[1]), \(steps) steps of \(batch)",
      isLearnable: isLearnable, milliseconds: times.sorted()[pairs / 2],
      overhead: ratios[pairs / 2],
      lower: ratios[pairs / 4], upper: ratios[3 * pairs / 4])
  }
}
