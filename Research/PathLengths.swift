import Experiments
import Foundation
import Plots
import Plumbline

/// How many branches the signal takes on its way through a residual net at initialization.
package struct PathLengths: ClaimStudy {
  package static let name = "path-lengths"
  package static let claim =
    "the energy of the paths that take k of L branches is binomial; with branches scaled by 1/√L a net of any depth is a "
    + "sum of nets of a few blocks"
  package static let source =
    "Veit et al. 2016 (arXiv:1605.06431) count paths; for their energy derived here: Binomial(L, η²/(1 + η²)), which tends to Poisson(1)"
  package static let derivation = """
    How many branches the signal takes through a residual net at initialization. Multiplying out Π(I + ηA) gives a path \
    for each choice of blocks; the energy of those that take k of L branches is binomial with L trials of probability η²/(1 + η²). \
    With η = 1 its mean is L/2 branches; with η = 1/√L it tends to a Poisson distribution with mean 1: at any depth the net is a sum of nets of \
    a few blocks.
    """
  package static let control = "branches of twice the energy"
  package static let topic = StudyTopic.signal
  package static let cost = (quick: "2 s", full: "8 s")

  package let conditions: ClaimConditions

  package init(conditions: ClaimConditions) { self.conditions = conditions }

  /// A net, and what is checked about it.
  private struct Kind: Sendable {
    let label: String
    let depth: Int, scale: Double
    /// The lengths whose shares are checked.
    let lengths: [Int]
    /// Whether it is deep enough to be checked against the limit, Poisson's law with mean 1.
    var isLimit = false

    /// The probability of `length` branches.
    func law(_ length: Double) -> Double {
      let share = scale * scale / (1 + scale * scale)
      let length = Int(length)
      return (0..<length).reduce(pow(1 - share, Double(depth - length))) {
        $0 * share * Double(depth - $1) / Double($1 + 1)
      }
    }
  }

  private static let kinds = [
    Kind(label: "L = 16, η = 1", depth: 16, scale: 1, lengths: [7, 8, 9]),
    Kind(label: "L = 16, η = 1/√L", depth: 16, scale: 1.0 / 4, lengths: [0, 1, 2]),
    Kind(label: "L = 64, η = 1/√L", depth: 64, scale: 1.0 / 8, lengths: [0, 1, 2], isLimit: true),
  ]

  package func result(in session: StudySession) throws -> CheckedClaim {
    let width = 64
    let count = effort.choose(quick: 64, full: 256)
    var checks: [Check] = []
    var series: [Series] = []
    for kind in Self.kinds {
      let lengths = min(kind.depth, 16)
      let variance = isControl ? 2.0 : 1
      let shares = try session.means(kind.label, draws: count, key) { key in
        Self.shares(
          depth: kind.depth, scale: kind.scale, longest: lengths, width: width,
          variance: variance, key: key)
      }
      checks += kind.lengths.map { length in
        Check(
          "\(kind.label): share of paths of \(length)", law: kind.law(Double(length)),
          measured: shares[length], neglecting: 1 / Double(width))
      }
      if kind.isLimit {
        // What is left of the number of blocks is of order 1/L.
        let neglected = 1 / Double(width) + 1 / Double(kind.depth)
        checks += zip(0..., [1.0, 1, 0.5]).map { length, share in
          Check(
            "\(kind.label): share of paths of \(length), as Poisson's", law: share / M_E,
            measured: shares[length], neglecting: neglected)
        }
      }
      let shown = 0...min(lengths, 12)
      series += [
        .law(shown.map(Double.init), kind.law),
        .measured(kind.label, shown.map(Double.init), shares),
      ]
    }
    let chart = Chart(
      title: "With branches scaled by 1/√L the paths that count are short at any depth",
      subtitle: "width \(width), \(count) draws, ±2 standard errors; dashed: binomial",
      x: Axis("branches that a path takes"), y: Axis("share of the Jacobian's energy"),
      series: series)
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The shares of the energy |P_k|² of the paths that take k = 0 ... `longest` branches, for one draw of the weights.
  ///
  /// P_k is the sum over all choices of k blocks; a further block h + ηV relu(W h) turns it into P_k + P_(k-1) ηA, where
  /// A is the branch's Jacobian at its input.
  ///
  /// - Parameter variance: The variance of an entry of V, times the width; the law holds for 1.
  package static func shares(
    depth: Int, scale: Double, longest: Int, width: Int, variance: Double = 1, key: Key
  ) -> [Double] {
    func weights(_ name: String, _ block: Int, _ variance: Double) -> Tensor<Float> {
      let values: Tensor<Float> = key[name][block].normalTensor([width, width])
      return values * (variance / Double(width)).squareRoot()
    }
    var signal: Tensor<Float> = key["input"].normalTensor([1, width])
    var paths = [Tensor<Float>.identity(width)]
    for block in 0..<depth {
      let (inner, outer) = (weights("inner", block, 2), weights("outer", block, variance))
      let hidden = matmul(signal, inner)
      let isActive = Tensor<Float>([1, width], hidden.scalars.map { $0 > 0 ? 1 : 0 })
      let branch = matmul(inner * isActive, outer) * scale
      let last = paths.count <= longest ? matmul(paths[paths.count - 1], branch) : nil
      for length in stride(from: paths.count - 1, to: 0, by: -1) {
        paths[length] = paths[length] + matmul(paths[length - 1], branch)
      }
      if let last { paths.append(last) }
      signal = signal + matmul(relu(hidden), outer) * scale
    }
    let energies = paths.map { Double($0.squared().sum().scalar) }
    let total = energies.reduce(0, +)
    return energies.map { $0 / total }
  }
}
