import Training

/// How well a run did by its end, before anything is said about why.
enum Standing: Sendable, Hashable {
  /// A loss was infinite or NaN.
  case nonFinite
  /// Worse than at the start, or than an answer that ignores the input, after having been better.
  case diverged
  /// The same answer for every example, or one no better than that.
  case baseRate
  /// Moves, but has not come halfway.
  case stalled
  /// Has learned more than half of what there is to learn.
  case learned
}

extension Evidence {
  /// Whether the run has learned more than half of what there is to learn.
  package var hasLearned: Bool { standing == .learned }

  var standing: Standing {
    let standing = standingAgainstBaseRate
    // If nothing else does better, the network has learned it, whatever is left of the base rate's loss.
    return standing == .stalled && hasAttained ? .learned : standing
  }

  private var standingAgainstBaseRate: Standing {
    if outcome.failure != nil || !train.loss.isFinite { return .nonFinite }
    if progress > 0.5 { return .learned }
    let (own, base) = (above(train.loss), above(baseRate.loss))
    if answersAlike && (own < 1.05 * base || DeadLayer(self) != nil) { return .baseRate }
    if own > 1.02 * base && hasRisen { return .diverged }
    return learnedNothing && !isSlow ? .baseRate : .stalled
  }

  /// Whether the loss is above where it began, or twice what it had been for a quarter of the run. Both compare like with
  /// like: the same examples, or a median with a median.
  private var hasRisen: Bool {
    guard let start, let end else { return false }
    let quarters = losses.quarterMedians.map(above)
    let best = quarters.min() ?? .infinity
    return above(end.loss) > 1.05 * above(start.loss)
      || quarters.last.map { $0 > 2 * best } ?? false
  }

  /// Whether the answers to different inputs are the same, up to a thousandth of what they would have to span.
  var answersAlike: Bool { inferenceSpread < 1e-3 * targetSpread }

  /// The standard deviation of the targets, one number for all outputs, from what is stored: of probabilities
  /// √(p (1 - p)) at the base rate's p, of real values the root of their variance.
  private var targetSpread: Double {
    guard let error = baseRate.error else { return max(above(baseRate.loss), 0).squareRoot() }
    return max(error * (1 - error), 1e-12).squareRoot()
  }

  /// Whether the fit is not better than what chance gives this many parameters.
  ///
  /// By Wilks' theorem 2 m (H - loss) of a fit of k values to m examples of pure noise follows χ² with k degrees, so
  /// the gain is about k / 2m, for k below m.
  var learnedNothing: Bool {
    let chance = Double(min(parameterCount, exampleCount)) / (2 * Double(exampleCount))
    return baseRate.loss - train.loss < max(1e-3, min(0.05 * above(baseRate.loss), chance))
  }

  /// By what share the loss would fall if the whole run went on with the gradient of the start: rate · steps · |∇|² /
  /// loss over the weights, for gradient descent; `nil` for optimizers that scale the gradient. Biases are left out: the
  /// output's always gets to the base rate.
  var firstOrderReach: Double? {
    guard let start, above(start.loss) > 0 else { return nil }
    let rule = try? settings.optimizer.rule(settings.optimizerOptions)
    guard let factor = rule?.longRunFactor else { return nil }
    let square = zip(start.parameters, gradients).reduce(0.0) { sum, item in
      guard item.1.shape.count >= 2 else { return sum }
      let count = Double(item.1.shape.reduce(1, *))
      return sum + item.0.gradientRootMeanSquare * item.0.gradientRootMeanSquare * count
    }
    return factor * settings.learningRate * Double(stepCount) * square / above(start.loss)
  }

  /// Whether the steps were too small or too few to get anywhere: the weights did not move, or the loss falls all the way and
  /// has not fallen by a tenth of what it was above zero. A fall that levels off has converged, and steps that could have
  /// replaced some weights ten times over, and all of them once, were not too small.
  var isSlow: Bool {
    guard let start, let end, losses.quarterMedians.count == 4 else { return false }
    let drops = zip(losses.quarterMedians, losses.quarterMedians.dropFirst()).map { $0 - $1 }
    let falls = drops.allSatisfy { $0 > 0 } && drops[2] > 0.25 * drops[0]
    let ways = zip(start.parameters, gradients).compactMap { parameter, record in
      parameter.updateRatio.map { (way: $0 * Double(stepCount), isWeight: record.shape.count >= 2) }
    }
    let longest = ways.map(\.way).max() ?? 0
    let shortest = ways.filter(\.isWeight).map(\.way).min() ?? 0
    return longest <= 0.1
      || falls && above(end.loss) > 0.9 * above(start.loss) && (longest < 10 || shortest < 1)
  }

  /// Whether the loss still falls at the end, by a tenth from one quarter of the run to the next.
  var isFalling: Bool {
    let quarters = losses.quarterMedians
    return quarters.count == 4 && above(quarters[3]) < 0.9 * above(quarters[2])
  }

  /// Whether the network has not learned what can be learned, as far as that is known: it has not come halfway, or neighbors do
  /// better on examples that they have not seen, or a stated base error is far below.
  var underfits: Bool {
    guard standing == .learned || standing == .stalled else { return true }
    if let base = outcome.baseError, let error = train.error { return error - base > 0.03 }
    return leavesError && fallsShort
  }
}
