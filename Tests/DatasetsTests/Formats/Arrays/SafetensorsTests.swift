import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("safetensors files")
struct SafetensorsTests {
  private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(ByteSource(bytes, named: "test.safetensors"))
  }

  private func file(_ header: String, data: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return size + text + [UInt8](repeating: 0, count: data)
  }

  private func entry(
    _ name: String, _ type: String = "U8", shape: String = "[4]", _ offsets: String = "[0,4]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test("a file of every sort of tensor")
  func golden() throws {
    let file = try SafetensorsFile(contentsOfFile: GoldenFile.path("mixed.safetensors"))
    #expect(
      file.names == ["0.weight", "0.bias", "half", "brain", "labels", "mask", "nothing"])
    #expect(file.metadata == ["format": "pt", "note": "café 😀"])
    #expect(
      try file.array(named: "0.weight") == NumericArray([2, 3], [Float(0), 1, 2, 3, 4, 5]))
    #expect(try file.array(named: "0.bias") == NumericArray([], [0.1]))
    #expect(try file.array(named: "half").doubles() == [0.5, -65_504])
    #expect(try file.array(named: "brain").doubles() == [1, -3.140625])
    #expect(try file.array(named: "labels").integers() == [-(1 << 40)])
    #expect(try file.array(named: "mask").doubles() == [1, 0])
    #expect(try file.array(named: "nothing").shape == [0, 4])
    expectError(.notFound, naming: ["1.weight", "0.weight, 0.bias"]) {
      try file.array(named: "1.weight")
    }
  }

  @Test("what is written reads back", arguments: 0..<20)
  func roundTrip(seed: Int) throws {
    let key = Key(seed: seed)
    let types = NumericArray.ElementType.allCases
    let tensors = (0..<key.integer(at: 0, below: 7)).map { index in
      let type = types[key["type"].integer(at: index, below: types.count)]
      let shape = (0..<key["rank"].integer(at: index, below: 4)).map {
        key["shape"][index].integer(at: $0, below: 5)
      }
      let bytes = (0..<shape.reduce(type.size, *)).map {
        UInt8(key["bytes"][index].integer(at: $0, below: type == .bool ? 2 : 256))
      }
      return ("block.\(index).\"w\\\n\u{1}é😀", NumericArray(type, shape, bytes: bytes))
    }
    let metadata = seed % 2 == 0 ? [:] : ["a": "1", "b\t": "\"quoted\""]
    let data = try SafetensorsFile.data(tensors, metadata: metadata)
    #expect(try SafetensorsFile.data(tensors, metadata: metadata) == data)
    let file = try open([UInt8](data))
    #expect(Set(file.names) == Set(tensors.map(\.0)), "seed \(seed)")
    #expect(file.metadata == metadata)
    for (name, array) in tensors { #expect(try file.array(named: name) == array, "seed \(seed)") }
    // The header is JSON for everyone.
    let size = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(size % 8 == 0)
    #expect(try JSONSerialization.jsonObject(with: data[8..<8 + size]) is [String: Any])
  }

  @Test("names that cannot be written")
  func names() {
    let array = NumericArray([], [1])
    for names in [["a", "a"], ["__metadata__"]] {
      expectError(.inconsistent, naming: ["tensor \(names[0])"]) {
        try SafetensorsFile.data(names.map { ($0, array) })
      }
    }
  }

  // MARK: Damage

  @Test("a file cut off anywhere is truncated")
  func prefixes() throws {
    let bytes = try GoldenFile.bytes("mixed.safetensors")
    for count in bytes.indices {
      expectError(.truncated, "the first \(count) bytes") { try open(Array(bytes[..<count])) }
    }
    expectError(.trailingBytes, naming: ["1 bytes follow"]) { try open(bytes + [0]) }
  }

  @Test("no flipped bit makes the reader crash")
  func flippedBits() throws {
    let bytes = try GoldenFile.bytes("mixed.safetensors")
    var noticed = 0
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let file = try open(damaged)
        for name in file.names { #expect(try !file.array(named: name).description.isEmpty) }
      } catch is Problem {
        noticed += 1
      }
    }
    #expect(noticed > bytes.count)
  }

  @Test("tensors that overlap, leave a gap, or reach beyond the file")
  func ranges() {
    expectError(.inconsistent, naming: ["tensor b", "inside"]) {
      try open(file("{\(entry("a")),\(entry("b", shape: "[2]", "[2,4]"))}", data: 4))
    }
    expectError(.inconsistent, naming: ["tensor b", "gap"]) {
      try open(file("{\(entry("a")),\(entry("b", shape: "[4]", "[5,9]"))}", data: 9))
    }
    expectError(.truncated, naming: ["byte"]) { try open(file("{\(entry("a"))}", data: 3)) }
    expectError(.inconsistent, naming: ["tensor a", "3 bytes"]) {
      try open(file("{\(entry("a", shape: "[4]", "[0,3]"))}", data: 3))
    }
    expectError(.inconsistent, naming: ["two tensors"]) {
      try open(file("{\(entry("a")),\(entry("a"))}", data: 8))
    }
    let huge = "[9223372036854775807,9223372036854775807]"
    expectError(.inconsistent) {
      try open(file("{\(entry("a", shape: huge, "[0,4]"))}", data: 4))
    }
  }

  @Test("element types that are unknown are named")
  func unknownType() {
    expectError(.unsupported, naming: ["tensor a", "F8_E4M3", ".float()"]) {
      try open(file("{\(entry("a", "F8_E4M3"))}", data: 4))
    }
  }

  @Test(
    "headers that are not of the grammar",
    arguments: [
      "{", "{} {}", "{\"a\"}", "{\"a\":1}", "{\"a\":{}}", "{,}", "{\"__metadata__\":{\"a\":1}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4.0],\"data_offsets\":[0,4]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,99999999999999999999]}}",
      "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
      "{\"\\ud83d\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
      "{\"a", "{\"\\q\":1}", "{\"\\u12",
    ])
  func malformed(header: String) {
    expectError(.wrongFormat, naming: ["test.safetensors", "byte"]) {
      try open(file(header, data: 4))
    }
  }

  @Test("what is not such a file")
  func otherFormats() throws {
    expectError(.wrongFormat, naming: ["ZIP", "save_file"]) {
      try open(GoldenFile.bytes("stored.npz"))
    }
    let claim = [UInt8](repeating: 0xFF, count: 7) + [0x7F, UInt8(ascii: "{")]
    expectError(.wrongFormat, naming: ["9223372036854775807"]) { try open(claim) }
    expectError(.truncated, naming: ["99999999"]) {
      try open([0xFF, 0xE0, 0xF5, 5, 0, 0, 0, 0, UInt8(ascii: "{")])
    }
    #expect(try open(file("{}")).names == [])
  }
}
