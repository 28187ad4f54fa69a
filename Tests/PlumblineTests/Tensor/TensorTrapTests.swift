import Plumbline
import TestSupport
import Testing

@Suite("A mistake with shapes stops the program and says which shapes")
struct TensorTrapTests {
  /// A mistake, and what the message has to say.
  enum Mistake: String, CaseIterable, Codable {
    case adding, selecting, multiplyingMatrices, multiplyingScalars, multiplyingStacks, linear
    case reshaping, broadcasting, transposing, missingAxis, repeatedAxis, slicing, concatenating
    case concatenatingRanks, concatenatingNothing, stacking, expanding, gathering
    case gatheringOutside, gatheringFraction, selectingRows, selectingRowOutside, meanOfNothing
    case maximumOfNothing, varianceOfOne, indexing, indexingRank, scalar, values, raggedRows
    case raggedLiteral, negativeExtent, tangent, gating, largeClass

    func make() {
      let matrix = Tensor<Double>.ones([2, 3])
      switch self {
      case .adding: _ = matrix + Tensor.ones([2, 4])
      case .selecting: _ = select(matrix, matrix, Tensor.ones([4, 1]))
      case .multiplyingMatrices: _ = matmul(matrix, matrix)
      case .multiplyingScalars: _ = matmul(matrix, Tensor(1))
      case .multiplyingStacks: _ = matmul(Tensor<Double>.ones([2, 3, 4]), .ones([5, 4, 3]))
      case .linear: _ = Plumbline.linear(matrix, .ones([3, 4]), .ones([5]))
      case .reshaping: _ = matrix.reshaped(to: [4])
      case .broadcasting: _ = matrix.broadcast(to: [4, 3])
      case .transposing: _ = matrix.transposed(permutation: [0, 0])
      case .missingAxis: _ = matrix.sum(alongAxes: [2])
      case .repeatedAxis: _ = matrix.sum(alongAxes: [1, -1])
      case .slicing: _ = matrix.sliced(axis: 1, 2..<4)
      case .concatenating: _ = Tensor.concatenate([matrix, .ones([2, 4])], alongAxis: 0)
      case .concatenatingRanks: _ = Tensor.concatenate([matrix, .ones([3])])
      case .concatenatingNothing: _ = Tensor<Double>.concatenate([])
      case .stacking: _ = Tensor.stack([matrix, .ones([3, 2])])
      case .expanding: _ = matrix.expanded(atAxis: 4)
      case .gathering: _ = matrix.gathered(at: [0, 1, 2])
      case .gatheringOutside: _ = matrix.gathered(at: [0, 3])
      case .gatheringFraction: _ = matrix.gathered(at: [0, 1.5])
      case .selectingRows: _ = matrix.rows(at: matrix)
      case .selectingRowOutside: _ = matrix.selectingRows([0, 2])
      case .meanOfNothing: _ = Tensor<Double>.ones([0, 3]).mean()
      case .maximumOfNothing: _ = Tensor<Double>.ones([3, 0]).max(alongAxes: [1])
      case .varianceOfOne: _ = Tensor<Double>.ones([1]).variance(correction: 1)
      case .indexing: _ = matrix[0, 3]
      case .indexingRank: _ = matrix[0]
      case .scalar: _ = matrix.scalar
      case .values: _ = Tensor<Double>([2, 3], [1, 2])
      case .raggedRows: _ = Tensor<Double>([[1, 2], [3]])
      case .raggedLiteral: let _: Tensor<Double> = [[1, 2], [3]]
      case .negativeExtent: _ = Shape([2, -1])
      case .tangent: _ = matrix.dual(tangent: .ones([3, 2]))
      case .gating: _ = gate(matrix, by: .ones([3]))
      case .largeClass: _ = Tensor<Float>(classes: [1 << 24])
      }
    }

    var message: [String] {
      switch self {
      case .adding: ["add cannot broadcast", "[2, 3]", "[2, 4]"]
      case .selecting: ["select cannot broadcast", "[2, 3]", "[4, 1]"]
      case .multiplyingMatrices: ["matmul", "[2, 3] and [2, 3]"]
      case .multiplyingScalars: ["matmul", "[2, 3]", "[]"]
      case .multiplyingStacks: ["matmul", "[2, 3, 4]", "[5, 4, 3]"]
      case .linear: ["linear", "[2, 3]", "[3, 4]", "[5]"]
      case .reshaping: ["6 values of shape [2, 3] cannot be reshaped to [4]"]
      case .broadcasting: ["[2, 3] cannot be broadcast to [4, 3]"]
      case .transposing: ["[0, 0] is not a permutation", "[2, 3]"]
      case .missingAxis: ["axis 2 does not exist in shape [2, 3]"]
      case .repeatedAxis: ["an axis is repeated in [1, -1]", "[2, 3]"]
      case .slicing: ["2..<4", "[2, 3]"]
      case .concatenating: ["concatenate along axis 0", "[2, 3]", "[2, 4]"]
      case .concatenatingRanks: ["equal rank", "[2, 3]", "[3]"]
      case .concatenatingNothing: ["at least one tensor"]
      case .stacking: ["equal shape", "[2, 3]", "[3, 2]"]
      case .expanding: ["there is no axis 4", "[2, 3]"]
      case .gathering: ["gather", "[2, 3]", "[3]"]
      case .gatheringOutside: ["index 3.0 of row 1", "0 to 2"]
      case .gatheringFraction: ["index 1.5 of row 1", "whole number"]
      case .selectingRows: ["rows takes a table", "[2, 3]"]
      case .selectingRowOutside: ["row 2 lies outside shape [2, 3]"]
      case .meanOfNothing: ["mean over no elements", "[0, 3]"]
      case .maximumOfNothing: ["maximum over an axis of extent 0", "[3, 0]"]
      case .varianceOfOne: ["variance of 1 elements with correction 1"]
      case .indexing: ["index [0, 3] lies outside shape [2, 3]"]
      case .indexingRank: ["index [0] has 1 numbers", "[2, 3]"]
      case .scalar: ["single value", "[2, 3]"]
      case .values: ["[2, 3] holds 6 values, but 2 were given"]
      case .raggedRows: ["rows of a matrix must have equal length", "[2, 1]"]
      case .raggedLiteral: ["tensor literal", "[2]", "[1]"]
      case .negativeExtent: ["negative", "[2, -1]"]
      case .tangent: ["tangent of shape [3, 2]", "[2, 3]"]
      case .gating: ["gate", "[2, 3]", "[3]"]
      case .largeClass: ["class number", "2^24"]
      }
    }
  }

  @Test("of tensors", arguments: Mistake.allCases)
  func message(mistake: Mistake) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake] in
      mistake.make()
    }
    expectMessage(result, contains: mistake.message)
  }
}
