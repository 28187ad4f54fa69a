import CKernels
import Foundation
import KernelDigest
import Testing

extension KernelSuite {
  /// The digests of `Cross/`, on every instruction set that can be run: those of this machine, and
  /// those of AArch64 in an emulator where the tools for it are installed.
  @Suite struct CrossCompilation {}
}

/// What compiles, links and runs a program for AArch64 on another processor.
private struct AArch64Tools {
  /// The kernels are written in clang's vector extensions, so clang compiles; the cross compiler
  /// brings the C library and links.
  let compiler: URL, linker: URL, emulator: URL

  /// Nil where one of them is not in the search path.
  static let installed: AArch64Tools? = {
    guard let compiler = program("clang"), let linker = program("aarch64-linux-gnu-gcc"),
      let emulator = program("qemu-aarch64") ?? program("qemu-aarch64-static")
    else { return nil }
    return AArch64Tools(compiler: compiler, linker: linker, emulator: emulator)
  }()

  private static func program(_ name: String) -> URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// A program that ended with an error.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program in `folder` and returns what it prints.
  static func output(of program: URL, _ words: [String], in folder: URL) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = words
    process.currentDirectoryURL = folder
    process.standardOutput = output
    process.standardError = FileHandle.standardError
    try process.run()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        description:
          "\(program.lastPathComponent) \(words.joined(separator: " ")) in \(folder.path)"
          + " ended with status \(process.terminationStatus)")
    }
    return String(decoding: printed, as: UTF8.self)
  }

  /// Compiles the kernels and the digest's program in `folder`, runs it, and returns its lines.
  func digests(in folder: URL) throws -> [Substring] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let cross = tests.appendingPathComponent("Cross")
    let kernels = tests.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/CKernels")
    let sources = try [kernels, cross].flatMap { sources in
      try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "c" }
    }
    _ = try Self.output(
      of: compiler,
      ["--target=aarch64-linux-gnu", "-O2", "-c"]
        + [kernels, cross].map { "-I" + $0.appendingPathComponent("include").path }
        + sources.map(\.path), in: folder)
    let objects = sources.map { $0.deletingPathExtension().lastPathComponent + ".o" }
    _ = try Self.output(of: linker, ["-static", "-o", "digest"] + objects + ["-lm"], in: folder)
    return try Self.output(of: emulator, ["digest"], in: folder).split(separator: "\n")
  }
}

extension KernelSuite.CrossCompilation {
  /// The names and digests of all parts on the instruction set in use.
  private func digests() -> [(name: String, digest: UInt64)] {
    (0..<kernel_digest_count()).map {
      (String(cString: kernel_digest_name($0)), kernel_digest($0))
    }
  }

  @Test func everyInstructionSetHereHasTheSameDigests() {
    let expected = KernelSuite.portable(digests)
    // Powers, which are the C library's, have none.
    let own = expected.filter { !$0.name.contains("POWER") }.map(\.digest)
    #expect(Set(own).count == own.count, "two parts with one digest")
    KernelSuite.onEveryInstructionSet { set in
      for (actual, expected) in zip(digests(), expected) {
        #expect(actual.digest == expected.digest, "\(set): \(expected.name)")
      }
    }
  }

  // What is compiled for the emulator is the same in every build: the release tests do it.
  #if !arch(arm64) && !DEBUG
    @Test(
      .enabled(
        if: AArch64Tools.installed != nil,
        """
        NEON was not run: it takes clang, aarch64-linux-gnu-gcc with its C library, and \
        qemu-aarch64 (Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user)
        """))
    func neonHasTheDigestsOfThisMachine() throws {
      let tools = try #require(AArch64Tools.installed)
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("plumbline-aarch64-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }

      let here = KernelSuite.portable(digests)
      let expected = ["portable", "neon"].flatMap { set in
        here.map { part in
          let digits = String(part.digest, radix: 16)
          let padding = String(repeating: "0", count: 16 - digits.count)
          return "\(set) \(padding)\(digits) \(part.name)"
        }
      }
      let actual = try tools.digests(in: folder)
      #expect(actual.count == expected.count)
      // Sets come in the order in which the machine prefers them.
      for (actual, expected) in zip(actual.sorted(), expected.sorted()) {
        #expect(actual == expected)
      }
    }
  #endif
}
