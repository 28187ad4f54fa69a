import Plumbline
import TestSupport
import Testing
import Verification

// The example of the documentation of `TensorOperation`, word for word.

private struct Cube: TensorOperation {  // y = x³,  dx = 3 x² dy
  let name = "cube"
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[0] * inputs[0] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [upstream * 3 * call.inputs[0] * call.inputs[0]]
  }
}
private func cube<T: TensorProtocol>(_ x: T) -> T { T.apply(Cube(), to: [x]) }

private struct CubeFunction: DifferentiableFunction {
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T { cube(tanh(x[0]) + 1) }
}

/// An operation that makes one of the mistakes that the tape notices.
private struct Mistaken: TensorOperation {
  enum Mistake: String, CaseIterable, Codable {
    case promisedShape, gradientShape, gradientCount
  }
  let mistake: Mistake
  let name = "mistaken"
  func shape(of inputs: [Shape]) -> Shape { mistake == .promisedShape ? [7] : inputs[0] }
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] * inputs[1] }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    switch mistake {
    case .promisedShape: [nil, nil]
    // The sum over the axis along which the second input was repeated is missing.
    case .gradientShape: [upstream * call.inputs[1], upstream * call.inputs[0]]
    case .gradientCount: [upstream * call.inputs[1]]
    }
  }
}

@Suite("A custom operation enters by the public door")
struct CustomOperationTests {
  @Test("on tensors, and with dual numbers")
  func values() {
    #expect(cube(Tensor<Float>([2, -1])) == [8, -1])
    #expect(cube(Tensor<Double>([0.5])) == [0.125])
    #expect(cube(Tensor<Double>([2]).dual(tangent: [1])).tangent() == [12])
  }

  @Test("recorded, with derivatives of any order")
  func derivatives() {
    let point: Tensor<Double> = [2, -0.5]
    #expect(gradient(at: point) { cube($0).sum() } == 3 * point.squared())
    #expect(
      gradient(at: Tensor<Float>(converting: point)) { cube($0).sum() }
        == Tensor(converting: 3 * point.squared()))
    #expect(hessian(at: point) { cube($0).sum() } == [[12, 0], [0, -3]])
    #expect(
      gradient(at: point) { x in
        let first = x.tape.gradients(of: cube(x).sum(), withRespectTo: [x])[0]
        return x.tape.gradients(of: first.sum(), withRespectTo: [x])[0].sum()
      } == [6, 6])
  }

  @Test("and passes the gradient check at orders 1 to 3", arguments: 1...3)
  func check(order: Int) {
    let point = [Trial(number: 0).key.tensor([2, 3])]
    let report = GradientCheck().report(on: CubeFunction(), at: point, order: order)
    #expect(report.passes, "\(report.failures)")
  }

  @Test("and is printed under its name, without settings or convention")
  func description() {
    let tape = Tape<Double>()
    let x = tape.variable([2, 3])
    _ = cube(x)
    let entry = tape.entries[1]
    #expect(entry.title == "cube")
    #expect(entry.attributes == "")
    #expect(entry.convention == nil)
    #expect(entry.floatingPointOperations == 2)
    #expect(entry.inputs == [0])
  }

  @Test(
    "and stops with the shapes where it breaks its promises", arguments: Mistaken.Mistake.allCases)
  fileprivate func traps(mistake: Mistaken.Mistake) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake] in
      let tape = Tape<Double>()
      let (x, y) = (tape.variable(.ones([2, 3])), tape.variable(.ones([3])))
      let z = Variable.apply(Mistaken(mistake: mistake), to: [x, y])
      _ = tape.gradients(of: z.sum())
    }
    switch mistake {
    case .promisedShape:
      expectMessage(result, contains: ["mistaken promised shape [7] but computed [2, 3]"])
    case .gradientShape:
      expectMessage(
        result,
        contains: [
          "the pullback of mistaken", "gradient of shape [2, 3] for an input of shape [3]",
        ])
    case .gradientCount:
      expectMessage(
        result, contains: ["the pullback of mistaken returned 1 gradients for 2 inputs"])
    }
  }
}
