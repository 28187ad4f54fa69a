import Experiments
import Findings
import Plumbline

/// The residual stream of a small transformer: where its norm stands, and what scales its branches. It predicts the next character of a
/// text whose entropy, the floor of the loss, is known. It claims nothing: which differences the seeds support is what it prints. Where
/// `--arms` asks for them, it takes all streams of `frontier`, under their names after "transformer-".
let transformer = Experiment(
  "transformer",
  claim:
    "explores: where a transformer's norm stands and what scales its branches, at depths 2 to 64, under one protocol",
  source:
    "Vaswani et al. 2017 (arXiv:1706.03762), Xiong et al. 2020 (arXiv:2002.04745), Dong et al. 2021 (arXiv:2103.03404); the "
    + "papers of each block as in frontier",
  topic: .frontier,
  cost: (quick: "8 min", full: "about 60 min"),
  arms: (ResidualStream.library + ofTransformers).map(arm), depths: [2, 4, 8, 16, 32, 64],
  reference: "transformer-pre-norm",
  finding: "The residual stream of a small transformer",
  data: "words:count=20000", normalize: StudyData.Scaling.none,
  full: {
    $0.arms = shown.map(arm)
    $0.width = 64
    $0.batch = 32
    $0.steps = 400
  },
  quick: {
    $0.arms = shown.map(arm)
    $0.depths = [2, 8, 24]
    $0.width = 32
    $0.batch = 32
    $0.steps = 100
    $0.learningRates = [1e-3, 3e-3, 1e-2]
  })

/// The streams that are compared unless others are asked for.
private let shown =
  [
    .preNorm, .postNorm, .periNorm, .layerNormScaling, .deepNorm, ResidualStream.reZero,
  ] + ofTransformers

/// Streams that dense nets do not have, or have otherwise.
private let ofTransformers = [
  ResidualStream("scaled-branch", summary: "x + f(x) / sqrt(branches)") { parts throws(Problem) in
    let scale = 1 / Double(parts.count).squareRoot()
    return .init(try parts.branches().map { Residual($0, scale: scale) }, norm: parts.norm())
  },
  ResidualStream(
    "value-residuals", summary: "pre-norm; attention to a v1 + b v, from 1/2 and 1/2 on"
  ) { parts throws(Problem) in
    let made = try ResidualStream.preNorm.blocks(parts)
    return .init([ValueResiduals(made.blocks)], norm: made.norm)
  },
  ResidualStream("no-skip", summary: "f(N(x))") { parts throws(Problem) in
    .init(try parts.normalizedBranches(), norm: parts.norm())
  },
]

/// The arm of a stream, two branches for each block: attention over the earlier characters, then two dense layers.
private func arm(_ stream: ResidualStream) -> Arm {
  Arm("transformer-\(stream.name)", summary: stream.summary, definition: "2") {
    point throws(Problem) in
    let (width, count) = (point.width, 2 * point.depth)
    let heads = width.isMultiple(of: 4) ? 4 : 1
    let parts = ResidualStream.Parts(point, count: count, norm: try point.norm(default: "layer")) {
      gain in
      (0..<count).map { index in
        if index.isMultiple(of: 2) {
          return Sequential(
            [
              Attention(
                width, heads: heads, isCausal: true, initializer: .lecun().scaled(by: gain))
            ])
        }
        return Sequential(
          Dense(width, 4 * width, initializer: .he(for: .gelu).scaled(by: gain)), Activation.gelu,
          Dense(4 * width, width, initializer: .lecun().scaled(by: gain)))
      }
    }
    return TransformerNet(point, try stream.blocks(parts))
  }
}

/// Characters `[examples, steps]` to the logits of the next one: an embedding, positions, the blocks, and what is at the last step.
private struct TransformerNet: Layer {
  let embedding: Embedding, positions: Positions, hidden: [any Layer], norm: (any Layer)?
  let output: Dense

  init(_ point: GridPoint, _ stream: ResidualStream.Blocks) {
    embedding = Embedding(point.classes, point.width)
    positions = Positions(steps: point.inputs, point.width)
    (hidden, norm) = (stream.blocks, stream.norm)
    output = Dense(point.width, point.classes, initializer: .lecun())
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = positions(embedding(x, pass), pass)
    for block in hidden { h = pass.output(of: block, h) }
    let steps = h.shape[1]
    h = h.sliced(axis: 1, steps - 1..<steps).reshaped(to: [h.shape[0], h.shape[2]])
    if let norm { h = pass.output(of: norm, h) }
    return output(h, pass)
  }
}
