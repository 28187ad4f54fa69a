import Findings
import Plumbline

extension Arm {
  /// The arms whose blocks are layers of the library: norms at several positions, scaled branches, several streams, means over depth.
  ///
  /// A block is two dense layers with the activation between, the first with the activation's initializer and the second with variance
  /// 1 / width, so that without a scale a branch adds the energy that it is given. A norm is what the factor `norm` says, the
  /// root-mean-square norm by default; where the stream is not normalized itself, one norm stands before the output layer. Blocks with one norm
  /// position read the factor `depth-scaling`.
  public static let blocks: [Arm] =
    ResidualStream.library.map(Arm.init(denseBlocksOn:)) + [shapedPlain]

  /// All arms of the library: ``allCases`` and then ``blocks``.
  public static let library = allCases + blocks

  /// The arm of a stream whose branches are dense layers.
  private init(denseBlocksOn stream: ResidualStream) {
    self.init(blocks: stream.name, summary: stream.summary) { point throws(Problem) in
      let parts = ResidualStream.Parts(
        point, count: point.depth / 2, norm: try point.norm(default: "rms")
      ) { gain throws(Problem) in try point.denseBranches(gain: gain) }
      let made = try stream.blocks(parts)
      return BlockNetwork(point, blocks: made.blocks, norm: made.norm)
    }
  }

  private static let shapedPlain = Arm(
    blocks: "shaped-plain",
    summary: "plain layers, slopes 1 + 1/sqrt(2 depth) and 1 - 1/sqrt(2 depth)",
    layersOfABlock: 1
  ) { point in
    let activation = ShapedRelu(depth: point.depth)
    return BlockNetwork(
      point,
      blocks: (0..<point.depth).map { _ in
        let initializer = Initializer.varianceScaling(
          gain: activation.gain, .normal, fan: .input)
        return Sequential(Dense(point.width, point.width, initializer: initializer), activation)
      })
  }
}

extension GridPoint {
  /// What makes the norm that the factor `norm` says.
  ///
  /// - Parameter standard: The norm where the factor says nothing.
  package func norm(default standard: String) throws(Problem) -> @Sendable () -> any Layer {
    let width = width
    switch self["norm", default: standard] {
    case "rms": return { RMSNorm(width) }
    case "layer": return { LayerNorm(width) }
    case "dynamic-tanh": return { DynamicTanh(width) }
    case "dynamic-erf": return { DynamicErf(width) }
    case let other:
      throw Problem(
        setting: "vary", problem: "there is no norm \"\(other)\"",
        remedy: "give norm= some of rms, layer, dynamic-tanh, dynamic-erf")
    }
  }

  /// For each block two layers with the activation between; `gain` is a factor on the weights of both.
  fileprivate func denseBranches(gain: Double) throws(Problem) -> [Sequential] {
    let activation = try activation(default: .relu)
    let inner = try initializer(before: activation)
    let outer = try initializer(before: activation, default: .lecun())
    func scaled(_ initializer: Initializer) -> Initializer {
      gain == 1 ? initializer : initializer.scaled(by: gain)
    }
    return (0..<depth / 2).map { _ in
      Sequential(
        Dense(width, width, initializer: scaled(inner)), activation,
        Dense(width, width, initializer: scaled(outer)))
    }
  }
}
