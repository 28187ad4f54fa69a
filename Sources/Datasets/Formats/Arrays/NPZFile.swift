import Console
import Findings
import Foundation

/// A NumPy archive (`.npz`): named arrays, each read on request.
///
/// ```swift
/// let run = try NPZFile(contentsOfFile: "run.npz")
/// for name in run.names { print(name, try run.array(named: name)) }
/// ```
public struct NPZFile: Sendable {
  /// The archive with the arrays.
  public let archive: ZipArchive
  /// The names of the arrays, in the order of the file.
  public let names: [String]
  private let members: [String: ZipArchive.Member]

  /// The path of the file.
  public var file: String { archive.file }

  /// Opens the file at `path`, stored (`np.savez`) or deflated (`np.savez_compressed`).
  ///
  /// - Throws: ``/Findings/Problem`` as ``ZipArchive`` does.
  /// - Complexity: O(number of arrays).
  public init(contentsOfFile path: String) throws(Problem) {
    try self.init(ZipArchive(contentsOfFile: path))
  }

  /// The arrays of an opened archive; members that are not `.npy` are passed over.
  ///
  /// - Throws: ``/Findings/Problem`` if there are members and none of them is an array, or an array has two names.
  package init(_ archive: ZipArchive) throws(Problem) {
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    // An array must not vanish because its name is damaged.
    for member in archive.members { try archive.verifyHeader(of: member) }
    guard !arrays.isEmpty || archive.members.isEmpty else {
      let first = archive.members[0].name
      throw Problem(
        .wrongFormat, subject: archive.file, location: "directory",
        problem:
          "none of the \(archive.members.count) members is an array (.npy); the first is \(first)",
        remedy: archive.members.contains { $0.name.hasSuffix(".pkl") }
          ? PythonConversion.remedy(FileContent.pyTorchRemedy, for: archive.file)
          : "make the file with np.savez(file, X=X, Y=Y)")
    }
    self.archive = archive
    names = arrays.map { String($0.name.dropLast(4)) }
    members = Dictionary(uniqueKeysWithValues: zip(names, arrays))
  }

  /// The array of this name.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none, its member is damaged, or its elements are not
  ///   numbers.
  /// - Complexity: O(size of the array).
  public func array(named name: String) throws(Problem) -> NumericArray {
    guard let member = members[name] else {
      throw Problem(
        .notFound, subject: file, location: "array \(name)",
        problem: "there is no such array, only \(names.joined(separator: ", "))",
        remedy: "save it too: np.savez(file, \(name)=\(name), ...)")
    }
    return try NumericArray(
      npy: archive.content(of: member), NPYHeader.Origin(file: file, member: member.name))
  }

  /// The shape in the header of the array of this name, even if its elements cannot be read; `nil` if the header has none.
  package func shape(named name: String) throws(Problem) -> [Int]? {
    guard let member = members[name] else { return nil }
    let header = String(decoding: try archive.content(of: member).prefix(1024), as: UTF8.self)
    guard let key = header.range(of: "'shape': ("),
      let end = header[key.upperBound...].firstIndex(of: ")")
    else { return nil }
    return header[key.upperBound..<end].split { ", ".contains($0) }.compactMap { Int($0) }
  }

  /// The strings in the array of this name with its shape; nil if its elements are not strings.
  func texts(named name: String) throws(Problem) -> (shape: [Int], texts: [String])? {
    guard let member = members[name] else { return nil }
    return try NPYTexts.read(
      archive.content(of: member), NPYHeader.Origin(file: file, member: member.name))
  }

  /// The content of an NPZ file with these arrays, in this order.
  ///
  /// The same arrays give the same bytes, as ``ZipWriter`` says.
  /// - Throws: ``/Findings/Problem`` if two arrays have the same name, or zlib is missing.
  /// - Complexity: O(size of the arrays).
  public static func data(
    _ arrays: [(name: String, array: NumericArray)],
    compression: ZipWriter.Compression = .stored
  ) throws(Problem) -> Data {
    var writer = ZipWriter()
    for (name, array) in arrays {
      try writer.add("\(name).npy", array.npyBytes(), compression: compression)
    }
    return writer.finished()
  }
}
