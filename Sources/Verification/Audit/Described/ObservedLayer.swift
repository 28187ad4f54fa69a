import Findings
import Networks
import Plumbline

/// What a layer of a described network receives and outputs in somebody's step, and the gradient of what it outputs.
struct ObservedLayer {
  let form: any LayerForm
  let input: Tensor<Double>, value: Tensor<Double>
  let gradient: Tensor<Double>
  /// The layers inside, in the lists of the form; none where they are not evaluated one after another.
  var inner: [[ObservedLayer]] = []

  /// What was not observed.
  static func hidden(_ form: any LayerForm) -> ObservedLayer {
    let nothing = Tensor<Double>(0)
    return ObservedLayer(form: form, input: nothing, value: nothing, gradient: nothing)
  }

  /// Whether all of it was observed.
  var isKnown: Bool { input.shape.rank > 0 && value.shape.rank > 0 }

  /// What the rules for wrong layers see of it.
  var site: LayerSite {
    LayerSite(form: form, input: input, output: value, inner: inner.map { $0.map(\.site) })
  }

  /// The layer that has a parameter, by what is left of the parameter's path.
  func holder(of path: some Collection<Substring>) -> ObservedLayer {
    guard let block = form as? any OpenBlock, let role = path.first,
      let list = block.roles.firstIndex(where: { $0.name == role }), inner.indices.contains(list)
    else { return self }
    // A list of a single norm is that norm itself.
    let rest = path.dropFirst()
    let index = rest.first.flatMap { Int($0) }
    guard inner[list].indices.contains(index ?? 0) else { return self }
    return inner[list][index ?? 0].holder(of: index == nil ? rest : rest.dropFirst())
  }
}

/// A layer whose inner layers are evaluated one after another, so that each can be observed and get a wrong rule of its own.
protocol OpenBlock: LayerForm {
  /// The lists of layers inside, in the order of `inner`: the property of the layer that holds one, and what people call it.
  var roles: [(name: String, words: String)] { get }
  /// The names of its parts in the order in which they are evaluated.
  var order: [String] { get }
}

extension ResidualForm: OpenBlock {
  var roles: [(name: String, words: String)] {
    [("branch", "in the block's branch"), ("projection", "in the block's skip")]
  }
  var order: [String] { ["branch", "projection"] }
}

extension NormalizedResidualForm: OpenBlock {
  var roles: [(name: String, words: String)] {
    [("branch", "in the block's branch"), ("norm", "of the block")]
  }
  var order: [String] {
    position == .pre || position == .peri
      ? ["norm", "branch", "outputNorm"] : ["branch", "norm"]
  }
}

extension Network {
  /// The parameters of a layout, as its indices, in the order in which the forward pass uses them: a block stores its norm after its
  /// branch, and may use it before.
  func forwardOrder(of layout: ParameterLayout) -> [Int] {
    let keys = layout.entries.enumerated().map { index, entry -> [Int] in
      let path = entry.name.split(separator: ".")
      let layer = path.first.flatMap { Int($0) } ?? 0
      let block =
        description.layers.indices.contains(layer)
        ? description.layers[layer].form as? any OpenBlock : nil
      let part = path.dropFirst().first.flatMap { block?.order.firstIndex(of: String($0)) }
      return [layer, part ?? 0, index]
    }
    return keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
  }
}

extension DescribedCost {
  /// What each layer of the description receives and outputs, and the gradient there, those inside blocks included.
  func between(_ parameters: [Tensor<Double>]) throws(Problem) -> [ObservedLayer] {
    // Functions have no name by which a pass would keep their outputs.
    var description = network.description
    for index in description.layers.indices {
      if description.layers[index].form is Activation {
        description.layers[index].form = ObservedForm(of: description.layers[index])
      } else {
        Self.open(&description.layers[index])
      }
    }
    let network = try description.network()
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let pass = Pass(
      layout: ParameterLayout(of: network), values: variables, mode: .training,
      recordingActivations: true)
    let cost = cost(of: network(tape.constant(inputs), pass))
    var outputs: [String: Variable<Double>] = [:]
    for (path, output) in pass.activations.all { outputs[path] = output }
    let values = outputs.mapValues(\.value)
    let gradients = tape.gradients(of: cost, keeping: Array(outputs.values))
    func value(_ path: String) -> (value: Tensor<Double>, gradient: Tensor<Double>)? {
      guard let output = outputs[path], let value = values[path] else { return nil }
      return (value, gradients.reaches(output) ? gradients[output] : .zeros(value.shape))
    }
    /// A layer with the layers inside it, whose values are there under the path of the probe after each.
    func observed(
      _ form: any LayerForm, _ path: String, after input: Tensor<Double>?, to probe: String
    ) -> ObservedLayer {
      guard let input, let (result, gradient) = value(probe) else { return .hidden(form) }
      var layer = ObservedLayer(form: form, input: input, value: result, gradient: gradient)
      guard let block = form as? any OpenBlock else { return layer }
      layer.inner = zip(block.roles, form.inner).map { role, layers in
        layers.enumerated().map { index, inner in
          let list = "\(path).\(role.name)"
          return observed(
            inner.form, "\(list).\(2 * index + 1)", after: value("\(list).\(2 * index)")?.value,
            to: "\(list).\(2 * index + 2)")
        }
      }
      return layer
    }
    return self.network.description.layers.enumerated().map { index, description in
      observed(
        description.form, "\(index)",
        after: index == 0 ? inputs : value("\(index - 1)")?.value, to: "\(index)")
    }
  }

  /// Puts a probe before and after every layer inside a block.
  private static func open(_ layer: inout LayerDescription) {
    guard layer.form is any OpenBlock else { return }
    let probe = LayerDescription(ObservedForm(of: LayerDescription(Activation.linear)))
    layer.form.inner = layer.form.inner.map { list in
      list.isEmpty
        ? []
        : [probe]
          + list.flatMap { inner in
            var inner = inner
            open(&inner)
            return [inner, probe]
          }
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
