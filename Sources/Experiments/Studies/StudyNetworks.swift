import Plumbline

// The nets whose laws the studies check: plain layers, residual blocks, and what a single output of them depends on.

/// The branch V relu(W h) of the residual blocks whose laws the studies check: Var W = 2/n and Var V = 1/n, without biases, so that
/// it has the energy of its input in expectation, at any width. V times `gain` multiplies that by its square.
public func residualBranch(
  width: Int, _ activation: Activation = .relu, gain: Double = 1
) -> Sequential {
  Sequential(
    Dense(width, width, bias: nil), activation,
    Dense(
      width, width, initializer: .varianceScaling(gain: gain, .normal, fan: .input), bias: nil))
}

/// Blocks h + η V relu(W h), their branches those of ``residualBranch(width:_:gain:)``: without a scale each doubles the signal's energy, and with
/// η = 1/√L all L together multiply it by less than e.
public func residualBlocks(
  _ count: Int, width: Int, _ activation: Activation = .relu, gain: Double = 1, scale: Double
) -> [any Layer] {
  (0..<count).map { _ in
    Residual(residualBranch(width: width, activation, gain: gain), scale: scale)
  }
}

/// Plain layers f(W h + b) from each of these widths to the next, each a dense layer and its activation.
///
/// - Parameters:
///   - widths: The number of inputs and then the widths of the layers: one more than there are layers.
///   - activation: f.
///   - initializer: Draws W.
///   - bias: Draws b; `nil` for none.
public func plainLayers(
  _ widths: [Int], _ activation: Activation = .relu, initializer: Initializer = .he(),
  bias: Initializer? = nil
) -> [any Layer] {
  zip(widths, widths.dropFirst()).flatMap { inputs, outputs -> [any Layer] in
    [Dense(inputs, outputs, initializer: initializer, bias: bias), activation]
  }
}

/// Plain layers f(W h + b) of one width; see ``plainLayers(_:_:initializer:bias:)``.
public func plainLayers(
  _ count: Int, width: Int, _ activation: Activation = .relu, initializer: Initializer = .he(),
  bias: Initializer? = nil
) -> [any Layer] {
  plainLayers(
    Array(repeating: width, count: count + 1), activation, initializer: initializer, bias: bias)
}

/// A net at fixed parameters, for tensors of any kind: plain, recorded or of dual numbers.
public struct FixedNetwork<Network: Layer>: TensorFunction {
  /// The net.
  public let network: Network
  /// Its parameters.
  public let parameters: Parameters<Float>

  /// A net with its parameters.
  public init(_ network: Network, at parameters: Parameters<Float>) {
    (self.network, self.parameters) = (network, parameters)
  }

  /// The net's output.
  public func callAsFunction<T: TensorProtocol>(_ input: T) -> T {
    network(input, Parameters<T.Scalar>(converting: parameters).pass(like: input))
  }
}

/// What a random signal and random gradients come to on their way through a net.
public struct PassedEnergies: Sendable {
  /// The mean square of the net's outputs, for one random input of mean square 1.
  public let signal: Double
  /// The mean square of the gradient at the input, for random gradients of mean square 1 at the output.
  public let gradient: Double

  /// The energies of one draw.
  ///
  /// - Parameters:
  ///   - parameters: The net's parameters.
  ///   - width: The number of inputs, and of outputs.
  ///   - rows: The number of directions of the gradient, over which its energy is a mean.
  ///   - inputEnergy: The mean square of the input, if it is not 1.
  ///   - key: Its parts `input` and `gradient` give input and gradients.
  ///   - network: What the net makes of its input, `[rows, width]`.
  public init(
    at parameters: Parameters<Float>, width: Int, rows: Int = 1, inputEnergy: Double = 1,
    _ key: Key,
    network: (Variable<Float>, Pass<Variable<Float>>) -> Variable<Float>
  ) {
    let direction: Tensor<Float> = randomDirection(width, key["input"])
    let input = inputEnergy == 1 ? direction : direction * inputEnergy.squareRoot()
    let (output, pullback) = vjp(at: input.broadcast(to: [rows, width])) { x in
      network(x, parameters.pass(on: x.tape))
    }
    let gradient = pullback(randomDirection(width, rows: rows, key["gradient"]))
    signal = Double(output.squared().mean().scalar)
    self.gradient = Double(gradient.squared().mean().scalar)
  }
}

/// One output of a net at a random input as a function of the net's parameters.
public struct RandomOutput: Sendable {
  /// The layers, and a last one with a single output.
  public let network: Sequential
  /// The input `[1, width]`, of mean square 1.
  public let input: Tensor<Float>
  /// The parameters as drawn.
  public let start: Parameters<Float>

  /// An output after these layers.
  ///
  /// - Parameters:
  ///   - layers: Layers from and to `width` features.
  ///   - width: The number of inputs.
  ///   - isPositive: Whether the input has no negative values, so that ReLUs pass all of it.
  ///   - key: The draw's key; its parts `input` and `weights` are used.
  public init(of layers: Sequential, width: Int, isPositive: Bool = false, _ key: Key) {
    network = Sequential(layers, Dense(width, 1, initializer: .lecun(), bias: nil))
    let direction: Tensor<Float> = randomDirection(width, key["input"])
    input = isPositive ? abs(direction) : direction
    start = Parameters(of: network, key: key["weights"])
  }

  /// The output.
  public func value(at parameters: Parameters<Float>) -> Float {
    network(input, parameters.pass()).sum().scalar
  }

  /// The output and its gradient with respect to all parameters.
  public func valueWithGradient(
    at parameters: Parameters<Float>
  ) -> (value: Float, gradient: Parameters<Float>) {
    parameters.valueWithGradient { network($0.constant(input), $0).sum() }
  }
}

extension Parameters where Scalar == Float {
  /// The sum of the squares of those parameters, or of the gradients with respect to them, whose shapes meet a condition: that of the matrices, or of
  /// all others.
  public func energy(where isIncluded: (Shape) -> Bool) -> Double {
    let values = vector.scalars
    var energy = 0.0
    for entry in layout.entries where isIncluded(entry.shape) {
      let own = values[entry.offset..<entry.offset + entry.shape.elementCount]
      energy += own.reduce(0) { $0 + Double($1 * $1) }
    }
    return energy
  }
}
