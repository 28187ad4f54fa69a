import Plots
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0, "0"), (-0.0, "0"), (-0.001, "0"), (1, "1"), (1.5, "1.5"), (1.05, "1.05"), (-1.25, "-1.25"),
    (0.005, "0.01"), (99.999, "100"), (-0.4, "-0.4"), (1e300, "10000000"), (-1e300, "-10000000"),
  ])
  func writesCoordinates(_ value: Double, _ text: String) {
    #expect(NumberText.coordinate(value) == text)
  }

  @Test func refusesWhatIsNoCoordinate() async {
    await #expect(processExitsWith: .failure) { _ = NumberText.coordinate(.nan) }
    await #expect(processExitsWith: .failure) { _ = NumberText.coordinate(.infinity) }
  }

  @Test(arguments: [
    (0, "0"), (0.07, "0.07"), (-2.5, "−2.5"), (12345.6, "12,346"), (1234.5, "1234"),
    (0.00012345, "0.0001234"), (0.000012345, "1.234×10⁻⁵"), (1e-7, "10⁻⁷"), (-1e-7, "−10⁻⁷"),
    (1e7, "10⁷"), (1_000_000, "1,000,000"), (9.9999e-5, "0.0001"), (1e-5, "10⁻⁵"),
    (.nan, "not a number"),
    (-.infinity, "infinite"), (.leastNonzeroMagnitude, "4.941×10⁻³²⁴"),
  ])
  func writesSignificantDigits(_ value: Double, _ text: String) {
    #expect(NumberText.significant(value) == text)
  }

  @Test func writesFixedDecimalsAndPowers() {
    #expect(NumberText.fixed(-0.0001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(1_234_567.891, decimals: 1) == "1,234,567.9")
    #expect(NumberText.power(base: 2, exponent: -20) == "2⁻²⁰")
    #expect(NumberText.powerOfTen(2e5, digits: 3) == "2×10⁵")
    #expect(NumberText.powerOfTen(3, digits: 3) == "3")
    #expect(NumberText.withoutTrailingZeros("100") == "100")
  }
}
