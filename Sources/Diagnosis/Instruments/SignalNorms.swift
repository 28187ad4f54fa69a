import Networks
import Plumbline
import Training

/// How the signal of a network changes from its first to its last layer, and its gradient on the way back: the root mean squares at
/// the positions that every path from input to output goes through.
package struct SignalNorms: Sendable {
  /// The paths of the layers, in the order of the depth.
  package let layers: [String]
  /// The root mean square of the values, and of the gradient of one example's loss with respect to them.
  package let values: [Double], gradients: [Double]

  /// The norms on the first examples, at most 256, in training mode.
  package init<Scalar: TrainableScalar>(
    of network: any Layer, at parameters: Parameters<Scalar>, on examples: Examples<Scalar>,
    loss: LossFunction, key: Key
  ) {
    let stations = Probe(network, on: examples, limit: 256, loss: loss, key: key)
      .measurement(at: parameters, step: 0).stations
    layers = stations.map(\.layer)
    values = stations.map { $0.meanSquare.squareRoot() }
    gradients = stations.map { $0.gradientMeanSquare.squareRoot() }
  }
}
