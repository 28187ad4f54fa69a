import Plumbline
import Training

// What the settings of a run say, in the terms of the rules.
extension Evidence {
  /// Whether a step is as long as the gradient, times the rate: adaptive optimizers divide its size out.
  var optimizerKeepsScale: Bool { settings.optimizer.rule.longRunFactor != nil }

  /// The share of the last direction that a step keeps, and the name of its setting; `nil` if it was not set: the defaults of
  /// optimizers are customary.
  var momentum: (name: String, value: Double)? {
    ["momentum", "beta1"].lazy.compactMap { name in
      settings.optimizerOptions[name].map { (name, $0) }
    }.first
  }

  /// The updates that were asked for.
  var plannedSteps: Int {
    let batch = max(1, min(settings.batchSize ?? exampleCount, exampleCount))
    return settings.steps(batchesPerEpoch: (exampleCount + batch - 1) / batch)
  }

  /// The norms of the whole gradient at the looks.
  var gradientNorms: [Double] {
    probes.map { probe in
      zip(probe.parameters, gradients).reduce(0.0) { sum, item in
        let count = Double(item.1.shape.reduce(1, *))
        return sum + item.0.gradientRootMeanSquare * item.0.gradientRootMeanSquare * count
      }.squareRoot()
    }.filter(\.isFinite)
  }
}

extension LossFunction {
  /// Whether the targets are classes, or yes or no, rather than amounts.
  var areClasses: Bool { targets == .classes || targets == .shares }
}
