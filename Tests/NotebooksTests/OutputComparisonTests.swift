import Plumbline
import TestSupport
import Testing

@testable import Notebooks

@Suite("Outputs compared")
struct OutputComparisonTests {
  private func differences(
    _ old: String, _ new: String, _ options: String = ""
  ) throws -> [OutputComparison.Difference] {
    OutputComparison(old: old, new: new, options: try BlockOptions(options)).differences
  }

  @Test("without a tolerance every character counts")
  func exact() throws {
    #expect(try differences("loss 0.5\nend", "loss 0.5\nend").isEmpty)
    #expect(try differences("loss 0.5", "loss  0.5").count == 1)
    #expect(try differences("loss 0.5", "loss 0.50").count == 1)
    let found = try differences("a\nloss 0.5\nb\nc", "a\nloss 0.6\nc\nd")
    #expect(found.map(\.index) == [1, 2, 4])
    #expect(found.map(\.old) == ["loss 0.5", "b", nil])
    #expect(found.map(\.new) == ["loss 0.6", nil, "d"])
    #expect(try differences("", "a").count == 1 && differences("a", "").count == 1)
  }

  @Test("numbers are compared up to the tolerance, relative to the larger, and text as it is")
  func tolerance() throws {
    #expect(try differences("loss 1.000", "loss  1.0005", "tolerance=1e-3").isEmpty)
    let found = try differences("loss 1.000 at 3", "loss 1.002 at 3", "tolerance=1e-3")
    #expect(found.map(\.reason) == ["1.000 and 1.002: off by 0.0020 relative to the larger"])
    #expect(try differences("loss 1", "gain 1", "tolerance=1e-3").count == 1)
    #expect(try differences("1e-12", "2e-12", "tolerance=1e-3").count == 1)
    #expect(try differences("1e-12", "-2e-12", "absolute=1e-9").isEmpty)
    #expect(try differences("10,000 images", "10,001 images", "tolerance=1e-3").isEmpty)
    // A number in a name is part of the name.
    #expect(try differences("dW1 is", "dW2 is", "tolerance=1").count == 1)
    #expect(try differences("n-1", "n-2", "tolerance=1e-3").count == 1)
  }

  @Test("NaN agrees with NaN alone, and infinities with themselves")
  func nonFinite() throws {
    for value in ["nan", "NaN", "inf", "-inf"] {
      #expect(try differences("loss \(value)", "loss \(value)", "tolerance=1e-3").isEmpty)
      for other in ["1.5", value == "inf" ? "-inf" : "inf"] where other != value {
        #expect(
          try differences("loss \(value)", "loss \(other)", "tolerance=1e9").count == 1,
          "\(value) and \(other)")
      }
    }
    #expect(try differences("nan", "NaN", "tolerance=1e-3").isEmpty)
  }

  private let table = """
    arm       training  s/run
                  loss
    ────────  ────────  ─────
    plain        0.500   0.12
    residual     0.250   0.14
    time: 12 s
    """

  @Test("varying columns and lines are not compared, and all others are")
  func varying() throws {
    let other = table.replacing("0.12", with: " 1.5").replacing("12 s", with: "1 min 3 s")
    #expect(try differences(table, other).count == 2)
    #expect(try differences(table, other, #"varies="s/run,time:""#).isEmpty)
    #expect(try differences(table, other, #"varies="time:""#).count == 1)
    let changed = other.replacing("0.250", with: "0.260")
    #expect(try differences(table, changed, #"varies="s/run,time:""#).map(\.index) == [4])
    #expect(try differences(table, changed, #"varies="s/run,time:,training loss""#).isEmpty)
    let renamed = other.replacing("residual", with: "resid.  ")
    #expect(try differences(table, renamed, #"varies="s/run,time:""#).map(\.index) == [4])
    #expect(
      try differences(table, table.replacing("time:", with: "took:"), #"varies="time:""#).count == 1
    )
  }

  /// Some lines of words and numbers.
  private func lines(_ key: Key) -> [String] {
    (0..<key["lines"].integer(in: 1...12)).map { line in
      (0..<key[line].integer(in: 1...5)).map { word in
        let key = key[line][word]
        return key["number"].coin
          ? "\(key["value"].normal(1)[0] * 100)" : key.choice(of: ["loss", "W1:", "at", "(nan)"])
      }.joined(separator: " ")
    }
  }

  @Test("whatever a reader would notice is noticed", arguments: Trial.several(100))
  func draws(trial: Trial) throws {
    let key = trial.key
    let old = lines(key)
    let text = old.joined(separator: "\n")
    // So small a tolerance that no digit of those that are changed is below it.
    for options in ["", "tolerance=1e-12", "varies=never"] {
      #expect(try differences(text, text, options).isEmpty, trial.comment)
      // A line less, and one that is repeated.
      let index = key["index"].integer(in: 0...old.count - 1)
      var fewer = old
      fewer.remove(at: index)
      #expect(
        try differences(text, fewer.joined(separator: "\n"), options).count == 1, trial.comment)
      var more = old
      more.insert("another", at: index)
      #expect(
        try differences(text, more.joined(separator: "\n"), options).map(\.index) == [index],
        trial.comment)
      // A digit that is another one.
      var changed = Array(text)
      let digits = changed.indices.filter { ("1"..."8").contains(changed[$0]) }
      guard !digits.isEmpty else { continue }
      let position = key["digit"].choice(of: Array(digits.prefix(3)))
      changed[position] = changed[position] == "8" ? "3" : "8"
      let found = try differences(text, String(changed), options)
      #expect(found.count == 1 && found[0].new != nil, trial.comment)
    }
  }
}
