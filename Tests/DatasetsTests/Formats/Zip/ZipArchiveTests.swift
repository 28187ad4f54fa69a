import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("ZIP archives")
struct ZipArchiveTests {
  static let archives = [
    "stored.zip", "deflated.zip", "zip64.zip", "streamed-stored.zip", "streamed-deflated.zip",
  ]
  static let contents: [(name: String, content: [UInt8])] = [
    ("a.txt", Array(String(repeating: "plumb", count: 40).utf8)), ("empty", []),
    ("folder/ünïcode-名.txt", (0..<60).map { $0 % 2 == 0 ? 0 : 0xFF }),
  ]

  private func contents(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
    let archive = try ZipArchive(ByteSource(bytes, named: "test.zip"))
    var result: [String: [UInt8]] = [:]
    for member in archive.members { result[member.name] = try archive.content(of: member) }
    return result
  }

  @Test("what Python's zipfile wrote is read", arguments: archives)
  func golden(name: String) throws {
    let archive = try ZipArchive(contentsOfFile: GoldenFile.path(name))
    #expect(archive.members.map(\.name) == Self.contents.map(\.name))
    for (member, expected) in zip(archive.members, Self.contents) {
      #expect(member.size == expected.content.count)
      #expect(try archive.content(of: member) == expected.content)
    }
  }

  @Test("an archive cut off anywhere is an error", arguments: archives)
  func prefixes(name: String) throws {
    let bytes = try GoldenFile.bytes(name)
    for count in bytes.indices {
      let error = #expect(throws: Problem.self, "the first \(count) bytes") {
        try ZipArchive(ByteSource(Array(bytes[..<count]), named: name))
      }
      if count >= 4 { #expect(error?.kind == .truncated, "the first \(count) bytes") }
    }
  }

