import Findings
import Foundation
import Plumbline

extension Arm: CaseIterable {
  /// The library's arms of dense layers alone, which an experiment compares where it says nothing else; see ``library`` for all.
  public static let allCases: [Arm] = [
    plain, residual, zero, highway, orthogonalTanh, unscaled,
  ]

  /// A chain of He-initialized ReLU layers, or as the factors `activation` and `initializer` say.
  public static let plain = Arm(dense: "plain", summary: "He ReLU layers") {
    point throws(Problem) in
    let activation = try point.activation(default: .relu)
    let initializer = try point.initializer(before: activation)
    return DepthNetwork(point, form: .plain(activation), inputInitializer: initializer) { _ in
      .dense(Dense(point.width, point.width, initializer: initializer))
    }
  }

  /// Identity blocks of two layers, h + s (relu(h W1 + b1) W2 + b2), with s = 1/√blocks, or as the factor `depth-scaling` says.
  public static let residual = Arm(
    dense: "residual", summary: "two-layer identity blocks, branch scaled 1/sqrt(blocks)",
    layersOfABlock: 2
  ) { point throws(Problem) in
    let own = (2 / Double(point.depth)).squareRoot()
    guard let scaling = try point.depthScaling() else { return try blocks(point, scale: own) }
    let count = point.depth / 2
    return try blocks(
      point, scale: scaling.branchScale(blocks: count), updates: scaling.updates(blocks: count))
  }

  private static func blocks(
    _ point: GridPoint, scale: Double, second: Initializer? = nil, updates: UpdateScale = .one
  ) throws(Problem) -> DepthNetwork {
    let activation = try point.activation(default: .relu)
    let initializer = try point.initializer(before: activation)
    return DepthNetwork(
      point, form: .blocks(activation, scale: scale), inputInitializer: initializer
    ) { index in
      .dense(
        Dense(
          point.width, point.width,
          initializer: index.isMultiple(of: 2) ? initializer : second ?? initializer),
        updates: updates)
    }
  }

  /// The same blocks with s = 1 and W2 = 0 at the start, so that the net starts as its input and output layers.
  public static let zero = Arm(
    dense: "zero", summary: "two-layer identity blocks, branch starts at zero", layersOfABlock: 2
  ) { point throws(Problem) in
    try blocks(point, scale: 1, second: .zero)
  }

  /// Gated layers, gate bias -max(2, ln depth). Two products for each layer: twice the parameters.
  ///
  /// With a bias of -2 at every depth the gates of a deep net add up (64 layers: 7.6 of h in total) and it does not
  /// train; with -ln depth their sum starts near 1.
  public static let highway = Arm(
    dense: "highway", summary: "gated layers, gate bias -max(2, ln depth)", productsOfALayer: 2
  ) { point throws(Problem) in
    DepthNetwork(point, form: .gated) { _ in
      .highway(Highway(point.width, gateBias: -max(2, log(Double(point.depth)))))
    }
  }

  /// A chain of orthogonal tanh layers: the strongest plain control.
  public static let orthogonalTanh = Arm(
    dense: "orthogonal-tanh", summary: "orthogonal tanh layers"
  ) { point throws(Problem) in
    DepthNetwork(point, form: .plain(.tanh), inputInitializer: .orthogonal()) { _ in
      .dense(Dense(point.width, point.width, initializer: .orthogonal()))
    }
  }

  /// The residual blocks with s = 1: the negative control, whose signal doubles with every block.
  public static let unscaled = Arm(
    dense: "unscaled",
    summary: "two-layer identity blocks, branch not scaled (negative control)", layersOfABlock: 2
  ) { point throws(Problem) in
    try blocks(point, scale: 1)
  }
}
