import Findings
import TestSupport
import Testing

@testable import Notebooks

@Suite("Stamps")
struct StampTests {
  /// A package of a library, a program above it, and another library.
  private func package(_ folder: TemporaryFolder) throws -> PackageSources {
    try folder.write(
      """
      // swift-tools-version: 6.0
      import PackageDescription
      let package = Package(
        name: "Small",
        products: [
          .library(name: "Low", targets: ["Low"]), .library(name: "Other", targets: ["Other"]),
          .executable(name: "plumb", targets: ["plumb"]),
        ],
        targets: [
          .target(name: "Low"), .target(name: "Other"),
          .executableTarget(name: "plumb", dependencies: ["Low"], exclude: ["Left"]),
        ])
      """, as: "Package.swift")
    for name in ["Low/a", "Low/deep/b", "Other/c", "plumb/main", "plumb/Left/d"] {
      try folder.write("let x = 1\n", as: "Sources/\(name).swift")
    }
    return try PackageSources(folder: folder.path)
  }

  @Test("a digest changes with the sources that are used, and with no others")
  func sources() throws {
    let folder = try TemporaryFolder()
    let package = try package(folder)
    func digests() -> [String] { [["Low"], ["plumb"], ["Other"]].map { package.digest(of: $0) } }
    #expect(package.libraries(among: ["Low", "Foundation", "plumb"]) == ["Low"])
    let first = digests()
    #expect(Set(first).count == 3 && digests() == first)
    try folder.write("let x = 2\n", as: "Sources/Low/deep/b.swift")
    let second = digests()
    #expect(second[0] != first[0] && second[1] != first[1] && second[2] == first[2])
    try folder.write("let x = 2\n", as: "Sources/plumb/Left/d.swift")
    try folder.write("words", as: "Sources/plumb/notes.md")
    #expect(digests() == second)
  }

  @Test(
    "a stamp is stale when blocks, outputs, sources or the compiler have changed, and says which")
  func stale() throws {
    let folder = try TemporaryFolder()
    let package = try package(folder)
    let text = "```sh\nplumb list\n```\n```output\n1\n```\n"
    func stamp(_ text: String, _ toolchain: String = "6.3.1") throws -> Stamp {
      let notebook = try Notebook(text, path: "n.md")
      return Stamp(
        blocks: notebook.digest, sources: notebook.sources(in: package), toolchain: toolchain)
    }
    let old = try stamp(text)
    #expect(Stamp(old.description) == old)
    #expect(try stamp("Prose.\n" + text).changes(since: old).isEmpty)
    let blocks = ["its blocks, outputs or figures have changed"]
    #expect(try stamp(text.replacing("list", with: "help")).changes(since: old) == blocks)
    #expect(try stamp(text.replacing("1", with: "2")).changes(since: old) == blocks)
    #expect(try stamp(text.replacing("sh", with: "sh skip")).changes(since: old).count >= 1)
    #expect(try stamp(text, "6.4").changes(since: old) == ["Swift was 6.3.1 and is 6.4"])
    try folder.write("let y = 1\n", as: "Sources/Low/new.swift")
    #expect(
      try stamp(text).changes(since: old)
        == ["the sources of the package that it uses have changed"])
  }

  @Test("a comment that is not a stamp is none")
  func reading() throws {
    #expect(Stamp("<!-- outputs of: something -->") == nil)
    #expect(try Notebook("a\n<!-- outputs of: something -->\n", path: "n.md").stamp == nil)
  }

  @Test("a package that swift does not know is told")
  func noPackage() throws {
    let folder = try TemporaryFolder()
    #expect(throws: Problem.self) { try PackageSources(folder: folder.path) }
  }
}
