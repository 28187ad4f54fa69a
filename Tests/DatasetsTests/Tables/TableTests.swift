import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Columns of tables")
struct TableTests {
  private func text(_ columns: [[String]], _ separator: String = ",") -> String {
    TextTables.text(columns, separator)
  }

  private let classes = ["kind"] + (0..<12).map { ["a", "b"][$0 % 2] }

  // MARK: Kinds

  @Test(
    "numbers in every dress",
    arguments: [
      (["$1,234.50", "$12", "-$3"], [1234.5, 12, -3]),
      (["12.5%", "3%", "100 %"], [0.125, 0.03, 1]),
      (["1,234", "12,345,678", "7"], [1234, 12_345_678, 7]),
      (["5 cm", "7 cm", "2.5 cm"], [5, 7, 2.5]),
      (["(1,200)", "300", "(2)"], [-1200, 300, -2]),
      (["1 234,5 €", "2,5 €", "12 €"], [1234.5, 2.5, 12]),
      (["1.2k", "3M", "40"], [1200, 3e6, 40]), (["80 m²", "12.5 m²", "7 m²"], [80, 12.5, 7]),
      (["3 kg/m3", "1 kg/m3", "2 kg/m3"], [3, 1, 2]), (["20 °C", "-3 °C", "1 °C"], [20, -3, 1]),
      (["1.5D+01", "2.0D-01", "-1.0D+00"], [15, 0.2, -1]), (["<0.5", "3", "~7"], [0.5, 3, 7]),
      (["EUR 5", "EUR 7.5", "EUR 1"], [5, 7.5, 1]),
    ])
  func numbers(texts: [String], values: [Double]) throws {
    let cells = ["value"] + (0..<12).map { "\"\(texts[$0 % 3])\"" }
    let sets = try TextTables.read(text([cells, classes]))
    #expect(sets.values == (0..<12).map { values[$0 % 3] }, "\(sets.summary)")
    #expect(sets.outcomes["value"] == "number")
  }

  @Test("decimal commas of one column are those of all, and points are thousands then")
  func decimalCommas() throws {
    let amounts = ["betrag", "1.234", "12.500", "2.100", "7.125"]
    let lengths = ["länge", "1,5", "2,25", "3,0", "0,5"]
    let kinds = ["art", "a", "b", "a", "b"]
    let sets = try TextTables.read(text([amounts, lengths, kinds], ";"))
    #expect(sets.values == [1234, 1.5, 12_500, 2.25, 2100, 3, 7125, 0.5])
    #expect(sets.summary.notes.contains { $0.contains("decimal commas") })
    let english = try TextTables.read(text([amounts, ["b", "1", "2", "3", "4"], kinds], ","))
    #expect(english.values[0] == 1.234)
  }

