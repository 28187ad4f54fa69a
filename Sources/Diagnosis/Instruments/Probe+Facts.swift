import Plumbline

extension Probe {
  /// What is true of the network at these parameters, read off a recording and a few answers.
  func facts(at parameters: Parameters<Scalar>) -> NetworkFacts {
    let count = min(examples.count, 32)
    let features = examples.features.selectingRows(Array(0..<count))
    let tape = Tape<Scalar>()
    let input = tape.constant(features, name: "input")
    let output = network(input, parameters.pass(on: tape, mode: .training, key: key))
    let nodes = tape.recordedNodes
    let path = SignalPath(nodes, from: input.index, to: output.index)
    let ending = Self.ending(
      nodes, from: output.index, Set(parameters.layout.entries.map(\.name)))
    let hidden = path.stations.dropLast().filter { !$0.isJoin }
    let widths = hidden.map { (nodes[$0.index].shape.elementCount / count, $0.layer) }
    let narrowest = widths.min { $0.0 < $1.0 }
    let endingIndices = Set(ending.indices)
    return NetworkFacts(
      endings: ending.functions.reversed(), lastLayer: path.stations.last?.layer,
      dropsOutputs: ending.isDropped, outputCount: output.value.count / count,
      isAffine: path.activations.isEmpty && isAffine(at: parameters, features),
      narrowest: narrowest?.0, narrowestLayer: narrowest?.1,
      equalWeights: Self.equalWeights(parameters),
      usesBatchStatistics: !parameters.layout.statistics.isEmpty,
      isNormalized: path.isNormalized,
      activations: path.activations.filter { !endingIndices.contains($0.index) }.map(\.function),
      otherLayers: NetworkFacts.OtherLayers(network))
  }

  /// The functions after the last product, outermost first, and whether a mask is among them.
  private static func ending(
    _ nodes: [RecordedNode], from output: Int, _ parameters: Set<String>
  ) -> (functions: [Activation], indices: [Int], isDropped: Bool) {
    var (functions, indices): ([Activation], [Int]) = ([], [])
    var isDropped = false
    var index = output
    while let operation = nodes[index].operation, nodes[index].role != .product {
      if let function = Activation(operationNamed: operation) {
        functions.append(function)
        indices.append(index)
      }
      // A mask is a leaf of the value's shape that is not a parameter.
      let inputs = nodes[index].inputs
      let masks = inputs.filter { input in
        nodes[input].operation == nil && nodes[input].shape == nodes[index].shape
          && !(nodes[input].label.map(parameters.contains) ?? false)
      }
      if nodes[index].role == .factor, !masks.isEmpty { isDropped = true }
      let signals = inputs.filter { nodes[$0].operation != nil && !masks.contains($0) }
      guard signals.count == 1 else { break }
      index = signals[0]
    }
    return (functions, indices, isDropped)
  }

  /// Whether f(a) + f(b) - f(c) = f(a + b - c) on the examples, in inference mode.
  private func isAffine(at parameters: Parameters<Scalar>, _ features: Tensor<Scalar>) -> Bool {
    let count = features.shape[0]
    func turned(_ shift: Int) -> Tensor<Scalar> {
      features.selectingRows((0..<count).map { ($0 + shift) % count })
    }
    let pass = parameters.pass(mode: .inference)
    let (a, b, c) = (features, turned(1), turned(max(1, count / 2)))
    let (first, second, third) = (network(a, pass), network(b, pass), network(c, pass))
    let difference = first + second - third - network(a + b - c, pass)
    let size = max(first.meanSquare + second.meanSquare + third.meanSquare, 1e-30)
    return difference.isFinite && difference.meanSquare < 1e-8 * size
  }

  /// The weights of layers with several units, all of which have the same incoming weights.
  private static func equalWeights(_ parameters: Parameters<Scalar>) -> [String] {
    let weights = parameters.layout.entries.filter { $0.shape.rank == 2 && $0.shape[1] > 1 }
    // Those of the output become different at once by their gradients.
    let last = parameters.layout.entries.last { $0.shape.rank >= 2 }?.name
    return weights.filter { $0.name != last }
      .filter { entry in
        let width = entry.shape[1]
        return parameters.vector.withValues { values in
          (0..<entry.shape[0]).allSatisfy { row in
            let start = entry.offset + row * width
            return (1..<width).allSatisfy { values[start + $0] == values[start] }
          }
        }
      }.map(\.name)
  }
}
