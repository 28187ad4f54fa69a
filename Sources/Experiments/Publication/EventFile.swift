import Foundation

/// An event file as TensorBoard reads it: scalars by tag and step.
///
/// A file is a sequence of records: the length in 8 bytes, its checksum, the content, its checksum. The content is a message
/// `Event` of protocol buffers with the fields `wall_time` (1, double), `step` (2, varint), `file_version` (3, text) and `summary`
/// (5), which holds values (1) with `tag` (1, text) and `simple_value` (2, float).
struct EventFile {
  private(set) var data = Data()

  /// A file with its header.
  init() {
    var event = Data()
    Self.append(double: 0, field: 1, to: &event)
    Self.append(bytes: Data("brain.Event:2".utf8), field: 3, to: &event)
    record(event)
  }

  /// Adds scalars of one step.
  ///
  /// - Parameter seconds: The time since the beginning.
  mutating func add(_ scalars: [(tag: String, value: Double)], step: Int, seconds: Double = 0) {
    var summary = Data()
    for scalar in scalars {
      var value = Data()
      Self.append(bytes: Data(scalar.tag.utf8), field: 1, to: &value)
      Self.append(float: Float(scalar.value), field: 2, to: &value)
      Self.append(bytes: value, field: 1, to: &summary)
    }
    var event = Data()
    Self.append(double: seconds, field: 1, to: &event)
    Self.append(varint: UInt64(step), field: 2, to: &event)
    Self.append(bytes: summary, field: 5, to: &event)
    record(event)
  }

  private mutating func record(_ content: Data) {
    var length = Data()
    Self.append(UInt64(content.count), to: &length)
    data += length
    Self.append(Self.masked(CRC32C.of(length)), to: &data)
    data += content
    Self.append(Self.masked(CRC32C.of(content)), to: &data)
  }

  /// The form in which the format stores a checksum, so that a checksum of data that contain checksums is not weak.
  private static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  // MARK: Protocol buffers

  private static func append<Number: FixedWidthInteger>(_ number: Number, to data: inout Data) {
    withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
  }

  private static func append(varint number: UInt64, to data: inout Data) {
    var rest = number
    while rest >= 0x80 {
      data.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    data.append(UInt8(rest))
  }

  private static func append(varint number: UInt64, field: UInt64, to data: inout Data) {
    append(varint: field << 3, to: &data)
    append(varint: number, to: &data)
  }

  private static func append(double number: Double, field: UInt64, to data: inout Data) {
    append(varint: field << 3 | 1, to: &data)
    append(number.bitPattern, to: &data)
  }

  private static func append(float number: Float, field: UInt64, to data: inout Data) {
    append(varint: field << 3 | 5, to: &data)
    append(number.bitPattern, to: &data)
  }

  private static func append(bytes: Data, field: UInt64, to data: inout Data) {
    append(varint: field << 3 | 2, to: &data)
    append(varint: UInt64(bytes.count), to: &data)
    data += bytes
  }
}

/// The CRC-32C of Castagnoli, which event files use: with a different polynomial than ZIP.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? 0x82F6_3B78 ^ (value >> 1) : value >> 1
    }
  }

  /// The checksum of some bytes.
  static func of(_ bytes: Data) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }
}
