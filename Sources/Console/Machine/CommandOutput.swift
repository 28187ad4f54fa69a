/// What another program prints, where it does so in time.
package enum CommandOutput {
  /// The standard output of a program of the search path that ends with 0 within this many seconds; `nil` otherwise. No
  /// thread is made, and a program that does not end is ended and not waited for.
  package static func of(_ words: [String], within seconds: Double) -> String? {
    guard let child = ChildProcess(words) else { return nil }
    child.closeInput()
    let (text, pause) = child.read(within: seconds)
    return pause == .ended(0) ? String(decoding: text, as: UTF8.self) : nil
  }
}
