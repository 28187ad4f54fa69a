import Datasets
import Plumbline
import Testing

@Suite("Which column holds the labels")
struct LabelChoiceTests {
  private func text(_ columns: [[String]]) -> String { TextTables.text(columns) }

  @Test(
    "the column of the labels",
    arguments: [
      ("species,length,width\na,1.5,2\nb,2.5,3\na,3.5,4\n", "species"),
      ("label,p1,p2\n5,0,255\n0,17,3\n", "label"), ("x,y,kind\n5,0,a\n1,2,b\n", "kind"),
      ("class,target,z\n5,0,1\n4,1,2\n", "target"),
      ("area,rooms,price\n10,2,300\n20,3,500\n", "price"),
      ("sex,age,survived\nm,20,1\nf,30,0\nm,25,0\nf,28,1\n", "survived"),
    ])
  func labelColumns(text: String, name: String) throws {
    let sets = try TextTables.read(text)
    #expect(sets.summary.notes.contains("labels are in \(name)"), "\(sets.summary)")
  }

  @Test(
    "where amounts are asked for, the label is a column of numbers",
    arguments: [
      (["town", "area", "depth"], "town", "depth"), (["area", "depth", "class"], "class", "depth"),
      (["price", "species", "depth"], "species", "price"),
    ])
  func labelsOfAmounts(names: [String], ofClasses: String, ofAmounts: String) throws {
    let table = text(
      names.enumerated().map { index, name in
        [name]
          + (0..<30).map { row in
            name == ofClasses
              ? ["Wels", "Linz", "Graz"][row % 3] : "\(row * 37 % (29 - 2 * index) + row).5"
          }
      })
    var options = TableOptions()
    #expect(try TextTables.read(table).summary.notes.contains("labels are in \(ofClasses)"))
    options.labelsAreAmounts = true
    let values = try TextTables.read(table, options, kind: .values)
    #expect(values.summary.notes.contains("labels are in \(ofAmounts)"), "\(values.summary)")
    let scaled = try TextTables.read(table, options)
    #expect(scaled.summary.notes.first { $0.hasPrefix("labels") } == "labels are in \(ofAmounts)")
  }

  @Test(
    "a column of two numbers that is called the label holds the values, if values are asked for",
    arguments: [
      ("target", 0, "target"), ("y", 2, "y"), ("class", 2, "class"), ("class", 0, "depth"),
    ])
  func valuesOfTwoKinds(name: String, position: Int, label: String) throws {
    var names = ["area", "depth"]
    names.insert(name, at: position)
    let table = text(
      names.map { column in
        [column] + (0..<30).map { column == name ? "\($0 % 2)" : "\($0 * 37 % 29).5" }
      })
    var options = TableOptions()
    options.labelsAreAmounts = true
    let sets = try TextTables.read(table, options, kind: .values)
    #expect(sets.summary.notes.contains("labels are in \(label)"), "\(sets.summary)")
  }

  @Test(
    "a grade of the last column goes before a price in the middle, and a further number does not",
    arguments: [(5, 1, "grade"), (9, 0, "grade"), (14, 1, "price"), (5, 3, "price")])
  func grades(count: Int, least: Int, label: String) throws {
    let rows = (0..<150).map { row in
      "\(row * 7 % 83).5,\(1000 + row * 37 % 900),\(row * 11 % 140 % count + least)\n"
    }
    let sets = try TextTables.read("length,price,level\n" + rows.joined())
    let name = label == "grade" ? "level" : label
    #expect(sets.summary.notes.contains("labels are in \(name)"), "\(sets.summary)")
    // What it may be as well is told.
    let other = name == "price" ? "level" : "price"
    #expect(sets.summary.notes.contains { $0.hasSuffix("--label-column \(other)") })
  }

  @Test("classes in front, as the UCI archive has them: numbers and names")
  func classesFirst() throws {
    let key = Key(seed: 1)
    for names in [["1", "2", "3"], ["A", "B", "C"]] {
      let rows = (0..<60).map { row in
        "\(names[row % 3]),\(key.uniform(at: row)),\(key.normal(at: row)),\(3 + Double(row * 7 % 30) / 10)"
      }
      let sets = try TextTables.read(rows.joined(separator: "\n"))
      #expect(sets.summary.notes.contains("labels are in column 1"), "\(sets.summary)")
      #expect(sets.train.classNames == names && sets.train.classCounts == [20, 20, 20])
    }
  }

