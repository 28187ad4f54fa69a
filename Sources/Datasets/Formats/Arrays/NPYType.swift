import Findings

/// The type string of a NumPy array, such as `<f8`: byte order, kind and size.
struct NPYType {
  let elementType: NumericArray.ElementType
  let isBigEndian: Bool

  private static let types: [String: NumericArray.ElementType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
    "i4": .int32, "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  /// The type string of an element type; nil for those that NumPy does not have.
  static func description(of elementType: NumericArray.ElementType) -> String? {
    types.first { $0.value == elementType }.map { (elementType.size == 1 ? "|" : "<") + $0.key }
  }

  /// Reads a type string.
  ///
  /// - Throws: ``/Findings/Problem`` with the line of NumPy that converts it, if it is not a numeric type.
  init(_ text: String, _ origin: NPYHeader.Origin) throws(Problem) {
    let order = text.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let kind = String(order == nil ? text[...] : text.dropFirst())
    guard let type = Self.types[kind], order != "|" || type.size == 1 else {
      throw Self.unusable(text, kind, origin)
    }
    elementType = type
    // `=` is the byte order of the writing machine; all machines that NumPy runs on today are little-endian.
    isBigEndian = order == ">"
  }

  private static func unusable(
    _ text: String, _ kind: String, _ origin: NPYHeader.Origin
  ) -> Problem {
    let name = origin.variable
    let (words, remedy): (String, String) =
      switch kind.first {
      case "O":
        (
          "Python objects",
          "\(name) = np.array(\(name).tolist(), dtype=np.float64), or for strings \(name).astype(str)"
        )
      case "U", "S", "a":
        ("text", "classes, \(name) = np.unique(\(name), return_inverse=True)")
      case "c":
        ("complex numbers", "\(name) = np.stack([\(name).real, \(name).imag], axis=-1)")
      case "f": ("floats of an unsupported size", "\(name) = \(name).astype(np.float64)")
      case "M", "m":
        ("dates or times", "\(name) = \(name).astype(np.int64).astype(np.float64)")
      case "V": ("raw bytes", "\(name) = \(name).view(np.uint8)")
      default: ("of an unknown type", "\(name) = \(name).astype(np.float64)")
      }
    return origin.failure(
      .unsupported, "dtype",
      "the elements have the dtype '\(text.prefix(40))' (\(words)), not numbers",
      "convert before saving: \(remedy)")
  }
}
