/// A training step on a tape of shapes, from which a replay is made.
struct ReplayRecording<Scalar: TensorScalar> {
  /// The tape, with the gradients recorded too.
  let tape: Tape<Scalar>
  /// The leaves whose values each replay is given.
  let inputs: [Int]
  /// The leaves that are parameters, in the order of the layout.
  let parameters: [Int]
  /// The leaves that each replay draws anew.
  let draws: [RandomDraw<Variable<Scalar>>]
  /// The leaves that are running statistics, by their positions in the layout.
  let statistics: [Int: Int]
  /// The nodes that are their new values, by their positions in the layout.
  let newStatistics: [Int: Int]
  /// The single number that is computed.
  let loss: Int
  /// Its gradient with respect to each parameter, in the order of the layout.
  let gradients: [Int]

  /// A node whose values go outside the arena.
  struct Result {
    let node: Int
    let target: ReplayMemory.Address
    let count: Int
  }

  /// Everything that is computed in addition to the loss.
  func results(_ layout: ParameterLayout) -> [Result] {
    func result(_ node: Int, _ region: ReplayMemory.Region, _ entry: ParameterLayout.Entry)
      -> Result
    {
      Result(
        node: node, target: .init(region: region, offset: entry.offset),
        count: entry.shape.elementCount)
    }
    return zip(gradients, layout.entries).map { result($0, .gradient, $1) }
      + newStatistics.sorted { $0.key < $1.key }.map { index, node in
        result(node, .newStatistics, layout.statistics[index])
      }
  }

  /// The running statistics that no layer has updated: each is to be copied from its own address to that of the new one.
  func unchangedStatistics(
    _ layout: ParameterLayout
  ) -> [(source: ReplayMemory.Address, target: ReplayMemory.Address, count: Int)] {
    layout.statistics.indices.filter { newStatistics[$0] == nil }.map { index in
      let entry = layout.statistics[index]
      return (
        .init(region: .statistics, offset: entry.offset),
        .init(region: .newStatistics, offset: entry.offset), entry.shape.elementCount
      )
    }
  }

  /// The addresses of the leaves that a replay receives in vectors.
  func addresses(_ layout: ParameterLayout) -> [Int: ReplayMemory.Address] {
    var addresses: [Int: ReplayMemory.Address] = [:]
    for (node, entry) in zip(parameters, layout.entries) {
      addresses[node] = .init(region: .parameters, offset: entry.offset)
    }
    for (index, node) in statistics {
      addresses[node] = .init(region: .statistics, offset: layout.statistics[index].offset)
    }
    return addresses
  }
}
