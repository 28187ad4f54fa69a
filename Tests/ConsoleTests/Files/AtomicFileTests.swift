import Console
import Foundation
import Testing

@Suite struct AtomicFileTests {
  /// A folder of its own for a test, removed afterwards.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "atomic-file-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func content(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func replacesWholeFiles() throws {
    try inFolder { folder in
      let path = folder + "/record.json"
      try AtomicFile.write("first", to: path)
      #expect(content(path) == "first")
      try AtomicFile.write("", to: path)
      #expect(content(path) == "")
      try AtomicFile.write(String(repeating: "x", count: 3_000_000), to: path)
      #expect(content(path)?.utf8.count == 3_000_000)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["record.json"])
    }
  }

  @Test func keepsPermissionsAndFollowsLinks() throws {
    try inFolder { folder in
      let path = folder + "/a"
      let link = folder + "/link"
      try AtomicFile.write("one", to: path)
      #expect(chmod(path, 0o640) == 0)
      #expect(symlink(path, link) == 0)
      try AtomicFile.write("two", to: link)
      #expect(content(path) == "two")
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
    }
  }

  @Test func namesTheObstacle() throws {
    try inFolder { folder in
      func problem(_ path: String) -> FileError.Problem? {
        do throws(FileError) {
          try AtomicFile.write("x", to: path)
          return nil
        } catch {
          #expect(error.path == path)
          #expect(error.errorDescription?.contains(path) == true)
          return error.problem
        }
      }
      try AtomicFile.write("x", to: folder + "/file")
      #expect(problem(folder) == .isFolder)
      #expect(problem(folder + "/none/x") == .folderMissing(folder + "/none"))
      #expect(problem(folder + "/file/x") == .notAFolder(folder + "/file"))
      let long = folder + "/" + String(repeating: "n", count: 300)
      #expect(problem(long) == .nameTooLong)
      #expect(content(folder + "/file") == "x")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere")) func respectsPermissions() throws
  {
    try inFolder { folder in
      let path = folder + "/file"
      try AtomicFile.write("x", to: path)
      chmod(path, 0o444)
      let refused = FileError(path: path, problem: .notPermitted)
      #expect(throws: refused) { try AtomicFile.write("y", to: path) }
      chmod(folder, 0o555)
      defer { chmod(folder, 0o755) }
      let other = folder + "/other"
      #expect(throws: FileError(path: other, problem: .notPermitted)) {
        try AtomicFile.write("y", to: other)
      }
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func reportsAFullDisk() throws {
    let full = FileError(path: "/dev/full", problem: .noSpace)
    #expect(throws: full) { try AtomicFile.write("x", to: "/dev/full") }
    #expect(throws: full) { try AtomicFile.append(line: "x", to: "/dev/full") }
    #expect(full.recoverySuggestion?.contains("free some space") == true)
  }

  @Test func writesToDevices() throws {
    try AtomicFile.write("x", to: "/dev/null")
    try AtomicFile.append(line: "x", to: "/dev/null")
    #expect(!FileManager.default.fileExists(atPath: "/dev/.plumb-\(getpid())-1.tmp"))
  }

  @Test func appendsLines() throws {
    try inFolder { folder in
      let path = folder + "/runs.jsonl"
      try AtomicFile.append(line: "one", to: path)
      try AtomicFile.append(line: "", to: path)
      try AtomicFile.append(line: "three", to: path)
      #expect(content(path) == "one\n\nthree\n")
      let inside = FileError(path: path + "/x", problem: .notAFolder(path))
      #expect(throws: inside) { try AtomicFile.append(line: "x", to: path + "/x") }
      #expect(throws: FileError(path: folder, problem: .isFolder)) {
        try AtomicFile.append(line: "x", to: folder)
      }
    }
  }

  @Test func closesAndRemovesTornLines() throws {
    try inFolder { folder in
      let path = folder + "/runs.jsonl"
      #expect(try AtomicFile.removeTornLine(at: path) == 0)
      try AtomicFile.write("one\ntor", to: path)
      try AtomicFile.append(line: "two", to: path)
      #expect(content(path) == "one\ntor\ntwo\n")
      #expect(try AtomicFile.removeTornLine(at: path) == 0)
      try AtomicFile.write("one\ntor", to: path)
      #expect(try AtomicFile.removeTornLine(at: path) == 3)
      #expect(content(path) == "one\n")
      try AtomicFile.write("torn", to: path)
      #expect(try AtomicFile.removeTornLine(at: path) == 4)
      #expect(content(path) == "")
    }
  }

  @Test func doesNotMixLinesOfManyThreads() async throws {
    let folder = NSTemporaryDirectory() + "atomic-file-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/lines"
    try await withThrowingTaskGroup { group in
      for name in ["a", "b", "c", "d"] {
        group.addTask {
          let line = String(repeating: name, count: 9000)
          for _ in 0..<20 { try AtomicFile.append(line: line, to: path) }
        }
      }
      try await group.waitForAll()
    }
    let lines = try #require(content(path)).split(separator: "\n")
    #expect(lines.count == 80)
    for line in lines { #expect(line.count == 9000 && Set(line).count == 1) }
  }

  @Test func quotesForTheShell() {
    let error = FileError(path: "my runs/x", problem: .folderMissing("my runs"))
    #expect(error.recoverySuggestion == "make it with: mkdir -p 'my runs'")
  }
}
