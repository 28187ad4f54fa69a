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
  private func cost<T: TensorProtocol>(of result: T) -> T {
    let z = result.reshaped(to: targets.shape)
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

  /// The gradients of all parameters.
  func gradients(_ parameters: [Tensor<Double>]) -> [Tensor<Double>] {
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let cost = cost(
      of: network(tape.constant(inputs), pass(variables, isRecording: false)))
    let gradients = tape.gradients(of: cost)
    return variables.map { gradients.reaches($0) ? gradients[$0] : .zeros($0.shape) }
  }

  /// What each layer of the description outputs, and the gradient there; `nil` for layers inside others.
  func between(
    _ parameters: [Tensor<Double>]
  ) throws(Problem) -> [(value: Tensor<Double>, gradient: Tensor<Double>)] {
    // Functions have no name by which a pass would keep what they put out.
    var observed = network.description
    for index in observed.layers.indices where observed.layers[index].form is Activation {
      observed.layers[index].form = ObservedForm(of: observed.layers[index])
    }
    let network = try observed.network()
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let pass = Pass(
      layout: ParameterLayout(of: network), values: variables, mode: .training,
      recordingActivations: true)
    let cost = cost(of: network(tape.constant(inputs), pass))
    let outputs = observed.layers.indices.map { pass.activations["\($0)"] }
    let values = outputs.map { $0?.value }
    let gradients = tape.gradients(of: cost, keeping: outputs.compactMap { $0 })
    return zip(outputs, values).map { output, value in
      guard let output, let value else { return (Tensor(0.0), Tensor(0.0)) }
      return (value, gradients.reaches(output) ? gradients[output] : .zeros(value.shape))
    }
  }
}

/// A function of the library with a name in the pass, so that what it outputs is kept.
struct ObservedForm: LayerForm {
  private var function = LayerDescription(Activation.linear)
  let title = "observed"

  init() {}
  init(of function: LayerDescription) { self.function = function }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    guard let activation = function.form as? Activation else {
      return try function.form.build(&builder)
    }
    return builder.layer(Observed(activation: activation))
  }

  private struct Observed: Layer {
    let activation: Activation
    private let name = LayerName()

    init(activation: Activation) { self.activation = activation }

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      pass.named(name) { activation(input) }
    }
  }
}
