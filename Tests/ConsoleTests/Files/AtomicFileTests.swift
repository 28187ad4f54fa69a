import Console
import Findings
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
      func fails(_ path: String, _ obstacle: FileObstacle) -> Bool {
        do throws(Problem) {
          try AtomicFile.write("x", to: path)
          return false
        } catch {
          #expect(error.description.contains(path))
          return error == obstacle.problem(of: path)
        }
      }
      try AtomicFile.write("x", to: folder + "/file")
      #expect(fails(folder, .isFolder))
      #expect(fails(folder + "/none/x", .folderMissing(folder + "/none")))
      #expect(fails(folder + "/file/x", .notAFolder(folder + "/file")))
      let long = folder + "/" + String(repeating: "n", count: 300)
      #expect(fails(long, .nameTooLong))
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
      let refused = Problem.cannotWrite(path, .notPermitted)
      #expect(throws: refused) { try AtomicFile.write("y", to: path) }
      chmod(folder, 0o555)
      defer { chmod(folder, 0o755) }
      let other = folder + "/other"
      #expect(throws: Problem.cannotWrite(other, .notPermitted)) {
        try AtomicFile.write("y", to: other)
      }
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func reportsAFullDisk() throws {
    let full = Problem.cannotWrite("/dev/full", .noSpace)
    #expect(throws: full) { try AtomicFile.write("x", to: "/dev/full") }
    #expect(full.remedy.contains("free some space"))
  }

  @Test func writesToDevices() throws {
    try AtomicFile.write("x", to: "/dev/null")
    let names = try FileManager.default.contentsOfDirectory(atPath: "/dev")
    #expect(!names.contains(where: AtomicFile.isTemporary))
  }

  @Test func quotesForTheShell() {
    let error = Problem.cannotWrite("my runs/x", .folderMissing("my runs"))
    #expect(error.remedy == "create it with: mkdir -p 'my runs'")
  }
}
