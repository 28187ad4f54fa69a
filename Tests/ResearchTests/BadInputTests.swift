import Foundation
import TestSupport
import Testing

/// A request that cannot be carried out, and what its message has to say.
struct BadInput: Sendable, CustomTestStringConvertible {
  let name: String
  let words: [String]
  let message: [String]
  var environment: [String: String] = [:]
  var prepare: @Sendable (TemporaryFolder) throws -> Void = { _ in }

  var testDescription: String { name }

  /// `research depth` on the small digits with these options.
  static func depth(
    _ options: String..., message: String...,
    prepare:
      @escaping @Sendable (TemporaryFolder) throws
      -> Void = { _ in }
  ) -> BadInput {
    BadInput(
      name: options.joined(separator: " "), words: ["depth", "--data", "digits"] + options,
      message: message
    ) { folder in
      try SmallDigits.write(to: folder)
      try prepare(folder)
    }
  }

  /// `research depth` on damaged files.
  static func data(
    _ name: String, images: [UInt8]? = SmallDigits.imageFile,
    labels: [UInt8]? = SmallDigits.labelFile, message: String...
  ) -> BadInput {
    BadInput(name: name, words: ["depth", "--data", "digits"], message: message) { folder in
      try SmallDigits.write(to: folder, images: images, labels: labels)
    }
  }

  // MARK: The list

  static let commandLines: [BadInput] = [
    BadInput(
      name: "no such command", words: ["deph"], message: ["\"deph\"", "did you mean depth?"]),
    BadInput(name: "no such study", words: ["zzz"], message: ["\"zzz\"", "research --help"]),
    BadInput(
      name: "no such option", words: ["depth", "--widht", "3"],
      message: ["--widht", "did you mean --width?"]),
    BadInput(
      name: "no such option of a study", words: ["second-moment", "--quik"],
      message: ["--quik", "did you mean --quick?"]),
    BadInput(name: "option of another", words: ["all", "--width", "8"], message: ["--width"]),
    BadInput(
      name: "argument", words: ["depth", "4"], message: ["no argument is expected", "\"4\""]),
    BadInput(name: "option of list", words: ["list", "--all"], message: ["--all"]),
    .depth("--arms", "plan", message: "--arms", "\"plan\"", "did you mean plain?"),
    .depth("--arms", "plain,residul", message: "did you mean residual?"),
    .depth("--arms", "plain,plain", message: "--arms", "different values"),
    .depth("--optimizer", "addam", message: "--optimizer", "did you mean adam?"),
    .depth("--depths", "0", message: "--depths", "depth 0", "at least 1"),
    .depth("--depths", "-4", message: "--depths", "\"-4\"", "whole number"),
    .depth("--depths", "4,5", message: "--depths", "depth 5 is odd", "4 or 6", "--arms"),
    .depth("--depths", "4,04", message: "--depths", "depth 4 twice"),
    .depth("--depths", "four", message: "--depths", "\"four\"", "whole number"),
    .depth("--depths", "4,,8", message: "--depths", "\"4,,8\""),
    .depth("--depths", "", message: "--depths"),
    .depth("--width", "0", message: "--width", "\"0\""),
    .depth("--batch", "601", message: "--batch", "601", "1 to 600"),
    .depth("--batch", "0", message: "--batch", "\"0\""),
    .depth("--steps", "0", message: "--steps", "\"0\""),
    .depth("--seeds", "0", message: "--seeds", "\"0\""),
    .depth("--report-seeds", "1.5", message: "--report-seeds", "\"1.5\""),
    .depth("--learning-rates", "1e-3,0", message: "--learning-rates", "greater than 0"),
    .depth("--learning-rates", "nan", message: "--learning-rates", "\"nan\""),
    .depth("--jobs", "0", message: "--jobs", "\"0\""),
    .depth("--steps", message: "--steps", "needs a value"),
    .depth("--steps", "5", "--steps", "6", message: "--steps", "more than once"),
    .depth("--quick=yes", message: "--quick", "no value"),
  ]

  static let environments: [BadInput] = [
    BadInput(
      name: "instruction set of list", words: ["list"],
      message: ["PLUMB_ISA", "\"nonsense\"", "portable"], environment: ["PLUMB_ISA": "nonsense"]),
    BadInput(
      name: "instruction set of a study", words: ["depth"],
      message: ["PLUMB_ISA", "unset it"], environment: ["PLUMB_ISA": "nonsense"]),
    BadInput(
      name: "data folder", words: ["depth"], message: ["PLUMB_DATA", "nowhere", "unset it"],
      environment: ["PLUMB_DATA": "nowhere"]),
  ]

  private static let images = SmallDigits.imageFile
  private static let labels = SmallDigits.labelFile

