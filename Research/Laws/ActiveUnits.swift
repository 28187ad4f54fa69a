import Foundation

/// How many units of a ReLU layer with symmetric weights are on, K ~ Binomial(n, ½), and the energy that a layer of He's weights
/// passes on with that: 2χ²_K/n.
enum ActiveUnits {
  /// The probability that `on` of `width` units are on: from Binomial(n, ½).
  static func share(_ on: Int, of width: Int) -> Double {
    let (n, k) = (Double(width), Double(on))
    let ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return Foundation.exp(ways - n * Foundation.log(2))
  }

  /// Mean and variance of ln(2χ²_K/n) for K ~ Binomial(n, ½) above 0. Given K the mean is ψ(K/2) + ln(4/n), and the variance ψ'(K/2).
  static func logarithmOfEnergy(_ width: Int) -> (mean: Double, variance: Double) {
    // ψ and ψ' at ½ and 1, ψ without Euler's constant, and then ψ(x + 1) = ψ(x) + 1/x and ψ'(x + 1) = ψ'(x) - 1/x².
    var means = [-2 * Foundation.log(2.0), 0]
    var variances = [Double.pi * .pi / 2, .pi * .pi / 6]
    for on in 1...width {
      let x = Double(on) / 2
      means.append(means[on - 1] + 1 / x)
      variances.append(variances[on - 1] - 1 / (x * x))
    }
    let shares = (1...width).map { share($0, of: width) }
    func mean(_ values: [Double]) -> Double {
      let sum = zip(shares, values).reduce(0) { $0 + $1.0 * $1.1 }
      return sum / shares.reduce(0, +)
    }
    let center = mean(means)
    let euler = 0.577_215_664_901_532_9
    return (
      center - euler + Foundation.log(4 / Double(width)),
      mean(variances) + mean(means.map { ($0 - center) * ($0 - center) })
    )
  }
}
