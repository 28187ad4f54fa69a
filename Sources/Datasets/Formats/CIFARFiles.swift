import Foundation

/// The binary version of CIFAR-10: records of 3,073 bytes, a label and the three planes of a
/// picture.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
enum CIFARFiles {
  static let recordSize = 3073
  static let classCount = 10
  static let pictureShape = [3, 32, 32]
  /// The classes, in the order of their numbers.
  static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  private static let trainingNames = (1...5).map { "data_batch_\($0).bin" }
  private static let testName = "test_batch.bin"

  /// Whether a file of this size that starts with this label can be one of them.
  static func isPlausible(_ source: ByteSource) throws(DatasetError) -> Bool {
    guard source.size > 0, source.size % recordSize == 0 else { return false }
    for record in [0, source.size / recordSize - 1] {
      let label = try source.read(1, at: record * recordSize)
      guard label.count == 1, label[0] < UInt8(classCount) else { return false }
    }
    return true
  }

  /// The files of the set that a folder has, training and test; nil when it has none.
  static func files(in folder: String) -> (train: [String], test: String?)? {
    func existing(_ name: String) -> String? {
      let path = DigitFiles.path(of: name, in: folder)
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    let train = trainingNames.compactMap(existing)
    let test = existing(testName)
    return train.isEmpty && test == nil ? nil : (train, test)
  }

  /// The examples of these files, one file behind the other.
  static func read(_ sources: [ByteSource], name: String) throws(DatasetError) -> LabelledData {
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for source in sources {
      guard source.size > 0, source.size % recordSize == 0 else {
        throw DatasetError(
          source.size > 0 ? .truncated : .wrongFormat, file: source.file,
          place: "byte \(source.size)",
          problem: "the size is \(source.size) bytes, no multiple of a record of \(recordSize)",
          remedy: "the file is cut off, or not the binary version of CIFAR-10: download it again")
      }
      pixels.reserveCapacity(pixels.count + source.size)
      for record in 0..<source.size / recordSize {
        let bytes = try source.read(recordSize, at: record * recordSize)
        guard bytes.count == recordSize else {
          throw DatasetError(
            .truncated, file: source.file, place: "record \(record)",
            problem: "the file became shorter while it was read", remedy: "read it again")
        }
        guard bytes[0] < UInt8(classCount) else {
          throw DatasetError(
            .outOfRange, file: source.file, place: "record \(record) (byte \(record * recordSize))",
            problem: "label \(bytes[0]) is outside 0 ... \(classCount - 1)",
            remedy: "the file is damaged or not the binary version of CIFAR-10: download it again")
        }
        labels.append(Int(bytes[0]))
        pixels.append(contentsOf: bytes[1...])
      }
    }
    return LabelledData(
      name: name, features: NumericArray(.uint8, [labels.count] + pictureShape, bytes: pixels),
      divisor: 255, targets: .classes(labels, count: classCount, names: classNames),
      provenance: sources.map(\.file).joined(separator: ", "))
  }
}
