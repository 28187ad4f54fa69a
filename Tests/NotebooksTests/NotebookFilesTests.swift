import Foundation
import TestSupport
import Testing

@testable import Notebooks

/// The notebooks of the package and its README, in their short form.
@Suite("The notebooks of the package, and its README")
struct NotebookFilesTests {
  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private static let notebooks: [Notebook] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(package)/notebooks-md"))
    let paths = (names ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "notebooks-md/\($0)" }
    return (["README.md"] + paths).compactMap { try? Notebook(contentsOf: "\(package)/\($0)") }
  }()

  #if DEBUG
    private static let isOptimized = false
  #else
    private static let isOptimized = true
  #endif

  @Test("the README is a page")
  func page() throws {
    let text = try String(contentsOfFile: "\(Self.package)/README.md", encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 131)
  }

  @Test(
    "every notebook can be read, shows its figures, and has outputs"
  )
  func reading() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.package)/notebooks-md")
    #expect(Self.notebooks.count == names.count { $0.hasSuffix(".md") } + 1)
    for notebook in Self.notebooks {
      #expect(NotebookCheck.links(of: notebook) == [], "\(notebook.path)")
      #expect(notebook.blocks.contains { $0.output != nil }, "\(notebook.path)")
      #expect(notebook.blocks.allSatisfy { $0.options.skip != "" }, "a skip without a reason")
    }
  }

  @Test(
    "notebooks print what they show",
    .enabled(
      if: isOptimized,
      "their trainings take minutes without optimization: swift test -c release makes them"),
    arguments: notebooks.map(\.path))
  func printing(path: String) throws {
    let outcome = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      ["notebook", "check", "--quick", "--no-build", path], in: Self.package
    ).outcome()
    #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.error)")
  }
}
