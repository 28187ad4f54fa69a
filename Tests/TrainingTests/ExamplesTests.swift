import Datasets
import Findings
import Foundation
import Plumbline
import Testing
import Training

@Suite struct ExamplesTests {
  /// Labelled data as a file would give them.
  private func data(_ table: String, targets: LabelledSets.TargetKind = .automatic) throws
    -> LabelledSet
  {
    let path = NSTemporaryDirectory() + "plumbline-\(UUID().uuidString).csv"
    try Data(table.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try LabelledSets(path: path, options: .init(targetKind: targets)).train
  }

  private func examples(
    _ data: LabelledSet, _ input: Shape, _ outputs: Int, _ loss: LossFunction
  ) throws -> Examples<Double> {
    try Examples(data, input: input, outputs: outputs, loss: loss)
  }

  @Test("classes become what each loss takes")
  func classes() throws {
    let data = try data("1,2,0\n3,4,2\n5,6,1\n")
    let entropy = try examples(data, [2], 3, .crossEntropy)
    #expect(entropy.features == [[1, 2], [3, 4], [5, 6]] && entropy.targets == [0, 2, 1])
    #expect(
      try examples(data, [2], 3, .meanSquaredError).targets == [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    #expect(try examples(data, [2], 1, .meanSquaredError).targets == [[0], [2], [1]])
    // Two of three yes-or-no outputs cannot hold three classes, and one cannot hold a 2.
    #expect(throws: Problem.self) { try examples(data, [2], 2, .binaryCrossEntropy) }
    #expect(throws: Problem.self) { try examples(data, [2], 1, .binaryCrossEntropy) }
    #expect(throws: Problem.self) { try examples(data, [2], 2, .crossEntropy) }
    #expect(throws: Problem.self) { try examples(data, [3], 3, .crossEntropy) }
  }

  @Test("real values need a loss for real values and as many outputs")
  func values() throws {
    let data = try data("1,2,0.5\n3,4,-1.5\n", targets: .values)
    #expect(try examples(data, [2], 1, .meanSquaredError).targets == [[0.5], [-1.5]])
    #expect(throws: Problem.self) { try examples(data, [2], 2, .meanSquaredError) }
    #expect(throws: Problem.self) { try examples(data, [2], 1, .crossEntropy) }
    #expect(throws: Problem.self) { try examples(data, [2], 1, .binaryCrossEntropy) }
  }

  @Test("pictures with their channels last are transposed for networks that take them first")
  func pictures() throws {
    // Two pictures of 2 x 2 points and 3 channels; the value tells the position.
    let bytes = (0..<24).map { Double($0) }
    let path = NSTemporaryDirectory() + "plumbline-\(UUID().uuidString).npz"
    let file = try NPZFile.data([
      (name: "X", array: NumericArray([2, 2, 2, 3], bytes)),
      (name: "Y", array: NumericArray([2], [0.0, 1.0])),
    ])
    try file.write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let data = try LabelledSets(path: path).train
    let images = try examples(data, [3, 2, 2], 2, .crossEntropy).features
    #expect(images.shape == [2, 3, 2, 2])
    for (image, channel, row, column) in [(0, 0, 0, 0), (0, 2, 1, 0), (1, 1, 0, 1)] {
      let position = ((image * 3 + channel) * 2 + row) * 2 + column
      let origin = ((image * 2 + row) * 2 + column) * 3 + channel
      #expect(images.scalars[position] == Double(origin))
    }
    // A dense network takes them as they lie.
    #expect(try examples(data, [12], 2, .crossEntropy).features.scalars == bytes)
  }

  @Test("normalization has the training set's statistics, also for other sets")
  func normalization() {
    let train = Examples<Double>(
      features: [[1, 10, 5], [3, 10, 7], [5, 10, 12]], targets: [0, 1, 0])
    let other = Examples<Double>(features: [[3, 11, 8]], targets: [1])
    let perFeature = Normalization(fitting: train.features, scope: .perFeature)
    let normalized = train.normalized(by: perFeature).features
    for column in 0..<3 {
      let values = stride(from: column, to: 9, by: 3).map { normalized.scalars[$0] }
      let mean = values.reduce(0, +) / 3
      let square = values.reduce(0) { $0 + $1 * $1 } / 3
      // The constant feature becomes 0; the others have deviation 1.
      #expect(abs(mean) < 1e-12 && abs(square - (column == 1 ? 0 : 1)) < 1e-12)
    }
    let shifted = other.normalized(by: perFeature).features.scalars
    #expect(abs(shifted[0]) < 1e-12 && shifted[1] == 1 && abs(shifted[2]) < 1e-12)
    let global = Normalization(fitting: train.features, scope: .global)
    #expect(global.mean == [7])
    let all = train.normalized(by: global).features.scalars
    #expect(abs(all.reduce(0, +)) < 1e-12)
    #expect(abs(all.reduce(0) { $0 + $1 * $1 } / 9 - 1) < 1e-12)
  }
}
