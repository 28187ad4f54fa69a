import Datasets
import Foundation
import TestSupport
import Testing

@Suite("Digit files")
struct DigitsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let names = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ]

  private func writePair(_ role: String, _ labels: [UInt8], in folder: TemporaryFolder) throws {
    try folder.write(IDXWriter.images(count: labels.count), as: "\(role)-images-idx3-ubyte")
    try folder.write(IDXWriter.labels(labels), as: "\(role)-labels-idx1-ubyte")
  }

  @Test("both pairs give training and test data, scaled to 0...1")
  func bothPairs() throws {
    try writePair("train", [5, 0, 9], in: folder)
    try writePair("t10k", [7], in: folder)
    let digits = try LabelledSets.digits(in: [folder.path])
    #expect(digits.train.labels == [5, 0, 9])
    #expect(digits.train.exampleShape == [2, 3])
    #expect(digits.train.floats() == (0..<18).map { Float($0) / 255 })
    #expect(digits.train.classCount == 10)
    #expect(digits.test?.labels == [7])
    #expect(digits.train.provenance.contains("train-images-idx3-ubyte"))
    #expect(digits.train.provenance.contains("train-labels-idx1-ubyte"))
    #expect(
      digits.statement(title: "Digits", folder: folder.path)
        == "Digits: 3 training images and 1 test images from \(folder.path).")
  }

  @Test("every spelling of the names is found, compressed or not")
  func spellings() throws {
    for (separator, suffix) in [("-", ""), (".", ""), ("-", ".gz"), (".", ".gz")] {
      let folder = try TemporaryFolder()
      func content(_ bytes: [UInt8]) -> [UInt8] {
        suffix.isEmpty ? bytes : GzipWriter.stored(bytes)
      }
      try folder.write(
        content(IDXWriter.images(count: 2)), as: "train-images\(separator)idx3-ubyte\(suffix)")
      try folder.write(
        content(IDXWriter.labels([3, 4])), as: "train-labels\(separator)idx1-ubyte\(suffix)")
      let digits = try LabelledSets.digits(in: [folder.path + "/"])
      #expect(digits.train.labels == [3, 4])
      #expect(digits.test == nil)
      #expect(digits.statement(title: "Digits", folder: "").contains("no test images"))
    }
  }

  @Test("the test pair alone serves as the training set, and the statement says so")
  func testPairAlone() throws {
    try writePair("t10k", [1, 2], in: folder)
    let digits = try LabelledSets.digits(in: [folder.path])
    #expect(digits.train.labels == [1, 2])
    #expect(digits.test == nil)
    let statement = digits.statement(title: "Digits", folder: "")
    #expect(statement.contains("only the test pair is used from the current folder"))
    #expect(statement.contains("2 images serve as the training set"))
    #expect(digits.trainsOnTest)
  }

  @Test("the first folder that has digits is taken")
  func folderOrder() throws {
    let (empty, second) = (try folder.makeFolder("empty"), try TemporaryFolder())
    try writePair("train", [8], in: second)
    let third = try TemporaryFolder()
    try writePair("train", [9], in: third)
    let digits = try LabelledSets.digits(in: [
      "\(folder.path)/absent", empty, second.path, third.path,
    ])
    #expect(digits.train.labels == [8])
    expectError(.notFound, naming: [empty, "train-images-idx3-ubyte", "PLUMB_DATA"]) {
      try LabelledSets.digits(in: [empty])
    }
  }

  @Test("PLUMB_DATA comes first, and must be a folder")
  func environment() throws {
    let standard = ["data", "../shared/data"]
    #expect(try LabelledSets.dataFolders(environment: [:]) == standard)
    #expect(try LabelledSets.dataFolders(environment: ["PLUMB_DATA": ""]) == standard)
    #expect(
      try LabelledSets.dataFolders(environment: ["PLUMB_DATA": folder.path])
        == [folder.path] + standard)
    expectError(.notFound, naming: ["PLUMB_DATA", "/absent"]) {
      try LabelledSets.dataFolders(environment: ["PLUMB_DATA": folder.path + "/absent"])
    }
  }

  @Test("a path may be the folder or one of its files")
  func paths() throws {
    try writePair("train", [5, 0], in: folder)
    try writePair("t10k", [7], in: folder)
    let whole = try LabelledSets.digits(in: [folder.path])
    #expect(try LabelledSets(path: folder.path) == whole)
    for name in Self.names[..<2] {
      #expect(try LabelledSets(path: "\(folder.path)/\(name)") == whole)
    }
    for name in Self.names[2...] {
      let digits = try LabelledSets(path: "\(folder.path)/\(name)")
      #expect(digits.train.labels == [7])
      #expect(digits.test == nil)
      #expect(digits.trainsOnTest)
    }
    expectError(.notFound, naming: ["absent"]) {
      try LabelledSets(path: "\(folder.path)/absent")
    }
    let other = try folder.write([1], as: "other")
    expectError(.wrongFormat, naming: ["other"]) {
      try LabelledSets(path: other)
    }
    let empty = try folder.makeFolder("empty")
    expectError(.notFound, naming: [empty]) { try LabelledSets.digits(in: [empty]) }
  }

  @Test("the spelling that was named is the file that is read")
  func namedSpelling() throws {
    try writePair("train", [5], in: folder)
    let named = try folder.write(
      GzipWriter.stored(IDXWriter.labels([6])), as: "train-labels-idx1-ubyte.gz")
    #expect(try LabelledSets(path: named).train.labels == [6])
    #expect(try LabelledSets(path: folder.path).train.labels == [5])
  }

  // MARK: Damage

  @Test("half a pair is an error that names the other half", arguments: DigitsTests.names)
  func halfPair(missing: String) throws {
    try writePair("train", [5, 0], in: folder)
    try writePair("t10k", [7], in: folder)
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(missing)")
    expectError(.incompletePair, naming: ["\(folder.path)/\(missing)"]) {
      try LabelledSets.digits(in: [folder.path])
    }
    expectError(.incompletePair, naming: ["\(folder.path)/\(missing)"]) {
      try LabelledSets(path: folder.path)
    }
  }

  @Test("files under each other's names are told apart")
  func mislabelled() throws {
    let images = IDXWriter.images(count: 2)
    let labels = IDXWriter.labels([1, 2])
    let (imageName, labelName) = (Self.names[0], Self.names[1])
    try folder.write(labels, as: imageName)
    try folder.write(images, as: labelName)
    expectError(.mislabelled, naming: [imageName, "holds labels (2 unsigned bytes)", "images are"])
    {
      try LabelledSets.digits(in: [folder.path])
    }
    try folder.write(images, as: imageName)
    expectError(.mislabelled, naming: [labelName, "holds images (2 x 2 x 3", "labels are"]) {
      try LabelledSets.digits(in: [folder.path])
    }
    try folder.write(IDXWriter.file(.signedByte, [2], [1, 2]), as: labelName)
    expectError(.mislabelled, naming: [labelName, "signed bytes"]) {
      try LabelledSets.digits(in: [folder.path])
    }
    try folder.write(IDXWriter.file(.unsignedByte, [2, 2], [1, 2, 3, 4]), as: imageName)
    expectError(.mislabelled, naming: [imageName, "rank 2"]) {
      try LabelledSets.digits(in: [folder.path])
    }
  }

  @Test("counts and shapes that do not fit")
  func inconsistent() throws {
    try writePair("train", [1, 2], in: folder)
    try folder.write(IDXWriter.labels([1, 2, 3]), as: Self.names[1])
    expectError(.inconsistent, naming: [Self.names[1], "3 labels", "2 images"]) {
      try LabelledSets.digits(in: [folder.path])
    }
    try writePair("train", [1, 2], in: folder)
    try folder.write(IDXWriter.images(count: 1, rows: 3, columns: 3), as: Self.names[2])
    try folder.write(IDXWriter.labels([1]), as: Self.names[3])
    expectError(.inconsistent, naming: ["(3, 3)", "(2, 3)"]) {
      try LabelledSets.digits(in: [folder.path])
    }
    try folder.write(IDXWriter.images(count: 0), as: Self.names[0])
    try folder.write(IDXWriter.labels([]), as: Self.names[1])
    expectError(.inconsistent, naming: [Self.names[0], "nothing"]) {
      try LabelledSets.digits(in: [folder.path])
    }
  }

  @Test("a label beyond the ten classes", arguments: [UInt8(10), 11, 255])
  func labelRange(label: UInt8) throws {
    try writePair("train", [1, 2, label, 3], in: folder)
    expectError(.outOfRange, naming: [Self.names[1], "label 2 (byte 10)", "\(label)", "0 ... 9"]) {
      try LabelledSets.digits(in: [folder.path])
    }
  }

  @Test("a damaged file is named, whichever of the four it is", arguments: DigitsTests.names)
  func damaged(name: String) throws {
    try writePair("train", [1, 2], in: folder)
    try writePair("t10k", [3], in: folder)
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    for position in 0..<whole.count {
      try folder.write(Array(whole[..<position]), as: name)
      expectError(.truncated, naming: [name]) { try LabelledSets.digits(in: [folder.path]) }
    }
    try folder.write([UInt8](whole) + [0], as: name)
    expectError(.trailingBytes, naming: [name]) { try LabelledSets.digits(in: [folder.path]) }
  }

  // MARK: The real files

  @Test("the real MNIST test pair", .enabled(if: RealData.folder != nil, RealData.absence))
  func realData() throws {
    let folder = try #require(RealData.folder)
    let digits = try LabelledSets(path: "\(folder)/t10k-images-idx3-ubyte.gz")
    #expect(digits.train.exampleCount == 10_000)
    #expect(digits.train.exampleShape == [28, 28])
    // Computed with another program from the definition in the documentation.
    #expect(digits.train.contentHash == "be676c65db84253b")
    #expect(Array(digits.train.labels[..<10]) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(
      digits.train.classCounts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    #expect(digits.test == nil)
  }
}
