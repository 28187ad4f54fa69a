/// Stops the program with `message` if a programmer's promise does not hold.
///
/// Unlike `precondition`, the message is printed in release builds too: a shape mismatch that is found
/// in an overnight run has to say which shapes they were.
@inline(__always)
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition { stop(message(), file: file, line: line) }
}

/// Stops the program with `message`, and with the layer that the thread is computing.
@inline(never)
private func stop(_ message: String, file: StaticString, line: UInt) -> Never {
  fatalError(
    message + (ThreadTrail.current.map { "; in the layer \($0)" } ?? ""), file: file, line: line)
}
