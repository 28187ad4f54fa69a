import Experiments
import Plumbline

/// A block whose branch is multiplied by a trained factor for each unit: h + λ (relu(h W1 + b1) W2 + b2).
struct ScaledBlock: Layer {
  let first: Dense, second: Dense, scale: Parameter

  init(width: Int, start: Double) {
    first = Dense(width, width)
    second = Dense(width, width)
    scale = Parameter([width], .constant(start))
  }

  func callAsFunction<T>(_ h: T, _ pass: Pass<T>) -> T {
    h + second(relu(first(h, pass)), pass) * pass[scale]
  }
}

public let layerScale = Experiment(
  "layer-scale",
  claim: "blocks with a trained scale stay below plain nets, wherever their scale starts",
  source: "Touvron et al. 2021 (arXiv:2103.17239), on dense nets",
  arms: [
    .plain, .residual,
    Arm("scaled", summary: "blocks with a trained scale", layersOfABlock: 2) { point in
      BlockNetwork(
        point,
        blocks: (0..<point.depth / 2).map { _ in
          ScaledBlock(width: point.width, start: point["start", default: 0.1])
        })
    },
  ],
  depths: [4, 16, 64], factors: [Factor("start", [0.1, 1e-3])],
  predictions: [.isBelow("scaled", "plain")])
