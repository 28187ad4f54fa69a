/// Another program's output, if it finishes in time.
package enum CommandOutput {
  /// The standard output of a program on the search path that ends with status 0 within this many seconds; `nil` otherwise. No
  /// thread is created, and a program that does not finish is killed without waiting for it.
  package static func of(_ words: [String], within seconds: Double) -> String? {
    guard let child = ChildProcess(words) else { return nil }
    child.closeInput()
    let (text, pause) = child.read(within: seconds)
    return pause == .ended(0) ? String(decoding: text, as: UTF8.self) : nil
  }
}
