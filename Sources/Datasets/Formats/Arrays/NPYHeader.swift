import Findings

/// The header of a NumPy array file: a magic number, a version, and a Python dictionary of three
/// entries, which is read by its grammar and never evaluated.
///
/// Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
struct NPYHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  let elementType: NumericArray.ElementType
  let isBigEndian: Bool
  let isFortranOrder: Bool
  let shape: [Int]
  /// Where the elements start.
  let dataOffset: Int

  /// The file, and its member if it is an archive, as errors name them.
  struct Origin {
    let file: String
    let member: String?

    /// The array's name in a line of NumPy.
    var variable: String {
      let name = member.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 } ?? "array"
      let isPlain = name.unicodeScalars.allSatisfy { $0.properties.isIDContinue }
      return isPlain && !name.isEmpty ? name : "array"
    }

    func failure(
      _ kind: Problem.Kind, _ position: String, _ problem: String, _ remedy: String
    ) -> Problem {
      Problem(
        kind, subject: file, location: (member.map { "member \($0), " } ?? "") + position,
        problem: problem,
        remedy: remedy)
    }
  }

  /// Reads the header at the start of a whole file.
  init(_ bytes: [UInt8], _ origin: Origin) throws(Problem) {
    let range = try Self.dictionaryRange(bytes, origin)
    var scanner = LiteralScanner(bytes, range)
    func malformed(_ expected: String) -> Problem {
      origin.failure(
        .wrongFormat, "byte \(scanner.position)",
        "the header is malformed: expected \(expected) here",
        "the file is damaged: save it again with np.save")
    }
    var (description, fortran, shape) = (String?.none, Bool?.none, [Int]?.none)
    guard scanner.take("{") else { throw malformed("{") }
    while !scanner.take("}") {
      if description != nil || fortran != nil || shape != nil {
        guard scanner.take(",") else { throw malformed("a comma") }
        if scanner.take("}") { break }
      }
      let quote: Unicode.Scalar = scanner.peek() == UInt8(ascii: "'") ? "'" : "\""
      guard let key = scanner.takeString(quote: quote), scanner.take(":") else {
        throw malformed("a key")
      }
      switch key {
      case "descr" where description == nil:
        description = try Self.description(&scanner, origin)
      case "fortran_order" where fortran == nil:
        if scanner.take(word: "True") {
          fortran = true
        } else if scanner.take(word: "False") {
          fortran = false
        } else {
          throw malformed("True or False")
        }
      case "shape" where shape == nil:
        guard scanner.take("("), let numbers = scanner.takeNumbers(upTo: ")") else {
          throw malformed("a tuple of whole numbers")
        }
        shape = numbers
      default: throw malformed("one each of the keys descr, fortran_order and shape")
      }
    }
    guard let description, let fortran, let shape, scanner.peek() == nil else {
      throw malformed("one each of the keys descr, fortran_order and shape, and then the end")
    }
    let type = try NPYType(description, origin)
    elementType = type.elementType
    isBigEndian = type.isBigEndian
    isFortranOrder = fortran
    self.shape = shape
    dataOffset = range.upperBound
  }

  /// Checks what is before the dictionary.
  private static func dictionaryRange(
    _ bytes: [UInt8], _ origin: Origin
  ) throws(Problem) -> Range<Int> {
    func cutOff(_ problem: String) -> Problem {
      origin.failure(
        .truncated, "byte \(bytes.count)", problem,
        "the file is cut off: download or copy it again")
    }
    guard bytes.starts(with: magic.prefix(bytes.count)) else {
      throw origin.failure(
        .wrongFormat, "byte 0",
        "a NumPy array starts with 93 \"NUMPY\", and this is "
          + FileContent(startingWith: Array(bytes.prefix(8))).phrase,
        "save the array with np.save(file, array)")
    }
    guard bytes.count >= 8 else { throw cutOff("the header starts with 8 bytes") }
    let sizeWidth: Int
    switch bytes[6] {
    case 1: sizeWidth = 2
    case 2, 3: sizeWidth = 4
    default:
      throw origin.failure(
        .unsupported, "byte 6", "version \(bytes[6]).\(bytes[7]) of the format is unknown",
        "save the array again with np.save, which writes version 1, 2 or 3")
    }
    let start = 8 + sizeWidth
    guard bytes.count >= start else { throw cutOff("the header starts with \(start) bytes") }
    let size = Int(bytes.littleEndian(at: 8, size: sizeWidth))
    guard size <= bytes.count - start else {
      throw cutOff("the header promises \(size) bytes after byte \(start)")
    }
    return start..<start + size
  }

  /// The type, which is a string unless the array has fields.
  private static func description(
    _ scanner: inout LiteralScanner, _ origin: Origin
  ) throws(Problem) -> String {
    let position = "byte \(scanner.position)"
    switch scanner.peek() {
    case UInt8(ascii: "["), UInt8(ascii: "("):
      let member = origin.member.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
      throw origin.failure(
        .unsupported, "dtype", "the array is structured, with several fields, as a table",
        PythonConversion.remedy(
          "convert it into a table: "
            + PythonConversion.line(
              "csv, numpy as np",
              "a = np.load(sys.argv[1])\(member.map { "[\"\($0)\"]" } ?? ""); "
                + "r = [[x.decode() if isinstance(x, bytes) else x for x in v] for v in a.ravel().tolist()]; "
                + "csv.writer(open(\"data.csv\", \"w\", newline=\"\")).writerows([a.dtype.names] + r)"
            ),
          for: origin.file))
    case UInt8(ascii: "'"):
      if let text = scanner.takeString(quote: "'") { return text }
    case UInt8(ascii: "\""):
      if let text = scanner.takeString() { return text }
    default: break
    }
    throw origin.failure(
      .wrongFormat, position, "the header is malformed: expected a dtype here",
      "the file is damaged: save it again with np.save")
  }
}
