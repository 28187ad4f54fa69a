import Experiments
import Foundation
import Plots
import Plumbline

/// How likely a narrow deep ReLU net is to be dead before its first step.
struct BornDead: ClaimStudy {
  static let name = "born-dead"
  static let claim =
    "a plain ReLU net passes on an input with probability Π (1 - 2⁻ⁿ) over its widths n, and is otherwise born dead; a "
    + "residual net never is"
  static let source = "Lu et al. 2019 (arXiv:1903.06733); Rister and Rubin 2020 (arXiv:2007.06192)"
  static let derivation = """
    How likely it is that a narrow deep ReLU net is dead before its first step: with symmetric weights and zero biases each unit is off for an \
    input with probability ½, and a layer with all units off passes nothing on. So an input gets through with probability Π \
    (1 - 2⁻ⁿ) over the layers' widths n. An identity skip passes every input on.
    """
  static let control = "biases that start at 0.5"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "3 s", full: "10 s")

  /// The hidden widths of a plain net. The last two are from a report: a layer of width 3 was added to 8, 7, 7.
  private static let nets: [[Int]] = [
    Array(repeating: 2, count: 9), Array(repeating: 3, count: 9), Array(repeating: 5, count: 19),
    [8, 7, 7], [8, 7, 7, 3],
  ]
  private static let depths = [1, 2, 4, 8, 16]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 3000, full: 20_000)
    let bias = isControl ? 0.5 : 0
    func dead(_ widths: [Int]) -> Double {
      1 - widths.reduce(1) { $0 * (1 - pow(2, -Double($1))) }
    }
    var checks = try Self.nets.map { widths in
      let name =
        Set(widths).count == 1
        ? "\(widths.count) layers of \(widths[0])" : widths.map(String.init).joined(separator: ", ")
      // Four standard errors of a rare event's share are 15 % of it or less with 16 (1 - p) / (0.15² p) draws.
      let probability = dead(widths)
      let needed = Int(900 * (1 - probability) / probability)
      let share = try session.mean(
        "plain \(name)", draws: max(count, needed), key[name]
      ) { key in
        Self.isDead(widths, bias: bias, key) ? 1 : 0
      }
      return Check("dead, \(name)", law: dead(widths), measured: share)
    }
    let residual = try session.mean("residual", draws: count / 3, key["residual"]) { key in
      let blocks = (0..<16).map { _ in
        Residual(Sequential(Dense(2, 2, bias: nil), Activation.relu, Dense(2, 2, bias: nil)))
      }
      return Self.isDead(Sequential(blocks), inputs: 2, key) ? 1 : 0
    }
    checks.append(Check("dead, 16 residual blocks of 2", law: 0, measured: residual))

    let shares = try [2, 3, 5].map { width in
      func law(_ depth: Double) -> Double { dead(Array(repeating: width, count: Int(depth))) }
      return try MeasuredLaw("width \(width)", at: Self.depths, law: law) { depth in
        try session.mean("width \(width), depth \(depth)", draws: count / 8, key["figure"]) { key in
          let widths = Array(repeating: width, count: depth)
          return Self.isDead(widths, bias: bias, key) ? 1 : 0
        }
      }
    }
    let chart = Chart(
      title: "Narrow deep ReLU nets are born dead",
      subtitle:
        "share of draws that give 0 for a random input, ±2 standard errors; dashed: 1 - (1 - 2⁻ⁿ)ᴸ",
      x: .doubling("hidden layers L", Self.depths),
      y: Axis("born dead", range: 0...1, format: .percent),
      series: shares.flatMap(\.series))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// Whether a plain net with these hidden widths outputs zeros alone for a random input.
  private static func isDead(_ widths: [Int], bias: Double, _ key: Key) -> Bool {
    var signal = key["input"].normal(widths[0])
    for (layer, width) in widths.enumerated() {
      signal = GaussianLayer.values(of: [signal], units: width, variance: 2, key: key[layer])[0]
        .map { max($0 + bias, 0) }
      // From a signal of zeros a layer without biases makes zeros.
      if bias == 0 && signal.allSatisfy({ $0 == 0 }) { return true }
    }
    return signal.allSatisfy { $0 == 0 }
  }

  /// Whether the network outputs only zeros for a random input.
  private static func isDead(_ network: Sequential, inputs: Int, _ key: Key) -> Bool {
    let parameters = Parameters<Float>(of: network, key: key["weights"])
    let input: Tensor<Float> = key["input"].normalTensor([1, inputs])
    return network(input, parameters.pass()).scalars.allSatisfy { $0 == 0 }
  }
}
