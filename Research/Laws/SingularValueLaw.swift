import Foundation

/// The distribution of ln x in wide nets, as points of its curve in the order of ln x.
struct SingularValueLaw: Sendable {
  let logarithms: [Double], shares: [Double]

  /// From points with densities, the largest logarithm first: the spectrum ends there, while at the other end it may extend to 0.
  init(_ points: [(logarithm: Double, density: Double)]) {
    var share = 1.0
    let below = zip(points, points.dropFirst()).map { above, point in
      share -= (above.logarithm - point.logarithm) * (above.density + point.density) / 2
      return share
    }
    logarithms = points.map(\.logarithm).reversed()
    shares = ([1] + below).reversed()
  }

  /// The Fuss-Catalan law: x = sin^(L+1)((L+1)φ) / (sin φ sin^L(Lφ)), where the density is sin² φ sin^(L-1)(Lφ) / (π
  /// sin^L((L+1)φ)).
  static func linear(depth: Int) -> SingularValueLaw {
    let depth = Double(depth)
    return SingularValueLaw(
      (1..<4000).map { step in
        let angle = Double.pi / (depth + 1) * Double(step) / 4000
        let (one, all, more) = (sin(angle), sin(depth * angle), sin((depth + 1) * angle))
        let logarithm = (depth + 1) * log(more) - log(one) - depth * log(all)
        return (
          logarithm,
          one * one * pow(all, depth - 1) / (.pi * pow(more, depth)) * exp(logarithm)
        )
      })
  }

  /// The law of a product of many I + A/√L.
  static var residual: SingularValueLaw {
    let upper = (1..<4000).compactMap { step -> (logarithm: Double, density: Double)? in
      let b = Double(step) / 6000
      let square = 0.25 - b * b + b / tan(2 * b)
      guard square > 0 else { return nil }
      let a = square.squareRoot() - 0.5
      return (log(hypot(1 + a, b) / hypot(a, b)) + 2 * a + 1, b / .pi)
    }
    return SingularValueLaw(upper + upper.reversed().map { (-$0.logarithm, $0.density) })
  }

  /// The logarithm below which this part of the spectrum lies.
  func quantile(_ part: Double) -> Double {
    let index = max(shares.firstIndex { $0 >= part } ?? shares.count - 1, 1)
    let (low, high) = (shares[index - 1], shares[index])
    return logarithms[index - 1]
      + (logarithms[index] - logarithms[index - 1]) * (part - low) / (high - low)
  }
}
