import Experiments
import Foundation
import Plots
import Plumbline

/// What layers of attention do to the distance between the tokens of a sequence.
struct RankCollapse: ClaimStudy {
  static let name = "rank-collapse"
  static let claim =
    "without skips each layer of attention cubes the tokens' relative distance from their mean; with skips of branches that "
    + "attend evenly their distance stays, and their mean's energy grows by 1 + s² per layer"
  static let source =
    "the collapse, doubly exponential: Dong, Cordonnier and Loukas 2021 (arXiv:2103.03404); exponent and growth derived here"
  static let derivation = """
    Tokens 1cᵀ + R, whose distances R from a common c are small, give the scores cᵀAc + cᵀA R_j + R_iᵀA c + R_iᵀA R_j. What does not depend \
    on j drops out of row i's softmax, and the second term is the same in all rows. So the rows' weights differ by R_iᵀA R_j alone, which is of \
    second order, and they weigh tokens that differ by R: the outputs differ by the third power. Layers without skips therefore cube the \
    distance, which after L of them is a power 3^L. With a skip R itself remains. A branch whose queries are zero attends evenly: it \
    adds s times the mean's values to every token, which leaves R as it is and multiplies the mean's energy by 1 + s² in expectation. \
    With s = 1 the tokens still come together, by 2^(-L/2); with s = 1/√L the mean grows by no more than e.
    """
  static let control = "skips where there are none, and branches that are not scaled"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "9 s", full: "8 s")

  private static let tokens = 16, width = 32, heads = 4
  private static let shape: Shape = [1, tokens, width]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 200, full: 800)
    let isControl = isControl
    let sizes = [0.1, 0.03]
    let exponents = try session.means("exponents", draws: count, key["exponent"]) { key in
      let layer = Self.stack(1, scale: isControl ? 1 : nil)
      let parameters = Parameters<Double>(of: layer, key: key["weights"])
      let common: Tensor<Double> = key["common"].normalTensor([1, 1, Self.width])
      let differences = Self.differences(key["tokens"].normalTensor(Self.shape))
      func distance(_ size: Double) -> Double {
        Self.distance(layer(common + size * differences, parameters.pass()))
      }
      return sizes.map { log2(distance($0) / distance($0 / 2)) }
    }
    func law(_ depth: Double) -> Double { pow(1 + 1 / depth, depth) }
    let growth = try MeasuredLaw("even attention", at: [4, 16, 64], law: law) { depth in
      try session.mean("mean's energy, \(depth) layers", draws: 2 * count, key["growth"]) { key in
        let scale = isControl ? 1 : 1 / Double(depth).squareRoot()
        let x: Tensor<Double> = key["tokens"].normalTensor(Self.shape)
        let y = Self.evenly(Self.stack(depth, scale: scale), x, key["weights"])
        return Self.meanEnergy(y) / Self.meanEnergy(x)
      }
    }
    let kept = try session.value("distance that is left") { [key] in
      draws(20) { draw in
        let x: Tensor<Double> = key["kept"]["tokens"][draw].normalTensor(Self.shape)
        let y = Self.evenly(Self.stack(16, scale: 1), x, key["kept"][draw])
        let (before, after) = (Self.differences(x), Self.differences(y))
        return ((after - before).squared().sum() / before.squared().sum()).scalar.squareRoot()
      }
    }
    let curves = try session.value("distances") { [key] in
      let kinds = [nil, 1, 1 / Double(Self.shownDepth).squareRoot()]
      return kinds.map { scale in draws(100) { Self.course(scale, key["course"][$0]) } }
    }
    let checks =
      zip(sizes, exponents).map { size, exponent in
        // What follows the third order is of the relative size of the distance, squared where it is symmetric.
        Check(
          "no skip, distance \(size): exponent of what a layer makes of it", law: 3,
          measured: exponent, neglecting: size * size)
      } + [
        Check(
          "no skip: relative distance after 4 layers", .below, 1e-4,
          medianOf: curves[isControl ? 1 : 0].map { $0[4] }),
        Check(
          "skips, even attention, 16 layers: change of the distances", .below, 1e-12, medianOf: kept
        ),
      ] + growth.checks { "s = 1/√L, \($0) layers: growth of the mean's energy" }
    let labels = ["no skip", "skip, s = 1", "skip, s = 1/√L"]
    let course = Chart(
      title: "Tokens come together",
      x: Axis("layer"), y: Axis("relative distance from the mean", scale: .log10),
      series: zip(labels, curves).map { label, draws in
        // Below this the rest is rounding.
        let layers = draws[0].indices.filter { layer in median(draws.map { $0[layer] }) > 1e-14 }
        return .medians(
          label, layers.map(Double.init), over: draws.map { draw in layers.map { draw[$0] } })
      })
    let energy = Chart(
      title: "The mean's growth, s = 1/√L", subtitle: "dashed: (1 + 1/L)ᴸ",
      x: .doubling("layers L", growth.depths), y: Axis("energy of the mean, last over first"),
      series: growth.series)
    let figure = Self.figure(
      [course, energy],
      title: "Attention alone makes all tokens equal; scaled skips keep them apart",
      note:
        "\(Self.tokens) tokens of width \(Self.width), \(Self.heads) heads, random weights; medians with their intervals, and means with two "
        + "standard errors.", width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static let shownDepth = 16

  /// Layers of attention, around each a skip if there is a scale for its branch.
  private static func stack(_ depth: Int, scale: Double?) -> Sequential {
    Sequential(
      (0..<depth).map { _ -> any Layer in
        let attention = Attention(width, heads: heads, initializer: .lecun())
        return scale.map { Residual(attention, scale: $0) } ?? attention
      })
  }

  /// What layers of attention with random weights, but queries of zero, make of tokens.
  private static func evenly(
    _ network: Sequential, _ x: Tensor<Double>, _ key: Key
  ) -> Tensor<Double> {
    var parameters = Parameters<Double>(of: network, key: key)
    let mask = Tensor<Double>([1, 3 * width], (0..<3 * width).map { $0 < width ? 0 : 1 })
    for name in parameters.names where name.hasSuffix("inputWeight") {
      parameters[name] = parameters[name] * mask
    }
    return network(x, parameters.pass())
  }

  /// The relative distance before each layer and after the last.
  private static func course(_ scale: Double?, _ key: Key) -> [Double] {
    var x: Tensor<Double> = key["tokens"].normalTensor(shape)
    var distances = [distance(x)]
    for layer in 0..<shownDepth {
      let block = stack(1, scale: scale)
      x = block(x, Parameters<Double>(of: block, key: key[layer]).pass())
      distances.append(distance(x))
    }
    return distances
  }

  private static func differences(_ x: Tensor<Double>) -> Tensor<Double> {
    x - x.mean(alongAxes: [1], keepingAxes: true)
  }

  private static func meanEnergy(_ x: Tensor<Double>) -> Double {
    x.mean(alongAxes: [1]).squared().sum().scalar / Double(width)
  }

  /// The root of the tokens' energy around their mean over all of it.
  private static func distance(_ x: Tensor<Double>) -> Double {
    (differences(x).squared().sum().scalar / x.squared().sum().scalar).squareRoot()
  }
}
