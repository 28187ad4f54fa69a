import Findings
import Plumbline

extension Arm {
  /// The arms whose blocks are layers of the library: norms at several positions, scaled branches, several streams, means over depth.
  ///
  /// To add one, write a value below and name it here. A block is two dense layers with the activation between, the first with the
  /// activation's initializer and the second with variance 1 / width, so that without a scale a branch adds the energy that it is given.
  /// A norm is what the factor `norm` says, the root-mean-square norm by default; where the stream is not normalized itself, one norm stands before
  /// the output layer. Blocks with one norm position read the factor `depth-scaling`.
  public static let blocks: [Arm] = [
    preNorm, postNorm, periNorm, outputNorm, layerNormScaling, deepNorm, layerScale, reZero,
    dynamicTanh, dynamicErf, preservedGradient, hyperConnections, sinkhornConnections,
    permutedConnections, denseFormer, attentionResiduals, shapedPlain,
  ]

  /// All arms of the library: ``allCases`` and then ``blocks``.
  public static let library = allCases + blocks

  // MARK: Where the norm is

  private static let preNorm = Arm(
    blocks: "pre-norm", summary: "x + f(N(x))"
  ) { point throws(Problem) in try point.normalizedBlocks(.pre) }

  private static let postNorm = Arm(
    blocks: "post-norm", summary: "N(x + f(x))"
  ) { point throws(Problem) in try point.normalizedBlocks(.post) }

  private static let periNorm = Arm(
    blocks: "peri-norm", summary: "x + N(f(N(x))), the sandwich"
  ) { point throws(Problem) in try point.normalizedBlocks(.peri) }

  private static let outputNorm = Arm(
    blocks: "output-norm", summary: "x + N(f(x))"
  ) { point throws(Problem) in try point.normalizedBlocks(.output) }

  private static let layerNormScaling = Arm(
    blocks: "layer-norm-scaling", summary: "x + f(N(x) / sqrt(l)) in block l"
  ) { point throws(Problem) in
    try point.normalizedBlocks(.pre, inputScale: { 1 / Double($0).squareRoot() })
  }

  private static let deepNorm = Arm(
    blocks: "deep-norm",
    summary: "N(c x + f(x)), c = (2 blocks)^(1/4), weights times (8 blocks)^(-1/4)"
  ) { point throws(Problem) in
    let scales = NormalizedResidual.deepNorm(blocks: point.blocks)
    let norm = try point.norm()
    return BlockNetwork(
      point,
      blocks: try point.branches(gain: scales.gain).map {
        NormalizedResidual($0, .post, skipScale: scales.skipScale, norm: norm)
      })
  }

  // MARK: What scales a branch

  private static let layerScale = Arm(
    blocks: "layer-scale",
    summary: "x + g f(N(x)), a trained g for each feature, from the factor initial (0.1) on"
  ) { point throws(Problem) in
    let initial = point["initial", default: 0.1]
    return try point.normalizedBlocks(
      .pre,
      branch: { Sequential($0.layers + [LayerScale(point.width, initial: initial)]) })
  }

  private static let reZero = Arm(
    blocks: "rezero", summary: "x + a f(x), a trained number a, from 0 on"
  ) { point throws(Problem) in
    BlockNetwork(point, blocks: try point.branches().map { Residual($0, learnedScale: 0) })
  }

  private static let preservedGradient = Arm(
    blocks: "gpas",
    summary: "pre-norm, and the block's output shrunk without the gradient's knowledge"
  ) { point throws(Problem) in
    let norm = try point.norm()
    return BlockNetwork(
      point,
      blocks: try point.branches().map {
        Sequential(NormalizedResidual($0, .pre, norm: norm), GradientPreservingScale())
      }, norm: norm())
  }

  // MARK: What takes the place of the norm

  private static let dynamicTanh = Arm(
    blocks: "dynamic-tanh", summary: "pre-norm with tanh(a x) in place of the norm"
  ) { point throws(Problem) in
    try point.normalizedBlocks(.pre, norm: { DynamicTanh(point.width) })
  }

  private static let dynamicErf = Arm(
    blocks: "dynamic-erf", summary: "pre-norm with erf(a x + b) in place of the norm"
  ) { point throws(Problem) in
    try point.normalizedBlocks(.pre, norm: { DynamicErf(point.width) })
  }

  // MARK: Several streams

  private static let hyperConnections = Arm(
    blocks: "hyper-connections",
    summary: "pre-norm branches on several streams, as many as the factor streams says (4)"
  ) { point throws(Problem) in try point.streams(.free) }

