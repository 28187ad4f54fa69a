import Foundation
import TestSupport
import Testing

@Suite("plumb data fetch")
struct DataFetchCommandTests {
  @Test(
    "what cannot be fetched is refused",
    arguments: [
      (["mnits"], ["mnits", "did you mean mnist?"]), ([], ["NAME", "missing"]),
      (["mnist", "--from", "ftp://example.org"], ["--from", "http://"]),
      (["mnist", "--form", "http://example.org"], ["did you mean --from?"]),
      (
        ["mnist", "--from", "http://127.0.0.1:1/files", "--out", "data"],
        [
          "data/train-images-idx3-ubyte.gz",
          "http://127.0.0.1:1/files/train-images-idx3-ubyte.gz", "cannot be reached", "--from URL",
        ]
      ),
      (["cifar-10", "--out", "note"], ["note/cifar-10", "cannot be written", "--out"]),
    ])
  func refusals(words: [String], message: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", as: "note")
    let outcome = try PlumbProcess.run(
      ["data", "fetch"] + words, in: folder, environment: ["no_proxy": "*", "HOME": folder.path])
    #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
    for part in message { #expect(outcome.error.contains(part), "\(outcome.error)") }
    #expect(folder.text("note") == "mine" && folder.bytes("data/train-images-idx3-ubyte.gz") == nil)
  }

  /// A socket that listens and never answers; its port.
  private func silentListener() throws -> (descriptor: Int32, port: UInt16) {
    #if os(Linux)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  @Test(
    "a signal ends the program and its curl, and what came stays", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let listener = try silentListener()
    defer { close(listener.descriptor) }
    try folder.write("what came before", as: "data/train-images-idx3-ubyte.gz.part")
    let process = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      ["data", "fetch", "mnist", "--from", "http://127.0.0.1:\(listener.port)"], in: folder.path,
      environment: ["no_proxy": "*", "HOME": folder.path])
    var ready = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
    try #require(poll(&ready, 1, 120_000) == 1, "nobody connects")
    let connection = accept(listener.descriptor, nil, nil)
    defer { close(connection) }
    kill(process.identifier, signal)
    let outcome = try process.outcome()
    #expect(outcome.status == 130 && !outcome.isKilled && outcome.output.isEmpty)
    // The other end is closed: nobody goes on downloading.
    var bytes = [UInt8](repeating: 0, count: 4096)
    var count = recv(connection, &bytes, bytes.count, 0)
    #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self).contains("bytes=16-"))
    while count > 0 { count = recv(connection, &bytes, bytes.count, 0) }
    #expect(folder.text("data/train-images-idx3-ubyte.gz.part") == "what came before")
  }
}
