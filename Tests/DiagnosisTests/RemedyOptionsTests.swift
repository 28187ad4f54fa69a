import Testing

@testable import Diagnosis

/// A remedy as what it says to type.
@Suite struct RemedyOptionsTests {
  @Test(
    "the first options of a sentence, and those that it joins to them",
    arguments: [
      (
        "use a larger network (--hidden 32,32), train longer (--steps 7200), or less",
        "--hidden 32,32"
      ),
      ("use a smaller rate (--learning-rate 3e-05); reduce it", "--learning-rate 3e-05"),
      (
        "scale them (--normalize per-feature), and the targets (--scale-targets)",
        "--normalize per-feature --scale-targets"
      ),
      ("start from larger weights (--init he --residual): they keep it", "--init he --residual"),
      ("decay over the whole run: --schedule exponential:0.5.", "--schedule exponential:0.5"),
      ("drop that column (--drop 'a name')", "--drop 'a name'"),
    ])
  func reads(sentence: String, options: String) {
    #expect(RemedyOptions(in: sentence)?.text == options)
  }

  @Test func aSentenceWithoutOptionsHasNone() {
    #expect(RemedyOptions(in: "check how the file was made") == nil)
    #expect(RemedyOptions(in: "X = np.delete(X, 0, axis=1)") == nil)
  }

  @Test("words are typed without quotation marks")
  func words() {
    #expect(RemedyOptions("--drop 'a name' --residual").words == ["--drop=a name", "--residual"])
  }

  @Test("what was shown takes the place of what was stated, or comes before it")
  func leads() {
    let rate = RemedyOptions("--learning-rate 0.04")
    #expect(
      rate.leading("use less (--learning-rate 0.001), or clip (--clip-norm 1)")
        == "use less (--learning-rate 0.04), or clip (--clip-norm 1)")
    let other = rate.leading("stop early (--early-stopping 5)")
    #expect(RemedyOptions(in: other)?.text == rate.text && other.hasSuffix("(--early-stopping 5)"))
    let same = "use less (--learning-rate 0.04)"
    #expect(rate.leading(same) == same)
  }

  @Test("what another remedy needs stands behind what the first proposes")
  func joinedOptions() {
    #expect(
      RemedyOptions.adding(
        "--learning-rate 0.1", to: "scale them (--normalize per-feature), or not")
        == "scale them (--normalize per-feature --learning-rate 0.1), or not")
    #expect(
      RemedyOptions.adding("--steps 9", to: "train (--steps 3)") == "train (--steps 3)")
    #expect(RemedyOptions.adding("--steps 9", to: "collect more") == "collect more")
  }
}
