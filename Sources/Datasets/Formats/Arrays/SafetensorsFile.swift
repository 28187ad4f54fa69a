import Findings
import Foundation

/// A safetensors file: named tensors, each read on request, and some metadata.
///
/// Names are kept as they are, so those of PyTorch's modules (`layers.0.weight`) survive a round
/// trip.
///
/// Source: the format's description in the repository huggingface/safetensors.
public struct SafetensorsFile: Sendable {
  /// The path of the file.
  public let file: String
  /// The names of the tensors, in the order of the header.
  public let names: [String]
  /// The metadata in the header.
  public let metadata: [String: String]
  private let entries: [String: SafetensorsHeader.Entry]
  private let source: ByteSource

  /// Opens the file at `path` and reads its header.
  ///
  /// - Throws: ``/Findings/Problem``: missing, unreadable, not such a file, truncated, too long, with an unknown element type, or
  ///   with tensors that overlap or leave a gap.
  /// - Complexity: O(size of the header).
  public init(contentsOfFile path: String) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path))
  }

  package init(_ source: ByteSource) throws(Problem) {
    let header = try SafetensorsHeader(source)
    file = source.file
    self.source = source
    names = header.names
    metadata = header.metadata
    entries = header.entries
  }

  /// The tensor of this name.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none, or the file has been truncated since it was
  ///   opened.
  /// - Complexity: O(size of the tensor).
  public func array(named name: String) throws(Problem) -> NumericArray {
    guard let entry = entries[name] else {
      throw Problem(
        .notFound, subject: file, location: "tensor \(name)",
        problem: "there is no such tensor, only \(names.joined(separator: ", "))",
        remedy: "save it too, or give one of these")
    }
    let bytes = try source.read(entry.range.count, at: entry.range.lowerBound)
    guard bytes.count == entry.range.count else {
      throw Problem(
        .truncated, subject: file, location: "tensor \(name)",
        problem: "\(bytes.count) of \(entry.range.count) bytes are there",
        remedy: "the file is cut off: download or copy it again")
    }
    return NumericArray(entry.elementType, entry.shape, checkedBytes: bytes)
  }

  /// The content of a safetensors file with these tensors.
  ///
  /// As in the format's own writer, tensors with larger elements come first, so that each starts
  /// at a multiple of its element's size; tensors with the same element size keep their order.
  /// - Throws: ``/Findings/Problem`` if two tensors have the same name or one is called `__metadata__`.
  /// - Complexity: O(size of the tensors).
  public static func data(
    _ tensors: [(name: String, array: NumericArray)], metadata: [String: String] = [:]
  ) throws(Problem) -> Data {
    var names: Set<String> = ["__metadata__"]
    for (name, _) in tensors where !names.insert(name).inserted {
      throw Problem(
        .inconsistent, subject: "safetensors", location: "tensor \(name)",
        problem: "another tensor has this name, or the format reserves it",
        remedy: "choose another name")
    }
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    // Sorting is not guaranteed to be stable, so the position decides among equals.
    let order = tensors.indices.sorted {
      (-tensors[$0].array.elementType.size, $0) < (-tensors[$1].array.elementType.size, $1)
    }
    var end = 0
    for index in order {
      let (name, array) = tensors[index]
      let start = end
      end += array.bytes.count
      let shape = array.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(quoted(name)):{\"dtype\":\"\(SafetensorsHeader.name(of: array.elementType))\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(parts.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var result: [UInt8] = []
    result.reserveCapacity(8 + header.count + end)
    result.appendLittleEndian(UInt64(header.count), size: 8)
    result += header
    for index in order { result += tensors[index].array.bytes }
    return Data(result)
  }

  /// A text as a string of JSON.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"", "\\": result += "\\\(character)"
      case "\u{0}"..<" ":
        let digits = String(character.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}
