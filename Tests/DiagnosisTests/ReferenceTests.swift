import Foundation
import Plumbline
import Testing
import Training

@testable import Diagnosis

@Suite struct ReferenceTests {
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
    #expect((product - sides).meanSquare < 1e-10 * sides.meanSquare, "size \(size)")
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

  /// Examples with targets by a rule of the features.
  private func examples(
    _ count: Int, _ width: Int, _ features: [Double], _ target: ([Double]) -> Double
  ) -> Examples<Float> {
    let targets = (0..<count).map { target(Array(features[$0 * width..<($0 + 1) * width])) }
    return Examples(
      features: Tensor([count, width], nearestTo: features),
      targets: Tensor([count, 1], nearestTo: targets))
  }

  private func fit(_ examples: Examples<Float>, limit: Int = 192) throws -> FitReference {
    try #require(
      FitReference(
        of: examples, loss: .meanSquaredError, limits: .init(fit: limit, single: 1024),
        fitsAffine: true, key: Key(seed: 3)))
  }

  @Test(arguments: [1, 2, 3]) func affineFunctionIsLearned(seed: Int) throws {
    let key = Key(seed: seed)
    let reference = try fit(
      examples(200, 5, key["x"].normal(1000)) { 2 * $0[0] - $0[3] + 1 })
    #expect(reference.linear < 0.01 && reference.seesRelation)
    #expect(try #require(reference.linearTraining) < 1e-3)
  }

  @Test(arguments: [1, 2, 3]) func smoothFunctionIsLearnedByTheWideNetworkAlone(seed: Int) throws {
    let key = Key(seed: seed)
    let reference = try fit(examples(400, 2, key["x"].normal(800)) { $0[0] * $0[1] }, limit: 400)
    #expect(reference.wideNetwork < 0.3 && reference.linear > 0.8 && reference.seesRelation)
  }

  @Test func targetsByChanceShowNoRelation() throws {
    var seen = 0
    for seed in 1...20 {
      let key = Key(seed: seed)
      let noise = key["y"].normal(300)
      var next = 0
      let reference = try fit(
        examples(300, 4, key["x"].normal(1200)) { _ in
          next += 1
          return noise[next - 1]
        })
      if reference.seesRelation { seen += 1 }
    }
    #expect(seen == 0)
  }

  @Test func parityIsSeenInProductsOfBits() throws {
    let bits = Key(seed: 5)["bits"].uniform(600 * 6).map { $0 < 0.5 ? -1.0 : 1 }
    let reference = try fit(examples(600, 6, bits) { $0[0] * $0[2] * $0[5] })
    #expect(reference.seesRelation && reference.relations[0].test == "a product of bits")
  }

  private func identity(_ size: Int) -> Tensor<Double> {
    Tensor([size, size], (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 })
  }
}
