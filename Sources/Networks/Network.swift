import Plumbline

/// A network that was built from its description: its layers one after the other, with what is known of each.
///
/// Parameters are named by the layers' places, as in a ``Sequential``: `0.weight`, `2.branch.0.weight`.
public struct Network: Layer, CustomReflectable {
  /// What the network was built from.
  public let description: NetworkDescription
  /// The layers with their shapes, in order.
  let parts: [NetworkPart]
  private let layers: Sequential

  init(_ description: NetworkDescription, _ parts: [NetworkPart]) {
    self.description = description
    self.parts = parts
    layers = Sequential(parts.map(\.layer))
  }

  /// The shape of the result for one example.
  public var outputShape: Shape { parts.last?.output ?? description.input }

  /// The fewest examples that a batch in training may hold: two where a batch normalization sees one value of each
  /// channel in an example, since one value has no variance.
  package var smallestTrainingBatch: Int { parts.map(\.smallestTrainingBatch).max() ?? 1 }

  /// The result for a batch of examples, `[examples] + description.input` to `[examples] + outputShape`: logits,
  /// where the description's output is softmax or sigmoid.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      Array(input.shape.extents.dropFirst()) == description.input.extents,
      "a network for examples of shape \(description.input) was given a batch of shape \(input.shape)"
    )
    return layers(input, pass)
  }

  /// The mirror of the layers, so that paths do not name the list.
  public var customMirror: Mirror { Mirror(reflecting: layers) }
}

/// A layer of a network with the shapes of one example before and after it.
struct NetworkPart: Sendable {
  let description: LayerDescription
  let layer: any Layer
  let input: Shape
  let output: Shape
  /// The layers inside: of a branch, a projection, a sequence.
  var children: [NetworkPart] = []
  /// What a list of layers inside is called, as in `branch`, for the first of its layers; `nil` elsewhere.
  var role: String?

  fileprivate var smallestTrainingBatch: Int {
    layer is BatchNorm && input.elementCount == input[0]
      ? 2 : children.map(\.smallestTrainingBatch).max() ?? 1
  }
}

extension NetworkDescription {
  /// The network.
  ///
  /// - Throws: The first layer that does not fit what comes before it, with both shapes, or a setting outside its
  ///   range.
  public func network() throws(NetworkDescriptionError) -> Network {
    try LayerChecks(input: input, place: "input").held(input.extents, "an example")
    guard (1...3).contains(input.rank), input.elementCount > 0 else {
      throw NetworkDescriptionError(
        place: "input", problem: "there are no examples of shape \(input)",
        remedy: "give [features] or [channels, height, width], each 1 or more")
    }
    var builder = NetworkBuilder()
    let network = Network(self, try builder.parts(layers, from: input, at: "layers"))
    try LayerChecks(input: input, place: "layers")
      .held([ParameterLayout(of: network).count], "the vector of all parameters")
    return network
  }
}

/// Makes layers from their descriptions, each with the shape that the one before it puts out.
struct NetworkBuilder {
  /// The layers with a name.
  private var named: [String: NetworkPart] = [:]

  /// Layers one after the other.
  mutating func parts(
    _ layers: [LayerDescription], from input: Shape, at place: String
  ) throws(NetworkDescriptionError) -> [NetworkPart] {
    var shape = input
    var parts: [NetworkPart] = []
    for (index, layer) in layers.enumerated() {
      let here = "\(place)[\(index)]"
      let part = try part(layer, from: shape, at: here)
      try LayerChecks(input: shape, place: here).held(part.output.extents, "the output")
      if let name = layer.name {
        guard named[name] == nil else {
          throw NetworkDescriptionError(
            place: here, problem: "there is a layer named \"\(name)\" already",
            remedy: "give another name; to use the same layer again write {\"layer\": \"again\", "
              + "\"of\": \"\(name)\"}")
        }
        named[name] = part
      }
      shape = part.output
      parts.append(part)
    }
    return parts
  }

  private func earlier(
    _ name: String, at place: String
  ) throws(NetworkDescriptionError) -> NetworkPart {
    if let part = named[name] { return part }
    let known = named.keys.sorted().joined(separator: ", ")
    throw NetworkDescriptionError(
      place: place + ".of", problem: "there is no earlier layer named \"\(name)\"",
      remedy: known.isEmpty
        ? "give the layer to share a \"name\"" : "the named layers before this one are \(known)")
  }

