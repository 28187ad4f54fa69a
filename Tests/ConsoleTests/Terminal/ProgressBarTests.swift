import Console
import Synchronization
import Testing

@Suite struct ProgressBarTests {
  /// A terminal that keeps what is written, and a clock that is set by hand.
  private final class Screen: Sendable {
    private let state = Mutex<(texts: [String], now: Double, columns: Int)>(([], 0, 80))

    var texts: [String] { state.withLock { $0.texts } }
    func advance(_ seconds: Double) { state.withLock { $0.now += seconds } }
    func setColumns(_ columns: Int) { state.withLock { $0.columns = columns } }

    func surface(unicode: Bool = true) -> ProgressBar.Surface {
      ProgressBar.Surface(
        write: { text in self.state.withLock { $0.texts.append(text) } },
        columns: { self.state.withLock { $0.columns } }, now: { self.state.withLock { $0.now } },
        showsUnicode: unicode)
    }

    /// What the last drawing shows.
    var line: String {
      (texts.last ?? "").replacing("\r", with: "").replacing("\u{1B}[K", with: "")
    }
  }

  @Test func showsCountRateAndTimeLeft() {
    let screen = Screen()
    let bar = ProgressBar("depth", items: 60, surface: screen.surface())
    screen.advance(10)
    bar.advance(items: 15)
    #expect(screen.line.hasPrefix("depth  ███████░"))
    #expect(screen.line.hasSuffix(" 25%  15/60 runs    1.5/s        30 s left"))
  }

  @Test func keepsTheWidthOfTheBar() {
    let screen = Screen()
    let bar = ProgressBar("depth", items: 1000, surface: screen.surface(unicode: false))
    var widths: Set<Int> = []
    for _ in 0..<99 {
      screen.advance(3)
      bar.advance(items: 10)
      widths.insert(DisplayWidth.of(screen.line))
    }
    #expect(widths.count == 1)
  }

  @Test func followsTheWork() {
    let screen = Screen()
    let bar = ProgressBar("", items: 2, work: 100, surface: screen.surface(unicode: false))
    screen.advance(10)
    bar.advance(work: 10)
    #expect(screen.line.hasPrefix("[##--"))
    #expect(screen.line.contains(" 10%  1/2 runs"))
    #expect(screen.line.hasSuffix("1 min 30 s left"))
  }

  @Test func countsOnlyItsOwnTime() {
    let screen = Screen()
    let bar = ProgressBar("", items: 100, doneItems: 50, surface: screen.surface())
    screen.advance(10)
    bar.advance(items: 10)
    #expect(screen.line.hasSuffix(" 60%   60/100 runs    1.0/s        40 s left"))
  }

  @Test func drawsAtMostTenTimesASecond() {
    let screen = Screen()
    let bar = ProgressBar("", items: 1000, surface: screen.surface())
    for _ in 0..<1000 {
      screen.advance(0.001)
      bar.advance()
    }
    #expect((9...11).contains(screen.texts.count))
  }

  @Test(arguments: [1, 10, 20, 30, 40, 60, 80, 200]) func fitsTheTerminal(_ columns: Int) {
    let screen = Screen()
    screen.setColumns(columns)
    let label = "a label that is rather long for a bar"
    let bar = ProgressBar(label, items: 100, surface: screen.surface())
    screen.advance(100)
    bar.advance(items: 37)
    #expect(DisplayWidth.of(screen.line) <= max(columns - 1, 1))
    #expect(columns < 5 || screen.line.contains("37%"))
  }

  @Test func showsABarForEachPartAndGoesBackToItsOwn() {
    let screen = Screen()
    let bar = ProgressBar("depth", items: 4, surface: screen.surface())
    bar.advance {
      [ProgressBar.Part("plain, depth 64", share: 0.5), ProgressBar.Part("b\u{1B}", share: 2)]
    }
    let text = screen.texts.last ?? ""
    #expect(text.contains(" 50%  plain, depth 64") && text.contains("100%  b"))
    #expect(text.hasSuffix("\r\u{1B}[2A") && text.split(separator: "\n").count == 3)
  }

  @Test func clearsItselfOnce() {
    let screen = Screen()
    let bar = ProgressBar("", items: 2, surface: screen.surface())
    screen.advance(1)
    bar.advance()
    bar.note("a remark")
    #expect(screen.texts.last == "\r\u{1B}[Ja remark\n")
    bar.advance()
    bar.finish()
    #expect(screen.texts.last == "\r\u{1B}[J")
    let count = screen.texts.count
    bar.finish()
    screen.advance(1)
    bar.advance()
    #expect(screen.texts.count == count)
  }

  @Test func takesAnyAmount() {
    for (items, work) in [(0, 0.0), (1, 0.0), (3, 1.0)] {
      let screen = Screen()
      let bar = ProgressBar("x", items: items, work: work, surface: screen.surface())
      screen.advance(1)
      bar.advance(items: 5, work: 7)
      #expect(screen.line.contains("%"))
    }
  }

  @Test func showsNothingElsewhere() {
    let bar = ProgressBar("x", items: 3, surface: nil)
    bar.advance()
    bar.note("not seen")
    bar.finish()
    #expect(!Terminal.standardErrorIsTerminal || Terminal.columns > 0)
  }

  @Test func countsFromManyThreads() async {
    let screen = Screen()
    let bar = ProgressBar("", items: 800, surface: screen.surface())
    await withTaskGroup { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<99 { bar.advance() } } }
    }
    screen.advance(1)
    bar.advance(items: 8)
    #expect(screen.line.contains("100%  800/800 runs"))
  }
}