  @Test("a flipped bit is noticed or harmless", arguments: archives)
  func flippedBits(name: String) throws {
    let bytes = try GoldenFile.bytes(name)
    var noticed = 0
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        // Times, attributes, flags and the comment carry no content; a name is its own content.
        let read = try contents(damaged)
        let kept = read.values.map { $0.count }.sorted()
        #expect(kept == Self.contents.map { $0.content.count }.sorted(), "bit \(bit)")
        for (name, content) in Self.contents where read[name] != nil {
          #expect(read[name] == content, "bit \(bit)")
        }
      } catch is Problem {
        noticed += 1
      }
    }
    #expect(noticed > 2 * bytes.count)
  }

  @Test("a wrong checksum names the member")
  func checksum() throws {
    var bytes = try GoldenFile.bytes("stored.zip")
    let position = try #require(bytes.firstIndex(of: UInt8(ascii: "p")))
    bytes[position] = UInt8(ascii: "q")
    expectError(.corrupt, naming: ["test.zip", "member a.txt", "checksum"]) { try contents(bytes) }
  }

  @Test("other ways of packing are named")
  func otherMethods() throws {
    let bytes = try GoldenFile.bytes("bzip2.zip")
    expectError(.unsupported, naming: ["a.txt", "bzip2", "np.savez"]) { try contents(bytes) }
  }

  @Test("what is not an archive is said to be something else")
  func otherFormats() {
    let npy = [0x93] + Array("NUMPY".utf8)
    let hdf5 = [0x89] + Array("HDF\r\n".utf8)
    for (start, word) in [(npy, "NumPy array"), (hdf5, "HDF5"), (Array("a,b\n".utf8), "text")] {
      expectError(.wrongFormat, naming: [word, "np.savez"]) { try contents(start) }
    }
    expectError(.truncated) { try contents([]) }
    expectError(.notFound) { try ZipArchive(contentsOfFile: "absent.zip") }
  }

  // MARK: Claims

  @Test("a claim beyond what the bytes can hold is refused before anything is read")
  func impossibleClaims() throws {
    var bytes = try GoldenFile.bytes("deflated.zip")
    // The size of the first member in the central directory.
    let entry = try #require(firstPlace(of: [0x50, 0x4B, 1, 2], in: bytes))
    for (byte, value) in ([0, 0, 0, 0x80] as [UInt8]).enumerated() {
      bytes[entry + 24 + byte] = value
    }
    expectError(.corrupt, naming: ["member a.txt", "2147483648"]) { try contents(bytes) }
    var packed = try GoldenFile.bytes("stored.zip")
    let stored = try #require(firstPlace(of: [0x50, 0x4B, 1, 2], in: packed))
    for (byte, value) in ([0, 0, 0, 0x80] as [UInt8]).enumerated() {
      packed[stored + 20 + byte] = value
      packed[stored + 24 + byte] = value
    }
    expectError(.corrupt, naming: ["member a.txt", "2147483648"]) { try contents(packed) }
  }

  @Test("a bomb is stopped at the limit, with its claim, before it expands")
  func bomb() throws {
    let zeros = [UInt8](repeating: 0, count: 3_000_000)
    var writer = ZipWriter()
    try writer.add("bomb.npy", zeros, compression: .deflated)
    let bytes = [UInt8](writer.finished())
    #expect(bytes.count < 5000)
    let small = try ZipArchive(ByteSource(bytes, named: "b.npz"), expansionLimit: 2_999_999)
    expectError(.tooLarge, naming: ["b.npz", "bomb.npy", "3000000", "2999999", "np.savez"]) {
      try small.content(of: small.members[0])
    }
    let enough = try ZipArchive(ByteSource(bytes, named: "b.npz"), expansionLimit: 3_000_000)
    #expect(try enough.content(of: enough.members[0]) == zeros)
  }

  @Test("a member that expands to more or less than it claims is damaged", arguments: [-1, 1])
  func wrongClaim(difference: Int) throws {
    var bytes = try GoldenFile.bytes("deflated.zip")
    let entry = try #require(firstPlace(of: [0x50, 0x4B, 1, 2], in: bytes))
    bytes[entry + 24] = UInt8(200 + difference)
    expectError(.corrupt, naming: ["a.txt", "\(200 + difference)"]) { try contents(bytes) }
  }

  @Test("members that share bytes are refused")
  func sharedBytes() throws {
    var writer = ZipWriter()
    try writer.add("a", [UInt8](repeating: 7, count: 100))
    try writer.add("b", [1, 2, 3])
    var bytes = [UInt8](writer.finished())
    let first = try #require(firstPlace(of: [0x50, 0x4B, 1, 2], in: bytes))
    let second = first + 46 + 1
    #expect(Array(bytes[second..<second + 4]) == [0x50, 0x4B, 1, 2])
    for byte in 0..<4 { bytes[second + 42 + byte] = byte == 0 ? 50 : 0 }
    expectError(.corrupt, naming: ["member a", "overlap"]) { try contents(bytes) }
  }

  @Test("two members of one name are ambiguous")
  func duplicateNames() throws {
    var writer = ZipWriter()
    try writer.add("a1", [1])
    try writer.add("a2", [2])
    let bytes = [UInt8](writer.finished()).map { $0 == UInt8(ascii: "2") ? UInt8(ascii: "1") : $0 }
    expectError(.inconsistent, naming: ["a1", "two members"]) { try contents(bytes) }
  }

  // MARK: Writing

  @Test("what is written reads back, with and without ZIP64", arguments: 0..<10)
  func roundTrip(seed: Int) throws {
    let key = Key(seed: seed)
    let limits: [UInt64] = [0, 100, 1000, 0xFFFF_FFFF]
    for limit in limits {
      for compression in [ZipWriter.Compression.stored, .deflated] {
        var writer = ZipWriter(fieldLimit: limit)
        var expected: [String: [UInt8]] = [:]
        for member in 0..<key.integer(at: 0, below: 6) {
          let count = key["size"].integer(at: member, below: 3000)
          let range = 1 + key["range"].integer(at: member, below: 256)
          let content = (0..<count).map { position in
            UInt8(truncatingIfNeeded: key["content"][member].integer(at: position, below: range))
          }
          try writer.add("member-\(member)-é", content, compression: compression)
          expected["member-\(member)-é"] = content
        }
        let data = writer.finished()
        #expect(data == writer.finished())
        #expect(try contents([UInt8](data)) == expected, "seed \(seed), limit \(limit)")
      }
    }
  }

  @Test("a name is taken once")
  func nameTwice() throws {
    var writer = ZipWriter()
    try writer.add("a", [])
    expectError(.inconsistent, naming: ["member a"]) { try writer.add("a", []) }
  }

  @Test("the checksum is the one of ZIP", arguments: 0..<20)
  func checksums(count: Int) {
    #expect(Checksum.of(Array("123456789".utf8)) == 0xCBF4_3926)
    let bytes = (0..<count).map { UInt8($0 * 37 % 256) }
    #expect(Checksum.of(bytes) == GzipWriter.checksum(bytes))
    var inPieces = Checksum()
    inPieces.combine(bytes[..<(count / 3)])
    inPieces.combine(bytes[(count / 3)...])
    #expect(inPieces.value == Checksum.of(bytes))
  }

  private func firstPlace(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    (0...bytes.count - pattern.count).first { Array(bytes[$0..<$0 + pattern.count]) == pattern }
  }
}
