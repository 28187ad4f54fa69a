import Experiments
import Foundation
import Plots
import Plumbline

/// Why residual blocks have two layers.
struct HessianConditioning: ClaimStudy {
  static let name = "hessian-conditioning"
  static let claim =
    "with two layers per block, the Hessian at zero weights has the same condition number at any depth, with eigenvalues ± the singular values "
    + "of Σxx - Σyx; with three it is zero, and with one the condition number grows at least in proportion to depth"
  static let source =
    "Li et al. 2016 (arXiv:1611.01186); the eigenvalues and the bound derived here"
  static let derivation = """
    Why residual blocks have two layers. A linear net of blocks I + W₂W₁ at zero weights has a Hessian whose eigenvalues \
    are ±σ, σ the singular values of D = Σxx - Σyx, at every depth: its condition number does not depend on depth. With three layers in a block \
    the Hessian is zero, a flat start. With one layer, I + W, the second-order part of the loss is ½ E |S x|² + Σ tr(D W_j W_i), i < j, with S = Σ W. \
    Changes that add up to S = 0 have eigenvalues of the order of σ at any depth, while equal changes of all blocks have the sum over all pairs, \
    L times as much: so the condition number grows in proportion to L. The smallest eigenvalue is not 0.
    """
  static let control = "weights that start at 0.1 instead of zero, and two layers in place of one"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "3 s", full: "10 s")

  private static let size = 3
  private static let sets = 9

  let conditions: ClaimConditions

  /// What is measured with one set of data: the law of two layers, and the spectra' sizes for each depth.
  private struct Spectra: Codable, Sendable {
    let largest: Double, condition: Double
    /// Largest eigenvalue and condition number with two layers to a block.
    var two: [[Double]] = []
    /// The largest eigenvalue with three.
    var three: [Double] = []
    /// The condition number with one.
    var one: [Double] = []
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let depths = effort == .quick ? [1, 2, 4, 8] : [1, 2, 4, 8, 16]
    let isControl = isControl
    let spectra = try session.sample("spectra", draws: Self.sets, key) {
      Self.spectra(depths, isControl, $0)
    }
    let first = spectra[0]
    var checks: [Check] = []
    for (index, depth) in depths.enumerated() {
      let blocks = depth == 1 ? "1 block" : "\(depth) blocks"
      checks += [
        Check(
          "two layers per block, \(blocks): condition number", predicted: first.condition,
          exactly: first.two[index][1], tolerance: 1e-6),
        Check(
          "two layers per block, \(blocks): largest eigenvalue", predicted: first.largest,
          exactly: first.two[index][0], tolerance: 1e-6),
        Check(
          "three layers per block, \(blocks): largest eigenvalue", predicted: 0,
          exactly: first.three[index], tolerance: 0),
      ]
    }
    for (index, depth) in depths.enumerated().dropFirst() {
      checks.append(
        Check(
          "one layer per block: condition number at \(depth) blocks over that at 1", .above,
          Double(depth), median: MedianInterval(of: spectra.map { $0.one[index] / $0.one[0] })))
    }
    let x = depths.map(Double.init)
    let chart = Chart(
      title: "Two layers per block keep the Hessian's condition number at any depth",
      subtitle:
        "linear nets of width \(Self.size) at zero weights, medians of \(Self.sets) sets of data; dashed: the law",
      x: Axis("blocks", scale: .log2, ticks: x), y: Axis("condition number", scale: .log10),
      series: [
        .law(x) { _ in median(spectra.map(\.condition)) },
        Series(
          "two layers", x: x, y: x.indices.map { at in median(spectra.map { $0.two[at][1] }) }),
        .medians("one layer", x, over: spectra.map(\.one)),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The law of one set of data, and the spectra.
  private static func spectra(_ depths: [Int], _ isControl: Bool, _ key: Key) -> Spectra {
    let inputs: Tensor<Double> = key["inputs"].normalTensor([12, size])
    let targets: Tensor<Double> = key["targets"].normalTensor([12, size])
    func moment(_ rows: Tensor<Double>) -> Tensor<Double> {
      matmul(inputs.transposed(), rows) / Double(inputs.shape[0])
    }
    let difference = moment(inputs) - moment(targets)
    let singular = eigenvalues(ofSymmetric: matmul(difference.transposed(), difference)).map {
      max($0, 0).squareRoot()
    }
    let largest = singular.max() ?? 0
    var spectra = Spectra(largest: largest, condition: largest / (singular.min() ?? 1))
    for depth in depths {
      func sizes(_ layers: Int) -> [Double] {
        eigenvalues(
          ofSymmetric: hessian(
            layers: layers, depth: depth, inputs, targets, start: isControl ? 0.1 : 0)
        ).map(abs)
      }
      func condition(_ sizes: [Double]) -> Double { (sizes.max() ?? 0) / (sizes.min() ?? 1) }
      let two = sizes(2)
      spectra.two.append([two.max() ?? 0, condition(two)])
      spectra.three.append(sizes(3).max() ?? 1)
      spectra.one.append(condition(isControl ? two : sizes(1)))
    }
    return spectra
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
