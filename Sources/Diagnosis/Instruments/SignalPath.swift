import Plumbline

/// The path of the signal through a recorded network: what every path from input to output goes through.
///
/// Found on the tape, so that a user's own layer needs no registration: a value that no edge of the recording
/// passes by carries the whole signal. Of those, the results of weights and the ends of skips are the stations at
/// which the signal is measured, one for each step of depth. Complexity: O(recorded values).
struct SignalPath: Sendable {
  /// A position at which the whole signal is measured.
  struct Station: Sendable {
    let index: Int
    let layer: String
    /// Whether two paths meet here, so that it is the end of a skip.
    let isJoin: Bool
  }

  /// An activation function that was applied to the signal.
  struct ActivationPosition: Sendable {
    let index: Int
    let input: Int
    let function: Activation
    let layer: String
  }

  /// The sum of a skip and a branch.
  struct Join: Sendable {
    let layer: String
    let identity: Int
    let branch: Int
  }

  private(set) var stations: [Station] = []
  private(set) var activations: [ActivationPosition] = []
  private(set) var joins: [Join] = []
  /// Whether the signal is divided by a number computed from many of its values, such as their deviation.
  private(set) var isNormalized = false

  /// The signal's path from `input` to `output`.
  init(_ nodes: [RecordedNode], from input: Int, to output: Int) {
    // The values that depend on the input and on which the output depends.
    var carries = [Bool](repeating: false, count: output + 1)
    for index in input...output {
      carries[index] = index == input || nodes[index].inputs.contains { carries[$0] }
    }
    var lastUse = [Int](repeating: 0, count: output + 1)
    lastUse[output] = output
    for index in stride(from: output, through: input, by: -1) where carries[index] {
      carries[index] = lastUse[index] > 0
      guard carries[index] else { continue }
      for position in nodes[index].inputs { lastUse[position] = max(lastUse[position], index) }
    }
    var furthestUse = input
    // An activation is named after the layer whose output it takes: its own name is that of the list that contains both.
    var names: [Int: String] = [:]
    for index in input...output where carries[index] {
      let node = nodes[index]
      let signals = node.inputs.filter { carries[$0] }
      let isWhole = furthestUse <= index
      furthestUse = max(furthestUse, lastUse[index])
      let operation = node.operation ?? ""
      let function = Activation(operationNamed: operation).flatMap { $0.isElementwise ? $0 : nil }
      let source = signals.first.flatMap { names[$0] }
      let name =
        function != nil ? source ?? Self.name(of: index, nodes) : Self.name(of: index, nodes)
      names[index] = node.layer == nil && node.role != .product ? source ?? name : name
      if let function {
        activations.append(
          ActivationPosition(index: index, input: signals[0], function: function, layer: name))
      }
      if node.role == .factor,
        Set(signals.map { nodes[$0].shape.elementCount }).count == 2
      {
        isNormalized = true
      }
      let isSum = node.role == .sum && signals.count == 2 && signals[0] != signals[1]
      if isSum, let join = Self.join(signals, at: name, nodes) { joins.append(join) }
      let isJoin = isSum || node.role == .sequence && signals.count > 1
      if isWhole, isJoin || node.role == .product && signals.count == 1 {
        stations.append(Station(index: index, layer: name, isJoin: isJoin))
      }
    }
  }

  /// The layer's path, or that of the weight if the layer has no name.
  private static func name(of index: Int, _ nodes: [RecordedNode]) -> String {
    if let layer = nodes[index].layer { return layer }
    let weight = nodes[index].inputs.lazy.compactMap { nodes[$0].label }.first { $0 != "input" }
    guard let weight, let dot = weight.lastIndex(of: ".") else { return weight ?? "network" }
    return String(weight[..<dot])
  }

  /// The identity is the addend from which the other one was computed.
  private static func join(_ addends: [Int], at name: String, _ nodes: [RecordedNode]) -> Join? {
    guard let first = addends.min(), let second = addends.max() else { return nil }
    var open = [second]
    var seen: Set<Int> = []
    while let next = open.popLast() {
      if next == first { return Join(layer: name, identity: first, branch: second) }
      for input in nodes[next].inputs where input >= first && seen.insert(input).inserted {
        open.append(input)
      }
    }
    return nil
  }
}
