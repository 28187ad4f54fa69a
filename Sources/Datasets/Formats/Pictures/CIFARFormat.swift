import Console
import Findings
import Foundation

/// The binary version of CIFAR-10: records of 3,073 bytes, a label and the three planes of a
/// picture.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
enum CIFARFormat: DataFormat {
  static let name = "CIFAR-10 binary"
  static let meaning =
    "its binary version: data_batch_1.bin to data_batch_5.bin and test_batch.bin, or one of them"
  static let recordSize = 3073
  static let classCount = 10
  static let pictureShape = [3, 32, 32]
  /// The classes, in the order of their numbers.
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  private static let trainingNames = (1...5).map { "data_batch_\($0).bin" }
  private static let testName = "test_batch.bin"

  static func recognizes(_ input: DataInput) throws(Problem) -> Bool {
    if input.isFolder { return files(in: input.path) != nil }
    let isNamed = input.path.lowercased().hasSuffix(".bin")
    // Records start with any bytes, so any file that another format recognizes is left to that format.
    guard isNamed || input.content == .unknown && !SafetensorsFormat.recognizes(input) else {
      return false
    }
    return try isPlausible(input.source)
  }

  /// Whether a file of this size whose first and last records start with such labels can be one of them.
  private static func isPlausible(_ source: ByteSource) throws(Problem) -> Bool {
    guard source.size > 0, source.size % recordSize == 0 else { return false }
    for record in [0, source.size / recordSize - 1] {
      let label = try source.read(1, at: record * recordSize)
      guard label.count == 1, label[0] < UInt8(classCount) else { return false }
    }
    return true
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    DataContent(
      meaning: .labelled { () throws(Problem) in
        guard input.isFolder, let files = files(in: input.path) else {
          return LabelledArrays(train: try read([input.source]), test: nil, notes: notes)
        }
        var sources: [ByteSource] = []
        for file in files.train { sources.append(try ByteSource(contentsOfFile: file)) }
        return LabelledArrays(
          train: sources.isEmpty ? nil : try read(sources),
          test: try files.test.map { file throws(Problem) in
            try read([ByteSource(contentsOfFile: file)])
          }, notes: notes)
      })
  }

  private static let notes = ["images are 3 planes (red, green, blue) of 32 x 32"]

  static func files(ofFolder folder: String) -> [String] {
    guard let files = files(in: folder) else { return [] }
    return files.train + [files.test].compactMap(\.self)
  }

  /// The files of the set that a folder contains, training and test; nil when it has none.
  static func files(in folder: String) -> (train: [String], test: String?)? {
    func existing(_ name: String) -> String? {
      let path = FilePaths.joined(folder, name)
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    let train = trainingNames.compactMap(existing)
    let test = existing(testName)
    return train.isEmpty && test == nil ? nil : (train, test)
  }

  /// The examples of these files, one file after another.
  private static func read(_ sources: [ByteSource]) throws(Problem) -> LabelledArrays.Part {
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for source in sources {
      guard source.size > 0, source.size % recordSize == 0 else {
        throw Problem(
          source.size > 0 ? .truncated : .wrongFormat, subject: source.file,
          location: "byte \(source.size)",
          problem:
            "the size is \(source.size) bytes, not a multiple of the record size \(recordSize)",
          remedy: "the file is cut off, or not the binary version of CIFAR-10: download it again")
      }
      pixels.reserveCapacity(pixels.count + source.size)
      for record in 0..<source.size / recordSize {
        let bytes = try source.read(recordSize, at: record * recordSize)
        guard bytes.count == recordSize else {
          throw Problem(
            .truncated, subject: source.file, location: "record \(record)",
            problem: "the file shrank while it was read", remedy: "read it again")
        }
        guard bytes[0] < UInt8(classCount) else {
          throw Problem(
            .outOfRange, subject: source.file,
            location: "record \(record) (byte \(record * recordSize))",
            problem: "label \(bytes[0]) is outside 0 ... \(classCount - 1)",
            remedy: "the file is damaged or not the binary version of CIFAR-10: download it again")
        }
        labels.append(Int(bytes[0]))
        pixels.append(contentsOf: bytes[1...])
      }
    }
    return LabelledArrays.Part(
      features: NumericArray(.uint8, [labels.count] + pictureShape, bytes: pixels),
      labels: labels, classCount: classCount, classNames: classNames,
      provenance: sources.map(\.file).joined(separator: ", "))
  }
}
