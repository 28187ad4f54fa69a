/// Whether a network is being trained or used.
public enum Mode: Sendable {
  /// Training: random layers are random.
  case training
  /// Inference: random layers are replaced by their expectation.
  case inference
}

/// One evaluation of a network: parameters as tensors or variables, the mode, and the randomness.
public struct Pass<T: TensorProtocol> {
  /// Training or inference.
  public let mode: Mode
  /// The key of this pass; random layers take children of it. A training step that reads it is computed eagerly
  /// every time.
  public var key: Key {
    scope?.noteKeyIsRead()
    return passKey
  }
  /// The outputs of layers, by name. A pass on a tape keeps them, since the tape keeps the values anyway;
  /// a pass without one must be asked, since it would hold every value until its own end.
  public let activations: Activations<T>

  /// What random layers have drawn.
  package let randomDraws = RandomDraws<T>()

  /// The values that layers share with later ones, inside of a layer that lets them.
  private(set) var sharedValues: SharedValues<T>?

  /// The running statistics that layers have read and updated.
  package let statistics: StatisticsRecord<T>

  let layout: ParameterLayout
  let values: [T]
  private let recordsActivations: Bool
  let passKey: Key
  private let scope: LayerScope?
  private let trail: ThreadTrail

  init(
    layout: ParameterLayout, values: [T], statistics: [Tensor<T.Scalar>], mode: Mode, key: Key,
    scope: LayerScope?, recordsActivations: Bool
  ) {
    self.layout = layout
    self.values = values
    self.statistics = StatisticsRecord(statistics)
    self.mode = mode
    passKey = key
    self.scope = scope
    self.recordsActivations = recordsActivations
    activations = Activations()
    trail = ThreadTrail(layout.layerPaths)
  }

  /// A pass with these values for the parameters of `layout`, in its order: of any kind of tensor, so that
  /// a layer can be checked as a function of its parameters too. Running statistics have their initial values.
  /// ``Parameters`` makes the usual passes.
  public init(
    layout: ParameterLayout, values: [T], mode: Mode = .inference, key: Key = Key(seed: 0),
    recordingActivations: Bool = false
  ) {
    require(
      values.map(\.shape) == layout.entries.map(\.shape),
      "parameters of shapes \(layout.entries.map(\.shape)) were given values of "
        + "\(values.map(\.shape))")
    let initial: Tensor<T.Scalar> = layout.initialStatistics()
    self.init(
      layout: layout, values: values,
      statistics: layout.statistics.map { initial.viewed(from: $0.offset, as: $0.shape) },
      mode: mode, key: key, scope: (values.first as? any RecordedValue)?.layerScope(layout),
      recordsActivations: recordingActivations)
  }

  /// The value of a parameter.
  public subscript(parameter: Parameter) -> T {
    guard let index = layout.index(of: parameter) else {
      fatalError(
        "a parameter of shape \(parameter.shape) does not belong to these parameters; is the layer "
          + "part of the network that they were made for?")
    }
    return values[index]
  }

  /// The values of all parameters, in the order of the layout.
  package var all: [T] { values }

  /// This pass for layers that share values: the shares of the first ones and of each later layer's own, `[2]` each.
  func sharingValues(_ shares: [T]) -> Pass {
    var pass = self
    pass.sharedValues = SharedValues(shares: shares)
    return pass
  }

  /// The output of a layer held by another one. Even without a tag, what it records carries its path,
  /// so that a custom layer needs none in a ``Sequential``, a ``Residual`` or another holder.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - input: Its input.
  ///   - label: The layer's name in its holder's mirror: the property, or its index.
  ///   - holder: The tag of the layer that holds it.
  public func output(
    of layer: any Layer, _ input: T, named label: @autoclosure () -> String, in holder: LayerName
  ) -> T {
    guard layout.hasUntaggedLayers, let index = layout.untaggedLayer(label(), of: holder) else {
      return output(of: layer, input)
    }
    let result = trail.run(index) {
      scope?.run(index) { output(of: layer, input) } ?? output(of: layer, input)
    }
    if recordsActivations { activations.add(result, named: layout.layerPaths[index]) }
    return result
  }

  /// Runs the body of a layer under its name: operations recorded inside carry the path, and the result
  /// can be read as `activations[path]`.
  public func named(_ name: LayerName, _ body: () -> T) -> T {
    guard let layer = layout.layerIndex(of: name) else { return body() }
    let output = trail.run(layer) { scope?.run(layer, body) ?? body() }
    if recordsActivations { activations.add(output, named: layout.layerPaths[layer]) }
    return output
  }
}

/// The outputs of the named layers of one pass, in the order in which they were computed.
public final class Activations<T: TensorProtocol> {
  /// The paths and outputs. A layer that was called twice is listed twice.
  public private(set) var all: [(name: String, output: T)] = []

  /// The last output of the layer at this path.
  public subscript(name: String) -> T? { all.last { $0.name == name }?.output }

  func add(_ output: T, named name: String) { all.append((name, output)) }
}

/// A value that lies on a tape, whatever its scalar type.
private protocol RecordedValue {
  func layerScope(_ layout: ParameterLayout) -> LayerScope
}

extension Variable: RecordedValue {
  fileprivate func layerScope(_ layout: ParameterLayout) -> LayerScope { LayerScope(tape, layout) }
}

/// Lets a pass tell its tape which layer is being computed, and that randomness was used.
struct LayerScope {
  private let enter: (Int) -> Void
  private let leave: () -> Void
  /// Called where the pass's key is read: what depends on it differs from step to step.
  let noteKeyIsRead: () -> Void

  init<Scalar>(_ tape: Tape<Scalar>, _ layout: ParameterLayout) {
    let first = tape.addLayerPaths(layout.layerPaths)
    enter = { tape.openLayer(first + $0) }
    leave = { tape.closeLayer() }
    noteKeyIsRead = { tape.valueWasRead = true }
  }

  func run<Result>(_ layer: Int, _ body: () -> Result) -> Result {
    enter(layer)
    defer { leave() }
    return body()
  }
}
