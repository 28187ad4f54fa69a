import Plumbline

/// A parameter or running statistic of a network, with its names and layouts in files.
///
/// PyTorch's names differ in the last part of the path: a normalization's scale and shift are `weight` and `bias`
/// there, and names of several words have underscores. Its weights are out x in.
struct StoredParameter {
  /// The path in the network, as in `2.branch.0.weight`.
  let path: String
  /// The shape in the network.
  let shape: Shape
  /// The path under PyTorch's names, as in `1.running_mean`.
  let torchPath: String
  /// Whether this is a matrix `[in, out]` or a convolution's weight `[in, height, width, out]`, which PyTorch stores in another
  /// order.
  let isWeight: Bool

  init(_ entry: ParameterLayout.Entry) { self.init(path: entry.name, shape: entry.shape) }

  init(path: String, shape: Shape) {
    self.path = path
    self.shape = shape
    let last = Self.lastPart(of: path)
    isWeight = last.lowercased().hasSuffix("weight") && [2, 4].contains(shape.rank)
    torchPath = path.dropLast(last.count) + Self.torchName(last, rank: shape.rank)
  }

  private static func lastPart(of path: String) -> String {
    path.split(separator: ".").last.map(String.init) ?? path
  }

  private static func torchName(_ name: String, rank: Int) -> String {
    switch (name, rank) {
    case ("scale", 1): "weight"
    case ("shift", 1): "bias"
    case ("runningVariance", _): "running_var"
    default: name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
  }

  /// The axis of the network's tensor that is at each position of PyTorch's.
  var torchAxes: [Int] { shape.rank == 2 ? [1, 0] : [3, 0, 1, 2] }

  /// The axis of PyTorch's tensor that is at each position of the network's.
  var axesFromTorch: [Int] { shape.rank == 2 ? [1, 0] : [1, 2, 3, 0] }

  /// The shape in a file; `isTransposed` for weights that are out x in.
  func fileShape(isTransposed: Bool) -> [Int] {
    isWeight && isTransposed ? torchAxes.map { shape[$0] } : shape.extents
  }

  /// Whether an array of a file has the shape of this parameter; vectors may be rows or columns.
  func fits(_ found: [Int], isTransposed: Bool) -> Bool {
    if shape.rank > 1 { return found == fileShape(isTransposed: isTransposed) }
    return found.filter { $0 != 1 } == shape.extents.filter { $0 != 1 }
  }

  /// Whether both orders have the same shape and different values.
  var isAmbiguous: Bool {
    isWeight && fileShape(isTransposed: true) == shape.extents && shape.elementCount > 1
  }
}

/// A parameter at a further position of its layer, at which PyTorch's `state_dict` lists it again.
struct StoredRepetition {
  /// The parameter under its further path.
  let parameter: StoredParameter
  /// The same under the path at which the network lists it.
  let first: StoredParameter

  /// The repetitions for all layers that occur at several positions.
  static func all(in layout: ParameterLayout) -> [StoredRepetition] {
    let stored = (layout.entries + layout.statistics).map(StoredParameter.init)
    // A layer inside one that is repeated is repeated itself, and would be listed twice.
    var seen = Set(stored.map(\.path))
    return layout.repeatedLayers.flatMap { layer in
      stored.compactMap { first in
        guard first.path.hasPrefix(layer.original + ".") else { return nil }
        let path = layer.path + first.path.dropFirst(layer.original.count)
        guard seen.insert(path).inserted else { return nil }
        return StoredRepetition(
          parameter: StoredParameter(path: path, shape: first.shape), first: first)
      }
    }
  }
}

/// The dense layers of a network that consists of nothing else with parameters.
struct StoredDenseLayers {
  /// Weight and bias of each layer, in the order in which the network uses them.
  let layers: [(weight: StoredParameter, bias: StoredParameter?)]

  /// The layers of such a network; `nil` if a parameter is not a dense layer's.
  init?(_ layout: ParameterLayout) {
    guard layout.statistics.isEmpty, !layout.entries.isEmpty else { return nil }
    var layers: [(weight: StoredParameter, bias: StoredParameter?)] = []
    for parameter in layout.entries.map(StoredParameter.init) {
      if parameter.path.hasSuffix("weight"), parameter.isWeight, parameter.shape.rank == 2 {
        layers.append((parameter, nil))
      } else if let last = layers.last, last.bias == nil,
        parameter.path == last.weight.path.dropLast("weight".count) + "bias",
        parameter.shape == [last.weight.shape[1]]
      {
        layers[layers.count - 1].bias = parameter
      } else {
        return nil
      }
    }
    self.layers = layers
  }

  /// The widths, starting with the input's, as in `784,64,10`.
  var widths: String {
    ([layers[0].weight.shape[0]] + layers.map { $0.weight.shape[1] })
      .map(String.init).joined(separator: ",")
  }
}
