import Console
import Testing

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (0.07134, 3, "0.0713"), (0.07, 3, "0.0700"), (1.0, 3, "1.00"), (0, 3, "0.00"),
    (123456, 3, "123456"), (1_234_567, 3, "1.23e+06"), (0.00012345, 3, "0.000123"),
    (0.000012345, 3, "1.23e-05"), (-2.5, 2, "-2.5"), (9.996, 3, "10.0"), (.nan, 3, "nan"),
    (.infinity, 3, "inf"), (-.infinity, 3, "-inf"), (0.5, 1, "0.5"), (5, 1, "5"),
  ])
  func writesSignificantDigits(_ value: Double, _ digits: Int, _ text: String) {
    #expect(NumberFormat.significant(value, digits: digits) == text)
  }

  @Test func writesPercentAndFixed() {
    #expect(NumberFormat.percent(0.0234) == "2.3%")
    #expect(NumberFormat.percent(1, decimals: 0) == "100%")
    #expect(NumberFormat.percent(.nan) == "nan")
    #expect(NumberFormat.fixed(-0.0001, decimals: 2) == "0.00")
    #expect(NumberFormat.fixed(-1.255, decimals: 1) == "-1.3")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (10_000, "10,000"), (1_234_567, "1,234,567"),
    (-1000, "-1,000"), (-100, "-100"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func writesCounts(_ value: Int, _ text: String) { #expect(NumberFormat.count(value) == text) }

  @Test(arguments: [
    (0, "0 s"), (17e-9, "17 ns"), (17e-6, "17 µs"), (0.0384, "38 ms"), (0.9994, "999 ms"),
    (0.9996, "1.0 s"), (4.24, "4.2 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
    (59.6, "1 min"), (72, "1 min 12 s"), (119.7, "2 min"), (3599.4, "59 min 59 s"),
    (3599.6, "1 h"), (7500, "2 h 5 min"), (86_369, "23 h 59 min"), (86_371, "1 d"),
    (273_600, "3 d 4 h"), (-72, "-1 min 12 s"), (.infinity, "inf"),
  ])
  func writesDurations(_ seconds: Double, _ text: String) {
    #expect(NumberFormat.duration(seconds: seconds) == text)
  }

  @Test func writesPlainNumbers() {
    #expect(NumberFormat.plain(64) == "64")
    #expect(NumberFormat.plain(0.001) == "0.001")
    #expect(NumberFormat.plain(1e-8) == "1e-08")
    #expect(NumberFormat.duration(.milliseconds(1500)) == "1.5 s")
  }
}
