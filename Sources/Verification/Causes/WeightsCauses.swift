import Findings
import Plumbline

/// The gradient that arrives by a skip, forgotten.
enum SkipGradientDropped: KnownCause {
  static let id = CauseID.skipGradientDropped

  static func start(_ step: WeightsStep) -> String {
    "A residual block adds its input to its branch, so \(step.quantity) is the branch's gradient plus that of the block's output"
  }

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard step.skip != nil else { return [] }
    return [step.hypothesis(step.branch, id, "\(start(step)): the second term is missing.")]
  }
}

/// The gradient that arrives by a skip, added twice.
enum SkipGradientCountedTwice: KnownCause {
  static let id = CauseID.skipGradientCountedTwice

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    guard let skip = step.skip else { return [] }
    return [
      step.hypothesis(
        step.branch + 2 * skip, id,
        "\(SkipGradientDropped.start(step)), once: here it is added twice.")
    ]
  }
}

/// W in place of its transpose.
enum WeightsNotTransposed: KnownCause {
  static let id = CauseID.weightsNotTransposed

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let weight = step.weight
    guard weight.shape[0] == weight.shape[1], weight.shape[0] > 1 else { return [] }
    return [
      step.hypothesis(
        step.whole(matmul(step.next, weight)), id,
        "\(step.quantity) multiplies with W\(step.layer + 1) as in the forward pass; backward it takes the transpose."
      )
    ]
  }
}

/// The next layer's error handed down as it is.
enum ErrorNotCarriedThroughWeights: KnownCause {
  static let id = CauseID.errorNotCarriedThroughWeights

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let units = step.weight.shape[0]
    let errors = [("dZ", step.next)] + (step.nextUpstream.map { [("dA", $0)] } ?? [])
    return errors.compactMap { name, error in
      let shape: Shape = [error.shape[0], units]
      guard error.shape[1] == 1 || error.shape[1] == units else { return nil }
      let value = error.shape == shape ? error : error * .ones(shape)
      return step.hypothesis(
        step.whole(value), id,
        "\(step.quantity) is \(name)\(step.layer + 1) as it is: it has to be carried through the weights, dA\(step.layer) = dZ"
          + "\(step.layer + 1) · W\(step.layer + 1)ᵀ.")
    }
  }
}

/// W or A of another layer.
enum WrongLayerInput: KnownCause {
  static let id = CauseID.wrongLayerInput

  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] {
    let (own, context) = (step.layer + 1, step.context)
    return (1...context.last).filter {
      $0 != own && context.weight($0).shape == step.weight.shape
    }.map { other in
      step.hypothesis(
        step.whole(matmul(step.next, context.weight(other), transposingSecond: true)), id,
        "\(step.quantity) multiplies with W\(other) where W\(own) belongs.")
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

  /// Everything that may have been taken for the layer's input.
  private static func inputs(_ step: ParameterStep) -> [(String, Tensor<Double>)] {
    let (layer, context) = (step.layer, step.context)
    let width = step.network.width(layer - 1)
    var all: [(String, Tensor<Double>)] = []
    if layer > 1 { all.append(("Z\(layer - 1)", context.z[layer - 2])) }
    for other in 0...context.last where other != layer - 1 && step.network.width(other) == width {
      all.append(other == 0 ? ("X", context.inputs) : ("A\(other)", context.a[other - 1]))
      if other > 0 { all.append(("Z\(other)", context.z[other - 1])) }
    }
    return all
  }
}

extension CauseID {
  public static let skipGradientDropped: Self = "skip-gradient-dropped"
  public static let skipGradientCountedTwice: Self = "skip-gradient-counted-twice"
  public static let weightsNotTransposed: Self = "weights-not-transposed"
  public static let errorNotCarriedThroughWeights: Self = "error-not-carried-through-weights"
  public static let wrongLayerInput: Self = "wrong-layer-input"
}
