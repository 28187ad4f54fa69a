import Foundation
import Plumbline
import TestSupport
import Testing

/// An activation and what it is by the mathematics library: a line for each.
struct ActivationSample: Sendable, CustomTestStringConvertible {
  let activation: Activation
  let function: @Sendable (Double) -> Double
  var testDescription: String { activation.title }

  init(_ activation: Activation, _ function: @escaping @Sendable (Double) -> Double) {
    self.activation = activation
    self.function = function
  }

  static let all = [
    ActivationSample(.linear) { $0 },
    ActivationSample(.relu) { Swift.max($0, 0) },
    ActivationSample(.leakyRelu) { $0 > 0 ? $0 : 0.01 * $0 },
    ActivationSample(.elu) { $0 > 0 ? $0 : Foundation.exp($0) - 1 },
    ActivationSample(.gelu) { $0 * 0.5 * Foundation.erfc(-$0 / 2.0.squareRoot()) },
    ActivationSample(.silu) { $0 / (1 + Foundation.exp(-$0)) },
    ActivationSample(.softplus) { Foundation.log(1 + Foundation.exp($0)) },
    ActivationSample(.tanh) { Foundation.tanh($0) },
    ActivationSample(.sigmoid) { 1 / (1 + Foundation.exp(-$0)) },
    ActivationSample(.hardTanh) { Swift.min(Swift.max($0, -1), 1) },
  ]
}

@Suite("Activations")
struct ActivationTests {
  private let x = Trial(number: 0).key["activation"].tensor([20])

  @Test("have a sample each")
  func samples() {
    #expect(ActivationSample.all.map(\.activation) == Activation.elementwise)
  }

  @Test("are the functions of their names", arguments: ActivationSample.all)
  func values(sample: ActivationSample) {
    let expected = Tensor(x.scalars.map(sample.function))
    #expect(sample.activation(x).isClose(to: expected, absoluteTolerance: 1e-14))
  }

  @Test(
    "know where they bend and what they do on either side of 0", arguments: ActivationSample.all)
  func kinks(sample: ActivationSample) {
    func slope(_ x: Double, _ h: Double) -> Double {
      (sample.function(x + h) - sample.function(x)) / h
    }
    let bends = stride(from: -3.0, through: 3, by: 0.5).filter {
      abs(slope($0, 1e-7) - slope($0, -1e-7)) > 1e-3
    }
    #expect(bends == sample.activation.kinks)
  }

  @Test("know their range and where they saturate", arguments: ActivationSample.all)
  func ranges(sample: ActivationSample) {
    let activation = sample.activation
    let grid = stride(from: -40.0, through: 40, by: 1.0 / 4096).map { $0 }
    let values = grid.map(sample.function)
    let (least, most) = (values.min() ?? .nan, values.max() ?? .nan)
    // An end that is reached or approached is that of the range; where there is none the values go on growing.
    for (end, bound) in [(least, activation.range.lowerBound), (most, activation.range.upperBound)]
    {
      if bound.isFinite {
        #expect(abs(end - bound) < 1e-7, "\(activation): \(end) and \(bound)")
      } else {
        #expect(abs(end) >= 0.4, "\(activation): \(end)")
      }
    }
    guard let saturation = activation.saturation else { return }
    let middle = (activation.range.lowerBound + activation.range.upperBound) / 2
    let slopes = zip(values, values.dropFirst()).map { ($1 - $0) * 4096 }
    let steepest = slopes.max() ?? .nan
    for (value, slope) in zip(values, slopes) where slope > 0.021 * steepest {
      #expect(
        abs(value - middle) <= saturation * (activation.range.upperBound - middle) + 1e-3,
        "\(activation) at \(value)")
    }
    for (value, slope) in zip(values, slopes) where slope < 0.019 * steepest {
      #expect(abs(value - middle) >= saturation * (activation.range.upperBound - middle) - 1e-3)
    }
  }

  @Test("are known by their name and by that of their operation")
  func names() throws {
    let tape = Tape<Double>()
    let input = tape.variable(x)
    for activation in Activation.all where activation != .linear {
      #expect(Activation(rawValue: activation.title) == activation)
      let index = activation(input).index
      let title = tape.entries[index].title
      #expect(Activation(operationNamed: title) == activation)
    }
    let data = try JSONEncoder().encode(Activation.all)
    #expect(try JSONDecoder().decode([Activation].self, from: data) == Activation.all)
    let tables: Tensor<Double> = [[[1, 2], [0.5, -1]]]
    #expect(Activation.softmax(tables) == softmax(tables))
  }
}
