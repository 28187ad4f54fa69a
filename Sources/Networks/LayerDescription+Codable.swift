import Plumbline

extension LayerDescription: Codable {
  /// Reads an object with the field `layer` and the settings of that kind. Errors are of the type
  /// ``NetworkDescriptionError``.
  public init(from decoder: any Decoder) throws {
    var fields = try DescriptionFields(decoder)
    let title = try fields.required(
      "layer", String.self, "the kind of layer, such as dense, relu or residual")
    name = try fields.optional("name", String.self, "a text")
    if let activation = Activation(rawValue: title) {
      kind = .activation(activation)
    } else if let read = try Self.readers[title]?(&fields) {
      kind = read
    } else {
      throw NetworkDescriptionError(
        place: fields.place("layer"), problem: "there is no layer \"\(title)\"",
        remedy: "give one of \(Kind.titles.joined(separator: ", "))")
    }
    try fields.finish()
  }

  private typealias Reader =
    @Sendable (inout DescriptionFields) throws(NetworkDescriptionError) -> Kind

  /// How each kind but the activations is read.
  private static let readers: [String: Reader] = [
    "dense": { fields throws(NetworkDescriptionError) in
      .dense(
        outputs: try fields.whole("outputs", atLeast: 1), bias: try fields.bias(),
        initializer: try fields.initializer("initializer", default: .he()))
    },
    "transposed-dense": { fields throws(NetworkDescriptionError) in
      .transposedDense(of: try fields.reference(), bias: try fields.bias())
    },
    "again": { fields throws(NetworkDescriptionError) in .again(of: try fields.reference()) },
    "batch-norm": { fields throws(NetworkDescriptionError) in
      .batchNorm(
        momentum: try fields.number("momentum", default: 0.1),
        epsilon: try fields.number("epsilon", default: 1e-5),
        initialScale: try fields.number("initial_scale", default: 1))
    },
    "layer-norm": { fields throws(NetworkDescriptionError) in
      .layerNorm(epsilon: try fields.number("epsilon", default: 1e-5))
    },
    "rms-norm": { fields throws(NetworkDescriptionError) in
      .rmsNorm(epsilon: try fields.number("epsilon", default: 1e-5))
    },
    "dropout": { fields throws(NetworkDescriptionError) in
      .dropout(rate: try fields.required("rate", Double.self, "the probability of dropping"))
    },
    "stochastic-depth": { fields throws(NetworkDescriptionError) in
      .stochasticDepth(
        survival: try fields.required("survival", Double.self, "the probability of survival"),
        unit: try fields.choice("unit", default: .batch))
    },
    "scalar-bias": { fields throws(NetworkDescriptionError) in
      .scalarBias(initial: try fields.number("initial", default: 0))
    },
    "scalar-multiplier": { fields throws(NetworkDescriptionError) in
      .scalarMultiplier(initial: try fields.number("initial", default: 1))
    },
    "highway": { fields throws(NetworkDescriptionError) in
      .highway(
        activation: try fields.choice("activation", default: .relu),
        initializer: try fields.initializer("initializer", default: .he()),
        gateInitializer: try fields.initializer("gate_initializer", default: .lecun()),
        gateBias: try fields.number("gate_bias", default: -2))
    },
    "convolution": { fields throws(NetworkDescriptionError) in
      .convolution(
        outputs: try fields.whole("outputs", atLeast: 1), window: try fields.window(),
        bias: try fields.bias(),
        initializer: try fields.initializer("initializer", default: .he()))
    },
    "max-pool": { fields throws(NetworkDescriptionError) in
      .maxPool(
        kernel: try fields.whole("kernel", atLeast: 1),
        stride: try fields.optionalWhole("stride", atLeast: 1),
        padding: try fields.whole("padding", atLeast: 0, default: 0))
    },
    "average-pool": { fields throws(NetworkDescriptionError) in
      .averagePool(
        kernel: try fields.whole("kernel", atLeast: 1),
        stride: try fields.optionalWhole("stride", atLeast: 1),
        padding: try fields.whole("padding", atLeast: 0, default: 0))
    },
    "global-average-pool": { _ throws(NetworkDescriptionError) in .globalAveragePool },
    "flatten": { _ throws(NetworkDescriptionError) in .flatten },
    "padded-shortcut": { fields throws(NetworkDescriptionError) in
      .paddedShortcut(
        channels: try fields.whole("channels", atLeast: 1),
        stride: try fields.whole("stride", atLeast: 1, default: 1))
    },
    "residual": { fields throws(NetworkDescriptionError) in
      .residual(
        branch: try fields.layers("branch"), scale: try fields.number("scale", default: 1),
        learnedScale: try fields.optional(
          "learned_scale", Double.self, "the number at which the factor starts"),
        before: try fields.choice("before", default: .linear),
        after: try fields.choice("after", default: .linear),
        projection: try fields.optional("projection", [LayerDescription].self, "a list of layers")
          ?? [])
    },
    "concatenating": { fields throws(NetworkDescriptionError) in
      .concatenating(branch: try fields.layers("branch"))
    },
    "reversible": { fields throws(NetworkDescriptionError) in
      .reversible(
        branches: try fields.required(
          "branches", [[LayerDescription]].self, "a list of lists of layers"),
        scale: try fields.number("scale", default: 1))
    },
    "sequence": { fields throws(NetworkDescriptionError) in
      .sequence(
        try fields.layers("layers"),
        checkpointInterval: try fields.optionalWhole("checkpoint_interval", atLeast: 1))
    },
  ]