  private mutating func part(
    _ description: LayerDescription, from input: Shape, at place: String
  ) throws(NetworkDescriptionError) -> NetworkPart {
    let checks = LayerChecks(input: input, place: place)
    func simple(_ layer: some Layer, _ output: Shape? = nil) -> NetworkPart {
      NetworkPart(
        description: description, layer: layer, input: input, output: output ?? input)
    }
    switch description.kind {
    case .dense(let outputs, let bias, let initializer):
      let inputs = try checks.features()
      try checks.above(0, outputs, "outputs")
      try checks.held([inputs, outputs], "the weight")
      return simple(
        Dense(inputs, outputs, initializer: initializer, bias: bias), checks.with(outputs))
    case .transposedDense(let name, let bias):
      let inputs = try checks.features()
      guard let dense = try earlier(name, at: place).layer as? Dense, !dense.transposesWeight else {
        throw NetworkDescriptionError(
          place: place + ".of", problem: "the layer \"\(name)\" is no dense layer with a weight",
          remedy: "name a layer of the kind dense")
      }
      guard dense.weight.shape[1] == inputs else {
        throw NetworkDescriptionError(
          place: place,
          problem:
            "the transposed weight of \"\(name)\" takes \(dense.weight.shape[1]) features and "
            + "the layer before gives \(inputs)",
          remedy: "put it where the features are those that \"\(name)\" puts out")
      }
      return simple(
        Dense(sharing: dense.weight, transposed: true, bias: bias),
        checks.with(dense.weight.shape[0]))
    case .again(let name): return try again(name, description, from: input, at: place)
    case .activation(let activation): return simple(activation)
    case .batchNorm(let momentum, let epsilon, let initialScale):
      try checks.range(0...1, momentum, "momentum")
      try checks.range(0...(.infinity), epsilon, "epsilon")
      return simple(
        BatchNorm(
          input[0], momentum: momentum, epsilon: epsilon, initialScale: initialScale))
    case .layerNorm(let epsilon):
      try checks.range(0...(.infinity), epsilon, "epsilon")
      return simple(LayerNorm(input[-1], epsilon: epsilon))
    case .rmsNorm(let epsilon):
      try checks.range(0...(.infinity), epsilon, "epsilon")
      return simple(RMSNorm(input[-1], epsilon: epsilon))
    case .dropout(let rate):
      try checks.range(0...(1 as Double).nextDown, rate, "rate")
      return simple(Dropout(rate))
    case .stochasticDepth(let survival, let unit):
      try checks.range(Double.leastNonzeroMagnitude...1, survival, "survival")
      return simple(StochasticDepth(survival: survival, unit: unit))
    case .scalarBias(let initial): return simple(ScalarBias(initial))
    case .scalarMultiplier(let initial): return simple(ScalarMultiplier(initial))
    case .highway(let activation, let initializer, let gateInitializer, let gateBias):
      let features = try checks.features()
      try checks.held([features, features], "the weight")
      return simple(
        Highway(
          features, activation: activation, initializer: initializer,
          gateInitializer: gateInitializer, gateBias: gateBias))
    case .convolution(let outputs, let window, let bias, let initializer):
      try checks.above(0, outputs, "outputs")
      let output = try checks.windowed(window, channels: outputs)
      try checks.held([input[0], window.height, window.width, outputs], "the weight")
      return simple(
        Conv2D(input[0], outputs, window: window, initializer: initializer, bias: bias), output)
    case .maxPool(let kernel, let stride, let padding):
      let output = try checks.pooled(kernel, stride, padding)
      return simple(MaxPool2D(kernel, stride: stride, padding: padding), output)
    case .averagePool(let kernel, let stride, let padding):
      let output = try checks.pooled(kernel, stride, padding)
      return simple(AveragePool2D(kernel, stride: stride, padding: padding), output)
    case .globalAveragePool:
      try checks.images()
      return simple(GlobalAveragePool(), [input[0]])
    case .flatten: return simple(Flatten(), [input.elementCount])
    case .paddedShortcut(let channels, let stride):
      try checks.above(0, stride, "stride")
      let window = SlidingWindow(height: 1, width: 1, stride: stride)
      let output = try checks.windowed(window, channels: channels)
      guard channels >= input[0] else {
        throw NetworkDescriptionError(
          place: place + ".channels",
          problem: "the shortcut has \(channels) channels and its input \(input[0])",
          remedy: "give as many or more; a convolution can take channels away")
      }
      return simple(PaddedShortcut(channels: channels, stride: stride), output)
    default: return try container(description, from: input, at: place)
    }
  }

