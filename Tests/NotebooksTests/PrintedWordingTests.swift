import Testing

@testable import Notebooks

@Suite struct PrintedWordingTests {
  private let printed = """
    data: Digits: 600 training images from digits.
    results: results/01-depth

    arm       depth    rate  training error      interval
    ────────  ─────  ──────  ──────────────  ────────────
    plain         4   0.001           4.41%    3.9 to 4.9
    plain        64  0.0003          52.59%  51.8 to 61.6
    ────────  ─────  ──────  ──────────────  ────────────
    residual     64   0.001           3.17%
    Median over fresh seeds; the interval covers the true median with probability 93.8% or more.

    paired difference from plain, seed by seed
    arm       depth  loss
    ────────  ─────  ────
    residual     64  -1.2

    plain: from depth 4 to 64 training loss rises (0.143 to 1.3; paired difference +1.03 ... +1.32).
    At depth 64 residual is below plain in training error (paired difference -57.42 ... -48.75).
    The claim holds: plain training loss rises with depth, and residual nets are below plain at depth 64.

    figure: results/01-depth/figure.svg
    time: 1 min 12 s
    """

  /// A smaller run of the same: other numbers, widths of columns and conclusions, fewer depths.
  private let small = """
    data: Digits: 10000 training images from digits.
    results: results/01-depth

    arm            depth  rate  training error                  interval
    ─────────────  ─────  ────  ──────────────  ────────────────────────
    plain              2  3e-5         100.00%  diverged to diverged
    plain              4     3          88.00%              80.1 to 90.2
    ─────────────  ─────  ────  ──────────────  ────────────────────────
    residual           4     3          88.00%              80.1 to 90.2
    Median over fresh seeds; the interval covers the true median with probability 50.0% or more.

    paired difference from plain, seed by seed
    arm       depth       loss
    ────────  ─────  ─────────
    residual      4  -infinite

    plain: from depth 2 to 4 training loss shows no change that these seeds can detect (diverged to 2; \
    paired difference -infinite ... +3.1e-05).
    At depth 4 residual is not distinguishable from plain in training error (paired difference -5 ... +1,234.5).
    These runs do not show that the claim holds.

    figure: results/01-depth/figure.svg
    time: 697 ms
    """

  @Test func otherNumbersAgree() {
    #expect(PrintedWording.differences(printed: printed, now: printed) == [])
    #expect(PrintedWording.differences(printed: printed, now: small) == [])
    #expect(PrintedWording.differences(printed: small, now: printed) == [])
  }

  @Test func tablesAreRead() {
    let output = PrintedWording(printed)
    #expect(
      output.tables == [
        .init(
          headers: ["arm", "depth", "rate", "training error", "interval"],
          labels: ["plain", "residual"]),
        .init(headers: ["arm", "depth", "loss"], labels: ["residual"]),
      ])
    #expect(output.sentences.count == 9)
    #expect(output.sentences[0] == "data: Digits: # training images from digits.")
    #expect(output.sentences[3] == "paired difference from plain, seed by seed")
    #expect(
      output.sentences.suffix(3) == [
        "<conclusion>", "figure: results/#-depth/figure.svg", "time: #",
      ])
    #expect(PrintedWording("") == PrintedWording("\n\n"))
  }

  /// The comparison itself, tested: whatever a reader would notice is noticed.
  @Test(arguments: [
    ("training error      interval\n", "test error          interval\n", "headers of table 1"),
    ("loss\n", "gain\n", "headers of table 2"),
    ("residual     64   0.001", "highway      64   0.001", "rows of table 1"),
    ("residual     64   0.001           3.17%\n", "", "rows of table 1"),
    ("residual     64  -1.2", "resid.       64  -1.2", "rows of table 2"),
    ("arm       depth  loss\n────────  ─────  ────\n", "", "1"),
    ("fresh seeds", "seeds", "line of text 3"),
    ("true median", "median", "line of text 3"),
    ("paired difference from plain, seed", "difference from plain, seed", "line of text 4"),
    ("training loss rises", "training loss grows", "line of text 5"),
    ("residual is below plain in training error", "residual is below plain in error", "text 6"),
    ("figure: results/01-depth/figure.svg\n", "", "line of text 8"),
    ("data: Digits", "data: glyphs", "line of text 1"),
    ("time: ", "took: ", "line of text 9"),
  ])
  func whatChangesIsNoticed(old: String, new: String, difference: String) {
    let changed = printed.replacing(old, with: new)
    #expect(changed != printed)
    for (first, second) in [(printed, changed), (changed, printed), (changed, small)] {
      let differences = PrintedWording.differences(printed: first, now: second)
      #expect(differences.contains { $0.contains(difference) }, "\(differences)")
    }
  }

  @Test func allIsNoticedWhereNothingIsPrinted() {
    #expect(PrintedWording.differences(printed: printed, now: "").count >= 10)
    #expect(PrintedWording.differences(printed: "", now: printed).count >= 10)
  }
}
