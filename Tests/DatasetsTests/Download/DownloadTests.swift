import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Downloads")
struct DownloadTests {
  private let folder: TemporaryFolder
  /// More than one piece of curl's and of the checksum's.
  private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
  private static let file = PublicDataSet.File(
    "pictures.gz", byteCount: content.count, checksum: SHA256.of(content))

  init() throws { folder = try TemporaryFolder() }

  /// What curl needs, without the settings of who runs the tests.
  private var environment: [String: String] {
    [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": folder.path,
      "no_proxy": "*",
    ]
  }

  private func fetch(
    _ addresses: [String], into name: String = "data", environment: [String: String]? = nil
  ) throws -> Download.Outcome {
    try Download(environment: environment ?? self.environment).fetch(
      Self.file, from: addresses, into: "\(folder.path)/\(name)")
  }

  private func bytes(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(folder.path)/\(name)").map(Array.init)
  }

  private var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/data"))?.sorted() ?? []
  }

  private func expectFailure(
    _ words: [String], _ body: () throws -> Download.Outcome,
    _ location: SourceLocation = #_sourceLocation
  ) -> Problem.Kind? {
    do {
      _ = try body()
      Issue.record("no error", sourceLocation: location)
    } catch let error as Problem {
      let text = "\(error)"
      #expect(text.contains("pictures.gz"), "\(text)", sourceLocation: location)
      for word in words { #expect(text.contains(word), "\(text)", sourceLocation: location) }
      return error.kind
    } catch {
      Issue.record("an error of another type: \(error)", sourceLocation: location)
    }
    return nil
  }

  // MARK: What goes well

  @Test("a file comes, is checked and takes its name; a second call does nothing")
  func whole() throws {
    let server = try LoopbackServer(Self.content)
    defer { server.stop() }
    #expect(try fetch([server.address]) == .downloaded)
    #expect(bytes("data/pictures.gz") == Self.content && names == ["pictures.gz"])
    #expect(server.requests == [.init(path: "/files/pictures.gz", start: nil)])
    #expect(try fetch([server.address + "/"]) == .present)
    #expect(server.requests.count == 1)
  }

  @Test("a connection that breaks is taken up where it broke")
  func resumed() throws {
    let server = try LoopbackServer { _, before in
      .init(content: Self.content, breaksAfter: before < 3 ? 70_000 : nil)
    }
    defer { server.stop() }
    #expect(try fetch([server.address]) == .downloaded)
    #expect(bytes("data/pictures.gz") == Self.content && names == ["pictures.gz"])
    #expect(server.requests.map(\.start) == [nil, 70_000, 140_000, 210_000])
  }

  @Test("a later call goes on with what an earlier one left")
  func continued() throws {
    let broken = try LoopbackServer { _, before in
      .init(content: Self.content, breaksAfter: before == 0 ? 1000 : 0)
    }
    defer { broken.stop() }
    let problem = expectFailure(["1,000 of 300,000 bytes", "resumes where it stopped", ".part"]) {
      try fetch([broken.address])
    }
    guard problem == .broken else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(names == ["pictures.gz.part"])
    #expect(bytes("data/pictures.gz.part") == Array(Self.content[..<1000]))
    let server = try LoopbackServer(Self.content)
    defer { server.stop() }
    #expect(try fetch([server.address]) == .downloaded)
    #expect(server.requests.map(\.start) == [1000])
    #expect(bytes("data/pictures.gz") == Self.content)
  }

  @Test("a complete part is only checked")
  func completePart() throws {
    _ = try folder.makeFolder("data")
    try folder.write(Self.content, as: "data/pictures.gz.part")
    #expect(try fetch(["http://127.0.0.1:1"]) == .downloaded)
    #expect(names == ["pictures.gz"])
  }

  @Test("a server that gives whole files only is asked for the whole file")
  func withoutRanges() throws {
    _ = try folder.makeFolder("data")
    try folder.write(Array(Self.content[..<5000]), as: "data/pictures.gz.part")
    let server = try LoopbackServer { _, _ in .init(content: Self.content, resumes: false) }
    defer { server.stop() }
    #expect(try fetch([server.address]) == .downloaded)
    #expect(bytes("data/pictures.gz") == Self.content)
    #expect(server.requests.map(\.start) == [5000, nil])
  }

  @Test("the next address is asked where one has no such file")
  func nextAddress() throws {
    let none = try LoopbackServer { _, _ in .init(status: 404) }
    let server = try LoopbackServer(Self.content)
    defer {
      none.stop()
      server.stop()
    }
    #expect(try fetch([none.address, "http://127.0.0.1:1/x", server.address]) == .downloaded)
    #expect(none.requests.count == 1 && server.requests.count == 1)
  }

  // MARK: What does not

  @Test("other content is put aside, and the next call starts anew")
  func wrongContent() throws {
    let wrong = try LoopbackServer(Self.content.dropLast() + [7])
    let short = try LoopbackServer([1, 2, 3])
    let server = try LoopbackServer(Self.content)
    defer { for server in [wrong, short, server] { server.stop() } }
    let problem = expectFailure(["SHA-256", "was kept as", "pictures.gz.wrong-checksum", "--from"])
    {
      try fetch([wrong.address])
    }
    guard problem == .wrongContent else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(names == ["pictures.gz.wrong-checksum"])
    #expect(bytes("data/pictures.gz.wrong-checksum")?.last == 7)
    _ = expectFailure(["3 bytes instead of 300,000", "wrong-checksum-2"]) {
      try fetch([short.address])
    }
    #expect(try fetch([server.address]) == .downloaded)
    #expect(
      names == [
        "pictures.gz", "pictures.gz.wrong-checksum", "pictures.gz.wrong-checksum-2",
      ])
  }

  @Test("no such file, a refusal, no connection", arguments: [404, 403, 500])
  func refused(status: Int) throws {
    let server = try LoopbackServer { _, _ in .init(status: status) }
    defer { server.stop() }
    let problem = expectFailure(["status \(status)", server.address, "--from URL"]) {
      try fetch([server.address])
    }
    #expect(problem == .refused)
    #expect(names.isEmpty)
  }

  @Test("an address that nobody answers at")
  func unreachable() {
    let problem = expectFailure(["http://127.0.0.1:1/pictures.gz", "network connection"]) {
      try fetch(["http://127.0.0.1:1"])
    }
    guard problem == .unreachable else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(names.isEmpty)
  }

  @Test("a system without curl")
  func withoutCurl() {
    let problem = expectFailure([
      "curl is not on", "install curl", "http://example.org/pictures.gz",
    ]) {
      try fetch(["http://example.org"], environment: ["PATH": folder.path])
    }
    #expect(problem == .noCurl)
  }

  @Test("another file of that name is left alone")
  func otherFile() throws {
    _ = try folder.makeFolder("data")
    try folder.write([1, 2, 3], as: "data/pictures.gz")
    let problem = expectFailure(["not the published one", "move it away"]) {
      try fetch(["http://127.0.0.1:1"])
    }
    guard problem == .otherFile else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(bytes("data/pictures.gz") == [1, 2, 3])
  }

  @Test("a server that sends without end is left as soon as it sent too much")
  func endless() throws {
    let server = try LoopbackServer { _, _ in
      .init(content: Self.content + Self.content, staysOpen: true)
    }
    defer { server.stop() }
    let start = ContinuousClock.now
    let problem = expectFailure(["differs from the published file", "instead of 300,000"]) {
      try fetch([server.address])
    }
    guard problem == .wrongContent else {
      Issue.record("\(String(describing: problem))")
      return
    }
    // Far below the minute after which curl itself gives up.
    #expect(ContinuousClock.now - start < .seconds(40))
    #expect(server.requests.count == 1)
  }

  @Test("two calls do not write into one file")
  func twoCalls() throws {
    let server = try LoopbackServer(Self.content)
    defer { server.stop() }
    _ = try folder.makeFolder("data")
    let handle = open("\(folder.path)/data/pictures.gz.part", O_RDWR | O_CREAT, 0o600)
    try #require(handle >= 0 && flock(handle, LOCK_EX | LOCK_NB) == 0)
    #expect(expectFailure(["another program", "wait"]) { try fetch([server.address]) } == .busy)
    #expect(server.requests.isEmpty)
    close(handle)
    #expect(try fetch([server.address]) == .downloaded && names == ["pictures.gz"])
  }

  @Test("a folder that cannot be made")
  func unwritable() throws {
    try folder.write([1], as: "data")
    _ = expectFailure(["cannot be written", "--out DIR"]) {
      try fetch(["http://127.0.0.1:1"], into: "data/below")
    }
    #expect(bytes("data") == [1])
  }

  @Test("a full disk", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let server = try LoopbackServer(Self.content)
    defer { server.stop() }
    _ = try folder.makeFolder("data")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/data/pictures.gz.part", withDestinationPath: "/dev/full")
    let problem = expectFailure(["cannot be written", "free some space"]) {
      try fetch([server.address])
    }
    guard problem == .unwritable else {
      Issue.record("\(String(describing: problem))")
      return
    }
  }
}
