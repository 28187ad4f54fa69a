import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Inflation through the system's zlib")
struct InflateStreamTests {
  /// Inflates all of `bytes`, handed over in pieces, up to `limit` bytes.
  private func inflate(
    _ bytes: [UInt8], _ format: Zlib.Format, pieceSize: Int = 1 << 16, limit: Int = 1 << 22,
    step: Int? = nil
  ) throws -> [UInt8] {
    var start = 0
    var stream = try InflateStream(file: "test", format: format) { () throws(Problem) in
      let piece = Array(bytes[start..<min(start + pieceSize, bytes.count)])
      start += piece.count
      return piece
    }
    var result: [UInt8] = []
    while result.count < limit {
      if try stream.read(min(step ?? limit, limit - result.count), appendingTo: &result) == 0 {
        break
      }
    }
    #expect(stream.producedCount == result.count)
    return result
  }

  /// A sentence as the gzip tool compressed it, with fixed Huffman codes and matches.
  private static let sentence = Array(
    (String(repeating: "Plumb lines measure depth. ", count: 3)
      + String(
        repeating: "A residual block adds what it learned to what it was given. 0123456789",
        count: 2))
      .utf8)
  private static let compressedSentence = bytes(
    "H4sIAAAAAAACA63Myw2EMAxF0VZeBWhght+SDmjBYAsiTBjFCWmfHQUgtvdId9S0T1DnxbALWQoCln9cC4yP"
      + "aEAQc5xIMekxbyBmQ14pwkWoUPDCiMedMhkWd4ov8Cmr769u2q5/53IBGYaRkt0AAAA=")
  /// Pattern bytes as zlib deflates them, with dynamic Huffman codes.
  private static let pattern: [UInt8] = (0..<600).map { (position: Int) -> UInt8 in
    let value = position * position * 7 + position / 3
    return UInt8(value % 23 + 65)
  }
  private static let deflatedPattern = bytes(
    "7czBEcAgCACw2WhF4RTEQ2H/TfruDmaAAFUPe0BdE+ZeBU8BmWT6NmCON4gSYQgO3mkZXXlZ69WsCfsRX9jgJjf5"
      + "Jx8=")

  private static func bytes(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map { [UInt8]($0) } ?? []
  }

  @Test("the structure has the size that zlib expects")
  func layout() throws {
    // On systems with 64-bit pointers; zlib itself refuses any other size at the start.
    #expect(MemoryLayout<Zlib.Stream>.size == (MemoryLayout<Int>.size == 8 ? 112 : 56))
    #expect(Zlib.system != nil)
  }

