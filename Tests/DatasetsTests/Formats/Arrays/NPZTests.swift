import Datasets
import Findings
import Foundation
import TestSupport
import Testing

@Suite("NumPy archives")
struct NPZTests {
  @Test("stored and deflated archives of NumPy", arguments: ["stored.npz", "deflated.npz"])
  func golden(name: String) throws {
    let file = try NPZFile(contentsOfFile: GoldenFile.path(name))
    #expect(file.names == ["W1", "b1", "Y"])
    #expect(try file.array(named: "W1") == NumericArray([2, 3], (0..<6).map { Double($0) / 7 }))
    #expect(try file.array(named: "b1") == NumericArray([2, 1], [Float(0.5), -0.25]))
    #expect(try file.array(named: "Y").integers() == [1, 0, 1])
    expectError(.notFound, naming: [name, "array W2", "W1, b1, Y"]) { try file.array(named: "W2") }
  }

  @Test("an archive cut off anywhere is an error", arguments: ["stored.npz", "deflated.npz"])
  func prefixes(name: String) throws {
    let bytes = try GoldenFile.bytes(name)
    for count in bytes.indices {
      #expect(throws: Problem.self, "the first \(count) bytes") {
        try NPZFile(ZipArchive(ByteSource(Array(bytes[..<count]), named: name)))
      }
    }
  }

  @Test("a name that is damaged in the directory does not make an array vanish", arguments: 0..<2)
  func damagedName(header: Int) throws {
    let arrays = ["X", "Y"].map { (name: $0, array: NumericArray([2], [1.0, 2])) }
    var bytes = [UInt8](try NPZFile.data(arrays))
    // Each name stands before its content and again in the directory.
    let name = Array("Y.npy".utf8)
    let positions = bytes.indices.filter { bytes[$0...].starts(with: name) }
    try #require(positions.count == 2)
    bytes[positions[header] + 3] = UInt8(ascii: "q")
    expectError(.corrupt, naming: ["member Y.n", "contradicts the directory"]) {
      try NPZFile(ZipArchive(ByteSource(bytes, named: "damaged.npz")))
    }
  }

  @Test("a way of packing that is damaged in the directory is not a new way of packing")
  func damagedMethod() throws {
    var bytes = [UInt8](try NPZFile.data([("X", NumericArray([2], [1.0, 2]))]))
    let entry = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    bytes[entry + 10] = 64
    expectError(.corrupt, naming: ["member X.npy", "contradicts the directory"]) {
      try NPZFile(ZipArchive(ByteSource(bytes, named: "damaged.npz")))
    }
  }

  @Test("an array of objects does not keep the others from being read")
  func laziness() throws {
    let file = try NPZFile(contentsOfFile: GoldenFile.path("with-object.npz"))
    #expect(try file.array(named: "X").doubles() == [1, 0, 0, 1])
    expectError(.unsupported, naming: ["member names.npy", "names = np.array(names.tolist()"]) {
      try file.array(named: "names")
    }
  }

  @Test("what is written reads back, and is the same every time")
  func writing() throws {
    let arrays: [(String, NumericArray)] = [
      ("W1", NumericArray([2, 2], [0.1, -2, 3, .infinity])),
      ("b1", NumericArray([2], [Float(1), 2])),
      ("steps", NumericArray([], [7])),
    ]
    for compression in [ZipWriter.Compression.stored, .deflated] {
      let data = try NPZFile.data(arrays, compression: compression)
      #expect(try NPZFile.data(arrays, compression: compression) == data)
      let folder = try TemporaryFolder()
      let path = try folder.write([UInt8](data), as: "out.npz")
      let file = try NPZFile(contentsOfFile: path)
      #expect(file.names == ["W1", "b1", "steps"])
      for (name, array) in arrays { #expect(try file.array(named: name) == array) }
    }
    expectError(.inconsistent, naming: ["a.npy"]) {
      try NPZFile.data([("a", arrays[0].1), ("a", arrays[1].1)])
    }
  }

  @Test("other archives are told apart")
  func otherArchives() throws {
    expectError(.wrongFormat, naming: ["a.txt", "np.savez"]) {
      try NPZFile(contentsOfFile: GoldenFile.path("stored.zip"))
    }
    var writer = ZipWriter()
    try writer.add("model/data.pkl", [])
    let torch = ByteSource([UInt8](writer.finished()), named: "model.pt")
    expectError(.wrongFormat, naming: ["PyTorch", "np.savez"]) {
      try NPZFile(ZipArchive(torch))
    }
    #expect(
      try NPZFile(ZipArchive(ByteSource([UInt8](ZipWriter().finished()), named: "e"))).names == [])
  }
}
