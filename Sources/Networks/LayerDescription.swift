import Plumbline

/// A layer as data: what kind it is and its settings, without the shape of its input, which the layers before it
/// give. See ``NetworkDescription``.
public struct LayerDescription: Sendable, Hashable {
  /// What the layer is.
  public var kind: Kind
  /// A name by which later layers refer to this one to share its parameters.
  public var name: String?

  /// A layer of a kind.
  public init(_ kind: Kind, name: String? = nil) {
    self.kind = kind
    self.name = name
  }

  /// An activation.
  public init(_ activation: Activation) { self.init(.activation(activation)) }

  /// The kinds of layer, with the settings that the layers of the library take.
  public indirect enum Kind: Sendable, Hashable {
    /// ``Dense``, to `outputs` features.
    case dense(outputs: Int, bias: Initializer? = .zero, initializer: Initializer = .he())
    /// ``Dense`` with the transposed weight of the dense layer of that name.
    case transposedDense(of: String, bias: Initializer? = .zero)
    /// The layer of that name once more, with the same parameters.
    case again(of: String)
    /// ``Activation``.
    case activation(Activation)
    /// ``BatchNorm``.
    case batchNorm(momentum: Double = 0.1, epsilon: Double = 1e-5, initialScale: Double = 1)
    /// ``LayerNorm``, over the last axis.
    case layerNorm(epsilon: Double = 1e-5)
    /// ``RMSNorm``, over the last axis.
    case rmsNorm(epsilon: Double = 1e-5)
    /// ``Dropout``.
    case dropout(rate: Double)
    /// ``StochasticDepth``.
    case stochasticDepth(survival: Double, unit: StochasticDepth.Unit = .batch)
    /// ``ScalarBias``.
    case scalarBias(initial: Double = 0)
    /// ``ScalarMultiplier``.
    case scalarMultiplier(initial: Double = 1)
    /// ``Highway``.
    case highway(
      activation: Activation = .relu, initializer: Initializer = .he(),
      gateInitializer: Initializer = .lecun(), gateBias: Double = -2)
    /// ``Conv2D``, to `outputs` channels.
    case convolution(
      outputs: Int, window: SlidingWindow, bias: Initializer? = .zero,
      initializer: Initializer = .he())
    /// ``MaxPool2D``; the stride is the window's size where none is given.
    case maxPool(kernel: Int, stride: Int? = nil, padding: Int = 0)
    /// ``AveragePool2D``; the stride is the window's size where none is given.
    case averagePool(kernel: Int, stride: Int? = nil, padding: Int = 0)
    /// ``GlobalAveragePool``.
    case globalAveragePool
    /// ``Flatten``.
    case flatten
    /// ``PaddedShortcut``.
    case paddedShortcut(channels: Int, stride: Int)
    /// ``Residual``; an empty projection is the identity.
    case residual(
      branch: [LayerDescription], scale: Double = 1, learnedScale: Double? = nil,
      before: Activation = .linear, after: Activation = .linear, projection: [LayerDescription] = []
    )
    /// ``ConcatenatingSkip``, along the axis after the examples.
    case concatenating(branch: [LayerDescription])
    /// ``Reversible``.
    case reversible(branches: [[LayerDescription]], scale: Double = 1)
    /// ``Sequential``: layers one after the other, as one.
    case sequence([LayerDescription], checkpointInterval: Int? = nil)
  }
}

extension LayerDescription.Kind {
  /// What the kind is called in JSON and in tables.
  public var title: String {
    switch self {
    case .dense: "dense"
    case .transposedDense: "transposed-dense"
    case .again: "again"
    case .activation(let activation): activation.rawValue
    case .batchNorm: "batch-norm"
    case .layerNorm: "layer-norm"
    case .rmsNorm: "rms-norm"
    case .dropout: "dropout"
    case .stochasticDepth: "stochastic-depth"
    case .scalarBias: "scalar-bias"
    case .scalarMultiplier: "scalar-multiplier"
    case .highway: "highway"
    case .convolution: "convolution"
    case .maxPool: "max-pool"
    case .averagePool: "average-pool"
    case .globalAveragePool: "global-average-pool"
    case .flatten: "flatten"
    case .paddedShortcut: "padded-shortcut"
    case .residual: "residual"
    case .concatenating: "concatenating"
    case .reversible: "reversible"
    case .sequence: "sequence"
    }
  }

  /// All titles that JSON knows.
  static let titles =
    [
      "dense", "transposed-dense", "again", "batch-norm", "layer-norm", "rms-norm", "dropout",
      "stochastic-depth", "scalar-bias", "scalar-multiplier", "highway", "convolution", "max-pool",
      "average-pool", "global-average-pool", "flatten", "padded-shortcut", "residual",
      "concatenating", "reversible", "sequence",
    ] + Activation.allCases.map(\.rawValue)
}
