import Console
import Findings
import Testing

@Suite struct CommandTests {
  private let width = Option("width", "N", .integer(in: 1...4096), default: 64, help: "units")
  private let rates = Option(
    "learning-rates", "LIST", .list(of: .positive), default: [1e-4, 1e-3], help: "rates")
  private let out = Option("out", "DIR", .outputFolder([]), help: "folder")
  private let optimizer = Option(
    "optimizer", "NAME", .choice(["sgd", "momentum", "adam"]), default: "adam", help: "optimizer")
  private let include = Option(repeated: "include", "NAME", .text, help: "names")
  private let offset = Option("offset", "N", .integer(in: -10...10), default: 0, help: "offset")
  private let quick = Option(flag: "quick", help: "less")
  private let file = Argument("FILE", .input("a file"), help: "what to read")
  private let others = Argument(list: "OTHER", .input("a file"), help: "more files")

  private var command: Command {
    Command(
      "depth", summary: "depth", arguments: [file, others],
      options: [width, rates, out, optimizer, include, offset, quick])
  }

  private func parse(_ words: String...) throws(Problem) -> ParsedOptions {
    try command.parse(words)
  }

  @Test func helpTakesNoValue() {
    let command = Command("print", summary: "prints", options: [quick])
    #expect(throws: Problem.unexpectedValue(option: "--help", value: "all")) {
      try command.parse(["--help=all"])
    }
  }

  @Test func takesDefaults() throws {
    let parsed = try parse("a.npz")
    #expect(parsed[width] == 64)
    #expect(parsed[rates] == [1e-4, 1e-3])
    #expect(parsed[out] == nil)
    #expect(parsed[include] == [])
    #expect(parsed[quick] == false)
    #expect(parsed[file] == "a.npz")
    #expect(parsed[others] == [])
    #expect(!parsed.isGiven(width))
  }

  @Test func readsBothSpellings() throws {
    let parsed = try parse("a", "--width", "32", "--out=x=y", "--quick", "--learning-rates=1,2")
    #expect(parsed[width] == 32)
    #expect(parsed[out] == "x=y")
    #expect(parsed[quick])
    #expect(parsed[rates] == [1, 2])
    #expect(parsed.isGiven(width) && parsed.isGiven(quick) && !parsed.isGiven(optimizer))
  }

  @Test("the singular of an option that takes a list gives a list of one")
  func readsSingulars() throws {
    #expect(try parse("a", "--learning-rate", "0.1")[rates] == [0.1])
    #expect(throws: Problem.duplicated(option: "--learning-rates")) {
      try parse("a", "--learning-rate", "0.1", "--learning-rates", "0.2")
    }
  }

  @Test func mixesArgumentsAndOptions() throws {
    let parsed = try parse("a", "--width", "8", "b", "c")
    #expect(parsed[file] == "a")
    #expect(parsed[others] == ["b", "c"])
  }

  @Test func collectsRepeatedOptions() throws {
    #expect(try parse("a", "--include", "x", "--include=y")[include] == ["x", "y"])
  }

  @Test func takesNegativeNumbersAndDashes() throws {
    #expect(try parse("a", "--offset", "-3")[offset] == -3)
    #expect(try parse("-3", "-")[others] == ["-"])
    let parsed = try parse("--", "--width", "-x")
    #expect(parsed[file] == "--width")
    #expect(parsed[others] == ["-x"])
    #expect(parsed[width] == 64)
  }

  @Test func namesUnknownOptions() {
    #expect(throws: Problem.unknownOption("--widht", nearest: "--width")) {
      try parse("a", "--widht", "3")
    }
    #expect(throws: Problem.unknownOption("--zzzzzzzz", nearest: nil)) {
      try parse("a", "--zzzzzzzz=3")
    }
    #expect(throws: Problem.unknownOption("--width-of-layers", nearest: "--width")) {
      try parse("a", "--width-of-layers", "3")
    }
    #expect(throws: Problem.unknownOption("-w", nearest: nil)) { try parse("a", "-w") }
  }

  @Test func findsMissingAndDuplicatedValues() {
    let missing = Problem.missingValue(option: "--width", placeholder: "N")
    #expect(throws: missing) { try parse("a", "--width") }
    #expect(throws: missing) { try parse("a", "--width", "--quick") }
    #expect(throws: Problem.duplicated(option: "--width")) {
      try parse("a", "--width", "3", "--width=3")
    }
    #expect(throws: Problem.duplicated(option: "--quick")) {
      try parse("a", "--quick", "--quick")
    }
    #expect(throws: Problem.unexpectedValue(option: "--quick", value: "yes")) {
      try parse("a", "--quick=yes")
    }
  }

  @Test func statesTheAcceptedForm() {
    let error = Problem.unusableValue(
      name: "--width", value: "0", accepted: "a whole number from 1 to 4096", nearest: nil)
    #expect(throws: error) { try parse("a", "--width", "0") }
    #expect(error.problem == "--width: \"0\" is not a whole number from 1 to 4096")
    #expect(throws: Problem.self) { try parse("a", "--width=") }
    let named = Problem.unusableValue(
      name: "--optimizer", value: "adma", accepted: "one of sgd, momentum, adam", nearest: "adam")
    #expect(throws: named) { try parse("a", "--optimizer", "adma") }
    #expect(named.remedy == "did you mean adam?")
  }

  @Test func suggestsForThePartOfAListThatIsWrong() {
    let arms = Option(
      "arms", "LIST", .list(of: .choice(["plain", "residual"])), default: ["plain"], help: "arms")
    let command = Command("c", summary: "c", options: [arms])
    #expect {
      try command.parse(["--arms", "plain,residaul"])
    } throws: {
      ($0 as? Problem)?.remedy == "did you mean residual?"
    }
  }

  @Test func checksArguments() {
    #expect(throws: Problem.missingArgument("FILE")) { try parse("--quick") }
    let single = Command("c", summary: "c", arguments: [file])
    #expect(throws: Problem.unexpectedArgument("b")) { try single.parse(["a", "b"]) }
    let several = Argument(list: "FILE", ValueForm.input("a file"), atLeast: 1, help: "files")
    let needy = Command("c", summary: "c", arguments: [several])
    #expect(throws: Problem.missingArgument("FILE")) { try needy.parse([]) }
  }

  @Test func checksRequiredOptions() throws {
    let network = Option(required: "network", "SIZES", .list(of: .integer()), help: "sizes")
    let command = Command("c", summary: "c", options: [network])
    #expect(throws: Problem.missingOption("--network", placeholder: "SIZES")) {
      try command.parse([])
    }
    #expect(try command.parse(["--network", "784,10"])[network] == [784, 10])
  }

  @Test func takesOptionalArguments() throws {
    let name = Argument(optional: "NAME", .text, help: "name")
    let command = Command("c", summary: "c", arguments: [name])
    #expect(try command.parse([])[name] == nil)
    #expect(try command.parse(["x"])[name] == "x")
  }

  @Test func refusesDeclarationsThatCannotWork() async {
    await #expect(processExitsWith: .failure) { _ = Option(flag: "--quick", help: "") }
    await #expect(processExitsWith: .failure) {
      let quick = Option(flag: "quick", help: "")
      _ = Command("c", summary: "", options: [quick, quick])
    }
    await #expect(processExitsWith: .failure) {
      let undeclared = Option(flag: "quick", help: "")
      if let parsed = try? Command("c", summary: "").parse([]) { print(parsed[undeclared]) }
    }
  }
}
