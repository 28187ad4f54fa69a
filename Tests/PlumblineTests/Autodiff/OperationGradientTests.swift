import Plumbline
import TestSupport
import Testing
import Verification

@Suite("The gradient of every operation agrees with three oracles")
struct OperationGradientTests {
  @Test("to first order, on random shapes", arguments: OperationKind.allCases)
  func firstOrder(kind: OperationKind) {
    for trial in Trial.several(6) { check(kind, order: 1, trial) }
  }

  @Test("to second order, on random shapes", arguments: OperationKind.allCases)
  func secondOrder(kind: OperationKind) {
    for trial in Trial.several(3) { check(kind, order: 2, trial) }
  }

  private func check(_ kind: OperationKind, order: Int, _ trial: Trial) {
    let function = OperationFunction(kind: kind, key: trial.key[kind.rawValue])
    let point = function.point
    let report = GradientCheck(key: trial.key["check"]).report(
      on: function, at: point, order: order)
    #expect(
      report.passes,
      """
      \(kind), order \(order), shapes \(point.map(\.shape)), \(trial.testDescription): \
      \(report.failures.map(\.description).joined(separator: "; "))
      """)
  }

  @Test(
    "and the function that is checked records that operation", arguments: OperationKind.allCases)
  func recordedName(kind: OperationKind) {
    for trial in Trial.several(6) {
      let function = OperationFunction(kind: kind, key: trial.key[kind.rawValue])
      let tape = Tape<Double>()
      _ = function(function.point.map { tape.variable($0) })
      let titles = tape.entries.filter { !$0.inputs.isEmpty }.map(\.title)
      #expect(titles.contains(kind.rawValue), "\(titles) in \(trial.testDescription)")
    }
  }

  @Test("and every operation of the library is one of them, under a name of its own")
  func completeness() {
    #expect(BuiltInOperations.names.sorted() == OperationKind.allCases.map(\.rawValue).sorted())
  }
}
