import Testing

@testable import Datasets

/// How a header is told from the first row of values.
extension UnderstoodTableTests {
  @Test(
    "rows that describe the columns are no examples",
    arguments: [
      ("t,p,flow,state\ns,°C,l/min,-\n", "#,%.5,#.1,@", "row 2", 30),
      ("Q1,Q2,Q3\nHow old?,\"Rate, please\",Buy?\nid1,id2,id3\n", "#,%,@", "rows 2 and 3", 30),
      ("Price,Close,Open\nTicker,A,A\nDate,,\n", "2020-01-1%,#.5,#.25", "rows 2 and 3", 30),
    ])
  func describingRows(header: String, pattern: String, note: String, count: Int) throws {
    let sets = try TextTables.read(header + rows(pattern))
    #expect(sets.train.exampleCount == count, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.hasPrefix(note) }, "\(sets.summary)")
    #expect(!sets.outcomes.values.contains { $0.contains("missing") }, "\(sets.summary)")
  }

  @Test(
    "a first row of names is a header where the cells below are of another kind",
    arguments: [
      ("site,depth,flow\n", "S#,%.5 m,# l/s", true), ("depth,flow\n", "%.5 m,# l/s", true),
      ("when,who,kind\n", "%. March 201%,P#,@", true), ("itch,rash,cured\n", "@,yes,@", true),
      ("took,who,kind\n", "0:1%:30,P#,@", true), ("lat,lon,kind\n", "%.25°N,#.5°W,@", true),
      // Dates, hours, ranges and shares above numbers; but not above some of them.
      ("2024-01,2024-02,kind\n", "%,#,@", true), ("0-17,18-34,65+\n", "%,#,%", true),
      ("00:00,06:00,kind\n", "%.5,#,@", true), ("5%,25%\n", "%.5,#.5", true),
      ("5%,3,yes\n", "%,#,@", false),
      // Values like those below, another unit's or another answer's first row, addresses.
      ("S0,7.5 m,8 l/s\n", "S#,%.5 m,# l/s", false), ("yes,no,yes\n", "@,yes,@", false),
      ("Mill Lane,A\n", "# Mill Lane %,B#", false), ("red,S\n", "red,S", false),
    ])
  func headersByKind(first: String, pattern: String, isHeader: Bool) throws {
    let table = try DataTable(
      separatedValues: ByteSource(Array((first + rows(pattern)).utf8), named: "t.csv"))
    #expect(table.hasHeader == isHeader && table.rowCount == (isHeader ? 30 : 31))
  }

  @Test("expected names are a header, whatever the rows are, and values never are")
  func expectedNames() throws {
    func header(_ text: String, _ names: [String]) throws -> Bool {
      var options = TableOptions()
      options.expectedNames = names
      return try DataTable(
        separatedValues: ByteSource(Array(text.utf8), named: "t.csv"), options
      ).hasHeader
    }
    #expect(try header("hue,Kind Of\nred,x\nred,y\n", ["hue", "Kind of", "bought"]))
    #expect(try header("hue,extra,kind\nred,x,y\n", ["hue", "kind", "bought"]))
    #expect(try !header("red,x\nblue,y\n", ["hue", "kind", "bought"]))
    #expect(try header("0,1,2\n3,4,5\n", ["0", "1", "2", "y"]))
    #expect(try !header("0,2,1\n3,4,5\n", ["0", "1", "2", "y"]))
    #expect(try header("3,2,1,0\n3.5,4,5,6\n", ["0", "1", "2", "3", "y"]))
    #expect(try header("0,1,2,3,remark\n3.5,4,5,6,a\n", ["0", "1", "2", "3", "y"]))
    // A single row without the names is data.
    #expect(try !header("red,x\n", ["hue", "kind", "bought"]))
  }
}
