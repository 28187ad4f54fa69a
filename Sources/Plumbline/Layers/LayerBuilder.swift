import Findings

/// A layer of a network with its input and output shapes for one example.
public struct BuiltLayer: Sendable {
  /// The description it was built from.
  public fileprivate(set) var form: any LayerForm
  /// The layer itself, with its parameters.
  public let layer: any Layer
  /// The shape of its input for one example.
  public let input: Shape
  /// The shape of its output for one example.
  public let output: Shape
  /// The layers inside: those of a branch, a projection or a sequence.
  public var children: [BuiltLayer]
  /// The name in paths of the list that contains this layer, such as `branch`; `nil` for a layer that is not inside another.
  public private(set) var role: String?
  /// The smallest training batch that the layer itself allows.
  var ownSmallestBatch: Int

  /// The fewest examples that a batch in training may hold: two if a batch normalization sees only one value of each channel in an
  /// example, since one value has no variance.
  package var smallestTrainingBatch: Int {
    children.map(\.smallestTrainingBatch).reduce(ownSmallestBatch, max)
  }

  fileprivate init(
    _ form: any LayerForm, _ layer: any Layer, input: Shape, output: Shape,
    children: [BuiltLayer], smallestBatch: Int
  ) {
    self.form = form
    self.layer = layer
    self.input = input
    self.output = output
    self.children = children
    ownSmallestBatch = smallestBatch
  }

  /// The same layer as part of a list called `role` in paths.
  func inside(_ role: String) -> BuiltLayer {
    var layer = self
    layer.role = role
    return layer
  }

  /// The signal after the layer; see ``LayerForm/signal(after:in:)``.
  public func signal(after signal: Signal) -> Signal? { form.signal(after: signal, in: self) }
}

extension [BuiltLayer] {
  /// The same layers as a list called `role` in paths.
  public func labelled(_ role: String) -> [BuiltLayer] { map { $0.inside(role) } }

  /// The signal after consecutive layers.
  public func signal(after signal: Signal?) -> Signal? {
    reduce(signal) { $0.flatMap($1.signal(after:)) }
  }

  /// The layers as a single one.
  var sequence: Sequential { Sequential(map(\.layer)) }
}

/// Builds layers from their forms, each for the output shape of the one before.
public struct LayerBuilder {
  /// The shape of one example before the layer that is being built.
  public private(set) var input: Shape
  /// Where the layer is defined, such as `layers[3].branch[0]`.
  public private(set) var location: String
  private var form: any LayerForm = Activation.linear
  /// Whether a layer comes before the one that is being built, so that it does not receive the examples themselves.
  private(set) var followsAnother = false
  /// The layers with a name.
  private var named: [String: BuiltLayer] = [:]

  /// A builder for a network of examples of a shape, whose layers are defined at `location`.
  public init(input: Shape, location: String = "layers") {
    self.input = input
    self.location = location
  }

  // MARK: What a form builds

  /// A layer without inner layers, or with `children`; by default it keeps the shape of its input.
  public func layer(
    _ layer: some Layer, output: Shape? = nil, children: [BuiltLayer] = [], smallestBatch: Int = 1
  ) -> BuiltLayer {
    BuiltLayer(
      form, layer, input: input, output: output ?? input, children: children,
      smallestBatch: smallestBatch)
  }

  /// Layers one after another, the first of which receives examples of `shape`; by default the input's.
  ///
  /// - Parameters:
  ///   - layers: The descriptions, in order.
  ///   - name: The field that holds them, as shown in messages: `branch`.
  ///   - shape: The shape of one example, without the batch axis.
  public mutating func layers(
    _ layers: [LayerDescription], _ name: String, from shape: Shape? = nil
  ) throws(Problem) -> [BuiltLayer] {
    try self.layers(layers, from: shape ?? input, at: "\(location).\(name)")
  }

  /// Layers that keep the shape of the input.
  ///
  /// - Throws: A problem with their output shape, if it differs.
  mutating func keepingShape(
    _ layers: [LayerDescription], _ name: String
  ) throws(Problem) -> [BuiltLayer] {
    let inside = try self.layers(layers, name)
    guard inside.last?.output ?? input == input else {
      throw problem(
        "\"\(name)\" keeps the shape \(input) and this one gives \(inside.last?.output ?? input)",
        field: name, "make its last layer output \(input[-1]) features")
    }
    return inside
  }

