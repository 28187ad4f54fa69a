import Experiments
import Plumbline

/// The residual stream of a small transformer: where its norm stands, and what scales its branches. It predicts the next character of a
/// text whose entropy, the floor of the loss, is known. It claims nothing: which differences the seeds support is what it prints.
let transformer = Experiment(
  "transformer",
  claim:
    "explores: where a transformer's norm stands and what scales its branches, at depths 2 to 64, under one protocol",
  source:
    "Vaswani et al. 2017 (arXiv:1706.03762), Xiong et al. 2020 (arXiv:2002.04745), Dong et al. 2021 (arXiv:2103.03404); the "
    + "papers of each block as in frontier",
  topic: .frontier,
  cost: (quick: "4 min", full: "about 60 min"),
  arms: TransformerArm.allCases.map(\.arm), depths: [2, 4, 8, 16, 32, 64], reference: "pre-ln",
  finding: "The residual stream of a small transformer",
  data: "words:count=20000", normalize: StudyData.Scaling.none,
  full: {
    $0.width = 64
    $0.batch = 32
    $0.steps = 400
  },
  quick: {
    $0.depths = [2, 8, 24]
    $0.width = 32
    $0.batch = 32
    $0.steps = 100
    $0.learningRates = [1e-3, 3e-3, 1e-2]
  })

/// What becomes of the branches of a block: attention over the earlier characters, then two dense layers.
private enum TransformerArm: String, CaseIterable {
  case preLN = "pre-ln"
  case postLN = "post-ln"
  case periLN = "peri-ln"
  case scaledLN = "scaled-ln"
  case deepNorm = "deepnorm"
  case reZero = "zero-scale"
  case scaled = "scaled-branch"
  case noSkip = "no-skip"

  private var summary: String {
    switch self {
    case .preLN: "x + f(N(x))"
    case .postLN: "N(x + f(x))"
    case .periLN: "x + N(f(N(x)))"
    case .scaledLN: "x + f(N(x) / sqrt(l)) in branch l"
    case .deepNorm: "N(c x + f(x)), c = (2 branches)^(1/4)"
    case .reZero: "x + a f(x), a trained number a, from 0 on"
    case .scaled: "x + f(x) / sqrt(branches)"
    case .noSkip: "f(N(x))"
    }
  }

  var arm: Arm {
    Arm(rawValue, summary: summary, definition: "1") { point in
      TransformerNet(point, blocks: blocks(point), norm: self != .postLN && self != .deepNorm)
    }
  }

  /// Two branches for each block.
  private func blocks(_ point: GridPoint) -> [any Layer] {
    let (width, count) = (point.width, 2 * point.depth)
    let heads = width.isMultiple(of: 4) ? 4 : 1
    let deep = NormalizedResidual.deepNorm(blocks: count)
    let gain = self == .deepNorm ? deep.gain : 1
    func branch(_ index: Int) -> any Layer {
      if index.isMultiple(of: 2) {
        return Attention(
          width, heads: heads, isCausal: true, initializer: .lecun().scaled(by: gain))
      }
      return Sequential(
        Dense(width, 4 * width, initializer: .he(for: .gelu).scaled(by: gain)), Activation.gelu,
        Dense(4 * width, width, initializer: .lecun().scaled(by: gain)))
    }
    return (0..<count).map { index in
      let branch = branch(index)
      func normalized(
        _ position: NormalizedResidual.Position, inputScale: Double = 1, skipScale: Double = 1
      ) -> NormalizedResidual {
        NormalizedResidual(branch, position, inputScale: inputScale, skipScale: skipScale) {
          LayerNorm(width)
        }
      }
      return switch self {
      case .preLN: normalized(.pre)
      case .postLN: normalized(.post)
      case .periLN: normalized(.peri)
      case .scaledLN: normalized(.pre, inputScale: 1 / Double(index + 1).squareRoot())
      case .deepNorm: normalized(.post, skipScale: deep.skipScale)
      case .reZero: Residual(Sequential([branch]), learnedScale: 0)
      case .scaled: Residual(Sequential([branch]), scale: 1 / Double(count).squareRoot())
      case .noSkip: Sequential(LayerNorm(width), branch)
      }
    }
  }
}

/// Characters `[examples, steps]` to the logits of the next one: an embedding, positions, the blocks, and what is at the last step.
private struct TransformerNet: Layer {
  let embedding: Embedding, positions: Positions, hidden: [any Layer], norm: LayerNorm?
  let output: Dense

  init(_ point: GridPoint, blocks: [any Layer], norm: Bool) {
    embedding = Embedding(point.classes, point.width)
    positions = Positions(steps: point.inputs, point.width)
    hidden = blocks
    self.norm = norm ? LayerNorm(point.width) : nil
    output = Dense(point.width, point.classes, initializer: .lecun())
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = positions(embedding(x, pass), pass)
    for block in hidden { h = pass.output(of: block, h) }
    let steps = h.shape[1]
    h = h.sliced(axis: 1, steps - 1..<steps).reshaped(to: [h.shape[0], h.shape[2]])
    if let norm { h = norm(h, pass) }
    return output(h, pass)
  }
}