  /// Writes the object: every setting that is not the standard one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FieldKey.self)
    func write(_ key: FieldKey, _ value: some Encodable) throws {
      try container.encode(value, forKey: key)
    }
    func write<Value: Encodable & Equatable>(
      _ key: FieldKey, _ value: Value, unless standard: Value
    ) throws {
      if value != standard { try write(key, value) }
    }
    func writeWeights(_ bias: Initializer?, _ initializer: Initializer) throws {
      if bias != .zero { try write("bias", BiasField(bias)) }
      try write("initializer", initializer, unless: .he())
    }
    func writePool(_ kernel: Int, _ stride: Int?, _ padding: Int) throws {
      try write("kernel", kernel)
      if let stride { try write("stride", stride) }
      try write("padding", padding, unless: 0)
    }
    try write("layer", kind.title)
    if let name { try write("name", name) }
    switch kind {
    case .dense(let outputs, let bias, let initializer):
      try write("outputs", outputs)
      try writeWeights(bias, initializer)
    case .transposedDense(let other, let bias):
      try write("of", other)
      if bias != .zero { try write("bias", BiasField(bias)) }
    case .again(let other): try write("of", other)
    case .activation, .globalAveragePool, .flatten: break
    case .batchNorm(let momentum, let epsilon, let initialScale):
      try write("momentum", momentum, unless: 0.1)
      try write("epsilon", epsilon, unless: 1e-5)
      try write("initial_scale", initialScale, unless: 1)
    case .layerNorm(let epsilon), .rmsNorm(let epsilon):
      try write("epsilon", epsilon, unless: 1e-5)
    case .dropout(let rate): try write("rate", rate)
    case .stochasticDepth(let survival, let unit):
      try write("survival", survival)
      try write("unit", unit, unless: .batch)
    case .scalarBias(let initial): try write("initial", initial, unless: 0)
    case .scalarMultiplier(let initial): try write("initial", initial, unless: 1)
    case .highway(let activation, let initializer, let gateInitializer, let gateBias):
      try write("activation", activation, unless: .relu)
      try write("initializer", initializer, unless: .he())
      try write("gate_initializer", gateInitializer, unless: .lecun())
      try write("gate_bias", gateBias, unless: -2)
    case .convolution(let outputs, let window, let bias, let initializer):
      try write("outputs", outputs)
      if window.height == window.width {
        try write("kernel", window.height)
      } else {
        try write("kernel", [window.height, window.width])
      }
      try write("stride", window.stride, unless: 1)
      try write("padding", window.padding, unless: 0)
      try writeWeights(bias, initializer)
    case .maxPool(let kernel, let stride, let padding): try writePool(kernel, stride, padding)
    case .averagePool(let kernel, let stride, let padding): try writePool(kernel, stride, padding)
    case .paddedShortcut(let channels, let stride):
      try write("channels", channels)
      try write("stride", stride, unless: 1)
    case .residual(let branch, let scale, let learnedScale, let before, let after, let projection):
      try write("branch", branch)
      try write("scale", scale, unless: 1)
      if let learnedScale { try write("learned_scale", learnedScale) }
      try write("before", before, unless: .linear)
      try write("after", after, unless: .linear)
      try write("projection", projection, unless: [])
    case .concatenating(let branch): try write("branch", branch)
    case .reversible(let branches, let scale):
      try write("branches", branches)
      try write("scale", scale, unless: 1)
    case .sequence(let layers, let checkpointInterval):
      try write("layers", layers)
      if let checkpointInterval { try write("checkpoint_interval", checkpointInterval) }
    }
  }
}

extension DescriptionFields {
  fileprivate mutating func initializer(
    _ name: String, default standard: Initializer
  ) throws(NetworkDescriptionError) -> Initializer {
    try optional(name, Initializer.self, "an initializer such as \"he\"") ?? standard
  }

  fileprivate mutating func reference() throws(NetworkDescriptionError) -> String {
    try required("of", String.self, "the name of an earlier layer")
  }

  fileprivate mutating func layers(
    _ name: String
  ) throws(NetworkDescriptionError) -> [LayerDescription] {
    try required(name, [LayerDescription].self, "a list of layers")
  }

  fileprivate mutating func optionalWhole(
    _ name: String, atLeast least: Int
  ) throws(NetworkDescriptionError) -> Int? {
    let meaning = "a whole number of \(least) or more"
    guard let value = try optional(name, Int.self, meaning) else { return nil }
    guard value >= least else {
      throw NetworkDescriptionError(
        place: place(name), problem: "the value is \(value)", remedy: "give \(meaning)")
    }
    return value
  }

  /// The fields `kernel` (one extent, or height and width), `stride` and `padding`.
  fileprivate mutating func window() throws(NetworkDescriptionError) -> SlidingWindow {
    let meaning = "an extent such as 3, or height and width such as [3, 1]"
    let kernel = try required("kernel", KernelField.self, meaning).extents
    guard kernel.count == 2, kernel.allSatisfy({ $0 > 0 }) else {
      throw NetworkDescriptionError(
        place: place("kernel"), problem: "the value is \(kernel)", remedy: "give \(meaning)")
    }
    return SlidingWindow(
      height: kernel[0], width: kernel[1],
      stride: try whole("stride", atLeast: 1, default: 1),
      padding: try whole("padding", atLeast: 0, default: 0))
  }
}

/// The extents of a window in JSON: a number, or a list.
private struct KernelField: Decodable {
  let extents: [Int]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let extent = try? container.decode(Int.self) {
      extents = [extent, extent]
    } else {
      extents = try container.decode([Int].self)
    }
  }
}
