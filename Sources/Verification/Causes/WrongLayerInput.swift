import Findings
import Plumbline

enum WrongLayerInput: KnownCause {
  static let id = CauseID.wrongLayerInput
  static let meaning = "W or A of a different layer"

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    otherWeights(step) + gradientAsWeight(step) + activationAsError(step)
  }

  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] {
    derivativeOfAnotherLayer(step) + argumentAsOutput(step)
  }

  /// The derivative at the values of another layer of the same width.
  private static func derivativeOfAnotherLayer(_ step: FunctionStep) -> [Hypothesis] {
    let (own, context) = (step.layer, step.context)
    guard let family = step.function.family, step.function != .linear else { return [] }
    // One column of values is stretched over all units without a word.
    return (0...context.last).filter {
      $0 != own && [step.argument.shape[1], 1].contains(context.network.width($0))
    }.flatMap { other -> [Hypothesis] in
      let (z, a) =
        other == 0
        ? (context.inputs, context.inputs) : (context.argument[other - 1], context.a[other - 1])
      return WrittenDerivative.all(of: family, as: step.function, z, a).filter { !$0.isElsewhere }
        .map { written in
          step.hypothesis(
            step.incoming * written.value, id,
            "\(step.quantity) takes the derivative of \(step.function.title) at \(other == 0 ? "X" : "the values of layer \(other)"): those of layer "
              + "\(own) belong there.", handicap: 0.1)
        }
    }
  }

  /// Z - Y in the last layer, where the outputs are A.
  private static func argumentAsOutput(_ step: FunctionStep) -> [Hypothesis] {
    let (context, layer) = (step.context, step.layer)
    guard step.isLast, step.upstream.mistakes.isEmpty, step.function != .linear else { return [] }
    let loss = context.network.loss
    guard loss.kind.takesShares || loss.kind.terms.comparesNumbers else { return [] }
    let difference = (context.z[layer - 1] - context.targets) * loss.scale
    return [
      step.hypothesis(
        difference, id,
        "\(step.quantity) is computed with Z\(layer) where the output A\(layer) belongs: it is Z\(layer) - Y.",
        handicap: 0.1)
    ]
  }

  /// The weight's gradient in its place.
  private static func gradientAsWeight(_ step: WeightsStep) -> [Hypothesis] {
    let own = step.layer + 1
    guard let gradient = step.context.given[Quantity(.weightGradient, own)],
      gradient.shape == step.weight.shape, gradient.isFinite
    else { return [] }
    return [
      step.hypothesis(
        step.whole(matmul(step.next, gradient, transposingSecond: true)), id,
        "\(step.quantity) multiplies by dW\(own) where W\(own) belongs.")
    ]
  }

  /// What the next layer outputs, carried back in place of its error.
  private static func activationAsError(_ step: WeightsStep) -> [Hypothesis] {
    let (own, context) = (step.layer + 1, step.context)
    // Errors are saved as Y - A as well, so that the sign says nothing.
    let values = [("A", context.a[own - 1]), ("Z", context.z[own - 1])]
    return values.flatMap { [$0, ($0.0, -$0.1)] }.flatMap { name, value in
      // Programs that divide by the number of examples only in the gradients of the parameters divide this there as well.
      [1, 1 / context.examples].map { share in
        step.hypothesis(
          step.whole(matmul(value * share, step.weight, transposingSecond: true)), id,
          "\(step.quantity) is computed from \(name)\(own) where dZ\(own) belongs: the error is carried back, not the value."
        )
      }
    }
  }

  private static func otherWeights(_ step: WeightsStep) -> [Hypothesis] {
    let (own, context) = (step.layer + 1, step.context)
    return (1...context.last).filter {
      $0 != own && context.weight($0).shape == step.weight.shape
    }.map { other in
      step.hypothesis(
        step.whole(matmul(step.next, context.weight(other), transposingSecond: true)), id,
        "\(step.quantity) multiplies by W\(other) where W\(own) belongs.")
    }
  }

  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] {
    inputs(step).map { name, input in
      step.hypothesis(
        .weightGradient, matmul(input, step.dz, transposingFirst: true), id,
        "dW\(step.layer) is computed with \(name) where \(step.layer == 1 ? "X" : "A\(step.layer - 1)") belongs, what entered the "
          + "layer.")
    }
  }

  /// Everything that may have been used as the layer's input.
  private static func inputs(_ step: ParameterStep) -> [(String, Tensor<Double>)] {
    let (layer, context) = (step.layer, step.context)
    let width = step.network.width(layer - 1)
    var all: [(String, Tensor<Double>)] = []
    if layer > 1 { all.append(("Z\(layer - 1)", context.z[layer - 2])) }
    // The examples before or after they were normalized, and the like.
    all += context.spare.sorted { $0.key < $1.key }.filter {
      $0.value.shape == step.input.shape && $0.value != step.input
    }.map { ($0.key, $0.value) }
    // Of one example and one unit a weight has the shape of what enters it.
    if context.inputs.shape[0] == 1, context.weight(layer).shape[1] == 1 {
      all.append(("W\(layer)", context.weight(layer).transposed()))
    }
    for other in 0...context.last where other != layer - 1 && step.network.width(other) == width {
      all.append(other == 0 ? ("X", context.inputs) : ("A\(other)", context.a[other - 1]))
      if other > 0 { all.append(("Z\(other)", context.z[other - 1])) }
    }
    return all
  }
}

extension CauseID {
  /// W or A of a different layer.
  public static let wrongLayerInput: Self = "wrong-layer-input"
}
