import Findings
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Tables as people have them: what is read of each, and what is said where it could have been meant otherwise.
@Suite("What is understood of tables, and said")
struct UnderstoodTableTests {
  /// Thirty rows; `#` is the number of a row, `%` a number that repeats, and `@` one of two names.
  func rows(_ pattern: String, _ count: Int = 30) -> String {
    (0..<count).map { row in
      pattern.replacing("#", with: "\(row * 37 % 101 + 1)").replacing("%", with: "\(row % 7 + 1)")
        .replacing("@", with: ["yes", "no"][row % 2]) + "\n"
    }.joined()
  }

  @Test(
    "how numbers are written",
    arguments: [
      ("3/4", 0.75), ("1 1/2", 1.5), ("2-3/8", 2.375), ("½", 0.5), ("12¼", 12.25),
      ("-1/16", -0.0625),
    ])
  func fractions(text: String, value: Double) throws {
    #expect(NumberStyle.fraction(text) == value)
    let sets = try TextTables.read("bore,kind\n" + rows("%,@") + "\(text),yes\n")
    #expect(sets.outcomes["bore"] == "number" && sets.values.last == value, "\(sets.summary)")
  }

  @Test(
    "a ratio, a date and a share above 1 are no fractions",
    arguments: ["120/80", "3/7/2020", "9/4", "1/7", "a/2"])
  func noFractions(text: String) { #expect(NumberStyle.fraction(text) == nil) }

  @Test("degrees of the south and the west are negative")
  func coordinates() throws {
    let sets = try TextTables.read(
      "lat,lon,kind\n" + rows("%.5°N,#.25° W,@") + "3.5° S,7°E,yes\n")
    #expect(sets.outcomes["lat"] == "number" && sets.outcomes["lon"] == "number", "\(sets.summary)")
    #expect(Array(sets.values.suffix(2)) == [-3.5, 7] && sets.values[1] == -1.25)
  }

  @Test("a number that is the same in all rows says nothing, like such a name")
  func constants() throws {
    let sets = try TextTables.read("unit,size,kind\n" + rows("5,%,@"))
    #expect(sets.outcomes["unit"] == "dropped: the same number in all rows")
    // With gaps it is a mark.
    let marks = try TextTables.read("unit,size,kind\n" + rows("5,%,@") + ",1,yes\n,2,no\n")
    #expect(marks.outcomes["unit"]?.contains("dropped") == false, "\(marks.summary)")
  }

  @Test("columns named as labels next to the label are told")
  func severalLabels() throws {
    let sets = try TextTables.read(
      "a,target_x,target_y\n" + (0..<30).map { "\($0 % 7).5,\($0 % 2),\($0 / 3 % 2)\n" }.joined())
    #expect(
      sets.summary.notes.contains {
        $0.contains("--label-column target_x,target_y") && $0.contains("--drop target_x")
      }, "\(sets.summary)")
  }

  @Test("a header of two rows gives names of both")
  func twoHeaders() throws {
    let sets = try TextTables.read(
      "Patient,,Blood,,Outcome\nage,sex,hb,plt,died\n" + rows("#,@,%.5,#,%"))
    #expect(sets.outcomes["Patient age"] == "number" && sets.outcomes["Blood plt"] == "number")
    // A first row without a value is one all the same.
    let gaps = try TextTables.read("a,b,c\n,,yes\n" + rows("#,%,@"))
    #expect(gaps.train.exampleCount == 31)
  }

  @Test(
    "numbers that stand for missing values, far from all others",
    arguments: [
      ("99", true), ("999", true), ("8888", true), ("-999.25", true), ("1e20", true),
      ("32767", true), ("-1", false), ("-200", false),
    ])
  func codes(code: String, isMissing: Bool) throws {
    let text = "size,kind\n" + rows("%.5,@") + "\(code),yes\n\(code),no\n\(code),no\n"
    let sets = try TextTables.read(text)
    #expect(sets.outcomes["size"]?.contains("3 missing") == isMissing, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.contains("--missing-values") }, "\(sets.summary)")
    var options = TableOptions()
    options.findsMissingCodes = false
    let plain = try TextTables.read(text, options)
    #expect(plain.outcomes["size"] == "number", "\(plain.summary)")
    options.missingValues = [.init(code, column: "size")]
    #expect(try TextTables.read(text, options).outcomes["size"]?.contains("3 missing") == true)
  }

