import CKernels

/// The memory of a tensor: `count` values, aligned to 64 bytes so that a vector load never straddles
/// two cache lines.
///
/// Sendable by this proof: the values are written only by two pieces of code: by the code that has just allocated them (before any
/// other reference exists) and by `Tensor.withMutableValues`, which first makes the reference unique. A storage that two tensors,
/// and so possibly two threads, can see is never written.
final class Storage<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  /// Memory with unspecified contents.
  init(count: Int) {
    self.count = count
    let bytes = Self.bytes(count)
    pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Element.self, capacity: count)
    plumb_memory_change(Int64(bytes))
  }

  deinit {
    plumb_memory_change(-Int64(Self.bytes(count)))
    UnsafeMutableRawPointer(pointer).deallocate()
  }

  /// With slack for one vector at the end, so that no kernel has to check whether a page ends there.
  private static func bytes(_ count: Int) -> Int { count * MemoryLayout<Element>.stride + 64 }
}

/// Runs `body` and returns the peak number of bytes that tensors held while it ran, beyond those held
/// before.
///
/// This counts the values of tensors that this thread creates and releases (and the arena of a ``TrainingStep``), not other
/// allocations of the program.
public func peakTensorBytes<Result>(
  during body: () throws -> Result
) rethrows -> (result: Result, bytes: Int) {
  let start = plumb_memory_current()
  let outerPeak = plumb_memory_peak()
  plumb_memory_set_peak(start)
  defer { plumb_memory_set_peak(max(outerPeak, plumb_memory_peak())) }
  let result = try body()
  return (result, Int(plumb_memory_peak() - start))
}
