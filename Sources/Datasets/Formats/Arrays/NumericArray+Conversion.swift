import Findings

extension NumericArray {
  // MARK: From numbers

  /// An array of `float64`; traps when the number of values does not fit the shape.
  public init(_ shape: [Int], _ values: [Double]) {
    self.init(.float64, shape, bytes: Self.bytes(values.lazy.map(\.bitPattern)))
  }

  /// An array of `float32`; traps when the number of values does not fit the shape.
  public init(_ shape: [Int], _ values: [Float]) {
    self.init(.float32, shape, bytes: Self.bytes(values.lazy.map(\.bitPattern)))
  }

  /// An array of `int64`; traps when the number of values does not fit the shape.
  public init(_ shape: [Int], _ values: [Int]) {
    self.init(.int64, shape, bytes: Self.bytes(values.lazy.map { Int64($0) }))
  }

  /// An array of `uint8`; traps when the number of values does not fit the shape.
  public init(_ shape: [Int], _ values: [UInt8]) {
    self.init(.uint8, shape, bytes: values)
  }

  private static func bytes<Word: FixedWidthInteger>(
    _ words: some Collection<Word>
  ) -> [UInt8] {
    let size = MemoryLayout<Word>.size
    return [UInt8](unsafeUninitializedCapacity: words.count * size) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      for word in words {
        raw.storeBytes(of: word.littleEndian, toByteOffset: count, as: Word.self)
        count += size
      }
    }
  }

  // MARK: To numbers

  /// The elements as Double: exact for every type but 64-bit integers beyond 2⁵³, which become the
  /// nearest Double.
  ///
  /// - Complexity: O(``count``).
  public func doubles() -> [Double] {
    switch elementType {
    case .bool: words(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: words(UInt8.self) { Double($0) }
    case .int8: words(Int8.self) { Double($0) }
    case .uint16: words(UInt16.self) { Double($0) }
    case .int16: words(Int16.self) { Double($0) }
    case .uint32: words(UInt32.self) { Double($0) }
    case .int32: words(Int32.self) { Double($0) }
    case .uint64: words(UInt64.self) { Double($0) }
    case .int64: words(Int64.self) { Double($0) }
    case .float16: words(UInt16.self) { Double(Self.half($0)) }
    case .bfloat16: words(UInt16.self) { Double(Self.brainFloat($0)) }
    case .float32: words(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: words(UInt64.self) { Double(bitPattern: $0) }
    }
  }

  /// The elements as Float, each the nearest to its value.
  ///
  /// - Complexity: O(``count``).
  public func floats() -> [Float] {
    switch elementType {
    case .uint8: words(UInt8.self) { Float($0) }
    case .float16: words(UInt16.self) { Self.half($0) }
    case .bfloat16: words(UInt16.self) { Self.brainFloat($0) }
    case .float32: words(UInt32.self) { Float(bitPattern: $0) }
    case .float64: words(UInt64.self) { Float(Double(bitPattern: $0)) }
    // From the integer itself: by way of Double it would be rounded twice.
    case .uint64: words(UInt64.self) { Float($0) }
    case .int64: words(Int64.self) { Float($0) }
    default: doubles().map { Float($0) }
    }
  }

  /// The elements as whole numbers.
  ///
  /// - Parameters:
  ///   - file: The file that an error names.
  ///   - name: The array's name in it.
  /// - Throws: ``/Findings/Problem`` for the first element that is not a whole number or does not fit.
  /// - Complexity: O(``count``).
  public func integers(
    file: String = "array", name: String? = nil
  ) throws(Problem) -> [Int] {
    let exact: [Int?] =
      switch elementType {
      case .int64: words(Int64.self) { Int(exactly: $0) }
      case .uint64: words(UInt64.self) { Int(exactly: $0) }
      default: doubles().map { Int(exactly: $0) }
      }
    var result: [Int] = []
    result.reserveCapacity(exact.count)
    for (position, integer) in exact.enumerated() {
      guard let integer else {
        let value = elementType == .uint64 ? "too large" : "\(doubles()[position])"
        throw Problem(
          .outOfRange, subject: file,
          location: (name.map { "\($0), " } ?? "")
            + "element \(Self.description(of: indices(of: position)))",
          problem: "the value is \(value), not a whole number that fits",
          remedy: "give whole numbers, such as \(name ?? "a").astype(np.int64)")
      }
      result.append(integer)
    }
    return result
  }

  /// Each element's word in the file, converted into a value.
  private func words<Word: FixedWidthInteger, Value>(
    _: Word.Type, _ value: (Word) -> Value
  ) -> [Value] {
    let (size, count) = (MemoryLayout<Word>.size, count)
    return bytes.withUnsafeBytes { raw in
      [Value](unsafeUninitializedCapacity: count) { buffer, filled in
        for position in 0..<count {
          let word = raw.loadUnaligned(fromByteOffset: position * size, as: Word.self)
          buffer.initializeElement(at: position, to: value(Word(littleEndian: word)))
        }
        filled = count
      }
    }
  }

  /// The value of a half-precision pattern (IEEE 754: 5 bits of exponent, 10 of significand).
  ///
  /// Written out, since Swift's `Float16` does not exist on every platform.
  private static func half(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, significand) = (UInt32(bits >> 10) & 0x1F, UInt32(bits) & 0x3FF)
    switch exponent {
    case 0:
      // A multiple of the smallest value, which Float holds exactly.
      let magnitude = Float(significand) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | significand << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | significand << 13)
    }
  }

  /// The value of a `bfloat16` pattern: the upper half of a Float.
  private static func brainFloat(_ bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }
}