  @Test("numbers up to 99 are none: others are near it")
  func noCodes() throws {
    let sets = try TextTables.read(
      "age,kind\n" + (0..<60).map { "\(40 + $0),\($0 % 2)\n" }.joined())
    #expect(sets.outcomes["age"] == "number" && sets.values.max() == 99)
  }

  @Test(
    "what a file says above, between and around its rows",
    arguments: [
      ("\"Source\",\"Bank\",\n\n\"Updated\",\"2020\",\na,b,c,kind\n", "#,%,#.5,@"),
      ("Station,7\nSerial,12\na,b,c,kind\n", "#,%,#.5,@"),
      ("+---+---+------+\n| a | b | kind |\n+---+---+------+\n", "| # | % | @ |"),
      ("| a | b | kind |\n|--:|--:|:---|\n", "| # | % | @ |"),
      (" a | b | kind\n---+---+----\n", " # | % | @"), ("'a','b','kind'\n", "'#','%','@'"),
      ("1,2,3\n", "#.5,%.5,@"), (",,kind\n", "#.5,%.5,@"),
    ])
  func surroundings(header: String, pattern: String) throws {
    let sets = try TextTables.read(header + rows(pattern))
    #expect(sets.train.exampleCount == 30 && sets.train.classCount == 2, "\(sets.summary)")
    #expect(!sets.summary.notes.contains { $0.contains("among the numbers") }, "\(sets.summary)")
  }

