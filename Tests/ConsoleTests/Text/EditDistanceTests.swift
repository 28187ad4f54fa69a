import Console
import Testing

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("plain", "plian", 1),
    ("--widht", "--width", 1), ("ab", "ba", 1), ("ca", "abc", 3), ("same", "same", 0),
  ])
  func countsEdits(_ first: String, _ second: String, _ distance: Int) {
    #expect(EditDistance.between(first, second) == distance)
    #expect(EditDistance.between(second, first) == distance)
  }

  @Test func suggestsOnlyWhatIsNear() {
    let names = ["--width", "--depths", "--learning-rates", "--quick"]
    #expect(EditDistance.nearest(to: "--widht", among: names) == "--width")
    #expect(EditDistance.nearest(to: "--depth", among: names) == "--depths")
    #expect(EditDistance.nearest(to: "--WIDTH", among: names) == "--width")
    #expect(EditDistance.nearest(to: "--learning-rate", among: names) == "--learning-rates")
    #expect(EditDistance.nearest(to: "--colour-of-the-sea", among: names) == nil)
    #expect(EditDistance.nearest(to: "x", among: ["a", "b"]) == nil)
    #expect(EditDistance.nearest(to: "", among: names) == nil)
    #expect(EditDistance.nearest(to: "--width", among: []) == nil)
  }

  @Test func completesTheBeginningOfOneName() {
    #expect(EditDistance.nearest(to: "--learn", among: ["--learning-rates", "--l2"]) != nil)
    #expect(EditDistance.nearest(to: "mo", among: ["momentum-long", "monotone-long"]) == nil)
  }

  @Test func breaksTiesByName() {
    #expect(EditDistance.nearest(to: "adax", among: ["aday", "adaw"]) == "adaw")
    #expect(EditDistance.nearest(to: "adax", among: ["adaw", "aday"]) == "adaw")
  }
}