  private func again(
    _ name: String, _ description: LayerDescription, from input: Shape, at place: String
  ) throws(NetworkDescriptionError) -> NetworkPart {
    let original = try earlier(name, at: place)
    func fits(_ output: Shape) -> NetworkPart {
      NetworkPart(
        description: description, layer: original.layer, input: input, output: output)
    }
    if input == original.input { return fits(original.output) }
    // A layer without others inside may take another shape, where made anew it has the same parameters.
    var trial = self
    if original.children.isEmpty {
      let anew = try trial.part(original.description, from: input, at: place)
      if ParameterLayout(of: anew.layer) == ParameterLayout(of: original.layer) {
        return fits(anew.output)
      }
    }
    throw NetworkDescriptionError(
      place: place,
      problem:
        "the layer \"\(name)\" takes examples of shape \(original.input) and the layer before "
        + "gives \(input)",
      remedy: "use it again only where the shape is the same")
  }

  /// The layers that hold others.
  private mutating func container(
    _ description: LayerDescription, from input: Shape, at place: String
  ) throws(NetworkDescriptionError) -> NetworkPart {
    func part(_ layer: some Layer, _ output: Shape, _ children: [NetworkPart]) -> NetworkPart {
      NetworkPart(
        description: description, layer: layer, input: input, output: output, children: children)
    }
    switch description.kind {
    case .residual(let branch, let scale, let learnedScale, let before, let after, let projection):
      let inside = try parts(branch, from: input, at: place + ".branch")
      let skip = try parts(projection, from: input, at: place + ".projection")
      let (change, kept) = (inside.last?.output ?? input, skip.last?.output ?? input)
      guard change == kept else {
        throw NetworkDescriptionError(
          place: place,
          problem:
            "a residual block adds shapes that are equal; the skip has \(kept) and the branch "
            + "\(change)",
          remedy: "let the branch keep the shape of its input, or give a \"projection\"")
      }
      let projected: (any Layer)? =
        skip.isEmpty ? nil : skip.count == 1 ? skip[0].layer : Sequential(skip.map(\.layer))
      return part(
        Residual(
          Sequential(inside.map(\.layer)), scale: scale, learnedScale: learnedScale,
          before: before, after: after, projection: projected), kept,
        inside.labelled("branch") + skip.labelled("projection"))
    case .concatenating(let branch):
      let inside = try parts(branch, from: input, at: place + ".branch")
      let change = inside.last?.output ?? input
      guard change.rank == input.rank, change.extents.dropFirst() == input.extents.dropFirst()
      else {
        throw NetworkDescriptionError(
          place: place,
          problem:
            "a concatenating skip takes shapes that agree but for the first extent; its input "
            + "has \(input) and the branch \(change)",
          remedy: "let the branch keep height and width")
      }
      return part(
        ConcatenatingSkip(Sequential(inside.map(\.layer))),
        Shape([input[0] + change[0]] + input.extents.dropFirst()), inside.labelled("branch"))
    case .reversible(let branches, let scale):
      guard input[-1].isMultiple(of: 2) else {
        throw NetworkDescriptionError(
          place: place, problem: "reversible blocks halve the features, and there are \(input[-1])",
          remedy: "give the layer before an even number of outputs")
      }
      let half = Shape(input.extents.dropLast() + [input[-1] / 2])
      var made: [[NetworkPart]] = []
      for (index, branch) in branches.enumerated() {
        let here = "\(place).branches[\(index)]"
        let inside = try parts(branch, from: half, at: here)
        guard inside.last?.output ?? half == half else {
          throw NetworkDescriptionError(
            place: here,
            problem: "a reversible branch keeps the shape \(half) and this one gives "
              + "\(inside.last?.output ?? half)",
            remedy: "let its last layer put out \(half[-1]) features")
        }
        made.append(inside)
      }
      return part(
        Reversible(made.map { Sequential($0.map(\.layer)) }, scale: scale), input,
        made.enumerated().flatMap { $1.labelled("branches.\($0)") })
    case .sequence(let layers, let checkpointInterval):
      let inside = try parts(layers, from: input, at: place + ".layers")
      if let checkpointInterval {
        try LayerChecks(input: input, place: place)
          .above(0, checkpointInterval, "checkpoint_interval")
      }
      return part(
        Sequential(inside.map(\.layer), checkpointInterval: checkpointInterval),
        inside.last?.output ?? input, inside.labelled(""))
    default:
      fatalError("the builder knows no layer \(description.kind.title)")
    }
  }
}

extension [NetworkPart] {
  fileprivate func labelled(_ role: String) -> [NetworkPart] {
    map { part in
      var part = part
      part.role = role
      return part
    }
  }
}
