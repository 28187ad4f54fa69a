import Plumbline
import TestSupport
import Testing
import Verification

@Suite("The gradient of every operation agrees with three oracles")
struct OperationGradientTests {
  @Test("to first order, on random shapes", arguments: OperationSample.all)
  func firstOrder(sample: OperationSample) {
    for trial in Trial.several(6) { check(sample, order: 1, trial) }
  }

  @Test("to second order, on random shapes", arguments: OperationSample.all)
  func secondOrder(sample: OperationSample) {
    for trial in Trial.several(3) { check(sample, order: 2, trial) }
  }

  private func check(_ sample: OperationSample, order: Int, _ trial: Trial) {
    let function = sample.function(trial.key)
    let point = function.point
    let report = GradientCheck(key: trial.key["check"]).report(
      on: function, at: point, order: order)
    #expect(
      report.passes,
      """
      \(sample.name), order \(order), shapes \(point.map(\.shape)), \(trial.testDescription): \
      \(report.failures.map(\.description).joined(separator: "; "))
      """)
  }

  @Test(
    "and the function that is checked records that operation", arguments: OperationSample.all)
  func recordedName(sample: OperationSample) {
    for trial in Trial.several(6) {
      let function = sample.function(trial.key)
      let tape = Tape<Double>()
      _ = function(function.point.map { tape.variable($0) })
      let titles = tape.entries.filter { !$0.inputs.isEmpty }.map(\.title)
      #expect(titles.contains(sample.name), "\(titles) in \(trial.testDescription)")
    }
  }

  @Test("and every operation of the library is one of them, under a name of its own")
  func completeness() {
    #expect(BuiltInOperations.names.sorted() == OperationSample.all.map(\.name).sorted())
  }
}