  @Test("quotes within texts, by a backslash or doubled")
  func quotes() throws {
    let sets = try TextTables.read(
      "note,a,kind\n" + rows(##""say \"#\"",#,@"##) + #""5\" wide",3,yes"# + "\n"
        + #""a ""b"" c",4,no"# + "\n")
    #expect(sets.train.exampleCount == 32 && sets.train.classCount == 2, "\(sets.summary)")
  }

  @Test("rows that begin with # and have all fields are rows; others are told")
  func hashes() throws {
    let sets = try TextTables.read(
      "ratio,b,kind\n" + rows("#.5,%,@") + "#DIV/0!,3,yes\n# checked by hand\n#N/A,4,no\n")
    #expect(sets.train.exampleCount == 32, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.hasPrefix("1 line starting with #") })
    // Those before the header are told, too.
    let above = try TextTables.read("# by hand\n#\nratio,b,kind\n" + rows("#.5,%,@"))
    #expect(
      above.summary.notes.contains { $0.hasPrefix("2 lines starting with #") }, "\(above.summary)")
  }

  @Test("lines that begin with a semicolon or two slashes are comments", arguments: [";", "//"])
  func comments(mark: String) throws {
    for separator in [" ", ",", "\t"] {
      let text = rows("#.5 % 3 @").replacing(" ", with: separator)
      let sets = try TextTables.read("\(mark) by hand\n" + text + "\(mark) the end\n")
      #expect(sets.train.exampleCount == 30 && sets.train.classCount == 2, "\(sets.summary)")
    }
    // An empty first field is none.
    let table = try TextTables.read(";x;y;kind\n" + rows("#;1,%;%;@"))
    #expect(table.train.exampleCount == 30 && table.outcomes["x"] == "number", "\(table.summary)")
  }

  @Test("names in a comment above the rows are a header: the label is found by its name")
  func namesInComment() throws {
    let sets = try TextTables.read("# target, x, y\n" + rows("%,#.5,#.25"))
    #expect(sets.summary.notes.contains { $0.hasSuffix("with a header") }, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.hasPrefix("labels are in target") }, "\(sets.summary)")
    #expect(sets.train.exampleCount == 30 && sets.outcomes["x"] == "number", "\(sets.summary)")
  }

  @Test("measurements with their errors are numbers, and shares are told")
  func errors() throws {
    let sets = try TextTables.read("len,width,y\n" + rows("# ± 0.3,%.5+/-0.25 cm,@"))
    #expect(sets.outcomes["len"] == "number" && sets.outcomes["width"] == "number")
    #expect(sets.values.prefix(2) == [1, 1.5], "\(sets.values.prefix(4))")
    #expect(
      sets.summary.notes.contains {
        $0.contains("errors of measurement in len") && $0.contains("\"1 ± 0.3\"")
      })
    let cells = (0..<30).map { "\($0 * 37 % 29).5,\($0 % 7 + 1) %\n" }
    let shares = try TextTables.read("size,rate\n" + cells.joined())
    #expect(
      shares.summary.notes.contains {
        $0.hasPrefix("percentages in rate are read as shares: \"1 %\" is 0.01")
      }, "\(shares.summary)")
  }

  @Test("a second table below the first is taken for one, with the line that keeps the first")
  func secondTable() throws {
    let second = "name,place,rank,points\n" + rows("n#,%,#,3", 12)
    expectError(.inconsistent, naming: ["row 32", "second table", "head -n 31 <"]) {
      try TextTables.read("x,y,kind\n" + rows("#.5,%,@") + second)
    }
  }

  @Test("texts with commas that lack quotes: the rows, and the line that puts them")
  func unquoted() throws {
    let cells = (0..<30).map {
      "\($0 * 37 % 11).5,\($0 % 3 == 0 ? "ok" : "ok, fine"),\($0 % 7),\($0 % 2)\n"
    }
    expectError(
      .inconsistent,
      naming: ["rows 3, 4", "needs quotes", "those of note", "csv.writer", "w, k, s = 4, 1"]
    ) { try TextTables.read("a,note,c,y\n" + cells.joined()) }
    let short = (0..<30).map { "\($0),2,3,\($0 % 2)\n" + "1,2\n3,4\n" }
    let problem = expectError(.inconsistent) { try TextTables.read("a,b,c,y\n" + short.joined()) }
    #expect(problem?.remedy.contains("--separator comma") == false, "\(problem?.remedy ?? "")")
  }

  @Test(
    "numbers of cases, moments and codes are told with what to type",
    arguments: [
      ("customer", 4_000_017.0, 55_433.0, "--drop customer"), ("step", 5, 5, "--drop step"),
      ("ts", 1_600_000_000, 61, "--drop ts"),
    ])
  func identifiers(name: String, first: Double, step: Double, remedy: String) throws {
    let cells = (0..<30).map { row in
      let next = name == "step" ? row : row * 11 % 30
      return "\(Int(first + step * Double(next))),\(row % 7),\(["a", "b"][row % 2])\n"
    }
    let sets = try TextTables.read("\(name),x,kind\n" + cells.joined())
    #expect(sets.summary.notes.contains { $0.contains(remedy) }, "\(sets.summary)")
  }

  @Test("codes with zeros before them are names, columns of sets are left out")
  func paddedCodes() throws {
    let cells = (0..<30).map { row in
      "\(["01067", "80331", "50667"][row % 3]),\(["train", "test"][row % 2]),\(row)\n"
    }
    let sets = try TextTables.read("zip,split,price\n" + cells.joined())
    #expect(sets.outcomes["zip"] == "3 classes one-hot", "\(sets.summary)")
    #expect(sets.outcomes["split"] == "dropped: it gives the set of each row")
  }

  @Test(
    "the label by words in its name",
    arguments: [
      ("a,Class/ASD,b,c", "#,@,%.5,#.25", "Class/ASD"),
      ("a,isFraud,b,note", "#,@,#.5,%", "isFraud"), ("DEATH_EVENT,a,b", "@,#,%.5", "DEATH_EVENT"),
      ("left,a,b,c", "@,#,%,#.5", "left"), ("price,a,kind2", "#00,%,#.5", "price"),
      ("male,age,dose,pressure", "@,#,%,#.25", "male"), ("y,class,a,b", "%.5,@,#,#.5", "class"),
    ])
  func labels(header: String, pattern: String, name: String) throws {
    let sets = try TextTables.read(header + "\n" + rows(pattern))
    #expect(sets.preparation?.labels.map(\.name) == [name], "\(sets.summary)")
  }

  @Test(
    "what is known only afterwards is told: the label's other form, a date that only one class has")
  func leaks() throws {
    let cells = (0..<40).map { row in
      "\(row * 7 % 40),\(["no", "yes"][row % 2]),\(row % 2 == 0 ? "" : "2020-01-1\(row % 5)"),\(row % 2)\n"
    }
    let notes = try TextTables.read("a,alive,date,died\n" + cells.joined()).summary.notes
    #expect(
      notes.contains { $0.hasPrefix("alive alone determines") && $0.contains("--drop alive") })
    #expect(notes.contains { $0.hasPrefix("date alone determines") })
  }

  @Test(
    "dates in other forms",
    arguments: [
      (["2020Q3", "2021Q1"], "year, month"), (["20200131", "20211102"], "year, month, day"),
      (["2018-W01", "2019-W30"], "year, month, day"),
      (["Mon Jan  5 10:00:00 2020", "Tue Feb  4 11:30:00 2021"], "year, month, day, hour, minute"),
      (["1 de marzo de 2020", "12 de mayo de 2021"], "year, month, day"),
      (["5. Mai 2020", "6. Dez. 2021"], "year, month, day"),
      (["1er août 2020", "mardi 2 juil. 2021"], "year, month, day"),
      (["1 gennaio 2020", "2 lug 2021"], "year, month, day"),
      (["5 de março de 2020", "6 de out. de 2021"], "year, month, day"),
      (["2020年3月1日", "2021年12月31日"], "year, month, day"),
      (["2020년 3월 1일", "2021년 12월 31일"], "year, month, day"),
      (["10/Oct/2000:13:55:36 -0700", "11/Nov/2001:14:55:36 -0700"], "year, month, day, hour"),
    ])
  func dates(texts: [String], outcome: String) throws {
    let cells = (0..<20).map { "\"\(texts[$0 % 2])\",\($0 * 7 % 20),\(["a", "b"][$0 / 2 % 2])\n" }
    let sets = try TextTables.read("when,x,kind\n" + cells.joined())
    #expect(sets.outcomes["when"] == outcome, "\(sets.summary)")
  }

  @Test(
    "durations are seconds, and times of day are parts of a date",
    arguments: [
      ("Lauftime", ["00:11:55", "01:57:38"], "number of seconds", 715.0),
      ("x", ["26:00:01", "1:02:03"], "number of seconds", 93_601),
      ("pace", ["4:35", "05:10"], "number of seconds", 275),
      ("split", ["59:30", "1:02:11"], "number of seconds", 3570),
      ("lap", ["1:23.45", "1:24.5"], "number of seconds", 83.45),
      ("working hours", ["36:15", "40:00"], "number of seconds", 130_500),
      ("x", ["0 days 00:11:55", "2 days 01:00:00.5"], "number of seconds", 715),
      ("x", ["1 day, 0:00:02", "3:00:00"], "number of seconds", 86_402),
      ("time", ["00:11:55", "01:57:38"], "hour, minute, second", 0),
      ("Uhrzeit", ["08:30", "17:45"], "hour, minute", 8),
      ("x", ["08:30", "17:45"], "hour, minute", 8),
    ])
  func durations(name: String, texts: [String], outcome: String, first: Double) throws {
    let cells = (0..<20).map { "\"\(texts[$0 % 2])\",\($0 * 7 % 20),\(["a", "b"][$0 / 2 % 2])\n" }
    let sets = try TextTables.read("\(name),x,kind\n" + cells.joined())
    #expect(sets.outcomes[name] == outcome, "\(sets.summary)")
    #expect(sets.values.first == first)
    #expect(
      sets.summary.notes.contains { $0.contains("which are read as seconds") }
        == outcome.contains("seconds"), "\(sets.summary)")
  }

  @Test("times next to dates are those of a clock")
  func timesNextToDates() throws {
    let cells = (0..<20).map { "2020-01-1\($0 % 5),0\($0 % 9):11:05,\(["a", "b"][$0 / 2 % 2])\n" }
    let sets = try TextTables.read("when,x,kind\n" + cells.joined())
    #expect(sets.outcomes["x"] == "hour", "\(sets.summary)")
  }

  @Test("durations of new data are read as in training, and gaps are filled")
  func newDurations() throws {
    let cells = (0..<20).map { "\($0 == 3 ? "" : "0:0\($0 % 9):10"),\($0 % 2)\n" }
    let sets = try TextTables.read("took,kind\n" + cells.joined())
    let preparation = try #require(sets.preparation)
    let again = try JSONDecoder().decode(
      TablePreparation.self, from: JSONEncoder().encode(preparation))
    #expect(again == preparation && again.columns[0].missingCount == 1)
  }

  @Test(
    "texts that are nearly all different are left out, and never advised as features",
    arguments: [(1, 50), (4, 50), (4, 200), (1, 200)])
  func identifiers(step: Int, limit: Int) throws {
    // Some rows have one, and it is another in each.
    let cells = (0..<120).map { row in
      "\(row % step == 0 ? "C\(row * 7)" : ""),T\(row % 119),\(row * 7 % 20),\(["a", "b"][row / 2 % 2])\n"
    }
    let sets = try TextTables.read(
      "cabin,ticket,x,kind\n" + cells.joined(), TableOptions(oneHotLimit: limit))
    #expect(
      sets.outcomes["cabin"]
        == (step == 1
          ? "dropped: every row has a different text"
          : "dropped: 30 different texts in the 30 rows that have one"),
      "\(sets.summary)")
    #expect(sets.outcomes["ticket"] == "dropped: 119 different texts in 120 rows")
    #expect(!"\(sets.summary)".contains("one-hot-limit"))
  }

  @Test("of free text alone the words are to be counted", arguments: [50, 80])
  func freeText(limit: Int) {
    let cells = (0..<80).map { "a good product of number \($0)\t\($0 % 5 + 1)\n" }
    expectError(.wrongFormat, naming: ["80 different texts in 80 rows", "python3 -c"]) {
      try TextTables.read(
        "review\tstars\n" + cells.joined(), TableOptions(oneHotLimit: limit))
    }
    // Names that repeat are features.
    let names = (0..<300).map { "n\($0 % 60),\($0 % 5 + 1)\n" }
    expectError(.wrongFormat, naming: ["--one-hot-limit 60"]) {
      try TextTables.read("name,stars\n" + names.joined())
    }
  }

  @Test("what is listed of a table is what is used")
  func listedRows() throws {
    let folder = try TemporaryFolder()
    let cells = (0..<30).map { "\($0 * 7 % 20),\(2 * $0),\($0 == 4 ? "" : "\($0 % 3).5")\n" }
    let path = try folder.write(
      "a,b,y\nm,s,kg\n" + cells.joined() + "Total,870,\n", as: "test.csv")
    let entries = try DataInspection(path: path).entries
    #expect(entries.allSatisfy { $0.shape == [29] } && entries[1].maximum == 58, "\(entries)")
  }

  @Test("for a label that only its place shows another column is named")
  func guessedAmount() throws {
    let cells = (0..<30).map { "\($0 * 7 % 20).5,\($0 * 11 % 30).25,\($0 * 37 % 101 * 1000)\n" }
    let sets = try TextTables.read("Open,Close,Volume\n" + cells.joined())
    #expect(
      sets.summary.notes.contains {
        $0 == "if another column holds the labels: --label-column Close"
      }, "\(sets.summary)")
  }

  @Test(
    "a word with a number is no date because it begins like a month", arguments: ["Gen", "Set"])
  func noDates(word: String) throws {
    let cells = (0..<20).map { "\(word) \($0 % 9 + 1),\($0 * 7 % 20),\(["a", "b"][$0 / 2 % 2])\n" }
    let sets = try TextTables.read("game,x,kind\n" + cells.joined())
    #expect(sets.outcomes["game"] == "9 classes one-hot", "\(sets.summary)")
  }

  @Test(
    "prices without cents, and signs after numbers or by brackets",
    arguments: [
      ("CHF #.-", 1.0), ("#.—", 1), ("\"#,-\"", 1), ("\"#,--\"", 1), ("#.- CHF", 1), ("(#)", -1),
      ("#-", -1), ("#.50-", -1),
    ])
  func dashes(pattern: String, sign: Double) throws {
    let sets = try TextTables.read("price,kind\n" + rows(pattern + ",@"))
    let offset = pattern.contains(".50") ? 0.5 : 0
    var expected: [Double] = []
    for row in 0..<30 {
      let number = Double(row * 37 % 101 + 1)
      expected.append(sign * (number + offset))
    }
    #expect(sets.values == expected, "\(sets.summary)")
  }

  @Test("a dash after a decimal comma shows that points separate thousands")
  func thousandsWithDashes() throws {
    let sets = try TextTables.read("a;b;kind\n" + rows("1.%50,-;%;@"))
    #expect(sets.values.first == 1150, "\(sets.summary)")
  }

  @Test(
    "what follows digits is a unit or the end of a code",
    arguments: [
      ("sku", "1#3-X", false), ("room", "1%A", false), ("grade", "%A", false),
      ("code", "#AB", false),
      ("fuse", "#A", true), ("weight", "# kg", true), ("age", "% y", true), ("load", "%k", true),
      ("heat", "#°C", true), ("power", "# kWh", true), ("volt", "%V", true),
    ])
  func units(name: String, pattern: String, isNumber: Bool) throws {
    let sets = try TextTables.read("\(name),b,kind\n" + rows(pattern + ",%,@"))
    #expect((sets.outcomes[name] == "number") == isNumber, "\(sets.summary)")
  }

  @Test(
    "a single value and gaps are a mark",
    arguments: [("1", "1"), ("true", "true"), ("new", "new"), ("x", "x")])
  func marks(cell: String, name: String) throws {
    let cells = (0..<30).map {
      "\($0 % 3 == 0 ? cell : ""),\($0 * 7 % 30),\(["a", "b"][$0 / 2 % 2])\n"
    }
    let sets = try TextTables.read("tag,x,kind\n" + cells.joined())
    #expect(
      sets.outcomes["tag"] == "yes or no: 1 for \(name), 0 without a value", "\(sets.summary)")
    let features = sets.values
    for row in 0..<30 {
      let expected: Double = row % 3 == 0 ? 1 : 0
      #expect(features[2 * row] == expected, "row \(row)")
    }
  }

  @Test("few columns of a table are no image, very many bytes may be one")
  func bytesInTables() throws {
    let few = try TextTables.read("qty,price,kind\n" + rows("%,2%1,@"))
    #expect(!few.summary.notes.contains { $0.contains("image") }, "\(few.summary)")
    let header = (0..<64).map { "p\($0)" }.joined(separator: ",")
    let cells = (0..<30).map { row in
      (0..<64).map { "\((row * 31 + $0 * 17) % 256)" }.joined(separator: ",") + ",\(row % 2)\n"
    }
    let wide = try TextTables.read("\(header),y\n" + cells.joined())
    #expect(wide.summary.notes.contains { $0.contains("--normalize global") }, "\(wide.summary)")
  }

  @Test("dates that can be read in two ways are told")
  func ambiguousDates() throws {
    let text =
      "when,x,kind\n" + (0..<20).map { "0\($0 % 9 + 1)/05/2020,\($0),\($0 % 2)\n" }.joined()
    let sets = try TextTables.read(text)
    #expect(
      sets.summary.notes.contains { $0.contains("--date-order day-first") }, "\(sets.summary)")
    var options = TableOptions()
    options.isDayFirst = true
    #expect(try TextTables.read(text, options).outcomes["when"] == "day")
    // An order in which a column has no dates is refused, and what is refused says which order it is.
    let days = "when,x,kind\n" + (0..<20).map { "\($0 + 10)/05/2020,\($0),\($0 % 2)\n" }.joined()
    #expect(try TextTables.read(days, options).outcomes["when"] == "day")
    options.isDayFirst = false
    #expect {
      try TextTables.read(days, options)
    } throws: { error in
      "\(error)".contains("column 1 (when)") && "\(error)".contains("--date-order day-first")
    }
  }

  @Test("plus and minus are two classes, and a gap among two names is neither")
  func twoNames() throws {
    let signs = try TextTables.read(
      "a,b,result\n"
        + (0..<20).map { "\($0),\($0 * 3 % 7).5,\($0 % 3 == 0 ? "+" : "-")\n" }.joined())
    #expect(signs.train.classCounts == [7, 13], "\(signs.summary)")
    // The names are those of the file.
    #expect(signs.train.classNames == ["+", "-"])
    let alley = try TextTables.read(
      "alley,b,price\n"
        + (0..<20).map { "\(["Pave", "Grvl", "NA", ""][$0 % 4]),\($0),\($0 * 100)\n" }.joined())
    #expect(alley.outcomes["alley"] == "2 classes one-hot; 10 missing, encoded as all zeros")
  }

  @Test("whole numbers under the name of an amount are values, however many rows there are")
  func amounts() throws {
    for (name, isValues) in [("age", true), ("letter", false)] {
      let cells = (0..<520).map { "\(Double($0 * 7 % 40) / 8),\($0 % 11),\($0 % 26)\n" }
      let sets = try TextTables.read("a,b,\(name)\n" + cells.joined())
      #expect((sets.train.classCount == nil) == isValues, "\(sets.summary)")
      #expect(sets.summary.notes.contains { $0.contains("--targets") })
    }
    // Nobody asks whether as many prices as there are houses are classes.
    let prices = try TextTables.read(
      "area,price\n" + (0..<60).map { "\($0 % 9).5,\(1000 + $0 * 37)\n" }.joined())
    #expect(!prices.summary.notes.contains { $0.contains("--targets") }, "\(prices.summary)")
  }
}
