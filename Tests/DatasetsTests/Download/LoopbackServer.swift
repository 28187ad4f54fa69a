import Foundation
import Synchronization

/// A web server of one test on this machine's loopback address: plain sockets, one request after the
/// other, and as unreliable as the test wants it.
final class LoopbackServer: Sendable {
  /// What was asked.
  struct Request: Sendable, Equatable {
    let path: String
    /// The first byte wanted; nil for all of them.
    let start: Int?
  }

  /// What is answered.
  struct Reply: Sendable {
    var status = 200
    var content: [UInt8] = []
    /// Breaks the connection after so many bytes of the content.
    var breaksAfter: Int?
    /// Whether a file is given from a position in it on.
    var resumes = true
    /// Promises more than it sends, and waits for the other side to end the connection.
    var staysOpen = false
  }

  private struct Failure: Error {
    let step: String
  }

  private let listener: Int32
  private let port: UInt16
  private let isStopped = Atomic<Bool>(false)
  private let seen = Mutex<[Request]>([])
  private let reply: @Sendable (Request, Int) -> Reply

  /// Starts; `reply` is told the request and how many came before it.
  init(_ reply: @escaping @Sendable (_ request: Request, _ before: Int) -> Reply) throws {
    self.reply = reply
    #if os(Linux)
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard listener >= 0, isBound else { throw Failure(step: String(cString: strerror(errno))) }
    // The server lives as long as its thread needs it; `stop` ends the thread.
    Thread { [self] in serve() }.start()
  }

  /// Gives the same content under every path.
  convenience init(_ content: [UInt8]) throws {
    try self.init { _, _ in Reply(content: content) }
  }

  /// The address that files lie under.
  var address: String { "http://127.0.0.1:\(port)/files" }

  /// All requests so far.
  var requests: [Request] { seen.withLock { $0 } }

  /// Ends the server; its address is then closed.
  func stop() { isStopped.store(true, ordering: .sequentiallyConsistent) }

  private func serve() {
    while !isStopped.load(ordering: .sequentiallyConsistent) {
      var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 20) > 0 else { continue }
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { continue }
      answer(connection)
      close(connection)
    }
    close(listener)
  }

  private func answer(_ connection: Int32) {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: received, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      received += buffer[..<count]
    }
    let lines = String(decoding: received, as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: words.count > 1 ? String(words[1]) : "",
      start: range.flatMap { Int($0.dropFirst(13).prefix { $0.isNumber }) })
    let before = seen.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    let reply = reply(request, before)
    var (status, content, header) = (reply.status, reply.content, "")
    if status == 200, reply.resumes, let start = request.start {
      if start < content.count {
        (status, header) = (
          206, "Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)\r\n"
        )
        content = Array(content[start...])
      } else {
        (status, content) = (416, [])
      }
    }
    let head =
      "HTTP/1.1 \(status) X\r\nContent-Length: \(content.count + (reply.staysOpen ? 1 << 40 : 0))\r\n"
      + "\(header)Connection: close\r\n\r\n"
    send(Array(head.utf8), to: connection)
    send(Array(content.prefix(reply.breaksAfter ?? content.count)), to: connection)
    if reply.staysOpen { _ = recv(connection, &buffer, buffer.count, 0) }
  }

  private func send(_ bytes: [UInt8], to connection: Int32) {
    #if os(Linux)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
      var isOn: Int32 = 1
      setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    #endif
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, flags)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
