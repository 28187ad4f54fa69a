/// Chains of vertices, one per layer, that a drawing tries to keep in one vertical line.
///
/// Each vertex belongs to one column. The first column is the path through the most nodes, which
/// for a network is the path of its data; what is left over, such as a skip connection, forms
/// columns next to it. The idea of vertical blocks is that of Brandes and Köpf, "Fast and simple
/// horizontal coordinate assignment" (2002).
package struct GraphColumns: Sendable {
  /// The vertices of each column from top to bottom; long columns first.
  package let columns: [[Int]]
  /// Which column each vertex belongs to.
  package private(set) var column: [Int]
  /// The vertex above and below each one in its column.
  package private(set) var above: [Int?]
  package private(set) var below: [Int?]
  /// How strongly each vertex holds its position: a long column more than a short one, and a node without inputs least, so that a
  /// parameter makes way for the path of the data.
  package private(set) var weights: [Double]

  /// Complexity: O(v · log(v) + e).
  package init(_ layers: GraphLayers) {
    let vertices = layers.vertices
    // How many nodes the best path downwards from a vertex passes.
    var reach = Array(repeating: 0, count: vertices.count)
    for layer in layers.layers.reversed() {
      for vertex in layer {
        let best = vertices[vertex].below.map { reach[$0] }.max() ?? 0
        reach[vertex] = best + (vertices[vertex].node == nil ? 0 : 1)
      }
    }
    above = Array(repeating: nil, count: vertices.count)
    below = above
    weights = Array(repeating: 1, count: vertices.count)
    var isTaken = Array(repeating: false, count: vertices.count)
    var columns: [[Int]] = []
    for start in vertices.indices.sorted(by: { (-reach[$0], $0) < (-reach[$1], $1) }) {
      guard !isTaken[start] else { continue }
      var column = [start]
      isTaken[start] = true
      while let next = vertices[column[column.count - 1]].below.filter({ !isTaken[$0] })
        .max(by: { (reach[$0], -$0) < (reach[$1], -$1) })
      {
        isTaken[next] = true
        column.append(next)
      }
      columns.append(column)
    }
    columns = columns.enumerated()
      .sorted { (-$0.element.count, $0.offset) < (-$1.element.count, $1.offset) }
      .map(\.element)
    self.columns = columns
    column = Array(repeating: 0, count: vertices.count)
    for (index, column) in columns.enumerated() {
      for vertex in column { self.column[vertex] = index }
      for (upper, lower) in zip(column, column.dropFirst()) {
        below[upper] = lower
        above[lower] = upper
      }
      // Squares: two columns of middle length should not push a long one aside.
      let isLoose = column.count == 1 && vertices[column[0]].above.isEmpty
      let weight = isLoose ? 0.05 : Double(column.count * column.count)
      for vertex in column { weights[vertex] = weight }
    }
  }
}
