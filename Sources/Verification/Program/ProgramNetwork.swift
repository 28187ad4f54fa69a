import Plumbline

/// The network of a user's program, as an audit has recognized it: dense layers with what each one does after its product.
///
/// Unlike a description in the library, it holds what only a hand-written program shows: slopes that were recognized by
/// values, a branch scale, a loss with its scale. Layers are numbered from 1, and 0 is the input.
public struct ProgramNetwork: Sendable, Hashable {
  /// An earlier activation added to a layer.
  public struct Skip: Sendable, Hashable {
    /// The layer whose activation it is; 0 for the input.
    public var source: Int
    /// The factor on the branch.
    public var branchScale = 1.0
    /// Whether the layer's function is applied to the sum rather than to the branch alone.
    public var isInside = false
  }

  /// Pre-activations minus their mean, divided by their standard deviation.
  public struct Normalization: Sendable, Hashable {
    /// What is added to the variance.
    public var epsilon: Double
    /// Whether the mean is over each example's units rather than over the batch for each unit.
    public var isOverUnits = false

    var axes: [Int] { [isOverUnits ? 1 : 0] }
    /// Its usual name.
    var title: String { isOverUnits ? "layer normalization" : "batch normalization" }
    /// What its mean and variance are taken over, and what they depend on.
    var words: (of: String, dependence: String) {
      isOverUnits
        ? ("of the example's units", "these statistics depend on every unit")
        : ("of the batch", "these statistics depend on every example")
    }
  }

  /// One layer.
  public struct Layer: Sendable, Hashable {
    /// The numbers of its inputs and units.
    public var inputs: Int, outputs: Int
    /// Whether it has a bias.
    public var hasBias = true
    /// Whether a single number is the bias of every unit.
    public var hasSharedBias = false
    /// Its function.
    public var function: Nonlinearity
    /// How the pre-activations are normalized; `nil` if they are not.
    public var normalization: Normalization?
    /// Whether the normalization has its own scale and shift.
    public var hasScale = false
    /// The skip that is added to it.
    public var skip: Skip?
    /// The factor on the function's argument: 1/T for a softmax with temperature T.
    public var argumentFactor = 1.0
  }

  /// The layers.
  public var layers: [Layer]
  /// The loss.
  public var loss: ProgramLoss
  /// The penalty.
  public var penalty = Penalty()
  /// Layers whose weight is the transpose of another's, each with that other layer.
  public var ties: [Int: Int] = [:]

  /// The number of layers.
  public var layerCount: Int { layers.count }
  /// The function of a layer, numbered from 1.
  func function(_ layer: Int) -> Nonlinearity { layers[layer - 1].function }
  /// The layers to which the activation of a layer is added.
  func skips(from layer: Int) -> [Int] {
    (1...layerCount).filter { layers[$0 - 1].skip?.source == layer }
  }
  /// The number of units of a layer; the number of inputs for 0.
  func width(_ layer: Int) -> Int {
    layer == 0 ? layers[0].inputs : layers[layer - 1].outputs
  }

  /// The widths from inputs to outputs.
  public var widths: [Int] { [layers[0].inputs] + layers.map(\.outputs) }

  /// The gradients that a complete audit judges.
  public var parameterGradients: [Quantity] {
    (1...layerCount).flatMap { index -> [Quantity] in
      let layer = layers[index - 1]
      return [Quantity(.weightGradient, index)]
        + (layer.hasBias ? [Quantity(.biasGradient, index)] : [])
        + (layer.hasScale
          ? [Quantity(.scaleGradient, index), Quantity(.shiftGradient, index)] : [])
    }
  }
}

/// The parameters of a program's network, in the shapes of the canonical layout: weights `[in, out]`, all others `[out]`.
struct ProgramParameters: Sendable, Equatable {
  var weights: [Tensor<Double>]
  /// Zeros where a layer has no bias.
  var biases: [Tensor<Double>]
  /// Scale and shift of the normalizations, by layer.
  var scales: [Int: Tensor<Double>] = [:], shifts: [Int: Tensor<Double>] = [:]

  /// The number of parameters.
  var count: Int {
    (weights + biases + scales.values + shifts.values).reduce(0) { $0 + $1.count }
  }
}
