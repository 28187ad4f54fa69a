import Plumbline

extension Tensor {
  /// The addresses of the values.
  private var addresses: Range<UInt> {
    withValues { values in
      let start = UInt(bitPattern: values)
      return start..<start + UInt(count * MemoryLayout<Scalar>.stride)
    }
  }

  /// Whether the values of the two tensors lie in the same memory: the proof that a copy has not been made.
  package func sharesMemory(with other: Tensor) -> Bool { addresses.overlaps(other.addresses) }
}