  static let dataFiles: [BadInput] = [
    .data("nothing there", images: nil, labels: nil, message: "digits", "there is no such file"),
    .data("labels missing", labels: nil, message: SmallDigits.labelName, "no such file", "add"),
    .data("images missing", images: nil, message: SmallDigits.imageName, "no such file", "add"),
    .data(
      "images truncated", images: images.dropLast(7), message: SmallDigits.imageName, "byte",
      "38400 bytes", "cut off"),
    .data(
      "header truncated", images: Array(images.prefix(9)), message: "header of rank 3", "byte 9"),
    .data("empty file", labels: [], message: SmallDigits.labelName, "byte 0", "cut off"),
    .data(
      "bytes too many", labels: labels + [0], message: SmallDigits.labelName, "byte 608", "more"),
    .data(
      "mislabelled", images: labels, labels: images, message: SmallDigits.imageName,
      "holds labels", "images are expected"),
    .data("labels hold images", labels: images, message: SmallDigits.labelName, "holds images"),
    .data("no IDX", images: Array("<html>moved".utf8), message: "byte 0", "web page"),
    .data(
      "label out of range", labels: labels.prefix(8 + 17) + [10] + labels.dropFirst(8 + 18),
      message: SmallDigits.labelName, "label 17", "10 is outside 0 ... 9"),
    .data(
      "fewer labels", labels: SmallDigits.header([599]) + SmallDigits.labels.dropLast(),
      message: "599 labels", "600 images"),
    .data(
      "no pictures", images: SmallDigits.header([0, 8, 8]), labels: SmallDigits.header([0]),
      message: SmallDigits.imageName, "nothing in"),
    BadInput(
      name: "damaged gzip", words: ["depth", "--data", "digits"],
      message: ["\(SmallDigits.imageName).gz", "download"]
    ) { folder in
      try SmallDigits.write(to: folder, images: nil)
      try folder.write(
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + Array(repeating: 0xFF, count: 40),
        as: "digits/\(SmallDigits.imageName).gz")
    },
    BadInput(
      name: "a file of another name", words: ["depth", "--data", "pictures.bin"],
      message: ["pictures.bin", "which of the four"]
    ) { try $0.write(images, as: "pictures.bin") },
    BadInput(
      name: "a folder without digits", words: ["depth", "--data", "empty"],
      message: ["empty", "files that may hold data", "notes.txt"]
    ) { try $0.write("x", as: "empty/notes.txt") },
    BadInput(
      name: "no MNIST", words: ["depth", "--data", "mnist"],
      message: ["no digit files", "PLUMB_DATA"]
    ),
  ]

  static let folders: [BadInput] = [
    .depth("--out", "file", message: "file", "this is a file", "--out") {
      try $0.write("mine", as: "file")
    },
    .depth("--out", "file/below", message: "file/below", "cannot be created") {
      try $0.write("mine", as: "file")
    },
    .depth(
      "--out", "new/" + String(repeating: "x", count: 300), message: "new/xxx", "cannot be created"),
    .depth("--out", "thesis", message: "thesis", "no record.json", "new folder") {
      try $0.write("mine", as: "thesis/chapter.tex")
    },
    .depth("--out", "old", message: "old/record.json", "not the record") {
      try $0.write("{", as: "old/record.json")
    },
    .depth("--out", "old", message: "old", "holds another sweep", "depth 0123") {
      try $0.write(
        #"{"study":"depth","sweep_key":"0123","executable_hash":"0"}"#, as: "old/record.json")
    },
    .depth("--json", "nowhere/summary.json", message: "nowhere", "does not exist", "mkdir -p"),
    .depth("--json", "digits", message: "digits", "it is a folder"),
    BadInput(
      name: "folder of a study", words: ["second-moment", "--quick", "--out", "old"],
      message: ["old", "holds another sweep", "depth 0123"]
    ) { try $0.write(#"{"study":"depth","sweep_key":"0123"}"#, as: "old/record.json") },
    BadInput(
      name: "JSON of a study", words: ["second-moment", "--quick", "--json", "nowhere/x.json"],
      message: ["nowhere", "does not exist", "mkdir -p"]),
  ]
}

@Suite struct BadInputTests {
  @Test(
    arguments: BadInput.commandLines + BadInput.environments + BadInput.dataFiles
      + BadInput.folders)
  func isRefusedAndNothingIsWritten(input: BadInput) throws {
    let folder = try TemporaryFolder()
    try input.prepare(folder)
    let before = folder.content()
    let outcome = try ResearchProcess.run(
      input.words, in: folder, environment: input.environment)
    #expect(outcome.status == 2 && !outcome.isKilled)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("research"))
    for word in input.message { #expect(outcome.error.contains(word), "\(outcome.error)") }
    #expect(outcome.error.split(separator: "\n").count <= 3)
    #expect(folder.content() == before)
  }

  /// A folder that takes no new file; root may write to any but those of the kernel.
  @Test func anUnwritableFolderIsRefused() throws {
    let folder = try TemporaryFolder()
    try SmallDigits.write(to: folder)
    var target = folder.file("locked")
    if geteuid() == 0 {
      #if os(Linux)
        target = "/proc/plumbline"
      #else
        try Test.cancel("root may write anywhere")
      #endif
    } else {
      try FileManager.default.createDirectory(
        atPath: target, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
    }
    let before = folder.content()
    let outcome = try ResearchProcess.run(
      ["depth", "--data", "digits", "--out", target], in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains(target) && outcome.error.contains("--out"))
    #expect(folder.content() == before)
  }

  @Test func messagesPointToTheHelpOfTheCommand() throws {
    let folder = try TemporaryFolder()
    let outcome = try ResearchProcess.run(["depth", "--widht", "3"], in: folder)
    #expect(outcome.error.hasPrefix("research depth: there is no option --widht;"))
    #expect(outcome.error.contains("research depth --help"))
  }
}
