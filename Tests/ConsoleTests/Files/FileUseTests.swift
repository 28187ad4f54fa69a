import Console
import Findings
import Foundation
import TestSupport
import Testing

@Suite struct FileUseTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("x", as: "data.npz")
    try folder.write("x", as: "run/runs.jsonl")
  }

  private func check(
    json: String? = nil, plot: String? = nil, out: String? = nil, data: String? = nil,
    run: String? = nil, adding: [FileUse] = []
  ) throws {
    let command = Command(
      "study", summary: "",
      options: [
        Option("data", "FILE", .input("the data"), help: ""),
        Option(
          "run", "DIR", .input("a file of the run", files: { ["\($0)/runs.jsonl"] }), help: ""),
        Option("json", "FILE", .output(), help: ""),
        Option("plot", "FILE", .output(endings: [".svg", ".json"]), help: ""),
        Option("out", "DIR", .outputFolder(["record.json", "runs.jsonl"]), help: ""),
      ] as [Option<String?>])
    let given = [
      ("--json", json), ("--plot", plot), ("--out", out), ("--data", data), ("--run", run),
    ]
    let words = given.flatMap { name, value in
      value.map { [name, $0.hasPrefix("/") ? $0 : folder.file($0)] } ?? []
    }
    try command.parse(words).checkFiles(adding: adding)
  }

  private func refusal(_ body: () throws -> Void) -> Problem? {
    do {
      try body()
      return nil
    } catch { return error as? Problem }
  }

  @Test func anOutputOverAnInputIsRefusedHoweverItIsSpelled() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("data.npz"))
    #expect(link(folder.file("data.npz"), folder.file("hard")) == 0)
    for path in ["data.npz", "./data.npz", "run/../data.npz", "link", "hard"] {
      let problem = refusal { try check(json: path, data: "data.npz") }
      #expect(
        problem?.setting == "--json" && problem?.problem.contains("the data") == true, "\(path)")
    }
    let stored = refusal { try check(json: "run/runs.jsonl", run: "run") }
    #expect(stored?.problem.contains("a file of the run") == true)
    // A file that no option names.
    let found = refusal {
      try check(json: "data.npz", adding: [.reads(folder.file("data.npz"), "the data")])
    }
    #expect(found?.setting == "--json")
  }

  @Test func anOutputOverAnotherIsRefused() {
    let twice = refusal { try check(json: "new.json", plot: "./new.json") }
    #expect(twice?.problem.contains("another output") == true)
    let result = refusal { try check(json: "new/record.json", out: "new") }
    #expect(result?.setting == "--json" && result?.problem.contains("file of the results") == true)
    let input = refusal { try check(out: "run", data: "run/runs.jsonl") }
    #expect(input?.setting == "--out")
  }

  @Test func whatTakesNothingAwayIsAccepted() throws {
    try check(json: "new.json", plot: "new.svg", out: "new", data: "data.npz", run: "run")
    // A folder that is made for the results takes other files too.
    try check(json: "new/mine.json", out: "new/")
    // Devices and pipes are read and written.
    try check(json: "/dev/null", data: "/dev/null")
    #expect(throws: Problem.self) { try check(json: "nowhere/new.json") }
  }

  @Test func aPathThatDoesNotSayWhatBecomesOfItEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Command(
        "x", summary: "", options: [Option("json", "FILE", .text, help: "") as Option<String?>])
    }
  }
}
