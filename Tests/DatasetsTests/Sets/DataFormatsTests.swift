import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Labelled data of every format")
struct DataFormatsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func load(_ bytes: [UInt8], as name: String) throws -> LabelledSets {
    try LabelledSets(path: folder.write(bytes, as: name))
  }

  @Test("the content decides, not the name")
  func names() throws {
    let x = NumericArray([2, 2], [1.0, 2, 3, 4])
    let y = NumericArray([2], [0, 1])
    let npz = [UInt8](try NPZFile.data([("X", x), ("Y", y)]))
    let tensors = [UInt8](try SafetensorsFile.data([("X", x), ("Y", y)]))
    let csv = Array("1,2,0\n3,4,1\n".utf8)
    for (bytes, format) in [(npz, "NPZ"), (tensors, "safetensors"), (csv, "separated values")] {
      let sets = try load(bytes, as: "wrong.idx")
      #expect(sets.summary.format == format)
      let matrix: Tensor<Double> = sets.train.featureMatrix()
      #expect(matrix.scalars == [1, 2, 3, 4])
      #expect(sets.train.targets == .classes([0, 1], count: 2, names: nil))
    }
    let gzip = try load(GzipWriter.stored(csv), as: "table.csv.gz")
    #expect(gzip.train.exampleCount == 2)
  }

  @Test("names of classes come along")
  func classNames() throws {
    let sets = try load(Array("a,b,kind\n1,2,dog\n3,4,cat\n5,6,dog\n".utf8), as: "pets.csv")
    #expect(sets.train.targets == .classes([1, 0, 1], count: 2, names: ["cat", "dog"]))
    let text = "\(sets.summary)"
    #expect(text.contains("cat (1 example), dog (2)"))
    #expect(text.contains("separated by commas, with a header"))
    #expect(text.contains("labels are in kind"))
    #expect(text.contains("float64, 1 to 6"))
  }

  @Test("a column of equal labels is asked about")
  func equalLabels() throws {
    let sets = try load(Array("5,0,0\n0,17,0\n".utf8), as: "digits.csv")
    #expect(sets.summary.notes.contains { $0.contains("all labels are equal") })
  }

  @Test(
    "what is not data is named, with the way to make it data",
    arguments: [
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "HDF5", "h5py"),
      ([0x80, 4, 0x95, 0], "pickle", "np.savez"),
      ([0x89] + Array("PNG\r\n".utf8), "PNG", "np.stack"),
      (Array("version https://git-lfs.github.com/spec/v1".utf8), "Git LFS", "git lfs pull"),
      (Array("<!DOCTYPE html>".utf8), "web page", "download the file itself"),
      ([UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8) + [0], "tar archive", "tar xf"),
      (
        GzipWriter.stored([UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8) + [0]),
        "tar archive, compressed", "tar xf"
      ),
      ([UInt8](0...20), "something unknown", "NPZ"),
      ([], "the file is empty", "write or copy it again"),
    ])
  func unusable(bytes: [UInt8], words: String, remedy: String) {
    expectError(.wrongFormat, naming: ["thing.dat", words, remedy]) {
      try load(bytes, as: "thing.dat")
    }
  }

  @Test("JSON that is cut off anywhere is told from JSON that is not valid")
  func cutJSON() throws {
    let list =
      "[{\"a\":-1.5e-1,\"on\":true,\"class\":\"l\\u0069ly\"},{\"a\":3,\"on\":false,\"class\":\"rose\"}]"
    let bytes = Array(list.utf8)
    // From the first member's name on it is recognized as JSON, and the last character is the end of the list.
    for length in 3..<bytes.count {
      expectError(.wrongFormat, naming: ["cut.json", "cut off"], "\(length) bytes") {
        try load(Array(bytes[..<length]), as: "cut.json")
      }
    }
    for (wrong, line) in [
      (list.replacing("3,", with: "3;"), 1), (list.replacing("true", with: "ture"), 1),
      (list.replacing(",{", with: ",\n{{"), 2),
    ] {
      expectError(.wrongFormat, naming: ["not valid JSON", "line \(line)"]) {
        try load(Array(wrong.utf8), as: "wrong.json")
      }
    }
  }

  @Test("a single array is half of the data")
  func singleArray() throws {
    let path = GoldenFile.path("float32.npy")
    expectError(.incompletePair, naming: ["np.savez"]) { try LabelledSets(path: path) }
    expectError(.notFound) { try LabelledSets(path: "\(folder.path)/absent.npz") }
  }

  @Test("digits by their usual names keep their bytes, from a folder and from a file")
  func digits() throws {
    let images = try folder.write(IDXWriter.images(count: 3), as: "t10k-images-idx3-ubyte")
    try folder.write(IDXWriter.labels([3, 9, 0]), as: "t10k-labels-idx1-ubyte")
    for path in [folder.path, images] {
      let sets = try LabelledSets(path: path)
      #expect(sets.train.features.elementType == .uint8 && sets.train.divisor == 255)
      #expect(sets.train.classCount == 10 && sets.test == nil)
      #expect(
        sets.summary.notes == ["the test set serves as the training set, and there is no test set"])
      let same = try LabelledSets(path: path).train
      #expect(try sets.train.contentHash == same.contentHash)
    }
  }

  // MARK: CIFAR-10

  private func records(_ labels: [UInt8], first: UInt8 = 0) -> [UInt8] {
    labels.enumerated().flatMap { index, label in
      [label] + (0..<3072).map { UInt8(truncatingIfNeeded: Int(first) + index + $0) }
    }
  }

  @Test("CIFAR-10's files, one by one and as a folder")
  func cifar() throws {
    for batch in 1...2 {
      let name = "data_batch_\(batch).bin"
      try folder.write(records([6, UInt8(batch)], first: UInt8(batch)), as: name)
    }
    let alone = try LabelledSets(path: "\(folder.path)/data_batch_2.bin")
    #expect(alone.train.features.shape == [2, 3, 32, 32] && alone.test == nil)
    try folder.write(records([9]), as: "test_batch.bin")
    let sets = try LabelledSets(path: folder.path)
    #expect(sets.train.exampleCount == 4 && sets.test?.exampleCount == 1)
    guard case .classes(let labels, 10, let names) = sets.train.targets else {
      Issue.record("no classes: \(sets.train.targets)")
      return
    }
    #expect(labels == [6, 1, 6, 2] && names?[6] == "frog")
    let matrix: Tensor<Float> = sets.train.featureMatrix()
    #expect(matrix[0, 0] == 1 / 255 && matrix[3, 0] == 3 / 255 && matrix[1, 3071] == 1 / 255)
    #expect("\(sets.summary)".contains("frog (2)"))
    #expect("\(sets.summary)".contains("scaled to 0...1"))
    // Without its extension, the size and the labels tell.
    #expect(try load(records([1, 2]), as: "pictures").summary.format == "CIFAR-10 binary")
  }

  @Test("CIFAR-10's files that are cut off or of other classes")
  func damagedCIFAR() throws {
    let whole = records([1, 2])
    for count in stride(from: 0, to: whole.count, by: 61) where count % 3073 != 0 || count == 0 {
      try folder.write(Array(whole[..<count]), as: "data_batch_1.bin")
      let kind: Problem.Kind = count == 0 ? .wrongFormat : .truncated
      expectError(kind, naming: ["data_batch_1.bin"], "the first \(count) bytes") {
        try LabelledSets(path: folder.path)
      }
    }
    try folder.write(Array(records([1, 2]).dropLast()), as: "data_batch_1.bin")
    expectError(.truncated, naming: ["data_batch_1.bin", "3073"]) {
      try LabelledSets(path: folder.path)
    }
    try folder.write(records([1, 10, 2]), as: "data_batch_1.bin")
    expectError(.outOfRange, naming: ["record 1 (byte 3073)", "label 10"]) {
      try LabelledSets(path: folder.path)
    }
  }

  // MARK: Inspection

  @Test("every array is told of, also one that cannot be read")
  func inspection() throws {
    let inspection = try DataInspection(path: GoldenFile.path("with-object.npz"))
    #expect(inspection.entries.map(\.name) == ["X", "names"])
    #expect(inspection.entries[0].description == "X: float64 (2, 2), 0 to 1")
    #expect(inspection.entries[1].refusal?.contains("np.array(names.tolist()") == true)
    #expect(inspection.labelled == nil && inspection.refusal?.contains("X has no labels") == true)
    let parameters = try DataInspection(path: GoldenFile.path("mixed.safetensors"))
    #expect(parameters.entries.count == 7 && parameters.refusal != nil)
    let single = try DataInspection(path: GoldenFile.path("float64.npy"))
    #expect(single.entries[0].nonFiniteCount == 2)
    #expect("\(single)".contains("2 non-finite values"))
    expectError(.notFound) { try DataInspection(path: "\(folder.path)/absent") }
  }

  @Test("a table's columns with their ranges, and what is understood; it survives JSON")
  func tableInspection() throws {
    let path = try folder.write(Array("a,b,y\n1,-2,0.5\n3,4.5,7\n".utf8), as: "t.csv")
    let inspection = try DataInspection(path: path)
    #expect(
      inspection.entries.map(\.description) == [
        "a: float64 (2,), 1 to 3", "b: float64 (2,), -2 to 4.5",
        "y: float64 (2,), 0.5 to 7",
      ])
    #expect(inspection.labelled?.sets[0].targetRange == [0.5, 7])
    #expect("\(inspection)".contains("targets: real values, 0.5 to 7"))
    let json = try JSONEncoder().encode(inspection)
    #expect(try JSONDecoder().decode(DataInspection.self, from: json) == inspection)
    #expect(String(decoding: json, as: UTF8.self).contains("\"example_count\":2"))
  }
}