  @Test(
    "what is predicted is told by its name, wherever it is",
    arguments: [
      (["town", "area", "rent"], 2), (["grade", "area", "sales"], 2),
      (["price", "area", "year"], 0),
      (["unit_price", "area", "total"], 2), (["sale price", "floors", "area"], 0),
    ])
  func amounts(names: [String], label: Int) throws {
    let first: (Int) -> String = { row in
      ["town", "grade"].contains(names[0]) ? ["Wels", "Linz", "Graz"][row % 3] : "\(row * 31 + 7)"
    }
    let columns = [
      [names[0]] + (0..<30).map(first), [names[1]] + (0..<30).map { "\($0 % 9 + 1)" },
      [names[2]] + (0..<30).map { "\($0 * 3 + 2)" },
    ]
    let sets = try TextTables.read(text(columns))
    #expect(sets.summary.notes.contains("labels are in \(names[label])"), "\(sets.summary)")
  }

  @Test(
    "a label's name at the end counts more than default between the others",
    arguments: [("y", "y"), ("outcome", "outcome"), ("approved", "approved"), ("loan", "default")])
  func weakNames(last: String, label: String) throws {
    let sizes = (0..<30).map { "\($0 * 7 % 30)" }
    let answers = (0..<30).map { ["no", "yes"][$0 % 2] }
    let rare = (0..<30).map { ["yes", "no"][min(1, $0 % 9)] }
    let sets = try TextTables.read(
      text([["age"] + sizes, ["default"] + rare, ["balance"] + sizes, [last] + answers]))
    #expect(sets.summary.notes.contains("labels are in \(label)"), "\(sets.summary)")
  }

  @Test("what is last is not the label where it is a date, remarks, or mostly empty")
  func lastColumns() throws {
    let sizes = ["size"] + (0..<30).map { "\($0 * 7 % 30)" }
    let fails = ["bad"] + (0..<30).map { "\($0 % 2)" }
    let ends: [[String]] = [
      ["when"] + (0..<30).map { "2021-01-\($0 + 1 < 10 ? "0" : "")\($0 + 1)" },
      ["remarks"] + (0..<30).map { "see file \($0 / 2 * 2) or \($0)" },
      ["more"] + (0..<30).map { $0 % 5 == 0 ? "x" : "" },
    ]
    for end in ends {
      let sets = try TextTables.read(text([sizes, fails, end]))
      #expect(sets.summary.notes.contains("labels are in bad"), "\(sets.summary)")
    }
  }

  @Test(
    "what has a name next to a spectrum is its label, and years are no spectrum", arguments: [1, 2])
  func spectra(labelCount: Int) throws {
    func table(_ first: Int, step: Int, names: [String]) -> String {
      let lines = (0..<12).map { line in
        ["\(first + step * line)"] + (0..<40).map { "0.\($0 * (line + 3) % 89 + 10)" }
      }
      let labels = names.enumerated().map { index, name in
        [name] + (0..<40).map { "\($0 * 13 % 37 + index).\($0 % 7)" }
      }
      return text(labels + lines)
    }
    let names = Array(["protein", "moisture"].suffix(labelCount))
    let sets = try TextTables.read(table(1104, step: 8, names: names))
    #expect(sets.summary.notes.contains("labels are in moisture"), "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.contains("--label-column") })
    let years = try TextTables.read(table(2001, step: 1, names: names))
    #expect(years.summary.notes.contains("labels are in 2012"), "\(years.summary)")
  }

  @Test("an answer between measurements is one of them, and names are the classes")
  func answers() throws {
    let sizes = (0..<30).map { "\($0 * 7 % 29).5" }
    let depths = (0..<30).map { "\($0 * 11 % 31).25" }
    for (cells, label) in [(["no", "yes", "no"], "depth"), (["oak", "elm", "fir"], "middle")] {
      let sets = try TextTables.read(
        text([
          ["size"] + sizes, ["middle"] + (0..<30).map { cells[$0 % 3] }, ["depth"] + depths,
        ]))
      #expect(sets.summary.notes.contains("labels are in \(label)"), "\(sets.summary)")
    }
  }