  @Test("answers, names, dates and gaps, each told with what becomes of it")
  func kinds() throws {
    let new = ["new"] + (0..<12).map { ["True", "False"][$0 % 2] }
    let sex = ["sex"] + (0..<12).map { ["male", "female"][$0 / 2 % 2] }
    let port = ["port"] + (0..<12).map { ["S", "C", "Q"][$0 % 3] }
    let date = ["date"] + (0..<12).map { "2020-0\($0 % 3 + 1)-1\($0 % 7)" }
    let size = ["size"] + (0..<12).map { $0 == 3 ? "NA" : $0 == 5 ? "" : "\($0)" }
    let price = ["price"] + (0..<12).map { "\($0 * 1000 + 7)" }
    let sets = try TextTables.read(text([new, sex, port, date, size, price]))
    #expect(
      sets.train.featureNames == [
        "new", "sex = male", "port = C", "port = Q", "port = S", "date, month", "date, day", "size",
      ])
    #expect(sets.outcomes["new"] == "0 or 1")
    #expect(sets.outcomes["sex"] == "yes or no: 1 for male, 0 for female")
    #expect(sets.outcomes["port"] == "3 classes one-hot" && sets.outcomes["date"] == "month, day")
    // The median of 0, 1, 2, 4, 6, ..., 11.
    #expect(sets.outcomes["size"] == "number; 2 missing, filled with 6.5")
    #expect(sets.outcomes["price"] == "the label, the last")
    let row = Array(sets.values[24..<32])
    #expect(row == [0, 0, 0, 0, 1, 1, 13, 6.5])
    #expect("\(sets.summary)".contains("3 classes one-hot"))
  }

  @Test("what becomes of missing values", arguments: TableOptions.Missing.allCases)
  func missing(policy: TableOptions.Missing) throws {
    let size = ["size", "1", "?", "3", "8", "null", "-"]
    let kind = ["class", "a", "b", "a", "b", "a", "b"]
    let sets = try TextTables.read(
      text([size, ["w", "1", "2", "3", "4", "5", "6"], kind]), .init(missing: policy))
    switch policy {
    case .mean: #expect(sets.values[2] == 4)
    case .median: #expect(sets.values[2] == 3)
    case .drop:
      #expect(sets.train.exampleCount == 3)
      #expect(sets.outcomes["size"] == "number; 3 missing, whose rows are left out")
    case .indicator:
      #expect(sets.train.featureNames == ["size", "size is missing", "w"])
      #expect(Array(sets.values[..<6]) == [1, 0, 1, 3, 1, 2])
    }
  }

  @Test("identifiers, empty columns and texts of their own are left out, with the reason")
  func dropped() throws {
    let id = ["PassengerId"] + (0..<12).map { "\(1000 + $0 * 7)" }
    let name = ["Name"] + (0..<12).map { "Miss \(["A", "B", "C", "D"][$0 % 4])\($0)" }
    let size = ["size"] + (0..<12).map { "\($0 * 3 % 7)" }
    let empty = ["empty"] + (0..<12).map { _ in "" }
    let sets = try TextTables.read(text([id, name, size, empty, classes]))
    #expect(sets.train.featureNames == ["size"])
    #expect(sets.outcomes["PassengerId"] == "dropped: it numbers the rows")
    #expect(sets.outcomes["Name"] == "dropped: every row has a different text")
    #expect(sets.outcomes["empty"] == "dropped: no value in any row")
    let limited = try TextTables.read(
      text([["code"] + (0..<12).map { "c\($0 % 4)" }, size, classes]), .init(oneHotLimit: 3))
    #expect(limited.train.featureNames == ["size"])
    #expect(limited.outcomes["code"]?.contains("--one-hot-limit 4") == true)
  }

  @Test("options: drop, categorical, several labels")
  func options() throws {
    let table = "a,b,c,d\n1,2,3,4\n2,3,4,5\n1,5,7,6\n2,2,2,7\n"
    let sets = try TextTables.read(
      table, .init(label: .columns(["c", "4"]), drop: ["b"], categorical: ["a"]))
    #expect(sets.train.featureNames == ["a = 2"] && sets.values == [0, 1, 0, 1])
    #expect(sets.targetValues == [3, 4, 4, 5, 7, 6, 2, 7])
    expectError(.notFound, naming: ["label column", "sort", "a, b, c, d", "1 to 4"]) {
      try TextTables.read(table, .init(label: .columns(["sort"])))
    }
    expectError(.notFound, naming: ["dropped column"]) {
      try TextTables.read(table, .init(drop: ["z"]))
    }
  }

  // MARK: Labels

  @Test("labels that are not counted from 0 are classes by their numbers")
  func numbers() throws {
    let two = try TextTables.read("a,y\n0.5,1\n1.5,2\n2.5,1\n3.5,2\n")
    #expect(two.train.targets == .classes([0, 1, 0, 1], count: 2, names: ["1", "2"]))
    #expect(two.train.classValues == [1, 2])
    let signs = try TextTables.read("a,y\n0.5,-1\n1.5,1\n2.5,-1\n")
    #expect(signs.train.targets == .classes([0, 1, 0], count: 2, names: ["-1", "1"]))
    let years = try TextTables.read("a,y\n0.5,1998\n1.5,2004\n2.5,2010\n")
    #expect(years.train.classCount == nil)
  }

  // MARK: Splits

  @Test("a split is prepared by what its training rows tell")
  func split() throws {
    let size = ["size"] + (0..<40).map { $0 % 5 == 0 ? "" : "\($0)" }
    let port = ["port"] + (0..<40).map { $0 == 7 ? "rare" : ["S", "C", "Q"][$0 % 3] }
    let kind = ["class"] + (0..<40).map { ["a", "b"][$0 % 2] }
    let sets = try TextTables.read(text([size, port, kind]))
    let split = try DataSplit(
      of: sets.train, sizes: .ratios(train: 50, dev: 50, test: 0), key: Key(seed: 2))
    let parts = try split.sets(ofTraining: sets)
    #expect(parts.train.exampleCount == 20 && parts.dev?.exampleCount == 20)
    let own = split.train.filter { $0 % 5 != 0 }.map(Double.init).sorted()
    let median =
      own.count % 2 == 1 ? own[own.count / 2] : (own[own.count / 2 - 1] + own[own.count / 2]) / 2
    let fill = parts.preparation?.columns.first { $0.name == "size" }?.fill
    #expect(fill == median)
    let names = parts.preparation?.columns.first { $0.name == "port" }?.names
    #expect(names?.contains("rare") == split.train.contains(7))
    let json = try JSONEncoder().encode(try #require(parts.preparation))
    #expect(try JSONDecoder().decode(TablePreparation.self, from: json) == parts.preparation)
  }

  // MARK: What people leave in tables

  @Test("a code for no value is a gap, where nothing else lies near it")
  func missingCodes() throws {
    let sizes = (0..<30).map { $0 % 7 == 3 ? "-999" : "\($0)" }
    let kinds = ["kind"] + (0..<30).map { ["a", "b"][$0 % 2] }
    let sets = try TextTables.read(text([["size"] + sizes, kinds]))
    #expect(sets.outcomes["size"] == "number; 4 missing, filled with 14.5")
    #expect(
      sets.summary.notes.contains { $0.hasPrefix("-999 is treated as missing in size (0 to 29)") })
    #expect(sets.values.min() == 0)
    // A balance may be -999, where others are negative too.
    let balances = (0..<30).map { $0 % 7 == 3 ? "-999" : "\($0 * 100 - 1500)" }
    let own = try TextTables.read(text([["balance"] + balances, kinds]))
    #expect(own.outcomes["balance"] == "number" && own.values.min() == -1500)
    // What several columns have at an end, far from all else, is not a measurement; in one column it may be.
    let sensors = (0..<40).map { $0 % 9 == 4 ? "-200" : "\(900 + $0 * 17 % 40)" }
    let others = (0..<40).map { $0 % 7 == 2 ? "-200" : "\(Double($0 * 13 % 40) / 8)" }
    let days = (0..<40).map { ["a", "b"][$0 % 2] }
    let station = try TextTables.read(
      text([["sensor"] + sensors, ["gas"] + others, ["kind"] + days]))
    #expect(station.values.min() == 0, "\(station.summary)")
    let alone = try TextTables.read(text([["gas"] + others, ["kind"] + days]))
    #expect(alone.values.min() == -200)
    // With three decimals too, as a program writes all of a table.
    let printed = (0..<30).map { $0 % 7 == 3 ? "-999.000" : "\($0).250" }
    let decimals = try TextTables.read(text([["size"] + printed, kinds]))
    #expect(decimals.values.min() == 0.25, "\(decimals.summary)")
    #expect(decimals.summary.notes.contains { $0.hasPrefix("-999 is treated as missing in size") })
    let depths = (0..<30).map { $0 == 3 ? "-99" : "\($0)" }
    #expect(try TextTables.read(text([["depth"] + depths, kinds])).values.min() == -99)
  }

  @Test("spellings of one name are one class, and single letters are not")
  func spellings() throws {
    let names = ["Setosa", "setosa", "virginica", "setosa ", "SETOSA", "virginica"]
    let sizes = ["size"] + (0..<24).map { "\($0)" }
    let sets = try TextTables.read(text([sizes, ["kind"] + (0..<24).map { names[$0 % 6] }]))
    #expect(sets.train.classCount == 2)
    #expect(
      sets.summary.notes.contains(
        "kind: different spellings of a name are merged: \"Setosa\" counts as \"setosa\", \"SETOSA\" counts as \"setosa\""
      ))
    let letters = try TextTables.read(
      text([sizes, ["kind"] + (0..<24).map { ["a", "A", "b"][$0 % 3] }]))
    #expect(letters.train.classCount == 3)
  }

  @Test("missing dates are filled with the median or the mean of each part")
  func missingDates() throws {
    let dates = ["when"] + (0..<20).map { $0 % 5 == 4 ? "" : "\(2010 + $0)-0\($0 % 3 + 1)-11" }
    let kinds = ["kind"] + (0..<20).map { ["a", "b"][$0 % 2] }
    for (missing, month) in [(TableOptions.Missing.median, 2), (.mean, 1.9375)] {
      let sets = try TextTables.read(text([dates, kinds]), TableOptions(missing: missing))
      #expect(Array(sets.values[8..<10]) == [2019, month], "\(sets.summary)")
      #expect(
        sets.outcomes["when"]
          == "year, month; 4 missing, filled with year 2019, month \(month == 2 ? "2" : "1.9375")")
    }
  }

  @Test("rows that add up the others are left out, and rows that look so are not")
  func totals() throws {
    let sizes = (0..<20).map { "\($0 * $0 + 1)" }
    let sum = (0..<20).map { $0 * $0 + 1 }.reduce(0, +)
    let places = (0..<20).map { ["Bern", "Basel", "Chur"][$0 % 3] }
    let prices = (0..<20).map { "\($0 * 7 + 3)" }
    func read(_ place: String, _ size: String, _ price: String) throws -> LabelledSets {
      try TextTables.read(
        text([
          ["place"] + places + [place], ["size"] + sizes + [size], ["floor"] + prices + [price],
          ["price"] + prices + [price],
        ]))
    }
    for row in [
      ("Total", "\(sum)", ""), ("Summe:", "", ""), ("", "\(sum)", ""),
      ("", "\(Double(sum) / 20)", ""),
    ] {
      let sets = try read(row.0, row.1, row.2)
      #expect(sets.train.exampleCount == 20, "\(row)")
      #expect(
        sets.summary.notes.contains("the last row summarizes the others, and is left out"), "\(row)"
      )
    }
    #expect(try read("Bern", "\(sum)", "5").train.exampleCount == 21)
    #expect(try read("", "3", "5").train.exampleCount == 21)
    // A healthy row with gaps whose numbers are near the means by chance.
    let years = (0..<20).map { "\(2015 + $0 % 11)" }
    let sparse = try TextTables.read(
      text([
        ["year"] + years + ["2020"], ["a"] + sizes + [""], ["b"] + sizes + [""],
        ["price"] + prices + ["77"],
      ]))
    #expect(sparse.train.exampleCount == 21, "\(sparse.summary)")
  }

  @Test("totals in any words and several of them are left out, and so are subtotals")
  func summaries() throws {
    var lines = ["place,size,fee"]
    for (number, place) in ["Bern", "Chur", "Genf"].enumerated() {
      let sizes = (0..<6).map { $0 * $0 + 3 * number }
      lines += sizes.map { "\(place),\($0),\(2 * $0 + 1)" }
      let sum = sizes.reduce(0, +)
      lines.append("\(place) Total,\(sum),\(2 * sum + 6)")
    }
    let groups = try TextTables.read(lines.joined(separator: "\n") + "\n")
    #expect(groups.train.exampleCount == 18, "\(groups.summary)")
    #expect(groups.summary.notes.contains { $0.contains("\"Bern Total\"") }, "\(groups.summary)")
    let sizes = (0..<20).map { $0 * $0 + 1 }
    let rows = sizes.map { "\(["Bern", "Chur"][$0 % 2]),\($0),\(2 * $0)" }
    let sum = sizes.reduce(0, +)
    for (ends, count) in [
      (["Kaikki,\(sum),\(2 * sum)"], 20),
      (["Summe,\(sum),\(2 * sum)", "Durchschnitt,\(sum / 20),\(sum / 10)"], 20),
      (["Genf,\(sum),7"], 21),
    ] {
      let sets = try TextTables.read(
        (["place,size,fee"] + rows + ends).joined(separator: "\n") + "\n")
      #expect(sets.train.exampleCount == count, "\(sets.summary)")
    }
  }

  @Test("labels without a name of labels are told by their number, and bytes by their shades")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let x = NumericArray([6, 2, 2], (0..<24).map { UInt8($0 % 17) })
    let species = NumericArray([6], [0, 1, 2, 0, 1, 2])
    let bytes = try NPZFile.data(
      [("images", x), ("species", species), ("other", NumericArray([2], [1.0, 2]))],
      compression: .deflated)
    let sets = try LabelledSets(path: folder.write([UInt8](bytes), as: "a.npz"))
    #expect(sets.train.classCount == 3 && sets.train.divisor == 16)
    #expect(sets.summary.notes.contains { $0.hasPrefix("species is taken as the labels") })
  }

  @Test("a header in the middle, and one of years")
  func headers() throws {
    let sizes = (0..<20).map { "\(Double($0) + 0.5)" }
    let kinds = (0..<20).map { ["roach", "perch"][$0 % 2] }
    let joined = try TextTables.read(
      text([["size"] + sizes + ["size"] + sizes, ["kind"] + kinds + ["kind"] + kinds]))
    #expect(joined.train.exampleCount == 40 && joined.train.classCount == 2)
    #expect(joined.summary.notes.contains("1 row repeats the header, and is left out"))
    let years = try TextTables.read(text([["2001"] + sizes, ["2002"] + sizes, ["kind"] + kinds]))
    #expect(years.train.exampleCount == 20 && years.train.featureNames == ["2001", "2002"])
  }

  @Test("columns of one name are told apart, in training and in new data")
  func equalNames() throws {
    let sizes = (0..<20).map { "\($0)" }
    let other = (0..<20).map { "\(100 - $0)" }
    let kinds = (0..<20).map { ["a", "b"][$0 % 2] }
    let sets = try TextTables.read(
      text([["value"] + sizes, ["value"] + other, ["kind"] + kinds]))
    #expect(sets.train.featureNames == ["value", "value (2)"])
    #expect(sets.values.prefix(4) == [0, 100, 1, 99])
  }

  @Test(
    "points between thousands and before decimals are told by what else the column and the table hold"
  )
  func thousandsAndDecimals() throws {
    let kinds = ["kind"] + (0..<12).map { ["a", "b"][$0 % 2] }
    func values(_ texts: [String], _ other: [String] = ["1", "2", "3"]) throws -> [Double] {
      let sets = try TextTables.read(
        text(
          [["x"] + (0..<12).map { texts[$0 % 3] }, ["y"] + (0..<12).map { other[$0 % 3] }, kinds],
          ";"))
      return [0, 2, 4].map { sets.values[$0] }
    }
    #expect(try values(["827.000", "157.300", "1.038.000"]) == [827_000, 157_300, 1_038_000])
    #expect(
      try values(["153.000", "316.049", "2.500"], ["1,5", "2,5", "3,5"]) == [
        153_000, 316_049, 2500,
      ])
    #expect(try values(["245.000", "189.500", "900"]) == [245_000, 189_500, 900])
    #expect(
      try values(["1.082", "2.638", "7.307"], ["10.083", "8.261.677", "93.210"]) == [
        1082, 2638, 7307,
      ])
    #expect(try values(["1.093", "12.016", "12.000"]) == [1.093, 12.016, 12])
    #expect(
      try values(["1.456", "2.001", "3.000"], ["5.89", "1.2", "7.25"]) == [1.456, 2.001, 3])
    #expect(try values(["0.512", "1.950", "-2.125"]) == [0.512, 1.95, -2.125])
  }

  @Test("a point that cannot separate thousands is before decimals, whatever the others are")
  func strayPoints() throws {
    let texts = ["1.234,5", "2,5", "2.345", "20.5", "0.1", "20.500"]
    let expected = [1234.5, 2.5, 2345, 20.5, 0.1, 20_500]
    let kinds = ["kind"] + (0..<18).map { ["a", "b"][$0 % 2] }
    let sets = try TextTables.read(text([["x"] + (0..<18).map { texts[$0 % 6] }, kinds], ";"))
    #expect(sets.values == (0..<18).map { expected[$0 % 6] }, "\(sets.summary)")
    #expect(
      sets.summary.notes.contains { $0.hasPrefix("\"20.5\" in x has a decimal point") },
      "\(sets.summary)")
    // Where the training data showed only decimal commas.
    let commas = try TextTables.read(
      text([["x"] + (0..<18).map { "\($0),5" }, kinds], ";"))
    let folder = try TemporaryFolder()
    let path = try folder.write("x,n\n20.5,1\n7.25,2\n1.234,3\n3.500,4\n", as: "new.csv")
    let new = try DataPreparation(of: commas, normalization: nil).examples(path: path)
    #expect(new.features.doubles() == [20.5, 7.25, 1234, 3500])
    #expect(new.notes.contains { $0.hasPrefix("x: \"20.5\" has a decimal point") }, "\(new.notes)")
  }

  @Test("a separator behind the last value of each row adds no column")
  func trailingSeparators() throws {
    let rows = (0..<20).map { "\($0 % 3).5,\($0),\(["y", "n"][$0 % 2])," }
    let sets = try TextTables.read("temp,press,ok\n" + rows.joined(separator: "\n") + "\n")
    #expect(sets.train.featureNames == ["temp", "press"] && sets.train.classCount == 2)
    // Unquoted decimal commas are no names of rows.
    let commas = (0..<20).map { "\($0 % 3),5,\($0),\(["y", "n"][$0 % 2])" }
    #expect(throws: Problem.self) {
      try TextTables.read("temp,press,ok\n" + commas.joined(separator: "\n") + "\n")
    }
  }

  @Test("a column of 0 and 1 for each class is one label; a cross or nothing is yes or no")
  func oneHot() throws {
    let sizes = ["size"] + (0..<30).map { "\($0 * 7 % 30)" }
    let marks = ["bus"] + (0..<30).map { $0 % 4 == 0 ? "x" : "" }
    let classes = (0..<3).map { kind in
      ["setosa", "versicolor", "virginica"][kind...kind]
        + (0..<30).map { $0 % 3 == kind ? "1" : "0" }
    }
    let sets = try TextTables.read(text([sizes, marks] + classes.map(Array.init)))
    #expect(sets.train.classNames == ["setosa", "versicolor", "virginica"])
    #expect(sets.train.featureNames == ["size", "bus = x"])
    #expect(sets.values.prefix(4) == [0, 1, 7, 0])
  }

  @Test("years over numbers are a header")
  func years() throws {
    let regions = ["geo"] + (0..<20).map { "r\($0)" }
    let sets = try TextTables.read(
      text([regions, ["2020"] + (0..<20).map { "\($0)" }, ["2019"] + (0..<20).map { "\($0 * 3)" }]))
    #expect(sets.train.exampleCount == 20 && sets.train.featureNames == ["2020"])
  }
}