  private static let sinkhornConnections = Arm(
    blocks: "sinkhorn-connections",
    summary: "the same, mixed by doubly stochastic matrices of Sinkhorn's iterations"
  ) { point throws(Problem) in try point.streams(.sinkhorn) }

  private static let permutedConnections = Arm(
    blocks: "permuted-connections", summary: "the same, mixed by means of permutations"
  ) { point throws(Problem) in try point.streams(.permutations) }

  // MARK: Means over depth

  private static let denseFormer = Arm(
    blocks: "dense-former",
    summary: "pre-norm blocks, each followed by a weighted sum of all before"
  ) { point throws(Problem) in
    let norm = try point.norm()
    let blocks = try point.branches().map { NormalizedResidual($0, .pre, norm: norm) }
    return BlockNetwork(point, blocks: [DepthWeightedAverage(blocks)], norm: norm())
  }

  private static let attentionResiduals = Arm(
    blocks: "attention-residuals",
    summary: "each branch is given a mean of all before, by attention over depth"
  ) { point throws(Problem) in
    let norm = try point.norm()
    let branches = try point.branches().map { Sequential([norm()] + $0.layers) }
    return BlockNetwork(
      point, blocks: [AttentionResiduals(point.width, branches: branches)], norm: norm())
  }

  // MARK: No skips

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
  fileprivate var blocks: Int { depth / 2 }

  /// What makes the norm that the factor `norm` says.
  fileprivate func norm() throws(Problem) -> @Sendable () -> any Layer {
    let width = width
    switch self["norm", default: "rms"] {
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
  fileprivate func branches(gain: Double = 1) throws(Problem) -> [Sequential] {
    let activation = try activation(default: .relu)
    let inner = try initializer(before: activation)
    let outer = try initializer(before: activation, default: .lecun())
    func scaled(_ initializer: Initializer) -> Initializer {
      gain == 1 ? initializer : initializer.scaled(by: gain)
    }
    return (0..<blocks).map { _ in
      Sequential(
        Dense(width, width, initializer: scaled(inner)), activation,
        Dense(width, width, initializer: scaled(outer)))
    }
  }

  /// Blocks with a norm at a position; where the stream itself is not normalized, a norm before the output.
  ///
  /// - Parameters:
  ///   - position: Where the norm is.
  ///   - norm: Makes a norm; `nil` for what the factor says.
  ///   - inputScale: The factor on what the branch of a block, counted from 1, is given.
  ///   - branch: What becomes of a branch.
  fileprivate func normalizedBlocks(
    _ position: NormalizedResidual.Position, norm: (@Sendable () -> any Layer)? = nil,
    inputScale: (Int) -> Double = { _ in 1 }, branch: (Sequential) -> Sequential = { $0 }
  ) throws(Problem) -> BlockNetwork {
    let make: @Sendable () -> any Layer
    if let norm { make = norm } else { make = try self.norm() }
    let scaling = try depthScaling()
    return BlockNetwork(
      self,
      blocks: try branches().enumerated().map {
        NormalizedResidual(
          branch($1), position, inputScale: inputScale($0 + 1),
          scale: scaling?.branchScale(blocks: blocks) ?? 1,
          updates: scaling?.updates(blocks: blocks) ?? .one, norm: make)
      }, norm: position == .post ? nil : make())
  }

  /// Pre-norm branches on several streams, whose connections depend on the input where the factor `input-dependent` is 1.
  fileprivate func streams(_ mixing: HyperConnections.Mixing) throws(Problem) -> BlockNetwork {
    let streams = self["streams", default: 4]
    let most = mixing == .permutations ? 5 : 64
    guard (1...most).contains(streams) else {
      throw Problem(
        setting: "vary", problem: "streams=\(streams)",
        remedy: "give whole numbers from 1 to \(most)")
    }
    let isDependent = self["input-dependent", default: 0]
    guard (0...1).contains(isDependent) else {
      throw Problem(
        setting: "vary", problem: "input-dependent=\(isDependent)", remedy: "give 0 or 1")
    }
    let norm = try self.norm()
    let branches = try self.branches().map { Sequential([norm()] + $0.layers) }
    return BlockNetwork(
      self,
      blocks: [
        HyperConnections(
          width, branches: branches, streams: streams, mixing: mixing,
          dependsOnInput: isDependent == 1)
      ], norm: norm())
  }
}
