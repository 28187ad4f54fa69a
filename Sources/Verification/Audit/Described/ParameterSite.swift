import Findings
import Networks
import Plumbline

/// A parameter of a described layer with what enters the layer and the right gradient of what it outputs: all that its own gradient is
/// made of.
struct ParameterSite {
  let form: any LayerForm
  let input: Tensor<Double>, output: Tensor<Double>
  /// The gradient of the output.
  let gradient: Tensor<Double>
  let parameter: Tensor<Double>
  /// Its own gradient as it should be.
  let right: Tensor<Double>
  let loss: ProgramLoss
  let comparison: Comparison

  /// The mistake that gives a gradient of the parameter; `nil` if none that is known does.
  func cause(of own: Tensor<Double>, at quantity: Quantity) -> Cause? {
    parameterRules.lazy.compactMap { $0.cause(of: own, at: quantity, self) }.first
  }

  /// The mistakes in the gradient of a weight `[in, out]`, or of a bias, of rows that are multiplied by it.
  func product(
    of input: Tensor<Double>, _ gradient: Tensor<Double>, _ own: Tensor<Double>,
    _ quantity: Quantity
  ) -> Cause? {
    let (inputs, units) = (input.shape[1], gradient.shape[1])
    let isWeight = parameter.shape.rank > 1
    let layer = ProgramNetwork.Layer(inputs: inputs, outputs: units, function: .linear)
    let weight = isWeight ? parameter.reshaped(to: [inputs, units]) : .zeros([inputs, units])
    let bias = isWeight ? Tensor<Double>.zeros([units]) : parameter
    let context = BackwardContext(
      network: ProgramNetwork(layers: [layer], loss: loss),
      parameters: ProgramParameters(weights: [weight], biases: [bias]), inputs: input,
      targets: .zeros(gradient.shape), masks: [:], given: [:], z: [gradient], argument: [gradient],
      a: [gradient], lastPreactivationGradient: gradient, comparison: comparison)
    let step = ParameterStep(context: context, layer: 1, dz: gradient, upstream: nil)
    let mistakes =
      isWeight
      ? WeightExplanation(step: step).mistakes(
        in: own.reshaped(to: [inputs, units]), isTransposed: false)
      : BiasExplanation(step: step).mistakes(in: own.reshaped(to: [units]))
    guard var cause = mistakes?.compactMap(\.cause).first else { return nil }
    for (theirs, ours) in [
      ("dW1", isWeight ? "\(quantity)" : "dW"), ("db1", isWeight ? "db" : "\(quantity)"),
      ("dZ1", "dZ"),
    ] {
      cause.explanation = cause.explanation.replacing(theirs, with: ours)
    }
    return cause
  }
}
