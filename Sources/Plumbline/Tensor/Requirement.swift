/// Stops the program with `message` where a programmer's promise does not hold.
///
/// Unlike `precondition`, the message is printed in release builds too: a shape mismatch that is found
/// in an overnight run has to say which shapes they were.
@inline(__always)
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
