import Experiments
import Plumbline
import TestSupport
import Testing

@Suite struct EigenvaluesTests {
  @Test func haveTheValuesOfSmallMatrices() {
    let values = eigenvalues(ofSymmetric: [[2, 1, 0], [1, 2, 0], [0, 0, -5]]).sorted()
    for (value, expected) in zip(values, [-5.0, 1, 3]) { #expect(abs(value - expected) < 1e-12) }
    #expect(eigenvalues(ofSymmetric: [[7]]) == [7])
    #expect(eigenvalues(ofSymmetric: Tensor<Double>(repeating: 0, shape: [3, 3])) == [0, 0, 0])
  }

  /// Σ λ^k is the trace of A^k, at any scale: what stops the rotations is relative to the matrix.
  @Test(arguments: Trial.several(10))
  func haveTheMomentsOfTheMatrix(trial: Trial) {
    let n = trial.key.integer(in: 1...20)
    for scale in [1e-30, 1, 1e30] {
      let root = trial.key["root"].tensor([n, n])
      let matrix = (root + root.transposed()) * scale
      let values = eigenvalues(ofSymmetric: matrix)
      var power = Tensor<Double>.identity(n)
      for exponent in 1...4 {
        power = matmul(power, matrix / scale)
        let trace = (0..<n).reduce(0.0) { $0 + power.scalars[$1 * (n + 1)] }
        let sum = values.reduce(0.0) { sum, value in
          sum + (0..<exponent).reduce(1.0) { product, _ in product * value / scale }
        }
        let size = values.map { abs($0 / scale) }.max() ?? 0
        let bound = (0..<exponent).reduce(1e-12 * Double(n)) { bound, _ in bound * size }
        #expect(abs(sum - trace) <= bound, trial.comment)
      }
    }
  }
}
