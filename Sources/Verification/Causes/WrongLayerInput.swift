import Findings
import Plumbline

/// W or A of another layer.
enum WrongLayerInput: KnownCause {
  static let id = CauseID.wrongLayerInput
  static let meaning = "W or A of another layer"

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
  public static let wrongLayerInput: Self = "wrong-layer-input"
}
