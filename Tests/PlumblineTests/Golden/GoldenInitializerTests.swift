import Plumbline
import TestSupport
import Testing

@Suite("Initializers have PyTorch's standard deviations")
struct GoldenInitializerTests {
  struct File: Decodable {
    let gains: [Gain]
    let cases: [Case]
    let linearDefaults: [LinearDefault]
  }

  struct Gain: Decodable {
    let activation: String
    let slope: Double?
    let gain: Double

    /// The activation of the library, where it has this one with this slope.
    var known: Activation? {
      if let slope, slope != 0.01 { return nil }
      return Activation(rawValue: activation.replacing("_", with: "-"))
    }
  }

  struct Case: Decodable {
    let scheme: String
    let activation: String?
    let slope: Double?
    let gain: Double
    let fanIn, fanOut: Int
    let fanMode: String
    let standardDeviation, uniformBound: Double
  }

  struct LinearDefault: Decodable {
    let fanIn, fanOut: Int
    let weightBound, biasBound, weightStandardDeviation: Double
  }

  private let file: File

  init() throws { file = try GoldenFile.load("initializers.json") }

  @Test("and gains")
  func gains() {
    var leftOut: [String] = []
    for item in file.gains {
      guard let activation = item.known else {
        leftOut.append(item.activation)
        continue
      }
      #expect(Swift.abs(activation.gain - item.gain) <= 1e-15 * item.gain, "\(item.activation)")
    }
    // The slope of the leaky activation is 0.01 here; there is no SELU.
    #expect(leftOut == ["leaky_relu", "selu"])
  }

  private static let fans: [String: Initializer.Fan] = [
    "in": .input, "out": .output, "average": .average,
  ]

  /// The initializers of the library that a case describes.
  private func initializers(
    _ item: Case, _ distribution: Initializer.Distribution
  ) throws -> [Initializer] {
    let fan = try #require(Self.fans[item.fanMode])
    let general = Initializer.varianceScaling(gain: item.gain, distribution, fan: fan)
    switch item.scheme {
    case "kaiming":
      let gain = Gain(activation: item.activation ?? "", slope: item.slope, gain: item.gain)
      return [general] + (gain.known.map { [.he(distribution, fan: fan, for: $0)] } ?? [])
    case "xavier": return [general, .glorot(distribution, gain: item.gain)]
    case "lecun": return [general, .lecun(distribution)]
    default: throw UnknownName(name: item.scheme)
    }
  }

  @Test("for every scheme, fan and distribution, and uniform values within PyTorch's bound")
  func deviations() throws {
    #expect(file.cases.count == 88)
    for item in file.cases {
      let shape: Shape = [item.fanIn, item.fanOut]
      for distribution in Initializer.Distribution.allCases {
        for initializer in try initializers(item, distribution) {
          let deviation = try #require(initializer.standardDeviation(shape: shape))
          #expect(
            Swift.abs(deviation - item.standardDeviation) <= 1e-15 * item.standardDeviation,
            "\(item.scheme) \(item.activation ?? "") \(shape) \(item.fanMode)")
          guard distribution == .uniform else { continue }
          let values = initializer.values(shape: shape, key: Key(seed: 1)).map(Swift.abs)
          let largest = values.max() ?? 0
          #expect(largest <= item.uniformBound * (1 + 1e-15))
          #expect(values.count < 100 || largest > 0.9 * item.uniformBound)
        }
      }
    }
  }

  @Test("and can be those of torch.nn.Linear as it comes")
  func linearDefaults() {
    for item in file.linearDefaults {
      let initializer = Initializer.varianceScaling(gain: (1.0 / 3).squareRoot(), .uniform)
      let shape: Shape = [item.fanIn, item.fanOut]
      let deviation = initializer.standardDeviation(shape: shape) ?? 0
      #expect(
        Swift.abs(deviation - item.weightStandardDeviation)
          <= 1e-15 * item.weightStandardDeviation)
      let largest = initializer.values(shape: shape, key: Key(seed: 1)).map(Swift.abs).max() ?? 0
      #expect(largest <= item.weightBound)
    }
  }
}
