import Diagnosis
import Findings
import Plumbline
import Training

/// A completed run, as seen by a measure.
public struct MeasuredRun: Sendable {
  /// The network, and the point of the grid that it was built for.
  public let network: any Layer
  /// The name of its arm.
  public let arm: String
  /// The start of the run, from which other networks can be trained the same way.
  public let start: RunStart
  /// The values at the start.
  public let initial: Parameters<Float>
  /// The result; `parameters` are the values at the end.
  public let result: TrainingResult<Float>
  /// What layers have at the start and the end, computed once even if several measures use them.
  let norms = RunNorms()
  /// Held-out examples.
  public let dev: Examples<Float>?, test: Examples<Float>?
  /// The point of the grid that the network was built for.
  public var point: GridPoint { start.point }
  /// The training examples.
  public var train: Examples<Float> { start.train }
  /// How the network was trained.
  public var settings: TrainingSettings { start.settings }

  /// Loss and error of values on the training examples.
  public func evaluation(at parameters: Parameters<Float>) -> Evaluation {
    Evaluation(of: network, parameters, on: train, loss: settings.loss)
  }

  /// The gradient of the loss on the first training examples, at most 512, in training mode.
  public func gradient(at parameters: Parameters<Float>) -> Parameters<Float> {
    let examples = train.prefix(512)
    return parameters.valueWithGradient(key: settings.key["measure"]) { pass in
      settings.loss(
        pass.output(of: network, pass.tape().constant(examples.features)),
        pass.tape().constant(examples.targets))
    }.gradient
  }
}

/// A number measured for every run of the report, in addition to loss and error on the training set.
///
/// ```swift
/// Measure("distance", summary: "how far the values moved") { run in
///   Double((run.result.parameters.vector - run.initial.vector).squared().sum().scalar).squareRoot()
/// }
/// ```
public struct Measure: Sendable {
  /// The name in options, tables and records: letters, digits and dashes.
  public let name: String
  /// A description, in one line for the help.
  public let summary: String
  /// Whether it needs a dev set, or a test set.
  let needsDev: Bool, needsTest: Bool
  /// Whether it is a share of examples, which is shown in percent.
  let isShare: Bool
  let value: @Sendable (MeasuredRun) throws -> Double?

  /// A custom measure.
  ///
  /// - Parameters:
  ///   - name: The name in options, tables and records: letters, digits and dashes.
  ///   - summary: What is measured, as a phrase for help and reports.
  ///   - value: The measurement of a run. It must depend only on the run; `nil` if there is no such number, which counts
  ///     as worse than every number.
  public init(
    _ name: String, summary: String, value: @escaping @Sendable (MeasuredRun) throws -> Double?
  ) {
    self.init(name, summary: summary, needsDev: false, value: value)
  }

  private init(
    _ name: String, summary: String, needsDev: Bool = false, needsTest: Bool = false,
    isShare: Bool = false, value: @escaping @Sendable (MeasuredRun) throws -> Double?
  ) {
    self.name = name
    self.summary = summary
    self.needsDev = needsDev
    self.needsTest = needsTest
    self.isShare = isShare
    self.value = value
  }

  /// The names of the measures that are always taken, for predictions.
  public static let trainLoss = "train-loss", trainError = "train-error"

  /// The measures of every experiment, in the order of the help.
  public static let standard: [Measure] = [
    Measure("dev-loss", summary: "loss on the dev set", needsDev: true) {
      $0.result.dev?.loss
    },
    Measure("dev-error", summary: "error on the dev set", needsDev: true, isShare: true) {
      $0.result.dev?.error
    },
    Measure("test-loss", summary: "loss on the test set", needsTest: true) {
      $0.result.test?.loss
    },
    Measure("test-error", summary: "error on the test set", needsTest: true, isShare: true) {
      $0.result.test?.error
    },
    Measure("start-loss", summary: "loss on the training set at the start") {
      $0.evaluation(at: $0.initial).loss
    },
    Measure("start-error", summary: "error on the training set at the start", isShare: true) {
      $0.evaluation(at: $0.initial).error
    },
    Measure("steps-to-half", summary: "steps until the batch loss is half that of the first batch")
    {
      run in
      guard let first = run.result.losses.first else { return nil }
      return run.result.losses.firstIndex { $0 <= first / 2 }.map { Double($0 + 1) }
    },
    Measure("gradient-norm-start", summary: "norm of the gradient at the start") {
      norm(of: $0.gradient(at: $0.initial))
    },
    Measure("gradient-norm-end", summary: "norm of the gradient at the end") {
      norm(of: $0.gradient(at: $0.result.parameters))
    },
    Measure(
      "activation-ratio-start",
      summary: "ratio of the norms of the last and first hidden activations at the start"
    ) {
      ratio($0.normsAtStart.values)
    },
    Measure(
      "activation-ratio-end",
      summary: "ratio of the norms of the last and first hidden activations at the end"
    ) {
      ratio($0.normsAtEnd.values)
    },
    Measure(
      "gradient-ratio-start",
      summary: "ratio of the gradient norms at the first and last hidden layers at the start"
    ) {
      ratio($0.normsAtStart.gradients.reversed())
    },
    Measure(
      "gradient-ratio-end",
      summary: "ratio of the gradient norms at the first and last hidden layers at the end"
    ) {
      ratio($0.normsAtEnd.gradients.reversed())
    },
    Measure(
      "effective-depth", summary: "number of blocks the loss depends on, measured by deleting each"
    ) {
      BlockDeletion(of: $0)?.effectiveDepth
    },
    Measure("time", summary: "seconds per run, which vary from run to run") { _ in nil },
    Measure("memory", summary: "peak bytes of its tensors") { _ in nil },
    Measure(
      "distance", summary: "norm of the change of all parameters relative to their initial norm"
    ) {
      run in
      var change = run.result.parameters
      change.vector = change.vector - run.initial.vector
      return norm(of: change) / norm(of: run.initial)
    },
    Measure(
      "sharpness", summary: "largest eigenvalue of the Hessian at the end, for small networks"
    ) {
      run in
      Sharpness(
        of: run.network, at: run.result.parameters, on: run.train.prefix(512),
        loss: run.settings.loss, key: run.settings.key["sharpness"]
      ).value
    },
  ]

  /// The last over the first, without the output's; `nil` if there are fewer than two.
  private static func ratio(_ norms: some Collection<Double>) -> Double? {
    let hidden = Array(norms.dropLast())
    guard hidden.count >= 2, hidden[0] > 0 else { return nil }
    return hidden[hidden.count - 1] / hidden[0]
  }

  private static func norm(of parameters: Parameters<Float>) -> Double {
    parameters.vector.scalars.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
