import Datasets

/// Makes the bytes of IDX files for tests.
enum IDXWriter {
  static func header(_ type: UInt8, _ shape: [Int]) -> [UInt8] {
    [0, 0, type, UInt8(shape.count)] + shape.flatMap { bigEndian(UInt64($0), size: 4) }
  }

  static func file(_ type: IDXArray.ElementType, _ shape: [Int], _ payload: [UInt8]) -> [UInt8] {
    header(type.rawValue, shape) + payload
  }

  /// Pictures whose pixels count up, so that every byte's position shows.
  static func images(count: Int, rows: Int = 2, columns: Int = 3) -> [UInt8] {
    let size = count * rows * columns
    return file(
      .unsignedByte, [count, rows, columns], (0..<size).map { UInt8(truncatingIfNeeded: $0) })
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] {
    file(.unsignedByte, [labels.count], labels)
  }

  static func bigEndian(_ bits: UInt64, size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * (size - 1 - $0))) }
  }
}
