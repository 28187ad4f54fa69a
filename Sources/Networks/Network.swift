import Findings
import Plumbline

/// A network built from its description: its layers in order, with what is known about each.
///
/// Parameters are named by the layers' indices, as in a ``/Plumbline/Sequential``: `0.weight`, `2.branch.0.weight`.
public struct Network: Layer, CustomReflectable {
  /// The description the network was built from.
  public let description: NetworkDescription
  /// The layers with their shapes, in order.
  let parts: [BuiltLayer]
  /// The layers, with the network's parameters.
  package let layers: Sequential

  init(_ description: NetworkDescription, _ parts: [BuiltLayer]) {
    self.description = description
    self.parts = parts
    layers = Sequential(parts.map(\.layer))
  }

  /// The shape of the result for one example.
  public var outputShape: Shape { parts.last?.output ?? description.input }

  /// The fewest examples that a batch in training may hold: two where a batch normalization sees one value of each
  /// channel in an example, since one value has no variance.
  package var smallestTrainingBatch: Int { parts.map(\.smallestTrainingBatch).max() ?? 1 }

  /// The number of classes if examples consist of class numbers, counted from 0; `nil` if they are arbitrary values.
  public var classesTaken: Int? {
    var first = description.layers.first
    while let inner = first?.form.inner.first?.first { first = inner }
    return first?.form.classesTaken
  }

  /// Throws if the first layer cannot take the examples.
  ///
  /// - Parameter inputs: `[examples] + description.input`.
  public func check<Scalar>(_ inputs: Tensor<Scalar>) throws(Problem) {
    guard let classes = classesTaken else { return }
    let values = inputs.scalars.map(\.real)
    let numbers = 0..<Double(classes)
    guard let index = values.firstIndex(where: { $0 != $0.rounded() || !numbers.contains($0) })
    else { return }
    let features = Swift.max(description.input.elementCount, 1)
    throw Problem(
      location: "example \(index / features), feature \(index % features) (counted from 0)",
      problem:
        "the network begins with an embedding of \(classes) classes, and \(values[index]) is not a class number from 0 to "
        + "\(classes - 1)",
      remedy: "give class numbers without normalizing them, or an embedding with more classes")
  }

  /// The result for a batch of examples, `[examples] + description.input` to `[examples] + outputShape`: logits,
  /// where the description's output is softmax or sigmoid.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    require(
      Array(input.shape.extents.dropFirst()) == description.input.extents,
      "a network for examples of shape \(description.input) was given a batch of shape \(input.shape)"
    )
    return layers(input, pass)
  }

  /// The mirror of the layers, so that paths do not contain the list.
  public var customMirror: Mirror { Mirror(reflecting: layers) }
}

extension NetworkDescription {
  /// The network.
  ///
  /// - Throws: The first layer that does not fit what comes before it, with both shapes, or a setting out of
  ///   range.
  public func network() throws(Problem) -> Network {
    try LayerBuilder(input: input, location: "input").requireHeld(input.extents, "an example")
    guard (1...3).contains(input.rank), input.elementCount > 0 else {
      throw Problem(
        location: "input", problem: "there are no examples of shape \(input)",
        remedy: "give [features] or [channels, height, width], each at least 1")
    }
    var builder = LayerBuilder(input: input)
    let network = Network(self, try builder.network(layers))
    try builder.requireHeld([ParameterLayout(of: network).count], "the vector of all parameters")
    return network
  }
}