  @Test("all three kinds of blocks, in pieces of any size", arguments: [1, 2, 3, 7, 64, 100_000])
  func blockKinds(pieceSize: Int) throws {
    for step in [1, 5, 1000] {
      #expect(
        try inflate(Self.compressedSentence, .gzip, pieceSize: pieceSize, step: step)
          == Self.sentence)
      #expect(
        try inflate(Self.deflatedPattern, .rawDeflate, pieceSize: pieceSize, step: step)
          == Self.pattern)
      let stored = GzipWriter.stored(Self.pattern, blockSize: 77)
      #expect(try inflate(stored, .gzip, pieceSize: pieceSize, step: step) == Self.pattern)
    }
  }

  @Test("output that waits for room after the last input is not lost", arguments: 1...16)
  func pendingOutput(matches: Int) throws {
    // Whatever the position of the last bits in the last byte: zlib may have taken all input while most
    // of a match of 258 bytes is still to be handed over.
    let data = GzipWriter.deflatedZeros(matches: matches)
    for step in [1, 100] {
      let zeros = try inflate(data, .rawDeflate, step: step)
      #expect(zeros == [UInt8](repeating: 0, count: matches * 258 + 1))
    }
  }

  @Test("random content in stored blocks comes back", arguments: 0..<8)
  func storedBlocks(seed: Int) throws {
    let key = Key(seed: seed)
    let content = (0..<key.integer(at: 0, below: 3000)).map {
      UInt8(key["bytes"].integer(at: $0, below: 256))
    }
    let blockSize = 1 + key.integer(at: 1, below: 500)
    let pieceSize = 1 + key.integer(at: 2, below: 900)
    let gzip = GzipWriter.stored(content, blockSize: blockSize)
    #expect(try inflate(gzip, .gzip, pieceSize: pieceSize) == content, "seed \(seed)")
    let raw = GzipWriter.storedDeflate(content, blockSize: blockSize)
    #expect(try inflate(raw, .rawDeflate, pieceSize: pieceSize) == content, "seed \(seed)")
  }

  @Test("members of one gzip file follow one another", arguments: [1, 10, 1 << 16])
  func members(pieceSize: Int) throws {
    let parts: [[UInt8]] = [Self.sentence, [], Self.pattern, [1]]
    let file = parts.flatMap { GzipWriter.stored($0) } + Self.compressedSentence
    #expect(
      try inflate(file, .gzip, pieceSize: pieceSize) == parts.flatMap { $0 } + Self.sentence)
  }

  // MARK: Damage

  @Test("compressed data cut off anywhere are truncated")
  func cutOff() throws {
    let files: [([UInt8], Zlib.Format)] = [
      (Self.compressedSentence, .gzip), (Self.deflatedPattern, .rawDeflate),
      (GzipWriter.stored(Self.sentence, blockSize: 100), .gzip),
    ]
    for (file, format) in files {
      for position in file.indices {
        expectError(
          .truncated, naming: ["test", "compressed byte \(position)"], "cut at \(position)"
        ) {
          try inflate(Array(file[..<position]), format)
        }
      }
    }
    // Within a second member too; a whole first member does not hide it.
    let first = GzipWriter.stored([1, 2, 3])
    let both = first + GzipWriter.stored([4, 5, 6])
    for position in first.count + 1..<both.count {
      expectError(.truncated, "cut at \(position)") { try inflate(Array(both[..<position]), .gzip) }
    }
  }

  @Test("no flipped bit changes what is read")
  func flippedBits() throws {
    for file in [Self.compressedSentence, GzipWriter.stored(Self.sentence, blockSize: 100)] {
      var noticed = 0
      for bit in 0..<8 * file.count {
        var damaged = file
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        do {
          // The time and the system in the header and the padding of blocks carry no content.
          #expect(try inflate(damaged, .gzip) == Self.sentence, "bit \(bit)")
        } catch let error as Problem {
          #expect([.corrupt, .truncated, .trailingBytes].contains(error.kind), "\(error)")
          noticed += 1
        }
      }
      #expect(noticed > 7 * file.count)
    }
  }

  @Test("wrong checksums are called so")
  func checksums() throws {
    let content = Self.pattern
    let sound = GzipWriter.header + GzipWriter.storedDeflate(content)
    let checksum = GzipWriter.checksum(content)
    let wrongSum = sound + GzipWriter.trailer(checksum: checksum ^ 1, count: content.count)
    expectError(.corrupt, naming: ["checksum"]) { try inflate(wrongSum, .gzip) }
    let wrongCount = sound + GzipWriter.trailer(checksum: checksum, count: content.count + 1)
    expectError(.corrupt, naming: ["checksum"]) { try inflate(wrongCount, .gzip) }
    expectError(.corrupt, naming: ["damaged"]) { try inflate([0x1F, 0x8B, 9, 0], .gzip) }
    expectError(.corrupt, naming: ["damaged"]) { try inflate([0b111, 0, 0], .rawDeflate) }
  }

  @Test("what follows the end is an error", arguments: [[UInt8(0)], [1, 2, 3], [0x50, 0x4B]])
  func trailing(extra: [UInt8]) throws {
    for pieceSize in [1, 1 << 16] {
      expectError(.trailingBytes) {
        try inflate(Self.compressedSentence + extra, .gzip, pieceSize: pieceSize)
      }
      expectError(.trailingBytes) {
        try inflate(Self.deflatedPattern + extra, .rawDeflate, pieceSize: pieceSize)
      }
    }
  }

  @Test("a bomb costs no more than what is asked for")
  func bomb() throws {
    // 1.3 million bytes in 8 thousand.
    let bomb = GzipWriter.bomb(prefix: IDXWriter.header(0x08, [100]), matches: 5000)
    #expect(bomb.count < 8300)
    #expect(try inflate(bomb, .gzip, pieceSize: 100, limit: 109).count == 109)
    #expect(try inflate(bomb, .gzip).count == 8 + 5000 * 258 + 1)
    let folder = try TemporaryFolder()
    let path = try folder.write(bomb, as: "bomb.gz")
    expectError(.trailingBytes, naming: ["bomb.gz", "byte 108", "100 unsigned bytes"]) {
      try IDXArray(contentsOfFile: path)
    }
  }

  // MARK: The library

  @Test("a system without zlib gives an error with a way out")
  func missingLibrary() throws {
    #expect(Zlib(libraryNames: ["libplumbline-absent.so.1"]) == nil)
    expectError(.systemLibraryMissing, naming: ["images.gz", "libz", "gunzip"]) {
      _ = try InflateStream(file: "images.gz", format: .gzip, zlib: nil) { [] }
    }
  }

  @Test("errors of the source pass through")
  func sourceErrors() throws {
    let error = Problem(.unreadable, subject: "f", location: "p", problem: "x", remedy: "y")
    var stream = try InflateStream(file: "f", format: .gzip) { () throws(Problem) in
      throw error
    }
    var bytes: [UInt8] = []
    do {
      _ = try stream.read(1, appendingTo: &bytes)
      Issue.record("no error")
    } catch {
      #expect(error.kind == .unreadable)
    }
  }
}
