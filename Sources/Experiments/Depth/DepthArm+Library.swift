import Foundation
import Plumbline

extension DepthArm: CaseIterable {
  /// The arms of the library, in the order of tables and colours.
  public static let allCases: [DepthArm] = [
    plain, residual, zero, highway, orthogonalTanh, unscaled,
  ]

  /// He-initialized ReLU layers one after the other.
  public static let plain = DepthArm(dense: "plain", summary: "He ReLU layers") { shape in
    DepthNetwork(shape, form: .relu) { _ in .dense(Dense(shape.width, shape.width)) }
  }

  /// Identity blocks of two layers, h + s (relu(h W1 + b1) W2 + b2), with s = 1/√blocks.
  public static let residual = DepthArm(
    dense: "residual", summary: "two-layer identity blocks, branch scaled 1/sqrt(blocks)",
    layersOfABlock: 2
  ) { shape in
    DepthNetwork(shape, form: .blocks(scale: (2 / Double(shape.depth)).squareRoot())) { _ in
      .dense(Dense(shape.width, shape.width))
    }
  }

  /// The same blocks with s = 1 and W2 = 0 at the start, so that the net starts as its input and output layers.
  public static let zero = DepthArm(
    dense: "zero", summary: "two-layer identity blocks, branch starts at zero", layersOfABlock: 2
  ) { shape in
    DepthNetwork(shape, form: .blocks(scale: 1)) { index in
      .dense(
        Dense(shape.width, shape.width, initializer: index.isMultiple(of: 2) ? .he() : .zero))
    }
  }

  /// Gated layers, gate bias -max(2, ln depth). Two products for each layer: twice the parameters.
  ///
  /// With a bias of -2 at every depth the gates of a deep net add up (64 layers: 7.6 of h in sum) and it does not
  /// train; with -ln depth their sum starts near 1.
  public static let highway = DepthArm(
    dense: "highway", summary: "gated layers, gate bias -max(2, ln depth)", productsOfALayer: 2
  ) { shape in
    DepthNetwork(shape, form: .gated) { _ in
      .highway(Highway(shape.width, gateBias: -max(2, log(Double(shape.depth)))))
    }
  }

  /// Orthogonal tanh layers one after the other: the strongest plain control.
  public static let orthogonalTanh = DepthArm(
    dense: "orthogonal-tanh", summary: "orthogonal tanh layers"
  ) { shape in
    DepthNetwork(shape, form: .tanh, inputInitializer: .orthogonal()) { _ in
      .dense(Dense(shape.width, shape.width, initializer: .orthogonal()))
    }
  }

  /// The residual blocks with s = 1: the negative control, whose signal doubles with every block.
  public static let unscaled = DepthArm(
    dense: "unscaled",
    summary: "two-layer identity blocks, branch not scaled (negative control)", layersOfABlock: 2
  ) { shape in
    DepthNetwork(shape, form: .blocks(scale: 1)) { _ in .dense(Dense(shape.width, shape.width)) }
  }
}
