import Foundation
import TestSupport
import Testing

@testable import Console

@Suite("Programs next to this one")
struct ChildProcessTests {
  private func start(_ script: String, in folder: String? = nil, errors: String = "/dev/null")
    throws
    -> ChildProcess
  {
    try #require(ChildProcess(["/bin/sh", "-c", script], in: folder, errors: errors))
  }

  @Test("what is printed is read up to a mark, and on from there")
  func marks() throws {
    let child = try start(
      "echo one; echo '<mark>'; read word; echo \"$word<mark>\"; printf end; exit 3")
    func read(_ mark: String?) -> (String, ChildProcess.Pause) {
      let (text, pause) = child.read(until: mark, within: 60)
      return (String(decoding: text, as: UTF8.self), pause)
    }
    #expect(read("<mark>\n") == ("one\n", .mark))
    child.send("two\n")
    #expect(read("<mark>\n") == ("two", .mark))
    #expect(read("<mark>\n") == ("end", .ended(3)))
    #expect(read(nil) == ("", .ended(3)))
    // Nobody reads this any more, which is not an error.
    child.send("three\n")
  }

  @Test("folder, environment and errors are those given")
  func surroundings() throws {
    let folder = try TemporaryFolder()
    let inside = try folder.makeFolder("a folder")
    let child = try #require(
      ChildProcess(
        ["/bin/sh", "-c", "pwd; echo \"$WORD\"; echo wrong >&2"], in: inside,
        environment: ["WORD": "given", "PATH": "/usr/bin:/bin"], errors: folder.file("errors")))
    let (text, pause) = child.read(within: 60)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    #expect(pause == .ended(0) && lines.count == 2 && lines.last == "given")
    #expect(lines.first?.hasSuffix("/a folder") == true)
    #expect(folder.text("errors") == "wrong\n")
  }

  @Test("a program that is stopped ends with all that it has started")
  func stopping() throws {
    let folder = try TemporaryFolder()
    let child = try start(
      "sh -c 'echo $$ > inner; sleep 600' & while [ ! -s inner ]; do sleep 0.02; done; echo ready; sleep 600",
      in: folder.path)
    #expect(child.read(until: "ready\n", within: 60).pause == .mark)
    #expect(child.read(within: 0.1).pause == .overdue)
    let inner = try #require(Int32(folder.lines("inner").first ?? ""))
    #expect(kill(inner, 0) == 0)
    child.stop()
    // It stays in the list of processes until its parent, the system's first, has taken notice.
    var isThere = true
    for _ in 0..<500 where isThere {
      let state = RegularFile.contents("/proc/\(inner)/stat").map {
        String(decoding: $0, as: UTF8.self)
      }
      isThere = kill(inner, 0) == 0 && state?.contains(") Z ") != true
      if isThere { usleep(10_000) }
    }
    #expect(!isThere)
    #expect(child.read(within: 1).pause == .ended(128 + SIGKILL))
  }

  @Test("a program that is not there does not start, or tells so by its status")
  func missing() throws {
    #expect(CommandOutput.of(["no-such-program-of-that-name"], within: 10) == nil)
    #expect(CommandOutput.of(["sh", "-c", "echo yes"], within: 60) == "yes\n")
    #expect(CommandOutput.of(["sh", "-c", "echo yes; exit 1"], within: 60) == nil)
    // Its standard input is empty.
    #expect(CommandOutput.of(["cat"], within: 60) == "")
    #expect(CommandOutput.of(["sleep", "60"], within: 0.1) == nil)
  }
}
