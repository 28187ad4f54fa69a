import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("NumPy array files")
struct NPYTests {
  private func read(_ bytes: [UInt8]) throws -> NumericArray {
    try NumericArray(npy: bytes, file: "test.npy")
  }

  /// A file of version 1 with this dictionary and these elements.
  private func file(_ header: String, _ elements: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count % 256), UInt8(text.count / 256)]
      + text + elements
  }

  // MARK: What NumPy wrote

  @Test("every type holds its extreme values", arguments: NumericArray.ElementType.numpy)
  func types(type: NumericArray.ElementType) throws {
    let array = try NumericArray(contentsOfNPYFile: GoldenFile.path("\(type.rawValue).npy"))
    #expect(array.elementType == type)
    #expect(array.shape == [2, 3])
    let values = array.doubles()
    let expected = type.goldenValues
    for (found, value) in zip(values, expected) {
      #expect(found == value || found.isNaN && value.isNaN, "\(values), not \(expected)")
      #expect(found.sign == value.sign || value.isNaN)
    }
    #expect(values.count == expected.count)
    // The bytes that NumPy wrote come back, and the other byte order gives the same elements.
    #expect(array.npyBytes() == (try GoldenFile.bytes("\(type.rawValue).npy")))
    if type.size > 1 {
      let name = "\(type.rawValue)-big.npy"
      #expect(try NumericArray(contentsOfNPYFile: GoldenFile.path(name)) == array)
    }
  }

  @Test("Fortran order, rank 0, no elements, three versions")
  func forms() throws {
    let cube = try read(GoldenFile.bytes("fortran.npy"))
    #expect(cube.shape == [2, 3, 4])
    #expect(cube.doubles() == (0..<24).map { Double($0) })
    let number = try read(GoldenFile.bytes("rank0.npy"))
    #expect(number.shape == [] && number.doubles() == [-2.5])
    #expect(number.npyBytes() == (try GoldenFile.bytes("rank0.npy")))
    let empty = try read(GoldenFile.bytes("empty.npy"))
    #expect(empty.shape == [0, 3] && empty.floats() == [])
    #expect(empty.npyBytes() == (try GoldenFile.bytes("empty.npy")))
    for version in 1...3 {
      #expect(try read(GoldenFile.bytes("version\(version).npy")).integers() == [0, 1, 2, 3, 4])
    }
  }

  @Test(
    "elements that are not numbers are refused with the line that converts them",
    arguments: [
      ("object", "X = np.array(X.tolist(), dtype=np.float64)", "|O"),
      ("string", "np.unique", "<U3"), ("bytes", "np.unique", "|S3"),
      ("complex", "X.real", "<c16"), ("structured", "np.load(sys.argv[1])[\"X\"]", "fields"),
      ("longdouble", "X = X.astype(np.float64)", "<f16"), ("date", "astype(np.int64)", "<M8[D]"),
    ])
  func unusable(name: String, remedy: String, words: String) throws {
    let content = try GoldenFile.bytes("unusable-\(name).npy")
    var writer = ZipWriter()
    try writer.add("X.npy", content)
    let archive = ByteSource([UInt8](writer.finished()), named: "data.npz")
    let npz = try NPZFile(ZipArchive(archive))
    expectError(.unsupported, naming: ["data.npz", "member X.npy", remedy, words]) {
      try npz.array(named: "X")
    }
    expectError(.unsupported, naming: ["test.npy"]) { try read(content) }
  }

  // MARK: The grammar of the header

  @Test(
    "any spelling of the dictionary",
    arguments: [
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }",
      "{'descr':'|u1','fortran_order':False,'shape':(2,)}",
      "  { \"shape\" : ( 2 , ) , 'fortran_order':True,\n'descr': \"u1\" } \n",
      "{'shape': (2L,), 'fortran_order': False, 'descr': '=u1'}\n",
      "{'shape': (2), 'fortran_order': False, 'descr': '>u1'}",
    ])
  func spellings(header: String) throws {
    let array = try read(file(header, [7, 200]))
    #expect(array.shape == [2] && array.doubles() == [7, 200])
  }

  @Test(
    "what is not such a dictionary",
    arguments: [
      "", "{", "{}", "[]", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False}",
      "{'descr': '|u1' 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': [2]}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
      "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}",
      "{'descr': |u1, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|u1, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (__import__('os').getpid(),)}",
    ])
  func malformed(header: String) {
    expectError(.wrongFormat, naming: ["test.npy", "byte", "np.save"]) {
      try read(file(header, [7, 200]))
    }
  }

  @Test("type strings of no numeric type", arguments: ["|u2", "u3", "<", "", "<u16", "x1", "<f1"])
  func unknownTypes(type: String) {
    expectError(.unsupported, naming: ["dtype", "'\(type)'"]) {
      try read(file("{'descr': '\(type)', 'fortran_order': False, 'shape': (2,)}", [7, 200]))
    }
  }

  @Test("a shape may promise anything: nothing is allocated for it")
  func impossiblePromises() {
    for shape in ["(2147483648,)", "(9223372036854775807, 9223372036854775807)", "(3, 1)"] {
      expectError(.truncated, naming: ["promises"], "\(shape)") {
        try read(file("{'descr': '<f8', 'fortran_order': False, 'shape': \(shape)}", [1, 2]))
      }
    }
    expectError(.trailingBytes, naming: ["2 follow"]) {
      try read(file("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 9)}", [1, 2]))
    }
    expectError(.truncated) { try read(Array(file("{'descr'").prefix(9))) }
    expectError(.unsupported, naming: ["version 4.0"]) {
      try read([0x93] + Array("NUMPY".utf8) + [4, 0, 0, 0])
    }
    expectError(.wrongFormat, naming: ["ZIP"]) { try read([0x50, 0x4B, 3, 4, 0, 0, 0, 0]) }
  }

  // MARK: Damage

  @Test(
    "a file cut off anywhere is truncated",
    arguments: ["float64.npy", "fortran.npy", "version2.npy", "version3.npy", "rank0.npy"])
  func prefixes(name: String) throws {
    let bytes = try GoldenFile.bytes(name)
    for count in bytes.indices {
      expectError(.truncated, "the first \(count) bytes") { try read(Array(bytes[..<count])) }
    }
  }

  @Test("no flipped bit makes the reader crash", arguments: ["int16.npy", "fortran.npy"])
  func flippedBits(name: String) throws {
    let bytes = try GoldenFile.bytes(name)
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let array = try read(damaged)
        #expect(array.doubles().count == array.shape.reduce(1, *), "bit \(bit)")
      } catch is Problem {}
    }
  }

  // MARK: Values

  @Test("what is written reads back", arguments: 0..<20)
  func roundTrip(seed: Int) throws {
    let key = Key(seed: seed)
    let types = NumericArray.ElementType.numpy
    let type = types[key.integer(at: 0, below: types.count)]
    let shape = (0..<key.integer(at: 1, below: 5)).map { key["shape"].integer(at: $0, below: 6) }
    let bytes = (0..<shape.reduce(type.size, *)).map {
      UInt8(key["bytes"].integer(at: $0, below: type == .bool ? 2 : 256))
    }
    let array = NumericArray(type, shape, bytes: bytes)
    let data = array.npyBytes()
    #expect((data.count - bytes.count) % 64 == 0)
    #expect(try read(data) == array, "seed \(seed)")
  }

  @Test("a shape of great rank needs the longer header")
  func longHeader() throws {
    let shape = [Int](repeating: 1, count: 30_000)
    let data = NumericArray(shape, [2.5]).npyBytes()
    #expect(data[6] == 2)
    #expect(try read(data).shape == shape)
  }

  @Test("whole numbers, and what is none")
  func integers() throws {
    #expect(try NumericArray([3], [0.0, -7, 0x1p53]).integers() == [0, -7, 1 << 53])
    #expect(try NumericArray([2], [Int.max, Int.min]).integers() == [Int.max, Int.min])
    for value in [0.5, .nan, .infinity, 1e19] {
      expectError(.outOfRange, naming: ["run.npz", "Y, element (1, 0)", "\(value)", "astype"]) {
        try NumericArray([2, 1], [1, value]).integers(file: "run.npz", name: "Y")
      }
    }
    let large = NumericArray(.uint64, [1], bytes: [UInt8](repeating: 0xFF, count: 8))
    expectError(.outOfRange) { try large.integers() }
  }

  @Test("64-bit integers are rounded to Float once")
  func singleRounding() {
    // Half a Float step and a bit above 2⁶²: by way of Double the bit would be lost.
    let value = 1 << 62 + 1 << 38 + 1
    #expect(NumericArray([1], [value]).floats() == [Float(value)])
    #expect(Float(value) != Float(Double(value)))
  }

  @Test("bfloat16 is the upper half of a Float, and written as float32")
  func brainFloat() throws {
    let array = NumericArray(.bfloat16, [2], bytes: [0x80, 0x3F, 0x49, 0xC0])
    #expect(array.doubles() == [1, -3.140625])
    #expect(try read(array.npyBytes()) == NumericArray([2], [Float(1), -3.140625]))
  }

  @Test("as tensors of any scalar")
  func tensors() {
    let array = NumericArray([2, 2], [0.1, 1, 2, 3])
    let double: Tensor<Double> = array.tensor()
    let float: Tensor<Float> = array.tensor()
    #expect(double.shape == [2, 2] && double.scalars == [0.1, 1, 2, 3])
    #expect(float.scalars == [0.1, 1, 2, 3])
    #expect(NumericArray(double) == array)
    #expect(NumericArray(float) == NumericArray([2, 2], [Float(0.1), 1, 2, 3]))
  }

  @Test("rows in any order")
  func rows() {
    let array = NumericArray([3, 2], [Float(0), 1, 2, 3, 4, 5])
    #expect(array.selectingRows([2, 0, 2]) == NumericArray([3, 2], [Float(4), 5, 0, 1, 4, 5]))
    #expect(array.selectingRows([]).shape == [0, 2])
    #expect(NumericArray([0, 2], [Int]()).selectingRows([]).shape == [0, 2])
  }
}

