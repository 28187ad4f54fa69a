import Findings
import Plumbline

enum GradientOfAnotherLoss: KnownCause {
  static let id = CauseID.gradientOfAnotherLoss
  static let meaning = "the gradient of a loss other than the cost"

  static func outputGradients(_ step: OutputStep) -> [Hypothesis] {
    halfWritten(step) + ofHardLabels(step)
      + ProgramLoss.Kind.plain.filter {
        $0 != step.loss.kind && $0.isPossible(step.targets) && $0.takes(step.function)
      }.flatMap { other -> [Hypothesis] in
        // The square is written with its half as well.
        let factors = other == .squaredError && step.function == .linear ? [1, 0.5] : [1]
        let (own, value) = (step.gradient(of: step.loss.kind), step.gradient(of: other))
        // What is a multiple of the right gradient, as Huber's for small differences, is not another loss but a factor.
        let comparison = step.context.comparison
        if value.isFinite,
          comparison.ratio(of: value, to: own).map({
            comparison.isSame($0, 1) || comparison.hasMeaning($0)
          }) ?? false
        {
          return []
        }
        return factors.map { factor in
          var hypothesis = step.hypothesis(
            value * factor, id,
            "\(step.quantity) is the gradient of the \(other.rawValue), but the cost is the \(step.loss.kind.rawValue)."
          )
          hypothesis.handicap = 0.15
          return hypothesis
        }
      }
  }

  /// The loss's own gradient by the classes themselves, where its targets are smoothed.
  private static func ofHardLabels(_ step: OutputStep) -> [Hypothesis] {
    let targets = step.targets
    guard targets.shape.rank == 2, targets.shape[1] > 1,
      targets.scalars.contains(where: { $0 != 0 && $0 != 1 })
    else { return [] }
    let hard = compare(targets, .equal, targets.max(alongAxes: [1], keepingAxes: true))
    guard hard.sum(alongAxes: [1]).scalars.allSatisfy({ $0 == 1 }),
      step.loss.kind.isPossible(hard)
    else { return [] }
    return [
      step.hypothesis(
        step.loss.gradient(step.output, step.function, targets: hard), id,
        "\(step.quantity) is computed with the classes themselves, 1 and 0, but the cost has smoothed targets."
      )
    ]
  }

  /// The loss's own gradient with a part left out.
  private static func halfWritten(_ step: OutputStep) -> [Hypothesis] {
    step.loss.kind.terms.halfWritten(
      step.output, step.function, of: step.context.argument[step.context.last - 1],
      targets: step.targets
    ).map { value, words in
      step.hypothesis(
        value * step.loss.scale, id,
        "\(step.quantity) is \(words): that is not the gradient of the \(step.loss.kind.rawValue).")
    }
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    let loss = step.context.network.loss
    guard step.isLast, step.upstream.mistakes.isEmpty else { return [] }
    guard !loss.kind.takesShares, step.function != .linear else { return ofOtherTargets(step) }
    let written = loss.kind.terms.halfWritten(
      step.output, step.function, of: step.argument, targets: step.context.targets
    ).map { value, words in
      step.hypothesis(
        value * loss.scale, id,
        "\(step.quantity) is \(words): that is not the gradient of the \(loss.kind.rawValue).",
        handicap: -0.02)
    }
    let difference = (step.output - step.context.targets) * loss.scale
    return written + ofOtherTargets(step) + [
      step.hypothesis(
        difference, id,
        "\(step.quantity) is A - Y, the gradient of a cross-entropy, but the cost is the "
          + "\(loss.kind.rawValue): dZ = dA * \(step.function.formula).",
        handicap: 0.05)
    ]
  }
}

extension GradientOfAnotherLoss {
  /// The loss's own gradient by something else than the targets of each example.
  private static func ofOtherTargets(_ step: FunctionStep) -> [Hypothesis] {
    let (loss, targets) = (step.context.network.loss, step.context.targets)
    let (examples, outputs) = (targets.shape[0], targets.shape[1])
    func gradient(_ targets: Tensor<Double>) -> Tensor<Double>? {
      guard loss.kind.isPossible(targets) else { return nil }
      let gradient = loss.gradient(step.output, step.function, targets: targets)
      guard gradient.isFinite else { return nil }
      let upstream = FunctionStep(
        context: step.context, layer: step.layer, upstream: Hypothesis(value: gradient),
        mask: step.mask)
      return upstream.right()
    }
    var all: [(Tensor<Double>?, String)] = [
      (
        (loss.kind.terms.comparesNumbers ? gradient(-targets) : nil)
          ?? (step.output + targets) * loss.scale,
        "is A + Y: the error is the difference, A - Y"
      )
    ]
    if outputs > 1, targets.scalars.allSatisfy({ $0 == 0 || $0 == 1 }) {
      let predicted = compare(
        step.output, .equal, step.output.max(alongAxes: [1], keepingAxes: true))
      let own = step.output - predicted
      all.append(
        (
          own * loss.scale,
          "compares the outputs with the predicted classes, where the labels belong"
        ))
      all.append(
        (
          (predicted - targets) * loss.scale,
          "compares the predicted classes, 1 and 0, with the labels, where the outputs belong"
        )
      )
    }
    func rolled(examples shift: Int, outputs turn: Int) -> Tensor<Double> {
      Tensor(
        targets.shape,
        (0..<examples).flatMap { example in
          (0..<outputs).map { output in
            let (row, column) = (example + shift + examples, output + turn + outputs)
            return targets.scalars[(row % examples) * outputs + column % outputs]
          }
        })
    }
    for shift in [1, -1] {
      if outputs > 2 {
        all.append(
          (
            gradient(rolled(examples: 0, outputs: shift)),
            "counts the classes one too \(shift == 1 ? "low" : "high")"
          ))
      }
      if examples > 2 {
        all.append(
          (
            gradient(rolled(examples: shift, outputs: 0)),
            "compares each output with the label of the example \(shift == 1 ? "after" : "before") it"
          ))
      }
    }
    return all.compactMap { value, words in
      value.map { step.hypothesis($0, id, "\(step.quantity) \(words).", handicap: 0.1) }
    }
  }
}

extension CauseID {
  /// The gradient of a loss other than the cost.
  public static let gradientOfAnotherLoss: Self = "gradient-of-another-loss"
}
