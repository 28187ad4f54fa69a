/// The position and name of each of a network's parameters in the one vector that holds them all; and the
/// same for its running statistics, which are in a separate vector.
///
/// Found by walking the stored properties of a layer value, in the order of their declaration: a
/// parameter is named by the properties and indices that lead to it, joined by dots. A
/// parameter reached twice, because a layer value is used twice, is listed where it was first found.
public struct ParameterLayout: Sendable {
  /// One parameter or running statistic.
  public struct Entry: Sendable {
    /// The path, as in `blocks.3.first.weight`.
    public let name: String
    /// The shape of its value.
    public let shape: Shape
    /// How its value is initialized.
    public let initializer: Initializer
    /// The index of its first value in the vector.
    public let offset: Int
    /// How far an optimizer moves it, relative to others.
    public let updates: UpdateScale
  }

  /// The parameters in order.
  public private(set) var entries: [Entry] = []

  /// The number of values in the vector.
  public private(set) var count = 0

  /// The running statistics in order: their indices in the vector of statistics.
  public private(set) var statistics: [Entry] = []

  /// Consecutive parameters that an optimizer moves alike; a single group where no layer scales the steps of its parameters.
  private(set) var updateGroups: [UpdateGroup] = []

  /// The number of values in the vector of statistics.
  public private(set) var statisticCount = 0

  /// The paths of the layers that have a tag, and of those that a layer with a tag may name.
  public private(set) var layerPaths: [String] = []

  /// The further paths of layers that occur more than once, each with the path at which the layer was first met.
  package private(set) var repeatedLayers: [(path: String, original: String)] = []

  /// The parameters that the entries describe. They keep their identities alive, so that the addresses stay theirs.
  package private(set) var parameters: [Parameter] = []

  private var indices: [ObjectIdentifier: Int] = [:]
  private var statisticIndices: [ObjectIdentifier: Int] = [:]
  private var layers: [ObjectIdentifier: Int] = [:]
  /// The indices of the layers without a tag, by path.
  private var untagged: [String: Int] = [:]
  /// Keeps the identities alive, so that their addresses stay theirs.
  private var identities: [Identity] = []

  /// The layout of a network's parameters. Complexity: O(number of stored properties, at all levels).
  public init(of network: some Layer) {
    visit(network, path: [], .one)
    updateGroups = UpdateGroup.groups(of: entries)
  }

  /// The index in `entries` of a name; `nil` if there is none.
  public func index(named name: String) -> Int? { entries.firstIndex { $0.name == name } }

  /// The initial values of the running statistics, as one vector.
  package func initialStatistics<Scalar: TensorScalar>() -> Tensor<Scalar> {
    Tensor(
      [statisticCount],
      nearestTo: statistics.flatMap { $0.initializer.values(shape: $0.shape, key: Key(seed: 0)) })
  }

  func index(of statistic: RunningStatistic) -> Int? {
    statisticIndices[ObjectIdentifier(statistic.identity)]
  }

  func index(of parameter: Parameter) -> Int? { indices[ObjectIdentifier(parameter.identity)] }

  func layerIndex(of name: LayerName) -> Int? { layers[ObjectIdentifier(name.identity)] }

  /// Whether there are layers without a tag, which are named by the layers that hold them.
  var hasUntaggedLayers: Bool { !untagged.isEmpty }

  /// The index in `layerPaths` of a layer without a tag, by its name in the layer that holds it.
  func untaggedLayer(_ label: String, of holder: LayerName) -> Int? {
    layerIndex(of: holder).flatMap {
      untagged[layerPaths[$0].isEmpty ? label : "\(layerPaths[$0]).\(label)"]
    }
  }

  /// Notes a layer that has no tag. An activation, which mirrors nothing, belongs to the layer around it.
  private mutating func noteUntagged(_ layer: any Layer, _ mirror: Mirror, path: [String]) {
    guard !path.isEmpty, mirror.displayStyle == .struct,
      !mirror.children.contains(where: { $0.value is LayerName })
    else { return }
    let path = path.joined(separator: ".")
    untagged[path] = layerPaths.count
    layerPaths.append(path)
  }

  private mutating func visit(_ value: Any, path: [String], _ updates: UpdateScale) {
    switch value {
    case let parameter as Parameter:
      let identity = ObjectIdentifier(parameter.identity)
      guard indices[identity] == nil else { return }
      indices[identity] = entries.count
      parameters.append(parameter)
      entries.append(
        Entry(
          name: path.joined(separator: "."), shape: parameter.shape,
          initializer: parameter.initializer, offset: count, updates: updates))
      count += parameter.shape.elementCount
    case let statistic as RunningStatistic:
      let identity = ObjectIdentifier(statistic.identity)
      guard statisticIndices[identity] == nil else { return }
      statisticIndices[identity] = statistics.count
      identities.append(statistic.identity)
      statistics.append(
        Entry(
          name: path.joined(separator: "."), shape: statistic.shape,
          initializer: .constant(statistic.initial), offset: statisticCount, updates: .one))
      statisticCount += statistic.shape.elementCount
    case let name as LayerName:
      let identity = ObjectIdentifier(name.identity)
      if let index = layers[identity] {
        repeatedLayers.append((path.dropLast().joined(separator: "."), layerPaths[index]))
        return
      }
      layers[identity] = layerPaths.count
      identities.append(name.identity)
      layerPaths.append(path.dropLast().joined(separator: "."))
    case is UpdateScale, is String, is any Numeric, is Shape, is Initializer, is Tensor<Float>,
      is Tensor<Double>,
      is [Float], is [Double], is [Int]:
      return
    default:
      let mirror = Mirror(reflecting: value)
      if let layer = value as? any Layer { noteUntagged(layer, mirror, path: path) }
      let inner = mirror.children.lazy.compactMap { $0.value as? UpdateScale }.first
      let updates = inner.map { updates * $0 } ?? updates
      let isOptional = mirror.displayStyle == .optional
      for (index, child) in mirror.children.enumerated() {
        // An optional adds no name of its own; elements of a collection are named by their index.
        visit(child.value, path: isOptional ? path : path + [child.label ?? "\(index)"], updates)
      }
    }
  }
}

extension ParameterLayout: Equatable {
  /// Whether the parameters and the running statistics have the same names and shapes in the same order.
  public static func == (left: ParameterLayout, right: ParameterLayout) -> Bool {
    func agree(_ a: [Entry], _ b: [Entry]) -> Bool {
      a.elementsEqual(b) { $0.name == $1.name && $0.shape == $1.shape }
    }
    return agree(left.entries, right.entries) && agree(left.statistics, right.statistics)
  }
}
