import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("IDX arrays")
struct IDXArrayTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: [UInt8], as name: String = "array") throws -> IDXArray {
    try IDXArray(contentsOfFile: folder.write(bytes, as: name))
  }

  @Test("every element type holds its extreme values")
  func elementTypes() throws {
    func values(_ type: IDXArray.ElementType, _ bits: [UInt64]) throws -> [Double] {
      let payload = bits.flatMap { IDXWriter.bigEndian($0, size: type.size) }
      let array = try read(IDXWriter.file(type, [bits.count], payload))
      #expect(array.elementType == type)
      #expect(array.count == bits.count)
      #expect(array.floats() == array.doubles().map { Float($0) })
      return array.doubles()
    }
    #expect(try values(.unsignedByte, [0, 1, 255]) == [0, 1, 255])
    #expect(try values(.signedByte, [0x80, 0xFF, 0x7F]) == [-128, -1, 127])
    #expect(try values(.short, [0x8000, 0xFFFE, 0x7FFF, 0x0102]) == [-32_768, -2, 32_767, 258])
    #expect(
      try values(.int, [0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x0102_0304])
        == [-2_147_483_648, -1, 2_147_483_647, 16_909_060])
    #expect(
      try values(
        .float,
        [-1.5, .greatestFiniteMagnitude, -.infinity].map { (x: Float) in
          UInt64(x.bitPattern)
        }) == [-1.5, Double(Float.greatestFiniteMagnitude), -.infinity])
    #expect(
      try values(.double, [0.1, -.leastNonzeroMagnitude, 1e300].map(\.bitPattern))
        == [0.1, -.leastNonzeroMagnitude, 1e300])
  }

  @Test("any type and shape reads back, plain and compressed", arguments: 0..<12)
  func roundTrip(seed: Int) throws {
    let key = Key(seed: seed)
    let types = IDXArray.ElementType.allCases
    let type = types[key.integer(at: 0, below: types.count)]
    let rank = key.integer(at: 1, below: 5)
    let shape = (0..<rank).map { key["shape"].integer(at: $0, below: 7) }
    let size = shape.reduce(type.size, *)
    let payload = (0..<size).map { UInt8(key["bytes"].integer(at: $0, below: 256)) }
    let file = IDXWriter.file(type, shape, payload)
    let blockSize = 1 + key.integer(at: 2, below: 200)
    for bytes in [file, GzipWriter.stored(file, blockSize: blockSize)] {
      let array = try read(bytes)
      #expect(array.shape == shape, "seed \(seed)")
      #expect(array.bytes == payload, "seed \(seed)")
      #expect(array.elementType == type, "seed \(seed)")
      #expect(array.doubles().count == shape.reduce(1, *), "seed \(seed)")
    }
  }

  @Test("rank 0 is one element, a dimension of 0 is none")
  func emptyShapes() throws {
    #expect(try read(IDXWriter.file(.unsignedByte, [], [7])).doubles() == [7])
    let huge = 0xFFFF_FFFF
    let empty = try read(IDXWriter.file(.double, [huge, huge, 0, huge], []))
    #expect(empty.count == 0)
    #expect(empty.doubles() == [])
    #expect("\(empty)" == "4294967295 x 4294967295 x 0 x 4294967295 64-bit floats")
  }

  // MARK: Damage

  @Test("a file cut off anywhere is truncated")
  func cutOff() throws {
    let file = IDXWriter.images(count: 10)
    let positions =
      Array(0..<20) + Array(stride(from: 20, to: file.count, by: 3)) + [file.count - 1]
    for position in positions {
      let part = Array(file[..<position])
      expectError(.truncated, naming: ["cut", "byte"], "cut at byte \(position)") {
        try read(part, as: "cut")
      }
      // The same content whole inside gzip: the frame is sound, the array is not.
      expectError(.truncated, naming: ["cut.gz"], "gzip of the first \(position) bytes") {
        try read(GzipWriter.stored(part), as: "cut.gz")
      }
    }
  }

  @Test("a message names the file, the position, the promise and the remedy")
  func message() throws {
    let file = Array(IDXWriter.images(count: 10)[..<70])
    let error = expectError(.truncated) { try read(file, as: "images") }
    #expect(
      error?.description
        == "\(folder.path)/images: byte 16: the header promises 10 x 2 x 3 unsigned bytes, which "
        + "are 60 bytes after 16 bytes of header, but the file has 70; "
        + "the file is cut off: download or copy it again")
  }

  @Test("bytes after the promised ones are an error", arguments: [1, 2, 1000])
  func trailingBytes(count: Int) throws {
    let file = IDXWriter.images(count: 4) + [UInt8](repeating: 0, count: count)
    expectError(.trailingBytes, naming: ["byte 40", "\(count) more"]) { try read(file) }
    expectError(.trailingBytes, naming: ["byte 40"]) { try read(GzipWriter.stored(file)) }
  }

  @Test("every bit of the magic number counts")
  func flippedMagic() throws {
    let file = IDXWriter.images(count: 4)
    for bit in 0..<32 {
      var damaged = file
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      switch bit / 8 {
      case 0, 1:
        expectError(.wrongFormat, naming: ["byte 0"], "bit \(bit)") { try read(damaged) }
      case 2 where IDXArray.ElementType(rawValue: damaged[2]) == nil:
        expectError(.wrongFormat, naming: ["byte 0"], "bit \(bit)") { try read(damaged) }
      case 2 where damaged[2] == IDXArray.ElementType.signedByte.rawValue:
        // Another type of the same size is a sound file of another kind, and says so.
        #expect(try read(damaged).elementType == .signedByte)
      case 2:
        expectError(.truncated, "bit \(bit)") { try read(damaged) }
      default:
        // A wrong rank moves the data into the header or the header into the data.
        #expect(throws: Problem.self, "bit \(bit)") { try read(damaged) }
      }
    }
  }

  @Test("a flipped bit in a dimension never goes unnoticed")
  func flippedDimensions() throws {
    let file = IDXWriter.images(count: 4)
    for bit in 0..<96 {
      var damaged = file
      damaged[4 + bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Problem.self, "bit \(bit)") { try read(damaged) }
    }
  }

  @Test("a header may promise anything: nothing is allocated for it")
  func impossiblePromises() throws {
    let filler = [UInt8](repeating: 1, count: 1000)
    let promises = [
      [0x8000_0000], [2, 0x4000_0000], [60_000, 28, 1300], [0xFFFF_FFFF],
      [0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF],
      [Int](repeating: 0x1_0000, count: 4), [Int](repeating: 0xFFFF_FFFF, count: 200),
    ]
    for type in [IDXArray.ElementType.unsignedByte, .double] {
      for shape in promises {
        let file = IDXWriter.file(type, shape, filler)
        expectError(.truncated, "\(shape)") { try read(file) }
        expectError(.truncated, "\(shape), gzip") { try read(GzipWriter.stored(file)) }
      }
    }
  }

  @Test("compressed content beyond the limit is not expanded")
  func expansionLimit() throws {
    let filler = [UInt8](repeating: 1, count: 1_100_000)
    let file = GzipWriter.stored(IDXWriter.file(.unsignedByte, [(1 << 30) + 1], filler))
    expectError(.tooLarge, naming: ["1073741825", "at most 1073741824", "gunzip"]) {
      try read(file)
    }
  }

  @Test("what is not IDX is said to be something else")
  func otherFormats() throws {
    expectError(.wrongFormat, naming: ["web page", "3C 21 44 4F"]) {
      try read(Array("<!DOCTYPE html><html>".utf8))
    }
    expectError(.wrongFormat, naming: ["93 4E 55 4D"]) {
      try read([0x93] + Array("NUMPY and more".utf8))
    }
    expectError(.wrongFormat) { try read(GzipWriter.stored(Array("x,y\n1,2\n".utf8))) }
    expectError(.truncated, naming: ["byte 0"]) { try read([]) }
  }

  @Test("paths that are not files")
  func paths() throws {
    expectError(.notFound, naming: ["absent"]) {
      try IDXArray(contentsOfFile: "\(folder.path)/absent")
    }
    expectError(.unreadable, naming: ["folder"]) { try IDXArray(contentsOfFile: folder.path) }
    expectError(.unreadable, naming: ["device"]) { try IDXArray(contentsOfFile: "/dev/null") }
    expectError(.notFound) { try IDXArray(contentsOfFile: "") }
  }

  @Test("a symbolic link is followed")
  func symbolicLink() throws {
    let target = try folder.write(IDXWriter.labels([1, 2, 3]), as: "target")
    let link = "\(folder.path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    #expect(try IDXArray(contentsOfFile: link).bytes == [1, 2, 3])
  }
}
