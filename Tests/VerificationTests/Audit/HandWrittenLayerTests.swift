import Networks
import Plumbline
import Testing
import Verification

/// A dense layer with tanh or ReLU, whose backward pass can be wrong in one way.
private struct WrittenDense: HandWrittenLayer {
  enum Flaw: String, CaseIterable, Sendable {
    case none, noDerivative, sign, noSum, transposed, twice, zero, missing, average, notANumber
  }
  let flaw: Flaw
  var usesRelu = false
  /// The derivative of ReLU at 0.
  var atZero = 0.0
  let name = "my dense"

  func forward<T: TensorProtocol>(_ x: [T]) -> T {
    let z = matmul(x[0], x[1]) + x[2]
    return usesRelu ? relu(z) : tanh(z)
  }

  func backward(
    _ upstream: Tensor<Double>, inputs: [Tensor<Double>], output: Tensor<Double>
  ) -> [Tensor<Double>] {
    var slope = 1 - output.squared()
    if usesRelu {
      slope =
        compare(output, .greater, Tensor(0)) + atZero * compare(output, .equal, Tensor(0))
      // Where z < 0 the output is 0 too.
      let z = matmul(inputs[0], inputs[1]) + inputs[2]
      slope = slope * compare(z, .greaterOrEqual, Tensor(0))
    }
    let dz = flaw == .noDerivative ? upstream : upstream * slope
    let dx = matmul(dz, inputs[1], transposingSecond: true)
    let dw = matmul(inputs[0], dz, transposingFirst: true)
    let db = dz.sum(alongAxes: [0])
    switch flaw {
    case .none, .noDerivative: return [dx, dw, db]
    case .sign: return [-dx, dw, db]
    case .noSum: return [dx, dw, dz]
    case .transposed: return [dx, dw.transposed(), db]
    case .twice: return [dx, dw * 2, db]
    case .zero: return [dx, dw * 0, db]
    case .missing: return [dx, dw]
    case .average: return [dx, dw * (1 / Double(inputs[0].shape[0])), db]
    case .notANumber: return [dx * .nan, dw, db]
    }
  }
}

@Suite("A hand-written layer next to the engine's")
struct HandWrittenLayerTests {
  private let inputs: [Tensor<Double>] = [
    Tensor([5, 3], Key(seed: 1)["x"].normal(15)), Tensor([3, 2], Key(seed: 1)["w"].normal(6)),
    Tensor([2], Key(seed: 1)["b"].normal(2)),
  ]

  @Test(
    "passes where it is right, fails where it is not, and says why",
    arguments: WrittenDense.Flaw.allCases)
  fileprivate func audit(flaw: WrittenDense.Flaw) {
    let report = LayerAudit.report(on: WrittenDense(flaw: flaw), at: inputs)
    let causes = report.items.map { $0.cause?.id }
    #expect(report.verdict == (flaw == .none ? .pass : .fail))
    switch flaw {
    case .none: #expect(causes == [nil, nil, nil])
    case .noDerivative: #expect(causes == [.unknown, .unknown, .unknown])
    case .sign: #expect(causes == [.signFlipped, nil, nil])
    case .noSum: #expect(causes == [nil, nil, .biasNotSummed])
    case .transposed: #expect(causes == [nil, .transposed, nil])
    case .twice: #expect(causes == [nil, .constantFactor, nil])
    case .zero: #expect(causes == [nil, .zeroGradient, nil])
    case .missing: #expect(causes == [nil, nil, .zeroGradient])
    case .average: #expect(causes == [nil, .extraBatchAverage, nil])
    case .notANumber: #expect(causes == [.nonFinite, nil, nil])
    }
  }

  @Test("at a kink another derivative is not a mistake", arguments: [0.0, 0.5, 1])
  func kink(atZero: Double) {
    var point = inputs
    point[0] = .zeros([5, 3])
    point[2] = .zeros([2])
    let report = LayerAudit.report(
      on: WrittenDense(flaw: .none, usesRelu: true, atZero: atZero), at: point)
    #expect(report.verdict == (atZero == 0 ? .pass : .kink))
  }

  private struct Network: Layer {
    let first: MountedLayer<WrittenDense>
    let second = Dense(2, 1)

    init(_ flaw: WrittenDense.Flaw) {
      first = MountedLayer(
        WrittenDense(flaw: flaw), parameters: [Parameter([3, 2], .he()), Parameter([2], .zero)])
    }

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T { second(first(x, pass), pass) }
  }

  @Test(
    "mounted into a network, it is checked in place",
    arguments: [.none, .noDerivative, .sign, .twice, .average] as [WrittenDense.Flaw])
  fileprivate func mounted(flaw: WrittenDense.Flaw) throws {
    let network = Network(flaw)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
    #expect(parameters.names.first == "first.parameters.0")
    let report = GradientCheck().report(on: network, parameters: parameters, input: inputs[0])
    let failing = report.tensors.filter { $0.verdict == .fail }.map(\.name)
    switch flaw {
    case .none: #expect(failing.isEmpty, "\(report.failures)")
    case .sign: #expect(failing == ["input"])
    case .twice, .average: #expect(failing == ["first.parameters.0"])
    default: #expect(failing == ["input", "first.parameters.0", "first.parameters.1"])
    }
  }

  @Test("and trains in single precision with its own backward pass")
  func training() {
    let network = Network(.none)
    let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
    let x = Tensor<Float>(converting: inputs[0])
    let (_, gradient) = parameters.valueWithGradient { pass in
      network(pass.constant(x), pass).squared().mean()
    }
    let exact = Parameters<Double>(converting: parameters).valueWithGradient { pass in
      let output = pass.constant(inputs[0])
      return network(output, pass).squared().mean()
    }.gradient
    #expect(
      Tensor<Double>(converting: gradient.vector).isClose(
        to: exact.vector, absoluteTolerance: 1e-5))
  }
}
