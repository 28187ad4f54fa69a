import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Muon")
struct MuonTests {
  /// What the iterations make of a singular value.
  private func image(_ value: Double, _ iterations: Int = 5) -> Double {
    let (a, b, c) = MuonRule.coefficients
    return (0..<iterations).reduce(value) { s, _ in a * s + b * s * s * s + c * s * s * s * s * s }
  }

  @Test(
    "brings every singular value from 0.002 to 1 between 0.68 and 1.21, and lifts smaller ones 485 times"
  )
  func polynomial() {
    let values = (0...4000).map { 0.002 * Foundation.pow(500, Double($0) / 4000) }
    let images = values.map { image($0) }
    #expect(images.allSatisfy { $0 > 0.68 && $0 < 1.21 })
    // It does not converge to 1: the image is as wide as that.
    #expect(images.min()! < 0.7 && images.max()! > 1.19)
    #expect(abs(image(1e-7) / 1e-7 / Foundation.pow(3.4445, 5) - 1) < 1e-6)
  }

  @Test(
    "keeps the singular vectors and maps the singular values by the polynomial",
    arguments: [[3, 5], [5, 3], [4, 4]])
  func vectors(extents: [Int]) {
    let key = Trial(number: 0).key
    let count = min(extents[0], extents[1])
    func orthonormal(_ rows: Int, _ name: String) -> Tensor<Double> {
      Tensor([rows, count], Initializer.orthogonal().values(shape: [rows, count], key: key[name]))
    }
    let (u, v) = (orthonormal(extents[0], "u"), orthonormal(extents[1], "v"))
    let values = Tensor<Double>((0..<count).map { 1 / Double($0 + 1) })
    let norm = sqrt(values.squared().sum()).scalar
    func matrix(_ values: Tensor<Double>) -> Tensor<Double> {
      matmul(u * values, v, transposingSecond: true)
    }
    let expected = matrix(Tensor(values.scalars.map { image($0 / norm) }))
    let found = MuonRule.orthogonalized(matrix(values) * 7, iterations: 5)
    #expect(found.isClose(to: expected, absoluteTolerance: 1e-10))
  }
}