  /// Lists of layers, each of which keeps the shape of the input.
  mutating func branches(
    _ branches: [[LayerDescription]], _ name: String = "branches"
  ) throws(Problem) -> [[BuiltLayer]] {
    var made: [[BuiltLayer]] = []
    for (index, branch) in branches.enumerated() {
      made.append(try keepingShape(branch, "\(name)[\(index)]"))
    }
    return made
  }

  /// The layers of a network.
  public mutating func network(_ layers: [LayerDescription]) throws(Problem) -> [BuiltLayer] {
    try self.layers(layers, from: input, at: location)
  }

  private mutating func layers(
    _ layers: [LayerDescription], from start: Shape, at list: String
  ) throws(Problem) -> [BuiltLayer] {
    let outer = (input, location, form, followsAnother)
    defer { (input, location, form, followsAnother) = outer }
    var shape = start
    var built: [BuiltLayer] = []
    for (index, description) in layers.enumerated() {
      (input, location, form) = (shape, "\(list)[\(index)]", description.form)
      let layer = try build(description)
      shape = layer.output
      built.append(layer)
      followsAnother = true
    }
    return built
  }

  private mutating func build(_ description: LayerDescription) throws(Problem) -> BuiltLayer {
    try description.form.check(at: location)
    let layer = try description.form.build(&self)
    try requireHeld(layer.output.extents, "the output")
    if let name = description.name {
      guard named[name] == nil else {
        throw problem(
          "there is already a layer named \"\(name)\"",
          "give another name; to use the same layer again write {\"layer\": \"again\", "
            + "\"of\": \"\(name)\"}")
      }
      named[name] = layer
    }
    return layer
  }

  /// The earlier layer with a name.
  public func earlier(_ name: String) throws(Problem) -> BuiltLayer {
    if let layer = named[name] { return layer }
    let known = named.keys.sorted().joined(separator: ", ")
    throw problem(
      "there is no earlier layer named \"\(name)\"", field: "of",
      known.isEmpty
        ? "give the layer to share a \"name\"" : "the named layers before this one are \(known)")
  }

  /// The layer that a form builds here, without changing this builder.
  func trial(_ other: any LayerForm) throws(Problem) -> BuiltLayer {
    var builder = self
    builder.form = other
    return try other.build(&builder)
  }

  // MARK: What a form checks

  /// A problem with the layer, or with one of its fields.
  public func problem(_ problem: String, field: String? = nil, _ remedy: String) -> Problem {
    Problem(
      location: location + (field.map { ".\($0)" } ?? ""), problem: problem, remedy: remedy)
  }

  /// The features of `[features]` or `[..., features]`; images have none.
  public func features() throws(Problem) -> Int {
    guard input.rank < 3 else {
      throw problem(
        "this layer takes features, but the layer before gives images of shape \(input)",
        "put a flatten or a global-average-pool in between")
    }
    return input[-1]
  }

  /// The features of `[steps, features]`.
  public func sequenceFeatures() throws(Problem) -> Int {
    guard input.rank == 2 else {
      throw problem(
        "this layer takes sequences [steps, features], but is given the shape \(input)",
        "give the network an input such as [20, 8], or put an embedding before this layer")
    }
    return input[1]
  }

  /// The input's shape with another number of features.
  public func input(withFeatures outputs: Int) -> Shape {
    Shape(input.extents.dropLast() + [outputs])
  }

  /// Throws if the input is not `[channels, height, width]`.
  public func requireImages() throws(Problem) {
    guard input.rank == 3 else {
      throw problem(
        "this layer takes images [channels, height, width], but is given the shape \(input)",
        "give the network an input such as [3, 32, 32], and no flatten before this layer")
    }
  }

  /// The shape of images after a window.
  func windowed(_ window: SlidingWindow, channels: Int) throws(Problem) -> Shape {
    try requireImages()
    try requireHeld([window.padding], "the padding")
    guard let positions = window.positions(height: input[1], width: input[2]) else {
      throw problem(
        "a window of \(window) is larger than the images of shape \(input)",
        "use a smaller window, more padding, or one fewer layer that halves the image")
    }
    return [channels, positions.height, positions.width]
  }

  /// The most values that a tensor of a network may have: 16 GiB in single precision.
  private static let sizeLimit = 1 << 32

  /// Throws if a tensor with these extents could not be held.
  public func requireHeld(_ extents: [Int], _ tensor: String) throws(Problem) {
    var size = 1
    for extent in extents {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Self.sizeLimit else {
        throw problem(
          "\(tensor) would have the shape \(Shape(extents)), which is more than memory holds",
          "give sizes with a product below \(Self.sizeLimit)")
      }
      size = product
    }
  }
}
