/// One value of a tape as an instrument sees it: where it came from, without the value itself.
package struct RecordedNode: Sendable {
  /// The operation; `nil` for a leaf.
  package let operation: String?
  /// What the operation does to a signal.
  package let role: SignalRole?
  /// The path of the parameter, or another name of a leaf; `nil` for results.
  package let label: String?
  /// The positions of the inputs, all before this one.
  package let inputs: [Int]
  /// The shape of the value.
  package let shape: Shape
  /// The path of the layer that it belongs to.
  package let layer: String?
}

extension Tape {
  /// All values in order. Complexity: O(number of nodes); no value is computed.
  package var recordedNodes: [RecordedNode] {
    nodes.indices.map { index in
      RecordedNode(
        operation: nodes[index].operation?.name,
        role: nodes[index].operation.flatMap {
          ($0 as? any BuiltInOperation).map { type(of: $0).role }
        } ?? nil,
        label: nodes[index].label,
        inputs: nodes[index].inputs, shape: nodes[index].shape, layer: layerPath(at: index))
    }
  }

  /// The value at a position, as a variable.
  package func variable(at index: Int) -> Variable<Scalar> {
    require(nodes.indices.contains(index), "position \(index) on a tape of \(nodes.count) values")
    return Variable(tape: self, index: index)
  }
}
