import Findings
import Plumbline

extension ResidualStream {
  /// The streams of the library: norms at several positions, scaled branches, several streams, means over depth.
  package static let library: [ResidualStream] = [
    preNorm, postNorm, periNorm, outputNorm, layerNormScaling, deepNorm, layerScale, reZero,
    dynamicTanh, dynamicErf, preservedGradient, hyperConnections, sinkhornConnections,
    permutedConnections, denseFormer, attentionResiduals,
  ]

  // MARK: Where the norm is

  package static let preNorm = ResidualStream("pre-norm", summary: "x + f(N(x))") {
    parts throws(Problem) in try parts.normalized(.pre)
  }

  package static let postNorm = ResidualStream("post-norm", summary: "N(x + f(x))") {
    parts throws(Problem) in try parts.normalized(.post)
  }

  package static let periNorm = ResidualStream(
    "peri-norm", summary: "x + N(f(N(x))), the sandwich"
  ) { parts throws(Problem) in try parts.normalized(.peri) }

  private static let outputNorm = ResidualStream("output-norm", summary: "x + N(f(x))") {
    parts throws(Problem) in try parts.normalized(.output)
  }

  package static let layerNormScaling = ResidualStream(
    "layer-norm-scaling", summary: "x + f(N(x) / sqrt(l)) in block l"
  ) { parts throws(Problem) in
    try parts.normalized(.pre, inputScale: { 1 / Double($0).squareRoot() })
  }

  package static let deepNorm = ResidualStream(
    "deep-norm", summary: "N(c x + f(x)), c = (2 blocks)^(1/4), weights times (8 blocks)^(-1/4)"
  ) { parts throws(Problem) in
    let scales = NormalizedResidual.deepNorm(blocks: parts.count)
    return Blocks(
      try parts.branches(gain: scales.gain).map {
        NormalizedResidual($0, .post, skipScale: scales.skipScale, norm: parts.norm)
      })
  }

  // MARK: What scales a branch

  private static let layerScale = ResidualStream(
    "layer-scale",
    summary: "x + g f(N(x)), a trained g for each feature, from the factor initial (0.1) on"
  ) { parts throws(Problem) in
    let initial = parts.point["initial", default: 0.1]
    return try parts.normalized(
      .pre,
      branch: { Sequential($0.layers + [LayerScale(parts.point.width, initial: initial)]) })
  }

  package static let reZero = ResidualStream(
    "rezero", summary: "x + a f(x), a trained number a, from 0 on"
  ) { parts throws(Problem) in
    Blocks(try parts.branches().map { Residual($0, learnedScale: 0) })
  }

  private static let preservedGradient = ResidualStream(
    "gpas",
    summary: "pre-norm, and the block's output shrunk without the gradient's knowledge"
  ) { parts throws(Problem) in
    Blocks(
      try parts.branches().map {
        Sequential(NormalizedResidual($0, .pre, norm: parts.norm), GradientPreservingScale())
      }, norm: parts.norm())
  }

  // MARK: What takes the place of the norm

  private static let dynamicTanh = ResidualStream(
    "dynamic-tanh", summary: "pre-norm with tanh(a x) in place of the norm"
  ) { parts throws(Problem) in
    try parts.normalized(.pre, norm: { DynamicTanh(parts.point.width) })
  }

  private static let dynamicErf = ResidualStream(
    "dynamic-erf", summary: "pre-norm with erf(a x + b) in place of the norm"
  ) { parts throws(Problem) in
    try parts.normalized(.pre, norm: { DynamicErf(parts.point.width) })
  }

  // MARK: Several streams

  private static let hyperConnections = ResidualStream(
    "hyper-connections",
    summary: "pre-norm branches on several streams, as many as the factor streams says (4)"
  ) { parts throws(Problem) in try parts.streams(.free) }

  private static let sinkhornConnections = ResidualStream(
    "sinkhorn-connections",
    summary: "the same, mixed by doubly stochastic matrices of Sinkhorn's iterations"
  ) { parts throws(Problem) in try parts.streams(.sinkhorn) }

  private static let permutedConnections = ResidualStream(
    "permuted-connections", summary: "the same, mixed by means of permutations"
  ) { parts throws(Problem) in try parts.streams(.permutations) }

  // MARK: Means over depth

  private static let denseFormer = ResidualStream(
    "dense-former",
    summary: "pre-norm blocks, each followed by a weighted sum of all before"
  ) { parts throws(Problem) in
    let blocks = try parts.branches().map { NormalizedResidual($0, .pre, norm: parts.norm) }
    return Blocks([DepthWeightedAverage(blocks)], norm: parts.norm())
  }

  private static let attentionResiduals = ResidualStream(
    "attention-residuals",
    summary: "each branch is given a mean of all before, by attention over depth"
  ) { parts throws(Problem) in
    Blocks(
      [AttentionResiduals(parts.point.width, branches: try parts.normalizedBranches())],
      norm: parts.norm())
  }
}

extension ResidualStream.Parts {
  /// Blocks with a norm at a position; where the stream itself is not normalized, a norm before the output.
  ///
  /// - Parameters:
  ///   - position: Where the norm is.
  ///   - norm: Makes what takes the norm's place; `nil` for the norm.
  ///   - inputScale: The factor on what the branch of a block, counted from 1, is given.
  ///   - branch: What becomes of a branch.
  fileprivate func normalized(
    _ position: NormalizedResidual.Position, norm: (@Sendable () -> any Layer)? = nil,
    inputScale: (Int) -> Double = { _ in 1 }, branch: (Sequential) -> Sequential = { $0 }
  ) throws(Problem) -> ResidualStream.Blocks {
    let norm = norm ?? self.norm
    let scaling = try point.depthScaling()
    return ResidualStream.Blocks(
      try branches().enumerated().map {
        NormalizedResidual(
          branch($1), position, inputScale: inputScale($0 + 1),
          scale: scaling?.branchScale(blocks: count) ?? 1,
          updates: scaling?.updates(blocks: count) ?? .one, norm: norm)
      }, norm: position == .post ? nil : norm())
  }

  /// Pre-norm branches on several streams, whose connections depend on the input where the factor `input-dependent` is 1.
  fileprivate func streams(
    _ mixing: HyperConnections.Mixing
  ) throws(Problem) -> ResidualStream.Blocks {
    let streams = point["streams", default: 4]
    let most = mixing == .permutations ? 5 : 64
    guard (1...most).contains(streams) else {
      throw Problem(
        setting: "vary", problem: "streams=\(streams)",
        remedy: "give whole numbers from 1 to \(most)")
    }
    let isDependent = point["input-dependent", default: 0]
    guard (0...1).contains(isDependent) else {
      throw Problem(
        setting: "vary", problem: "input-dependent=\(isDependent)", remedy: "give 0 or 1")
    }
    return ResidualStream.Blocks(
      [
        HyperConnections(
          point.width, branches: try normalizedBranches(), streams: streams, mixing: mixing,
          dependsOnInput: isDependent == 1)
      ], norm: norm())
  }
}
