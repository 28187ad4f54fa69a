import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing

/// An array as the bytes of an `.npy` file, of whatever type and order a header can claim.
struct ArrayBytes: Sendable {
  var type = "<f8"
  var isFortran = false
  var shape: [Int]
  var data: [UInt8]

  /// Values in row-major order.
  init(_ shape: [Int], _ values: [Double]) {
    self.shape = shape
    data = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
  }

  init(_ tensor: Tensor<Double>) { self.init(tensor.shape.extents, tensor.scalars) }

  init(type: String, _ shape: [Int], data: [UInt8]) {
    self.type = type
    self.shape = shape
    self.data = data
  }

  /// The same values, the last byte first in each.
  var bigEndian: ArrayBytes {
    var other = self
    other.type = ">f8"
    other.data = stride(from: 0, to: data.count, by: 8).flatMap {
      data[$0..<$0 + 8].reversed() as [UInt8]
    }
    return other
  }

  /// The same matrix, column after column.
  var fortran: ArrayBytes {
    var other = self
    other.isFortran = true
    guard shape.count == 2 else { return other }
    other.data = (0..<shape[1]).flatMap { column in
      (0..<shape[0]).flatMap { row in
        let position = 8 * (row * shape[1] + column)
        return data[position..<position + 8]
      }
    }
    return other
  }

  var npy: [UInt8] {
    let extents =
      shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
    var header =
      "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(extents), }"
    while !(10 + header.utf8.count + 1).isMultiple(of: 64) { header += " " }
    header += "\n"
    let length = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
      + Array(header.utf8) + data
  }
}

/// The bytes of an `.npz` file.
func archive(
  _ arrays: [String: ArrayBytes], _ compression: ZipWriter.Compression = .stored
) throws -> [UInt8] {
  var writer = ZipWriter()
  for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
    try writer.add("\(name).npy", array.npy, compression: compression)
  }
  return [UInt8](writer.finished())
}

/// A request that cannot be carried out, and what its message has to say.
struct BadInput: Sendable, CustomTestStringConvertible {
  let name: String
  let words: [String]
  let message: [String]
  var prepare: @Sendable (TemporaryFolder) throws -> Void = { _ in }

  var testDescription: String { name }
}
