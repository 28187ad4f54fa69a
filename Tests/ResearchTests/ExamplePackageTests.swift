import Foundation
import Plumbline
import TestSupport
import Testing

/// The package of examples as it would be anywhere else: built, run, stopped, resumed and verified.
/// `PLUMB_EXAMPLES=1 swift test --filter ExamplePackageTests` builds it, which takes minutes.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["PLUMB_EXAMPLES"] != nil,
    "building a package takes minutes: PLUMB_EXAMPLES=1"))
struct ExamplePackageTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Research/Examples").standardizedFileURL.path

  @Test func experimentsOfAPackageOfOnesOwnHaveWhatTheBuiltInOnesHave() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    let build = try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"),
      ["swift", "build", "--package-path", Self.package, "--scratch-path", folder.file("build")],
      in: folder.path
    ).outcome()
    try #require(build.status == 0, "\(build.output)\n\(build.error)")
    func run(_ name: String, _ words: [String]) throws -> CommandProcess.Outcome {
      try CommandProcess.start(
        program: URL(fileURLWithPath: folder.file("build/debug/\(name)")), words, in: folder.path
      ).outcome()
    }
    for name in ["layer-scale", "hyper-connections"] {
      let help = try run(name, ["--help"])
      #expect(help.status == 0 && help.output.contains("--vary"), "\(help)")
      let words = [
        "--data", "digits", "--width", "6", "--batch", "32", "--steps", "5", "--depths", "2,4",
        "--learning-rates", "1e-3,3e-3", "--seeds", "1", "--report-seeds", "5", "--out", name,
      ]
      let sweep = try run(name, words)
      #expect(sweep.status != 2 && sweep.error.isEmpty, "\(sweep)")
      #expect(sweep.output.contains("paired difference from plain, seed by seed"))
      for file in ["record.json", "runs.jsonl", "summary.csv", "figure.svg", "report.html"] {
        #expect(folder.bytes("\(name)/\(file)") != nil, "\(file)")
      }
      #expect(try run(name, ["verify", name, "--runs", "3"]).output.contains("3 of 3 runs"))
      #expect(try run(name, ["resume", name]).status == sweep.status)
      #expect(try run(name, ["--dephts", "2"]).error.contains("did you mean --depths?"))
    }
  }

  /// What a package of one's own holds that multiplies matrices, and prints the least time of a product in microseconds.
  private static let timing = """
    import Foundation
    import Plumbline

    let (a, b) = (Tensor<Float>([256, 256], Array(repeating: 0.5, count: 65536)), Tensor<Float>.identity(256))
    var least = Double.infinity
    for _ in 0..<60 {
      let start = ContinuousClock.now
      let product = matmul(a, b)
      least = min(least, start.duration(to: .now) / .microseconds(1))
      precondition(product.scalars[7] == 0.5)
    }
    print(least)
    """

  /// The manifest that the article on getting started shows, and the line that names a version in it.
  private static func manifests(in root: String) throws -> (String, String) {
    let article = try String(
      contentsOfFile: "\(root)/Sources/Plumbline/Documentation.docc/GettingStarted.md",
      encoding: .utf8)
    let fences = article.split(separator: "```\n", omittingEmptySubsequences: false).map(
      String.init)
    return (
      try #require(fences.first { $0.hasPrefix("// swift-tools-version") }),
      try #require(fences.first { $0.hasPrefix("dependencies: [\n  .package(url:") })
    )
  }

  /// C is compiled without optimization in debug builds where nothing is done about it, and takes thirty times as long then.
  @Test(
    arguments: ["debug", "release"], [true, false])
  func kernelsAreAsFastInAPackageOfOnesOwn(mode: String, byURL: Bool) throws {
    let root = URL(fileURLWithPath: Self.package).appendingPathComponent("../..")
      .standardizedFileURL
      .path
    let folder = try TemporaryFolder()
    func run(_ words: String...) throws -> CommandProcess.Outcome {
      try CommandProcess.start(
        program: URL(fileURLWithPath: "/usr/bin/env"), words, in: folder.path
      ).outcome()
    }
    // A copy that knows no other, with a version.
    let clone = try run("git", "clone", "-q", "--no-tags", root, "plumbline")
    try #require(clone.status == 0, "\(clone.error)")
    try #require(
      try run("git", "-C", "plumbline", "tag", "1.2.3").status == 0)
    var (manifest, byAddress) = try Self.manifests(in: root)
    if byURL {
      byAddress = byAddress.replacing(
        "https://example.org/plumbline.git", with: "file://\(folder.file("plumbline"))")
      try #require(byAddress.contains(folder.path))
      let byPath = "dependencies: [.package(path: \"../plumbline\")],"
      try #require(manifest.contains(byPath))
      manifest = manifest.replacing(byPath, with: byAddress)
    }
    try folder.write(manifest, as: "own/Package.swift")
    try folder.write(Self.timing, as: "own/Sources/my-nets/main.swift")
    let build = try run("swift", "build", "-c", mode, "--package-path", "own")
    try #require(build.status == 0, "\(build.output)\n\(build.error)")
    let times = try (0..<3).map { _ in
      try #require(
        Double(
          run("own/.build/\(mode)/my-nets").output.trimmingCharacters(in: .whitespacesAndNewlines))
      )
    }
    let own = try #require(times.min())
    var here = Double.infinity
    let (a, b) = (
      Tensor<Float>([256, 256], Array(repeating: 0.5, count: 65536)), Tensor<Float>.identity(256)
    )
    for _ in 0..<200 {
      let start = ContinuousClock.now
      _ = matmul(a, b)
      here = min(here, start.duration(to: .now) / .microseconds(1))
    }
    print(
      "\(mode), by \(byURL ? "URL and version" : "path"): \(own) µs there, \(here) µs here, ratio \(own / here)"
    )
    #expect(own < 3 * here)
  }
}
