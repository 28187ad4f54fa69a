extension [UInt8] {
  /// The unsigned number in the `size` bytes from `position` on, the least significant first.
  ///
  /// Traps outside the array.
  func littleEndian(at position: Int, size: Int) -> UInt64 {
    self[position..<position + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Appends the `size` low bytes of a number, the least significant first.
  mutating func appendLittleEndian(_ number: UInt64, size: Int) {
    for byte in 0..<size { append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(byte)))) }
  }
}
