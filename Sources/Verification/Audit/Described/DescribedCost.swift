import Findings
import Networks
import Plumbline

/// The cost of a network that is described, as somebody's program computes it: what the layers output, a function of that, and a loss
/// with its scale.
struct DescribedCost: Sendable {
  let network: Network
  /// The function of what the layers output.
  var output: Nonlinearity
  var loss: ProgramLoss
  /// The examples, first axis.
  let inputs: Tensor<Double>
  /// `[rows, outputs]`: a row for each example, or for each of its steps.
  let targets: Tensor<Double>
  /// The gradient of what the layers output, where it is another than the cost's, as a mistake.
  var outputGradient: Tensor<Double>?
  /// Whether the cost's gradient skips the derivative of the output's function, as a mistake.
  var skipsOutputDerivative = false

  /// The rows and columns in which a network's outputs are compared.
  static func rows(of network: Network, examples: Int) -> (rows: Int, outputs: Int) {
    let shape = network.outputShape
    return shape.rank == 2
      ? (examples * shape[0], shape[1]) : (examples, shape.elementCount)
  }

  private func pass<T>(_ parameters: [T], isRecording: Bool) -> Pass<T> {
    Pass(
      layout: ParameterLayout(of: network), values: parameters, mode: .training,
      recordingActivations: isRecording)
  }

  /// What is compared with the targets.
  func cost<T: TensorProtocol>(of result: T) -> T {
    let z = result.reshaped(to: targets.shape)
    if let outputGradient {
      return (z * z.constant(Tensor(converting: outputGradient))).sum()
    }
    let constant = z.constant(Tensor(converting: targets))
    guard skipsOutputDerivative else {
      return loss(output(z), output, of: z, targets: constant)
    }
    let a = z + (output(z) - z).detached()
    return loss(a, .linear, of: a, targets: constant)
  }

  /// The cost at these parameters.
  func value(_ parameters: [Tensor<Double>]) -> Double {
    let result = network(inputs, pass(parameters, isRecording: false))
    return cost(of: result).scalar
  }

  /// What the network outputs, in rows.
  func outputs(_ parameters: [Tensor<Double>]) -> Tensor<Double> {
    network(inputs, pass(parameters, isRecording: false)).reshaped(to: targets.shape)
  }

  /// The gradient of what the layers output, in rows.
  func gradient(ofOutputs z: Tensor<Double>) -> Tensor<Double> {
    let tape = Tape<Double>()
    let variable = tape.variable(z)
    let gradients = tape.gradients(of: cost(of: variable))
    return gradients.reaches(variable) ? gradients[variable] : .zeros(z.shape)
  }

  /// The gradient of the examples; `nil` where they are class numbers, which have none.
  func gradientOfInputs(_ parameters: [Tensor<Double>]) -> Tensor<Double>? {
    let tape = Tape<Double>()
    let x = tape.variable(inputs)
    let variables = parameters.map { tape.variable($0) }
    let gradients = tape.gradients(of: cost(of: network(x, pass(variables, isRecording: false))))
    return gradients.reaches(x) ? gradients[x] : nil
  }

  /// The gradients of all parameters.
  func gradients(_ parameters: [Tensor<Double>]) -> [Tensor<Double>] {
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let cost = cost(
      of: network(tape.constant(inputs), pass(variables, isRecording: false)))
    let gradients = tape.gradients(of: cost)
    return variables.map { gradients.reaches($0) ? gradients[$0] : .zeros($0.shape) }
  }
}
