import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("A recurrence that starts from a given state")
struct StartConventionTests {
  private struct Case: CustomTestStringConvertible {
    let layer: String, cell: any ProgramCell, h: String
    var c: String?
    var testDescription: String { "\(layer), \(h)" }
  }
  private static let cases = [
    Case(layer: "recurrent", cell: SimpleCell(), h: "a0"),
    Case(layer: "lstm", cell: LongShortTermCell(), h: "h_prev", c: "c_prev"),
    Case(layer: "lstm", cell: LongShortTermCell(), h: "initial_state", c: "initial_cell"),
    Case(layer: "gru", cell: GatedCell(), h: "hprev"),
    Case(layer: "gru", cell: GatedCell(resetsFirst: true, updatesByGate: true), h: "prevHidden"),
  ]

  private static let examples = 5, units = 3

  /// A step that starts from random states, and its arrays.
  private func step(
    _ test: Case, seed: Int, _ change: (inout CellMistakes) -> Void = { _ in }
  ) throws -> (described: Network, step: DescribedStep, arrays: [String: Tensor<Double>]) {
    let described = try NetworkDescription(
      json:
        #"{"input": [4, 2], "layers": [{"layer": "\#(test.layer)", "units": \#(Self.units)}, {"layer": "dense", "outputs": 2}]}"#
    )
    let key = Key(seed: seed)
    func state(_ name: String) -> Tensor<Double> {
      Tensor([Self.examples, Self.units], key[name].normal(Self.examples * Self.units))
    }
    let start = CellStart(h: state("h"), c: test.c.map { _ in state("c") })
    func form<Cell: ProgramCell>(_ cell: Cell, isWrong: Bool) -> any LayerForm {
      var form = CellForm(cell, of: described.layers[0].form as! any RecurrentForm)
      form.start = start
      if isWrong { change(&form.mistakes) }
      return form
    }
    func step(isWrong: Bool) throws -> DescribedStep {
      var description = described
      description.layers[0].form = form(test.cell, isWrong: isWrong)
      return try DescribedStep(description, seed: seed, examples: Self.examples)
    }
    let right = try step(isWrong: false)
    var arrays = right.arrays(try step(isWrong: true).gradients)
    arrays[test.h] = start.h
    if let c = test.c { arrays[c] = start.c }
    return (try described.network(), right, arrays)
  }

  @Test("is read with it", arguments: cases)
  private func isRead(_ test: Case) throws {
    for seed in 0..<3 {
      var (described, step, arrays) = try step(test, seed: seed)
      #expect(try step.report(arrays, described: described).verdict == .pass)
      for name in [test.h, test.c].compactMap(\.self) { arrays[name] = arrays[name]!.transposed() }
      let turned = try step.report(arrays, described: described)
      #expect(turned.verdict == .pass)
      #expect(turned.remarks.contains { $0.contains("initial state") })
      // It matters: from zeros, the cost is another.
      for name in [test.h, test.c].compactMap(\.self) { arrays[name] = nil }
      #expect(try step.report(arrays, described: described).verdict == .undecided)
    }
  }

  @Test("and is judged", arguments: cases)
  private func isJudged(_ test: Case) throws {
    for seed in 0..<3 {
      let (described, step, arrays) = try step(test, seed: seed) { $0.cuts = [2] }
      let report = try step.report(arrays, described: described)
      #expect(report.verdict == .fail)
      #expect(report.firstDivergence?.cause?.id == TimeStepsMissing.id, "\(report.paragraph)")
    }
  }
}
