import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import Training

extension TrainingRun {
  /// The finding with the run that proves its remedy: the same network, data and seed, and only the remedy changed.
  ///
  /// - Parameters:
  ///   - steps: The length of each re-run; 1000 where none is given, and fewer where nothing moves any more.
  ///   - rates: The learning rates to try where the rate is the cause, in any order; the rate of the run divided by 3, 9, 27, ... where
  ///     none are given. The largest that learns half of what there is to learn is the one in the finding; where none does,
  ///     the one that learns most.
  /// - Returns: The finding unchanged where no run can show the remedy, such as unshuffling labels.
  /// - Throws: ``Problem`` where the batch is larger than the data.
  public func explained(
    _ finding: Finding, steps: Int? = nil, rates: [Double]? = nil, workers: Workers = .single
  ) throws(Problem) -> Finding {
    var finding = finding
    finding.counterfactual = try counterfactual(finding, steps, rates, workers)
    return finding
  }

  private func counterfactual(
    _ finding: Finding, _ steps: Int?, _ rates: [Double]?, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    let trial = trial(steps: steps)
    switch finding.cause {
    case .updateKilledUnits, .learningRateTooLarge:
      let rate = settings.learningRate
      return try trial.ladder(
        rates ?? Array(LearningRates.ladder(from: rate, count: 9).dropFirst()), workers)
    case .learningRateTooSmall:
      let rate = settings.learningRate
      return try trial.ladder(
        rates ?? Array(LearningRates.ladder(from: rate, count: 9, factor: 3).dropFirst()), workers)
    case .initialScaleTooSmall, .initialScaleTooLarge, .bornDead, .saturation:
      // With He's weights the gradients have another size, and the rate that suited tiny ones need not suit them.
      var he = trial
      he.initial = heParameters
      let rate = settings.learningRate
      let first = try he.outcome("same network, He's weights", workers)
      if first.learned { return first }
      return try he.ladder(
        rates ?? Array(LearningRates.ladder(from: rate, count: 5).dropFirst()), workers,
        "same network, He's weights, ")
    case .branchesUnscaled, .depthCollapse:
      guard let residual = (network as? Network)?.description.residualVariant,
        let built = try? residual.network()
      else { return nil }
      var other = trial
      other.network = built
      other.initial = nil
      return try other.outcome("residual blocks times 1/√\(residual.residualBlockCount)", workers)
    default: return nil
    }
  }

  /// The steps with one and the same loss after which nothing is waited for.
  private static var deadAfter: Int { 100 }
  /// The share of the base rate's loss below which a run counts as one that learns: noise does not go there, and a
  /// thousand steps at a rate that suits do.
  private static var learnedShare: Double { 0.9 }

  /// The run without what costs time.
  private func trial(steps: Int?) -> TrainingRun {
    var trial = self
    trial.settings.length = .steps(steps ?? 1000)
    trial.settings.earlyStopping = nil
    (trial.dev, trial.test) = (nil, nil)
    trial.evaluationInterval = 0
    return trial
  }

  /// The largest of the rates that learns half of what there is to learn; where none does, the one that learns most, or
  /// the smallest one's failure.
  private func ladder(
    _ rates: [Double], _ workers: Workers, _ prefix: String = "same run, "
  ) throws(Problem) -> Counterfactual? {
    let base = BaseRate(train.targets, loss: settings.loss).loss
    var best: Counterfactual?
    for rate in rates.sorted(by: >) {
      var run = self
      run.settings.learningRate = rate
      let outcome = try run.outcome(
        prefix + "learning rate " + String(format: "%.3g", rate), workers)
      if outcome.learned, outcome.loss < 0.5 * base { return outcome }
      if let known = best, known.learned, !outcome.learned || known.loss <= outcome.loss {
        continue
      }
      best = outcome
    }
    return best
  }

  private func outcome(_ change: String, _ workers: Workers) throws(Problem) -> Counterfactual {
    // A network that has died gives the same loss for ever: that need not be waited for.
    var (last, repeats) = (Double.nan, 0)
    let result = try result(workers: workers) { event in
      guard case .step(_, let loss) = event else { return false }
      repeats = loss == last ? repeats + 1 : 0
      last = loss
      return repeats == Self.deadAfter
    }
    let base = BaseRate(train.targets, loss: settings.loss).loss
    return Counterfactual(
      change: change, loss: result.train.loss, error: result.train.error,
      steps: result.losses.count,
      learned: result.ending == .finished && result.train.loss < Self.learnedShare * base,
      learningRate: settings.learningRate)
  }

  /// He's weights for every matrix, under the keys of the run's own; everything else as it starts.
  private var heParameters: Parameters<Scalar> {
    var parameters: Parameters<Scalar> = settings.initialParameters(of: network)
    for entry in parameters.layout.entries where entry.shape.rank >= 2 {
      let key = settings.key["parameters"][entry.name]
      parameters[entry.name] = Tensor(
        entry.shape, nearestTo: Initializer.he().values(shape: entry.shape, key: key))
    }
    return parameters
  }
}

extension NetworkDescription {
  /// The same widths in residual blocks whose branches are multiplied by 1/√blocks; `nil` where the network has other
  /// layers than dense ones, activations and such blocks, or no two hidden layers of equal width.
  package var residualVariant: NetworkDescription? {
    guard input.rank == 1, let (widths, activation) = denseWidths(of: layers) else { return nil }
    var options = DenseNetworkOptions()
    options.isResidual = true
    options.activation = activation ?? .relu
    options.output = output
    return try? NetworkDescription(widths: [input[0]] + widths, options: options)
  }

  private func denseWidths(
    of layers: [LayerDescription]
  ) -> (widths: [Int], activation: Activation?)? {
    var widths: [Int] = []
    var activation: Activation?
    for layer in layers {
      switch layer.form {
      case let dense as DenseForm: widths.append(dense.outputs)
      case let function as Activation: activation = activation ?? function
      case let block as ResidualForm where block.projection.isEmpty:
        guard let inside = denseWidths(of: block.branch) else { return nil }
        widths += inside.widths
        activation = activation ?? inside.activation
      default: return nil
      }
    }
    return (widths, activation)
  }
}
