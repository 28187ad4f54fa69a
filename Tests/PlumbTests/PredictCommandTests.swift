import Foundation
import TestSupport
import Testing

@Suite("plumb predict")
struct PredictCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ count: Int, labelled: Bool) -> String {
    var text = "port;size;when" + (labelled ? ";class" : "") + "\n"
    for row in 0..<count {
      let isLarge = row * 7 % 10 >= 5
      text +=
        "\(["S", "C", "Q"][row % 3]);\(isLarge ? "9" : "1"),\(row % 10);2020-0\(row % 9 + 1)-11"
      text += (labelled ? isLarge ? ";large" : ";small" : "") + "\n"
    }
    return text
  }

  @Test(
    "a table of new examples is prepared as the training table was, and classes come with their names"
  )
  func table() throws {
    try folder.write(rows(60, labelled: true), as: "old.csv")
    try folder.write(rows(10, labelled: false) + ";;\n" + "X;9,5;\n", as: "new.csv")
    let training = try PlumbProcess.run(
      [
        "train", "--data", "old.csv", "--network", "5,8,2", "--normalize", "per-feature",
        "--steps", "300", "--learning-rate", "0.03", "--out", "run",
      ], in: folder)
    #expect(training.status == 0, "\(training.error)")
    #expect(training.output.contains("3 classes one-hot"))
    let outcome = try PlumbProcess.run(
      ["predict", "run", "--data", "new.csv", "--out", "p.csv"], in: folder)
    #expect(outcome.status == 0 && outcome.output.contains("11 predictions"), "\(outcome.error)")
    let lines = try #require(folder.text("p.csv")).split(separator: "\n").map(String.init)
    #expect(lines[0] == "prediction,probability of large,probability of small")
    for row in 0..<10 {
      let expected: String = row * 7 % 10 >= 5 ? "large," : "small,"
      #expect(lines[row + 1].hasPrefix(expected), "\(lines)")
    }
    #expect(lines[11].hasPrefix("large,"))
    // A name that the training data did not have is said to be taken for missing.
    #expect(
      outcome.output.contains(
        "port: 1 cell is not a name that occurs in the training data, and is treated as missing"),
      "\(outcome.output)")
    // So is what a gap counts as.
    #expect(
      outcome.output.contains(
        "missing values, treated as in training: when (1 row): filled with month 5"),
      "\(outcome.output)")
    let other = try PlumbProcess.run(
      ["predict", "run", "--data", "old.csv", "--out", "q.csv"], in: folder)
    #expect(other.status == 0)
  }

  @Test("a row without a prediction is a row all the same")
  func gaps() throws {
    let rows = (0..<40).map { "\($0 % 9 == 4 ? "" : "\($0)"),\($0 % 5),\($0 * 3).5\n" }
    try folder.write("a,b,weight\n" + rows.joined(), as: "old.csv")
    try folder.write("a,b\n1,2\n,3\n4,5\n", as: "new.csv")
    let training = try PlumbProcess.run(
      ["train", "--data", "old.csv", "--missing", "drop", "--steps", "2", "--out", "run"],
      in: folder)
    #expect(training.status == 0, "\(training.error)")
    let outcome = try PlumbProcess.run(
      ["predict", "run", "--data", "new.csv", "--out", "p.csv"], in: folder)
    #expect(outcome.output.contains("1 row has missing values"), "\(outcome.output)")
    let lines = try #require(folder.text("p.csv")).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 5 && lines[2] == "NaN", "\(lines)")
  }

  @Test("cells that are written in another way than in training are refused or told")
  func otherStyle() throws {
    let rows = (0..<40).map {
      "\(Double($0) / 4),\($0 % 3 == 0 ? "yes" : "no"),\($0 * 7 % 40 / 20)"
    }
    try folder.write("size,open,class\n" + rows.joined(separator: "\n") + "\n", as: "old.csv")
    let training = try PlumbProcess.run(
      ["train", "--data", "old.csv", "--hidden", "4", "--steps", "3", "--out", "run"], in: folder)
    #expect(training.status == 0, "\(training.error)")
    func predict(_ table: String) throws -> CommandProcess.Outcome {
      try folder.write(table, as: "new.csv")
      return try PlumbProcess.run(
        ["predict", "run", "--data", "new.csv", "--out", "p.csv"], in: folder)
    }
    let commas = try predict("size;open\n5,8;yes\n6,1;no\n")
    #expect(commas.status == 2 && folder.text("p.csv") == nil, "\(commas.output)")
    #expect(
      commas.error.contains("(size)") && commas.error.contains("\"5,8\" is not a number"),
      "\(commas.error)")
    let word = try predict("size,open\n5.8,yes\nlarge,no\n6.1,yes\n,no\n")
    #expect(word.status == 0, "\(word.error)")
    #expect(
      word.output.contains(
        "size: 1 cell is not a number, and is treated as missing: \"large\""
      ),
      "\(word.output)")
    let plain = try predict("SIZE, Open\n5.8,Yes\n?,no\n")
    #expect(plain.status == 0 && !plain.output.contains("treated as missing"), "\(plain.output)")
    #expect(!plain.output.contains("same unit"), "\(plain.output)")
    // Millimeters, where the network was trained on centimeters.
    let unit = try predict("size,open\n58,yes\n61,no\n7,no\n")
    #expect(
      unit.output.contains(
        "size: 2 of 3 values lie far outside the range of the training data, 0 to 9.75; the first is 58: is it in the same unit?"
      ), "\(unit.output)")
  }

  @Test("another table, and a folder that is not a run, are refused")
  func refusals() throws {
    try folder.write(rows(60, labelled: true), as: "old.csv")
    let training = try PlumbProcess.run(
      ["train", "--data", "old.csv", "--network", "5,2", "--steps", "2", "--out", "run"], in: folder
    )
    #expect(training.status == 0, "\(training.error)")
    try folder.write("port;weight\nS;1\nC;2\n", as: "other.csv")
    let other = try PlumbProcess.run(
      ["predict", "run", "--data", "other.csv", "--out", "p.csv"], in: folder)
    #expect(other.status == 2 && other.error.contains("there is no column size"))
    let none = try PlumbProcess.run(
      ["predict", "nowhere", "--data", "other.csv", "--out", "p.csv"], in: folder)
    #expect(none.status == 2 && none.error.contains("preparation.json"))
  }

  @Test(
    "an example with a value that is not finite has no prediction; letters of another case are known"
  )
  func unusualValues() throws {
    try folder.write(rows(60, labelled: true), as: "old.csv")
    let training = try PlumbProcess.run(
      ["train", "--data", "old.csv", "--network", "5,2", "--steps", "2", "--out", "run"], in: folder
    )
    #expect(training.status == 0, "\(training.error)")
    try folder.write("port;size;when\ns;9,1;2020-01-11\nq;1,5;2020-03-11\n", as: "new.csv")
    let letters = try PlumbProcess.run(
      ["predict", "run", "--data", "new.csv", "--out", "p.csv"], in: folder)
    #expect(letters.status == 0 && !letters.output.contains("port"), "\(letters.output)")
    try folder.write("S;9,1;2020-01-11\nQ;1,1;2020-02-11\n", as: "bare.csv")
    let bare = try PlumbProcess.run(
      ["predict", "run", "--data", "bare.csv", "--header", "yes", "--out", "p.csv"], in: folder)
    #expect(bare.status == 2 && bare.error.contains("--header no"), "\(bare.error)")
    let train = try PlumbProcess.run(
      ["train", "--data", "moons", "--steps", "2", "--out", "moons"], in: folder)
    #expect(train.status == 0, "\(train.error)")
    try folder.write("1,0.2\nnan,0.4\n0.1,0.3\n", as: "gap.csv")
    let gap = try PlumbProcess.run(
      ["predict", "moons", "--data", "gap.csv", "--out", "q.csv"], in: folder)
    #expect(gap.status == 0, "\(gap.error)")
    #expect(folder.text("q.csv")?.contains("-nan") == false)
  }

  @Test("a minus is written as in the file, and is no gap")
  func minus() throws {
    let signs = (0..<60).map { "\($0 % 2 == 0 ? "+" : "-"),\($0 % 7),\($0 % 2 == 0 ? "+" : "-")\n" }
    try folder.write("sign,b,class\n" + signs.joined(), as: "old.csv")
    try folder.write("sign,b\n-,3\n+,2\n", as: "new.csv")
    let training = try PlumbProcess.run(
      ["train", "--data", "old.csv", "--steps", "400", "--learning-rate", "0.03", "--out", "run"],
      in: folder)
    #expect(training.output.contains("yes or no: 1 for -, 0 for +"), "\(training.output)")
    let outcome = try PlumbProcess.run(
      ["predict", "run", "--data", "new.csv", "--out", "p.csv"], in: folder)
    #expect(outcome.status == 0 && !outcome.output.contains("missing"), "\(outcome.output)")
    let lines = try #require(folder.text("p.csv")).split(separator: "\n").map(String.init)
    #expect(lines[0] == "prediction,probability of +,probability of -")
    #expect(lines[1].hasPrefix("-,") && lines[2].hasPrefix("+,"), "\(lines)")
  }
}