  @Test("two numbers under a longer name of a label are values where values are asked for")
  func valuesOfALongName() throws {
    var options = TableOptions()
    options.labelsAreAmounts = true
    let sizes = (0..<40).map { "\($0 * 7 % 39).5" }
    for (name, label) in [("is_fraud", "is_fraud"), ("has_roof", "size")] {
      let sets = try TextTables.read(
        text([["size"] + sizes, [name] + (0..<40).map { "\($0 % 2)" }]), options, kind: .values)
      #expect(sets.summary.notes.contains("labels are in \(label)"), "\(sets.summary)")
    }
  }

  @Test(
    "a column of 0 and 1 for each class is the label with the others of its group, whatever its name",
    arguments: [("0", "1"), ("False", "True")],
    [
      ["a", "b", "kind_x", "kind_y", "kind_z"], ["class_u", "class_v", "class_w", "a", "b"],
      ["a", "b", "class_u", "class_v", "class_w"],
    ])
  func groups(words: (no: String, yes: String), names: [String]) throws {
    let first = names[0].contains("_") ? 0 : 2
    let rows = (0..<40).map { row in
      var cells = ["\(row * 7 % 31).5", "\(row * 3 % 11).25"]
      cells.insert(contentsOf: (0..<3).map { $0 == row % 3 ? words.yes : words.no }, at: first)
      return cells.joined(separator: ",") + "\n"
    }
    let group = names[first..<first + 3].joined(separator: ", ")
    let sets = try TextTables.read(names.joined(separator: ",") + "\n" + rows.joined())
    // Without a name that says so, only the last column is the label.
    #expect(sets.summary.notes.contains("labels are in \(group)"), "\(sets.summary)")
    #expect(sets.train.classCounts == [14, 13, 13] && sets.train.featureCount == 2)
  }

  @Test(
    "where the only value of the last column is yes, a gap means no",
    arguments: [("yes", "no"), ("TRUE", "FALSE"), ("Ja", "Nein"), ("1", "0")])
  func blanks(yes: String, no: String) throws {
    let rows = (0..<40).map { "\($0 * 7 % 31).5,\($0 % 5),\($0 % 3 == 0 ? yes : "")\n" }
    let sets = try TextTables.read("a,b,paid\n" + rows.joined())
    #expect(sets.summary.notes.contains("labels are in paid"), "\(sets.summary)")
    #expect(sets.train.classNames == [no, yes].sorted() || yes == "1", "\(sets.summary)")
    #expect(sets.train.classCounts.sorted() == [14, 26])
    #expect(
      sets.summary.notes.contains { $0.contains("26 empty cells of paid count as \"\(no)\"") })
    // A mark between the others is a feature, as before.
    let feature = try TextTables.read(
      "paid,b,c\n"
        + (0..<40).map { "\($0 % 3 == 0 ? yes : ""),\($0 % 5),\($0 * 7 % 31).5\n" }.joined())
    #expect(feature.outcomes["paid"]?.hasPrefix("yes or no") == true, "\(feature.summary)")
  }

  @Test("texts of which every row has its own are refused as labels")
  func texts() throws {
    let rows = (0..<30).map { row in
      "2020-01-\(row % 20 + 10),request \(row) took \(row * 11 % 13) ms\n"
    }
    #expect {
      try TextTables.read(rows.joined())
    } throws: { error in
      "\(error)".contains("a text of its own, 30 in 30 rows")
        && "\(error)".contains("--label-column")
    }
  }

  @Test("without names, the first column is what may hold the labels instead of the last")
  func firstInstead() throws {
    let rows = (0..<60).map { "\($0 * 7 % 31).5,\($0 % 5 + 3),\($0 * 11 % 47).25,\($0 % 3 + 1)\n" }
    let sets = try TextTables.read(rows.joined())
    #expect(
      sets.summary.notes.contains("if another column holds the labels: --label-column 'column 1'"),
      "\(sets.summary)")
  }
}