extension NumericArray.ElementType {
  /// The types that NumPy has.
  static let numpy = allCases.filter { $0 != .bfloat16 }

  /// The six values that the script writes in this type.
  fileprivate var goldenValues: [Double] {
    switch self {
    case .bool: [0, 1, 1, 0, 0, 1]
    case .uint8: [0, 1, 2, 255, 0, 85]
    case .int8: [0, 1, 2, 127, -128, 42]
    case .uint16: [0, 1, 2, 65_535, 0, 21_845]
    case .int16: [0, 1, 2, 32_767, -32_768, 10_922]
    case .uint32: [0, 1, 2, 0x1p32 - 1, 0, 1_431_655_765]
    case .int32: [0, 1, 2, 0x1p31 - 1, -0x1p31, 715_827_882]
    case .uint64: [0, 1, 2, 0x1p64, 0, Double(UInt64.max / 3)]
    case .int64: [0, 1, 2, 0x1p63, -0x1p63, Double(Int64.max / 3)]
    case .float16: [0x1.998p-4, -0.0, 65_504, 0x1p-24, -.infinity, .nan]
    case .float32:
      [Double(Float(0.1)), -0.0, Double(Float.greatestFiniteMagnitude), 0x1p-149, -.infinity, .nan]
    case .float64: [0.1, -0.0, .greatestFiniteMagnitude, 0x1p-1074, -.infinity, .nan]
    case .bfloat16: []
    }
  }
}
