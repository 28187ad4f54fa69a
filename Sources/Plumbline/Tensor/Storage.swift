/// The memory of a tensor: `count` values, aligned to 64 bytes so that a vector load never straddles
/// two cache lines.
///
/// Sendable by this proof: the values are written in two places only, by whoever has just allocated
/// them (before any other reference exists) and by `Tensor.withMutableValues`, which first makes the
/// reference unique. A storage that two tensors, and so possibly two threads, can see is never written.
final class Storage<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  /// Memory with unspecified contents.
  init(count: Int) {
    self.count = count
    // A vector of slack at the end, so that no kernel has to ask whether a page ends there.
    let bytes = count * MemoryLayout<Element>.stride + 64
    pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Element.self, capacity: count)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
