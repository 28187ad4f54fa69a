import Foundation
import TestSupport
import Testing

/// Closed descriptors, limits, signals, pipes in the place of files.
@Suite(.enabled(if: Attack.isMade, Attack.isLeftOut)) struct SurroundingsTests {
  @Test(
    "closed descriptors are not files of the results",
    arguments: ["<&-", "2>&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func descriptors(closed: String) throws {
    for victim in [try Victim.sweep(), try Victim.training()] {
      let whole = try victim.run("whole")
      let outcome = try victim.run("closed", shell: "exec \"$0\" \"$@\" \(closed)")
      #expect(outcome.isOrderly && outcome.status == whole.status, "\(closed): \(outcome.error)")
      #expect(try victim.content("closed") == victim.content("whole"), "\(closed)")
    }
  }

  @Test("a full standard error ends in no trap", .enabled(if: access("/dev/full", W_OK) == 0))
  func fullErrors() throws {
    let victim = try Victim.sweep()
    try victim.folder.write("mine", as: "file")
    let outcome = try victim.run("file", shell: "exec \"$0\" \"$@\" 2> /dev/full")
    #expect(!outcome.isKilled && outcome.status == 2)
  }

  @Test("a limit on the size of files is told, and nothing is lost")
  func fileSize() throws {
    let victim = try Victim.training()
    #expect(try victim.run("whole").isOrderly)
    // A block has 512 or 1024 bytes.
    let outcome = try victim.run("limited", shell: "ulimit -f 2; exec \"$0\" \"$@\"")
    #expect(outcome.isOrderly && outcome.status == 2, "\(outcome.status) \(outcome.error)")
    #expect(outcome.error.contains("ulimit -f"), "\(outcome.error)")
    #expect(try victim.run("limited").status == 0)
    #expect(try victim.content("limited") == victim.content("whole"))
  }

  @Test("a request that cannot fit is refused with both numbers, and nothing is written")
  func memory() throws {
    let sweep = try Victim.sweep()
    let training = try Victim.training()
    let cases: [(Victim, [String], String)] = [
      (sweep, ["depth", "--width", "65536", "--depths", "64"], "--width"),
      (sweep, ["depth", "--depths", "1000000", "--arms", "plain"], "--depths"),
      (training, ["train", "--data", "points.csv", "--network", "2,60000,60000,1"], "--network"),
    ]
    for (victim, words, setting) in cases {
      let before = victim.folder.content()
      let program = words[0] == "train" ? "plumb" : "research"
      let data = words[0] == "train" ? [] : ["--data", "digits", "--out", "out"]
      let outcome = try CommandProcess.start(
        program: CommandProcess.executable(named: program), words + data, in: victim.folder.path
      ).outcome()
      #expect(outcome.status == 2 && !outcome.isKilled, "\(outcome.error)")
      for part in [setting, "needs about", "of memory, and only", "fit"] {
        #expect(outcome.error.contains(part), "\(part): \(outcome.error)")
      }
      #expect(victim.folder.content() == before)
    }
    let steps = try CommandProcess.start(
      program: CommandProcess.executable(named: "research"),
      ["depth", "--data", "digits", "--steps", "9223372036854775807"], in: sweep.folder.path
    ).outcome()
    #expect(steps.status == 2 && !steps.isKilled && steps.error.contains("--steps"))
  }

  @Test("a check and a measurement that cannot fit are refused too")
  func memoryOfChecks() throws {
    let folder = try TemporaryFolder()
    for (words, setting) in [
      (["check", "--network", "1000,6000,10", "--examples", "1000000"], "--examples"),
      (["bench", "--case", "1000000,10,1000000,8,64"], "--case"),
    ] {
      let outcome = try CommandProcess.start(
        program: CommandProcess.executable(named: "plumb"), words, in: folder.path
      ).outcome()
      #expect(outcome.status == 2 && !outcome.isKilled, "\(outcome.error)")
      for part in [setting, "needs about", "of memory, and only", "fit"] {
        #expect(outcome.error.contains(part), "\(part): \(outcome.error)")
      }
    }
  }

  @Test("a git that does not answer is not waited for")
  func hangingGit() throws {
    let victim = try Victim.sweep()
    try victim.folder.write("#!/bin/sh\nexec sleep 600\n", as: "bin/git")
    #expect(chmod(victim.folder.file("bin/git"), 0o755) == 0)
    let start = ContinuousClock.now
    let outcome = try victim.run(
      "out", environment: ["PATH": victim.folder.file("bin") + ":/usr/bin:/bin"])
    #expect(outcome.isOrderly && outcome.status != 2, "\(outcome.error)")
    #expect(start.duration(to: .now) < .seconds(60))
    #expect(victim.folder.text("out/record.json")?.contains("\"complete\"") == true)
  }

  @Test("a signal ends the program within two seconds, in the middle of a step of many")
  func signalInALongStep() throws {
    let folder = try TemporaryFolder()
    let words = [
      "train", "--data", "two-spirals:count=6000", "--network", "2,1600,1600,1", "--batch", "full",
      "--steps", "2", "--threads", "1", "--out", "out",
    ]
    // The slowest kernels: a step takes a quarter of a minute and little memory.
    let process = try CommandProcess.start(
      program: CommandProcess.executable(named: "plumb"), words, in: folder.path,
      environment: ["PLUMB_ISA": "portable"])
    while process.isRunning, folder.bytes("out/record.json") == nil { usleep(2000) }
    usleep(300_000)
    kill(process.identifier, SIGINT)
    let start = ContinuousClock.now
    let outcome = try process.outcome()
    #expect(outcome.status == 130 && !outcome.isKilled)
    #expect(start.duration(to: .now) < .seconds(4), "2 s, and what a busy machine adds")
  }

  @Test("a finished training is left alone by a signal and by the same command")
  func finishedTrainings() throws {
    let victim = try Victim.training()
    #expect(try victim.run("out").status == 0)
    let before = victim.folder.content()
    let again = try victim.run("out")
    #expect(again.status == 0 && again.output.contains("--force"))
    #expect(victim.folder.content() == before)
    // With --json it trains once more, and a signal meanwhile changes nothing.
    let process = try victim.start("out", ["--json", "result.json"])
    usleep(50_000)
    kill(process.identifier, SIGINT)
    _ = try process.outcome()
    for (name, bytes) in before {
      #expect(victim.folder.content()[name] == .some(bytes), "\(name)")
    }
  }

  @Test("a training that a signal stops says so, and a second signal ends it at once")
  func signals() throws {
    let victim = try Victim.training()
    func begun(_ out: String) throws -> CommandProcess {
      let process = try CommandProcess.start(
        program: CommandProcess.executable(named: "plumb"),
        [
          "train", "--data", "points.csv", "--network", "2,64,1", "--steps", "100000000", "--out",
          out,
        ], in: victim.folder.path)
      while process.isRunning, victim.folder.bytes("\(out)/record.json") == nil { usleep(2000) }
      usleep(100_000)
      return process
    }
    let first = try begun("stopped")
    kill(first.identifier, SIGINT)
    #expect(try first.outcome().status == 130)
    #expect(victim.folder.text("stopped/record.json")?.contains("\"interrupted\"") == true)
    let second = try begun("twice")
    kill(second.identifier, SIGTERM)
    usleep(200_000)
    kill(second.identifier, SIGTERM)
    let start = ContinuousClock.now
    #expect(try second.outcome().status == 130)
    #expect(start.duration(to: .now) < .seconds(2))
  }

  @Test("an output over an input or a result is refused")
  func outputs() throws {
    let victim = try Victim.training()
    let sweep = try Victim.sweep()
    _ = try victim.folder.makeFolder("digits")
    let cases: [(Victim, String, [String])] = [
      (victim, "out", ["--json", "points.csv"]), (victim, "out", ["--json", "out/record.json"]),
      (victim, "out", ["--json", "./digits/../points.csv"]),
      (sweep, "out", ["--json", "out/runs.jsonl"]),
      (sweep, "out", ["--json", "digits/\(SmallDigits.imageName)"]),
    ]
    for (victim, out, words) in cases {
      let before = victim.folder.content()
      let outcome = try victim.run(out, words)
      #expect(outcome.status == 2 && outcome.error.contains("--json"), "\(words) \(outcome.error)")
      #expect(victim.folder.content() == before)
    }
  }

  @Test("no command of either program writes over what it reads")
  func outputsOfAllCommands() throws {
    let victim = try Victim.training()
    #expect(try victim.run("out").status == 0)
    try SmallDigits.write(to: victim.folder)
    try victim.folder.write("{}", as: "net.json")
    try victim.folder.write("x", as: "a.npz")
    let cases: [(String, [String], String)] = [
      ("plumb", ["audit", "a.npz", "--json", "a.npz"], "--json"),
      ("plumb", ["audit", "a.npz", "--names", "net.json", "--json", "net.json"], "--json"),
      ("plumb", ["check", "--parameters", "a.npz", "--json", "a.npz"], "--json"),
      ("plumb", ["check", "--data", "a.npz", "--plot", "./a.npz"], "--plot"),
      ("plumb", ["check", "--network", "net.json", "--json", "net.json"], "--json"),
      ("plumb", ["check", "--json", "new", "--plot", "new"], "--plot"),
      ("plumb", ["bench", "--json", "out/../digits"], "a folder"),
      ("plumb", ["data", "inspect", "points.csv", "--json", "points.csv"], "--json"),
      (
        "plumb", ["data", "inspect", "digits", "--json", "digits/\(SmallDigits.labelName)"],
        "--json"
      ),
      ("plumb", ["data", "split", "a.npz", "--out", "a.npz"], "--out"),
      ("plumb", ["data", "split", "moons", "--out", "new.npz", "--json", "new.npz"], "--json"),
      ("plumb", ["predict", "out", "--data", "points.csv", "--out", "points.csv"], "--out"),
      ("plumb", ["predict", "out", "--data", "points.csv", "--out", "out/record.json"], "--out"),
      ("plumb", ["diagnose", "out", "--json", "out/diagnosis.json"], "--json"),
      (
        "plumb", ["train", "--data", "moons", "--network", "net.json", "--json", "net.json"],
        "--json"
      ),
      (
        "research", ["depth", "--data", "digits", "--json", "digits/\(SmallDigits.imageName)"],
        "--json"
      ),
      (
        "research", ["second-moment", "--quick", "--out", "n", "--json", "n/summary.csv"], "--json"
      ),
      (
        "research",
        ["second-moment", "--quick", "--json", "results/second-moment-quick/summary.csv"],
        "summary.csv"
      ),
    ]
    let before = victim.folder.content()
    for (program, words, option) in cases {
      let outcome = try CommandProcess.start(
        program: CommandProcess.executable(named: program), words, in: victim.folder.path
      ).outcome()
      #expect(outcome.status == 2 && outcome.error.contains(option), "\(words) \(outcome)")
      #expect(victim.folder.content() == before, "\(words)")
    }
  }

  @Test("pipes in the place of files are refused, and nothing waits for them")
  func pipes() throws {
    for name in ["runs.jsonl", "record.json"] {
      let victim = try Victim.sweep()
      _ = try victim.folder.makeFolder("out")
      #expect(mkfifo(victim.folder.file("out/\(name)"), 0o644) == 0)
      let outcome = try victim.run("out")
      #expect(outcome.status == 2 && !outcome.isKilled, "\(name): \(outcome.error)")
    }
  }
}
