import Findings
import Testing

@testable import Datasets

@Suite("Cells that are written unlike the others of their column")
struct UnreadableCellsTests {
  private func dates(_ odd: String, compact: Bool = false) -> String {
    let rows = (0..<60).map { row in
      let (month, day) = (row % 12 + 1, row % 28 + 1)
      let text = (month < 10 ? "0" : "") + "\(month)-" + (day < 10 ? "0" : "") + "\(day)"
      let date = row == 40 ? odd : "2019-" + text
      return "\(compact ? date.replacing("-", with: "") : date),\(row % 7),\(row * 3 % 11).5\n"
    }
    return "when,x,price\n" + rows.joined()
  }

  @Test(
    "a few cells that are no date of the calendar are missing, and said",
    arguments: [
      "unknown", "TBD", "2019-13-01", "2019-02-30", "0000-00-00", "1900", "2019-0\u{FFFD}-01",
    ])
  func dates(odd: String) throws {
    let sets = try TextTables.read(dates(odd))
    #expect(sets.outcomes["when"]?.hasPrefix("month, day; 1 missing") == true, "\(sets.summary)")
    #expect(
      sets.summary.notes.contains("\"\(odd)\" among the dates of when is treated as missing"),
      "\(sets.summary)")
  }

  @Test("so are numbers of eight digits that are no dates")
  func compactDates() throws {
    let sets = try TextTables.read(dates("2019-02-30", compact: true))
    #expect(sets.outcomes["when"]?.contains("1 missing") == true, "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.hasPrefix("\"20190230\" among the dates") })
  }

  @Test("a column of which a third are no dates holds texts")
  func manyOddCells() throws {
    let rows = (0..<60).map {
      "\($0 % 3 == 0 ? "v\($0)" : "2019-01-\($0 % 20 + 10)"),\($0 % 7),\($0).5\n"
    }
    let sets = try TextTables.read("when,x,price\n" + rows.joined())
    #expect(sets.outcomes["when"]?.contains("month") == false, "\(sets.summary)")
  }

  @Test(
    "dates as SAS writes them",
    arguments: [("05JAN2015", 1, 5), ("31DEC14", 12, 31), ("7oct2020:13:05:00", 10, 7)])
  func sasDates(text: String, month: Int, day: Int) {
    let moment = DateStyle().moment(of: text)
    #expect(moment?.month == month && moment?.day == day)
  }

  @Test(
    "days of the calendar", arguments: [(2000, true), (2020, true), (1900, false), (2019, false)])
  func leapYears(year: Int, isLeap: Bool) {
    #expect(DateStyle.exists(year: year, 2, day: 29) == isLeap)
    #expect(!DateStyle.exists(year: year, 4, day: 31) && !DateStyle.exists(year: year, 13, day: 1))
  }

  @Test("durations, two of which are remarks")
  func durations() throws {
    let rows = (0..<60).map { row in
      "\(row == 9 || row == 30 ? "DNF" : "00:5\(row % 10):\(row * 7 % 50 + 10)"),\(row % 7),\(row % 2)\n"
    }
    let sets = try TextTables.read("run,x,won\n" + rows.joined())
    #expect(
      sets.outcomes["run"]?.hasPrefix("number of seconds; 2 missing") == true, "\(sets.summary)")
    #expect(sets.summary.notes.contains("\"DNF\" among the durations of run is treated as missing"))
  }

  @Test(
    "durations whose parts have units",
    arguments: [
      ("2h 50m", 10_200.0), ("19m", 1140), ("1 hr 5 min", 3900), ("1d2h", 93_600),
      ("2h, 1.5s", 7201.5),
    ])
  func unitsOfTime(text: String, seconds: Double) throws {
    #expect(DurationWords(text)?.seconds == seconds)
    let rows = (0..<30).map { "\($0 % 4 + 1)h \($0 % 50)m,\($0 % 7),\($0 % 2)\n" }
    let sets = try TextTables.read("flight,x,late\n" + rows.joined() + "\"\(text)\",1,1\n")
    #expect(sets.outcomes["flight"] == "number of seconds" && sets.values[60] == seconds)
  }

  @Test("these are no durations", arguments: ["5 m 3 h", "h", "2x 3m", "12", "2h 2h", "3.m.2"])
  func noDurations(text: String) { #expect(DurationWords(text) == nil) }

  @Test("one unit alone is that of numbers")
  func minutes() throws {
    let sets = try TextTables.read(
      "length,x,late\n" + (0..<30).map { "\($0 * 7 % 50)min,\($0 % 7),\($0 % 2)\n" }.joined())
    #expect(sets.outcomes["length"] == "number", "\(sets.summary)")
  }

  @Test(
    "degrees with minutes",
    arguments: [
      ("46°30'00\"N", 46.5), ("46°30'W", -46.5), ("-3° 15′ 0″", -3.25), ("46°75'N", nil),
      ("46°", nil), ("46°30'O", nil),
    ])
  func degrees(text: String, value: Double?) { #expect(Degrees.value(of: text) == value) }

  /// Shares of 40 to 59 percent, and one cell that is written otherwise.
  private func shares(_ odd: String) throws -> LabelledSets {
    let rows = (0..<40).map { "\($0 == 20 ? odd : "\(40 + $0 % 20).5%"),\($0 % 7),\($0 % 2)\n" }
    return try TextTables.read("share,x,won\n" + rows.joined())
  }

  @Test("a number among percentages is one too where that is clear, and told otherwise")
  func percentages() throws {
    let clear = try shares("55.0")
    #expect(clear.values[40] == 0.55, "\(clear.summary)")
    #expect(
      clear.summary.notes.contains { $0.contains("no percent sign") && $0.contains("55 is 0.55") })
    let share = try shares("0.55")
    #expect(share.values[40] == 0.55)
    #expect(share.summary.notes.contains { $0.contains("not divided by 100: 0.55 is 0.55") })
    #expect(try !shares("50.5%").summary.notes.contains { $0.contains("no percent sign") })
  }

  @Test("a percentage is divided by 100, not multiplied by a hundredth")
  func hundredths() { #expect(NumberStyle().value(of: "0.35%") == 0.0035) }
}
