import Plumbline
import TestSupport
import Testing

@Suite("Recurrent layers agree with PyTorch's formulas in NumPy")
struct GoldenRecurrenceTests {
  private struct Case: Decodable {
    let layer: String
    let examples, steps, inputs, units: Int
    let values, gradients: [[Double]]
    let upstream, outputs: [Double]
  }

  private struct File: Decodable { let cases: [Case] }

  @Test("in outputs, and in gradients from complex steps")
  func values() throws {
    let file: File = try GoldenFile.load("recurrence.json")
    for item in file.cases {
      let standard = try #require(
        LayerDescription.libraryForms.first { $0.title == item.layer } as? any RecurrentForm)
      for output in RecurrentOutput.allCases {
        var form = standard
        (form.units, form.output) = (item.units, output)
        try check(item, form, output)
      }
    }
  }

  private func check(_ item: Case, _ form: any RecurrentForm, _ output: RecurrentOutput) throws {
    var builder = LayerBuilder(input: [item.steps, item.inputs])
    let layer = try form.build(&builder).layer
    let layout = ParameterLayout(of: layer)
    let parameters = Parameters<Double>(
      layout: layout, vector: Tensor(item.values.dropFirst().flatMap(\.self)))
    let tape = Tape<Double>()
    let x = tape.variable(Tensor([item.examples, item.steps, item.inputs], item.values[0]))
    let pass = parameters.pass(on: tape)
    let result = layer(x, pass)
    let expected = Tensor([item.examples, item.steps, item.units], item.outputs)
    guard output == .sequence else {
      let last = expected.sliced(axis: 1, item.steps - 1..<item.steps)
      #expect(
        result.value.isClose(
          to: last.reshaped(to: [item.examples, item.units]), absoluteTolerance: 1e-14))
      return
    }
    #expect(result.value.isClose(to: expected, absoluteTolerance: 1e-14), "\(item.layer)")
    let upstream = tape.constant(Tensor(expected.shape, item.upstream))
    let gradients = tape.gradients(of: (result * upstream).sum())
    #expect(
      gradients[x].isClose(to: Tensor(x.shape, item.gradients[0]), absoluteTolerance: 1e-13),
      "\(item.layer)")
    let own = gradients[pass].vector
    #expect(
      own.isClose(to: Tensor(item.gradients.dropFirst().flatMap(\.self)), absoluteTolerance: 1e-13),
      "\(item.layer)")
  }
}

@Suite("Recurrent layers")
struct RecurrenceTests {
  @Test("end the gradient after as many steps as their truncation says", arguments: [1, 2, 3])
  func truncation(length: Int) {
    let layer = LSTM(2, 3, truncation: length)
    let parameters = Parameters<Double>(of: layer, key: Key(seed: 1))
    let tape = Tape<Double>()
    let x = tape.variable(Tensor([1, 5, 2], Key(seed: 2).normal(10)))
    let output = layer(x, parameters.pass(on: tape)).sum()
    let gradient = tape.gradients(of: output)[x]
    // Steps 0 to 4; the last part begins at the last multiple of the length.
    let first = 4 / length * length
    for step in 0..<5 {
      let own = gradient.sliced(axis: 1, step..<step + 1)
      #expect((own.squared().sum().scalar > 0) == (step >= first), "step \(step)")
    }
    #expect(
      layer(x.value, parameters.pass())
        == LSTM.untruncated(layer, x.value, parameters), "the values are those without truncation")
  }
}

extension LSTM {
  fileprivate static func untruncated(
    _ layer: LSTM, _ x: Tensor<Double>, _ parameters: Parameters<Double>
  ) -> Tensor<Double> {
    let whole = LSTM(2, 3)
    return whole(
      x, Parameters(layout: ParameterLayout(of: whole), vector: parameters.vector).pass())
  }
}
