import Foundation
import TestSupport
import Testing

@testable import Notebooks

/// The README, the notebooks of the package, and the articles of its documentation, whose blocks are run like those of notebooks; in their short
/// form.
@Suite("README, notebooks and articles")
struct NotebookFilesTests {
  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private static let notebooks: [Notebook] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(package)/notebooks-md"))
    let paths = (names ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "notebooks-md/\($0)" }
    return (["README.md"] + paths).compactMap { try? Notebook(contentsOf: "\(package)/\($0)") }
  }()

  /// The articles that have a block to run.
  private static let articles: [Notebook] = {
    let libraries = (try? FileManager.default.contentsOfDirectory(atPath: "\(package)/Sources"))
    return (libraries ?? []).sorted().flatMap { library -> [Notebook] in
      let catalogue = "\(package)/Sources/\(library)/Documentation.docc"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: catalogue)) ?? []
      return names.filter { $0.hasSuffix(".md") }.sorted().compactMap {
        try? Notebook(contentsOf: "\(catalogue)/\($0)")
      }
    }.filter { !$0.blocks.isEmpty }
  }()

  /// A package that a block builds compiles the libraries once more.
  private static let buildsPackages =
    ProcessInfo.processInfo.environment["PLUMB_NOTEBOOKS"] != nil

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

  /// The articles that are about code, each with blocks that print something.
  @Test("articles show what their blocks print")
  func readingArticles() {
    let names = Self.articles.map(\.name)
    for name in [
      "GettingStarted", "TheTape", "WritingAnOperation", "WritingALayer", "WritingAnOptimizer",
      "Determinism", "Performance", "VerifyingGradients", "AuditingFromPython",
      "TrainingAndDiagnosis", "AnExperimentOfYourOwn", "Studies",
    ] {
      #expect(names.contains(name), "\(name) has no block to run")
    }
    for article in Self.articles {
      #expect(NotebookCheck.links(of: article) == [], "\(article.path)")
      #expect(article.blocks.contains { $0.output?.text.isEmpty == false }, "\(article.path)")
      #expect(
        article.blocks.allSatisfy { $0.options.skip == nil }, "\(article.path): a skipped block")
    }
  }

  @Test(
    "notebooks and articles print what they show",
    .enabled(
      if: BuildMode.isOptimized,
      "their trainings take minutes without optimization: swift test -c release makes them"),
    arguments: (notebooks + articles).filter { !$0.buildsPackages || buildsPackages }.map(\.path))
  func printing(path: String) throws {
    let outcome = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"),
      ["notebook", "check", "--quick", "--no-build", path], in: Self.package
    ).outcome()
    #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.error)")
  }
}

extension Notebook {
  /// Whether a block builds a package of its own, which takes minutes the first time: `PLUMB_NOTEBOOKS=1` has such notebooks run, too.
  fileprivate var buildsPackages: Bool {
    blocks.contains { block in
      block.language == .shell && block.options.skip == nil
        && ["swift run", "swift build", "swift test"].contains { block.source.contains($0) }
    }
  }
}
