import Foundation
import Plumbline

/// How near paths through a net come to straight lines that are passed with equal steps.
enum StraightPath {
  /// What is left of a long random walk's: of the variance, 1/6 of the sum of its steps', the line takes 1/10, which leaves 1 - (1/10)/(1/6) = 2/5.
  static let ofRandomWalk = 0.4

  /// The share of the variance of the points of paths, `[examples, width]` each, that the best line with equal steps leaves.
  static func offLine(_ path: [Tensor<Double>]) -> Double {
    let center = Double(path.count - 1) / 2
    let mean = path.reduce(path[0] * 0, +) / Double(path.count)
    func sum(_ term: (Int, Tensor<Double>) -> Tensor<Double>) -> Tensor<Double> {
      path.enumerated().reduce(mean * 0) { $0 + term($1.offset, $1.element) }
    }
    let times = path.indices.reduce(0) { $0 + pow(Double($1) - center, 2) }
    let along = sum { (Double($0) - center) * $1 }.squared() / times
    let all = sum { ($1 - mean).squared() }
    return 1 - along.sum().scalar / all.sum().scalar
  }
}
