import Foundation

/// A thread of the operating system.
package enum SystemThread {
  /// Starts a thread that ends when `body` returns.
  ///
  /// - Returns: Whether the system has provided one: it refuses if the user already has as many as a limit allows.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let call = Unmanaged.passRetained(Call(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 8 << 20)
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(
        &thread, &attributes, { pointer in Call.run(pointer) }, call.toOpaque())
    #else
      var thread = pthread_t()
      let code = pthread_create(
        &thread, &attributes, { pointer in pointer.flatMap { Call.run($0) } }, call.toOpaque())
    #endif
    if code != 0 { call.release() }
    return code == 0
  }

  /// The work of a thread.
  private final class Call: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    static func run(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
      Unmanaged<Call>.fromOpaque(pointer).takeRetainedValue().body()
      return nil
    }
  }
}
