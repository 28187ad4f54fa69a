import Foundation
import Plumbline
import Testing

@testable import Datasets

@Suite struct KernelFitTests {
  @Test(
    "the factor solves systems of every size next to its blocks", arguments: [1, 2, 31, 32, 33, 97])
  func cholesky(size: Int) {
    let key = Key(seed: 7)["cholesky"][size]
    let columns = 3
    let root = Tensor<Double>([size, size], key["root"].normal(size * size))
    let matrix = matmul(root, root, transposingSecond: true) / Double(size) + identity(size)
    let sides = Tensor<Double>([size, columns], key["sides"].normal(size * columns))
    let solution = CholeskyFactor(matrix.scalars.map { Float($0) }, size: size)
      .solution(sides.scalars.map { Float($0) }, columns: columns)
    let product = matmul(matrix, Tensor([size, columns], solution.map { Double($0) }))
    #expect(square(product - sides) < 1e-10 * square(sides), "size \(size)")
  }

  @Test func upperHalfOfTheMatrixIsNotRead() {
    let factor = CholeskyFactor([4, .nan, 2, 5], size: 2)
    // 4 x + 2 y = 8, 2 x + 5 y = 12.
    let solution = factor.solution([8, 12], columns: 1)
    #expect(abs(solution[0] - 1) < 1e-6 && abs(solution[1] - 2) < 1e-6)
  }

  @Test func arcCosineKernelIsThatOfTheFormula() {
    let products: [Float] = [-1, -0.9, -0.3, 0, 1e-3, 0.5, 0.999, 1]
    let values = KernelFit.arcCosine(.init(products) * 4, .init(repeating: 4))
    for (lane, cosine) in products.enumerated() {
      let angle = acos(Double(cosine))
      let expected = 4 * (sin(angle) + (.pi - angle) * cos(angle)) / .pi
      #expect(abs(Double(values[lane]) - expected) < 1e-6, "cosine \(cosine)")
    }
  }

  private func square(_ values: Tensor<Double>) -> Double {
    values.scalars.reduce(0) { $0 + $1 * $1 }
  }

  private func identity(_ size: Int) -> Tensor<Double> {
    Tensor([size, size], (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 })
  }
}
