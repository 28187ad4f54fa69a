import CKernels

/// The paths of parts of a computation, where each thread notes its current one, so that a message can name it.
final class ThreadTrail: Sendable {
  private let paths: [String]

  init(_ paths: [String]) { self.paths = paths }

  /// Runs the computation of a part.
  ///
  /// - Parameter part: Its index among the paths.
  @inline(__always)
  func run<Result>(_ part: Int, _ body: () -> Result) -> Result {
    let before = plumb_position_of_thread()
    plumb_set_position_of_thread(
      plumb_thread_position(owner: Unmanaged.passUnretained(self).toOpaque(), index: part))
    defer { plumb_set_position_of_thread(before) }
    return body()
  }

  /// The path of the innermost part that this thread is computing; `nil` outside any part, and for the whole, whose path is empty.
  static var current: String? {
    let position = plumb_position_of_thread()
    guard let owner = position.owner else { return nil }
    let path = Unmanaged<ThreadTrail>.fromOpaque(owner).takeUnretainedValue().paths[position.index]
    return path.isEmpty ? nil : path
  }
}
