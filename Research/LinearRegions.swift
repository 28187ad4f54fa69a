import Experiments
import Foundation
import Plots
import Plumbline

/// How many linear pieces a random ReLU net cuts a line into.
struct LinearRegions: ClaimStudy {
  static let name = "linear-regions"
  static let claim =
    "a random ReLU net cuts a line into fewer than one piece per two units, and no more when the same units "
    + "are divided among more layers, although 2ᴸ pieces are possible"
  static let source =
    "Hanin and Rolnick 2019 (arXiv:1901.09021); the sawtooth: Telgarsky 2015 (arXiv:1509.08101)"
  static let derivation = """
    How many linear pieces a random ReLU net cuts a line into: a fixed share of its number of units, however they are divided \
    among layers. A net can be built whose pieces double with each layer, and its count is exact here too, but initialization does not \
    produce such nets.
    """
  static let control = "sawtooth nets in place of random ones"
  static let topic = StudyTopic.initialization
  static let cost = (quick: "1 s", full: "6 s")

  private static let nets: [(width: Int, depth: Int)] = [(256, 1), (64, 4), (32, 8), (16, 16)]
  private static let inputs = 16

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 100, full: 300)
    let isBroken = isControl
    let shares = try session.value("shares") { [key] in
      Self.nets.map { width, depth in
        draws(count) { draw -> Double in
          if isBroken {
            // Three units per layer.
            let pieces = Self.pieces(of: Self.sawtooth(depth: min(depth, 8)), ends: [[0], [1]])
            return Double(pieces) / Double(3 * min(depth, 8))
          }
          let pieces = Self.pieces(
            of: Self.random(width: width, depth: depth, key["net"][draw]),
            ends: [key["a"][draw].normal(Self.inputs), key["b"][draw].normal(Self.inputs)])
          return Double(pieces) / Double(width * depth)
        }
      }
    }
    var checks: [Check] = []
    for (net, values) in zip(Self.nets, shares) {
      checks.append(
        Check(
          "\(net.depth) x \(net.width): pieces per unit", .below, 0.6, medianOf: values))
    }
    for (net, values) in zip(Self.nets, shares).dropFirst() {
      let ratio = MedianInterval(of: zip(values, shares[0]).map { $0 / $1 })
      let name = "\(net.depth) x \(net.width): pieces over those of one layer of the same units"
      checks += [
        Check(name, .below, 1.1, median: ratio), Check(name, .above, 0.2, median: ratio),
      ]
    }
    checks += [3, 6, 9].map { depth in
      Check(
        "a sawtooth of \(depth) layers: pieces", predicted: pow(2, Double(depth)),
        exactly: Double(Self.pieces(of: Self.sawtooth(depth: depth), ends: [[0], [1]])),
        tolerance: 0)
    }
    let chart = Chart(
      title: "Dividing the same units among more layers does not cut a line into more pieces",
      subtitle:
        "256 units, lines between two random points, \(count) draws, medians with intervals",
      x: Axis("layers", scale: .log2, ticks: Self.nets.map { Double($0.depth) }),
      y: Axis("pieces per unit", range: 0...0.7),
      series: [
        .law(Self.nets.map { Double($0.depth) }) { _ in 0.5 },
        .medians(
          "He's weights, biases of standard deviation 0.3", Self.nets.map { Double($0.depth) },
          shares.map { MedianInterval(of: $0) }),
      ])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// Weights as `[inputs][units]` and biases of each layer, all with a ReLU after them.
  typealias Net = [(weights: [[Double]], biases: [Double])]

  /// He's weights, and biases of deviation 0.3.
  private static func random(width: Int, depth: Int, _ key: Key) -> Net {
    (0..<depth).map { layer in
      let inputs = layer == 0 ? Self.inputs : width
      let scale = (2 / Double(inputs)).squareRoot()
      return (
        (0..<inputs).map { key[layer][$0].normal(width).map { $0 * scale } },
        key["bias"][layer].normal(width).map { $0 * 0.3 }
      )
    }
  }

  /// The tent map of 0 ... 1 as three units, composed: 2 relu(x) - 4 relu(x - ½) + 2 relu(x - 1), whose outer factors belong to the
  /// next layer.
  private static func sawtooth(depth: Int) -> Net {
    (0..<depth).map { layer in
      let factors: [Double] = layer == 0 ? [1] : [2, -4, 2]
      return (factors.map { Array(repeating: $0, count: 3) }, [0, -0.5, -1])
    }
  }

  /// The number of linear pieces of a net between one point and another, exactly: in each piece a layer's values are linear in the
  /// position, so that their zeros are known. A piece ends where any unit goes on or off.
  static func pieces(of net: Net, ends: [[Double]]) -> Int {
    var (positions, signals) = ([0.0, 1.0], ends)
    for layer in net {
      let values = signals.map { signal in
        layer.biases.indices.map { unit in
          zip(signal, layer.weights).reduce(layer.biases[unit]) { $0 + $1.0 * $1.1[unit] }
        }
      }
      var (newPositions, newValues) = ([positions[0]], [values[0]])
      for piece in 1..<positions.count {
        let (low, high) = (values[piece - 1], values[piece])
        let zeros = low.indices.compactMap { unit -> Double? in
          guard low[unit] * high[unit] < 0 else { return nil }
          return low[unit] / (low[unit] - high[unit])
        }.sorted()
        for zero in zeros where zero > 1e-12 && zero < 1 - 1e-12 {
          newPositions.append(
            positions[piece - 1] + zero * (positions[piece] - positions[piece - 1]))
          newValues.append(zip(low, high).map { $0 + zero * ($1 - $0) })
        }
        newPositions.append(positions[piece])
        newValues.append(high)
      }
      positions = newPositions
      // A zero is exactly 0 rather than what rounding leaves of it.
      signals = newValues.map { $0.map { $0 > 1e-13 ? $0 : 0 } }
    }
    return positions.count - 1
  }
}
