import Experiments
import Foundation
import Plots
import Plumbline

/// Why residual blocks have two layers.
struct HessianConditioning: ClaimStudy {
  static let name = "hessian-conditioning"
  static let claim =
    "with two layers per block, the Hessian at zero weights has the same condition number at any depth, with eigenvalues ± the singular values "
    + "of Σxx - Σyx; with three it is zero, and with one the condition number grows with depth"
  static let source = "Li et al. 2016 (arXiv:1611.01186); the eigenvalues derived here"
  static let derivation = """
    Why residual blocks have two layers. A linear net of blocks I + W₂W₁ at zero weights has a Hessian whose eigenvalues \
    are ±σ, σ the singular values of Σxx - Σyx, at every depth: its condition number does not depend on depth. With three layers in a block \
    the Hessian is zero, a flat start; with one layer, I + W, its largest eigenvalue grows in proportion to depth and its smallest \
    is 0.
    """
  static let control = "weights that start at 0.1 instead of zero"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "1 s", full: "2 s")

  private static let size = 3

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let depths = effort.choose(quick: 0, full: 1) == 0 ? [1, 2, 4] : [1, 2, 4, 8]
    let size = Self.size
    let inputs = Tensor<Double>([12, size], key["inputs"].normal(12 * size))
    let targets = Tensor<Double>([12, size], key["targets"].normal(12 * size))
    let start = isControl ? 0.1 : 0
    func moment(_ rows: Tensor<Double>) -> Tensor<Double> {
      matmul(inputs.transposed(), rows) / Double(inputs.shape[0])
    }
    let difference = moment(inputs) - moment(targets)
    let singular = eigenvalues(ofSymmetric: matmul(difference.transposed(), difference)).map {
      max($0, 0).squareRoot()
    }
    let condition = (singular.max() ?? 0) / (singular.min() ?? 1)
    func spectrum(_ layers: Int, _ depth: Int) -> [Double] {
      eigenvalues(
        ofSymmetric: Self.hessian(layers: layers, depth: depth, inputs, targets, start: start)
      ).map(abs)
    }
    var checks: [Check] = []
    var conditions: [Double] = []
    for depth in depths {
      let two = spectrum(2, depth)
      let largest = two.max() ?? 0
      // Weights that nothing depends on have the eigenvalue 0, to rounding.
      let least = two.filter { $0 > 1e-9 * largest }.min() ?? largest
      conditions.append(largest / least)
      checks += [
        Check(
          "two layers to a block, \(depth) blocks: condition", predicted: condition,
          measured: largest / least, standardError: 0, tolerance: 1e-6),
        Check(
          "two layers to a block, \(depth) blocks: largest eigenvalue over that of one block",
          predicted: singular.max() ?? 0, measured: largest, standardError: 0, tolerance: 1e-6),
        Check(
          "three layers to a block, \(depth) blocks: largest eigenvalue", predicted: 0,
          measured: spectrum(3, depth).max() ?? 1, standardError: 0, tolerance: 0),
      ]
    }
    let single = depths.map { spectrum(1, $0).max() ?? 0 }
    checks.append(
      Check(
        "one layer to a block: growth of the largest eigenvalue from 1 to \(depths.last ?? 1) blocks",
        .above, 2,
        median: MedianInterval(of: Array(repeating: single[single.count - 1] / single[0], count: 5))
      ))
    let x = depths.map(Double.init)
    let chart = Chart(
      title: "Two layers per block keep the Hessian's condition number at any depth",
      subtitle: "linear nets of width \(size) at zero weights; dashed: the law",
      x: Axis("blocks", scale: .log2, ticks: x), y: Axis("", scale: .log10),
      series: [
        .law(x) { _ in condition }, Series("condition, two layers", x: x, y: conditions),
        Series("largest eigenvalue, one layer", x: x, y: single),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The Hessian of ½ E |f(x) - y|² with respect to all weights, all of which are `start`.
  private static func hessian(
    layers: Int, depth: Int, _ inputs: Tensor<Double>, _ targets: Tensor<Double>, start: Double
  ) -> Tensor<Double> {
    let blocks = (0..<depth).map { _ in
      Residual(
        Sequential(
          (0..<layers).map { _ in Dense(size, size, initializer: .constant(start), bias: nil) }))
    }
    let network = Sequential(blocks)
    let layout = ParameterLayout(of: network)
    let point = Parameters<Double>(of: network, key: Key(seed: 0)).vector
    return Plumbline.hessian(at: point) { vector in
      let values = layout.entries.map { entry in
        vector.sliced(axis: 0, entry.offset..<entry.offset + entry.shape.elementCount)
          .reshaped(to: entry.shape)
      }
      let pass = Pass(layout: layout, values: values)
      let difference = network(vector.constant(inputs), pass) - vector.constant(targets)
      return difference.squared().sum() / Double(2 * inputs.shape[0])
    }
  }
}
