import Foundation
import Synchronization

/// A line on standard error that shows the progress of long work.
///
/// It shows a bar, the items done, the rate and the time left, at most ten times a second, and
/// clears itself at the end. If standard error is not a terminal, it shows nothing at all, so logs
/// stay clean. It may be used from any thread.
///
/// ```swift
/// let bar = ProgressBar("depth", items: runs.count, work: runs.map(\.cost).reduce(0, +))
/// for run in runs {
///   train(run)
///   bar.advance(work: run.cost)
/// }
/// bar.finish()
/// ```
public final class ProgressBar: Sendable {
  private struct State {
    var label: String
    var items = 0
    var work = 0.0
    var lastDrawn = -Double.infinity
    var isVisible = false
    var isFinished = false
  }

  /// Where the bar is drawn, and by which clock; nil draws nothing.
  package struct Surface: Sendable {
    package let write: @Sendable (String) -> Void
    package let columns: @Sendable () -> Int
    /// The number of lines for which there is room.
    package let rows: @Sendable () -> Int
    /// Seconds since some fixed moment.
    package let now: @Sendable () -> Double
    package let showsUnicode: Bool

    package init(
      write: @escaping @Sendable (String) -> Void, columns: @escaping @Sendable () -> Int,
      rows: @escaping @Sendable () -> Int = { 24 },
      now: @escaping @Sendable () -> Double, showsUnicode: Bool
    ) {
      self.write = write
      self.columns = columns
      self.rows = rows
      self.now = now
      self.showsUnicode = showsUnicode
    }

    static var standardError: Surface? {
      guard Terminal.standardErrorIsTerminal else { return nil }
      let start = ContinuousClock.now
      return Surface(
        write: StandardStreams.writeError,
        columns: { Terminal.columns }, rows: { Terminal.rows },
        now: { start.duration(to: .now).seconds },
        showsUnicode: Terminal.showsUnicode)
    }
  }

  private let surface: Surface?
  private let totalItems: Int
  private let totalWork: Double
  private let initialItems: Int
  private let initialWork: Double
  private let unit: String
  private let start: Double
  private let state: Mutex<State>

  /// Seconds between two drawings.
  private static let interval = 0.1

  /// Creates a bar on standard error; it is drawn at the first ``advance(items:work:label:)``.
  ///
  /// - Parameters:
  ///   - items: the total number of items.
  ///   - work: the sum of all their work, in any unit: the bar and the time left follow the work,
  ///     so that long items count more; nil for items of equal work.
  ///   - unit: what the items are called.
  ///   - doneItems: items that were already done by the run that this one continues.
  ///   - doneWork: the work of those.
  public convenience init(
    _ label: String, items: Int, work: Double? = nil, unit: String = "runs", doneItems: Int = 0,
    doneWork: Double? = nil
  ) {
    self.init(
      label, items: items, work: work, unit: unit, doneItems: doneItems, doneWork: doneWork,
      surface: .standardError)
  }

  package init(
    _ label: String, items: Int, work: Double? = nil, unit: String = "runs", doneItems: Int = 0,
    doneWork: Double? = nil, surface: Surface?
  ) {
    self.surface = surface
    self.unit = unit
    totalItems = items
    totalWork = work ?? Double(items)
    initialItems = doneItems
    initialWork = doneWork ?? (items > 0 ? totalWork * Double(doneItems) / Double(items) : 0)
    start = surface?.now() ?? 0
    state = Mutex(State(label: label, items: doneItems, work: initialWork))
  }

  /// Counts items as done and redraws the bar if it is due.
  ///
  /// - Parameters:
  ///   - items: how many were done.
  ///   - work: their work; nil for that of an average item.
  ///   - label: what the bar says from now on; nil for no change.
  ///   - parts: what is in progress, each with its own bar below; evaluated when it is drawn.
  public func advance(
    items: Int = 1, work: Double? = nil, label: String? = nil, parts: () -> [Part] = { [] }
  ) {
    guard let surface else { return }
    let average = totalItems > 0 ? totalWork / Double(totalItems) : 0
    state.withLock { state in
      state.items += items
      state.work += work ?? average * Double(items)
      if let label { state.label = label }
      let now = surface.now()
      if state.isFinished || now - state.lastDrawn < Self.interval { return }
      state.lastDrawn = now
      state.isVisible = true
      let below = lines(parts(), surface)
      // The cursor goes back to the bar, so that clearing from there clears everything.
      surface.write(
        "\r" + line(state, now, surface) + (below.isEmpty ? "\u{1B}[K" : "\u{1B}[J")
          + below.map { "\n" + $0 }.joined()
          + (below.isEmpty ? "" : "\r\u{1B}[\(below.count)A"))
    }
  }

  /// Writes a line on standard error above the bar.
  public func note(_ text: String) {
    guard let surface else { return }
    state.withLock { state in
      surface.write((state.isVisible ? "\r\u{1B}[J" : "") + PrintableText.of(text) + "\n")
      state.lastDrawn = -.infinity
      state.isVisible = false
    }
  }

  /// Clears the bar; later calls draw nothing.
  public func finish() {
    guard let surface else { return }
    state.withLock { state in
      if state.isVisible { surface.write("\r\u{1B}[J") }
      state.isVisible = false
      state.isFinished = true
    }
  }

  // MARK: The line

  /// A part in progress.
  public struct Part: Sendable {
    /// Its name, and the share of it that is done.
    public let label: String, share: Double

    /// A part.
    public init(_ label: String, share: Double) {
      self.label = label
      self.share = share
    }
  }

  /// A line for each part, as many as fit.
  private func lines(_ parts: [Part], _ surface: Surface) -> [String] {
    let room = max(0, surface.rows() - 2)
    let shown = parts.count <= room ? parts[...] : parts.prefix(max(0, room - 1))
    let columns = surface.columns() - 1
    guard columns >= 30 else { return [] }
    let lines = shown.map { part in
      let share = min(max(part.share, 0), 1)
      let percent = padded(NumberFormat.fixed((share * 100).rounded(.down), decimals: 0) + "%", 4)
      let head = "  " + bar(share, columns: 12, surface) + " " + percent + "  "
      return head
        + DisplayWidth.prefix(
          PrintableText.of(part.label), columns: columns - DisplayWidth.of(head))
    }
    return lines
      + (shown.count < parts.count && room > 0 ? ["  and \(parts.count - shown.count) more"] : [])
  }

  /// The pieces from left to right; what does not fit is left out, the least needed first.
  private func line(_ state: State, _ now: Double, _ surface: Surface) -> String {
    // The last column stays free: writing into it wraps on some terminals.
    let room = max(surface.columns() - 1, 1)
    let fraction = totalWork > 0 ? min(max(state.work / totalWork, 0), 1) : 0
    let total = NumberFormat.count(totalItems)
    // Pieces of constant width keep the bar from jumping.
    let percent = padded(NumberFormat.fixed((fraction * 100).rounded(.down), decimals: 0) + "%", 4)
    let count = padded(NumberFormat.count(state.items), total.count) + "/\(total) \(unit)"
    let elapsed = now - start
    let rate = padded(rate(state.items - initialItems, elapsed), 7)
    let left = padded(timeLeft(state, elapsed), 15)
    for pieces in [
      [percent, count, rate, left], [percent, count, left], [percent, left], [percent],
    ] {
      let tail = pieces.joined(separator: "  ")
      let free = room - DisplayWidth.of(tail) - 2
      guard free >= 12 else { continue }
      let label = DisplayWidth.prefix(PrintableText.of(state.label), columns: max(free - 12, 0))
      let used = label.isEmpty ? 0 : DisplayWidth.of(label) + 2
      let bar = bar(fraction, columns: min(free - used, 30), surface)
      return (label.isEmpty ? "" : label + "  ") + bar + "  " + tail
    }
    return DisplayWidth.prefix(percent.trimmingPrefix { $0 == " " }.description, columns: room)
  }

  private func padded(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - DisplayWidth.of(text))) + text
  }

  private func bar(_ fraction: Double, columns: Int, _ surface: Surface) -> String {
    guard surface.showsUnicode else {
      let full = Int(fraction * Double(columns - 2))
      return "[" + String(repeating: "#", count: full)
        + String(repeating: "-", count: columns - 2 - full) + "]"
    }
    let eighths = Int(fraction * Double(columns * 8))
    let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    var text = String(repeating: "█", count: eighths / 8)
    if !eighths.isMultiple(of: 8) { text.append(parts[eighths % 8 - 1]) }
    return text + String(repeating: "░", count: columns - text.count)
  }

  private func rate(_ items: Int, _ elapsed: Double) -> String {
    guard items > 0, elapsed > 0 else { return "" }
    let perSecond = Double(items) / elapsed
    if perSecond >= 1 { return NumberFormat.significant(perSecond, digits: 2) + "/s" }
    if perSecond * 60 >= 1 { return NumberFormat.significant(perSecond * 60, digits: 2) + "/min" }
    return NumberFormat.significant(perSecond * 3600, digits: 2) + "/h"
  }

  private func timeLeft(_ state: State, _ elapsed: Double) -> String {
    let done = state.work - initialWork
    let rest = totalWork - state.work
    guard done > 0, elapsed > 0, rest > 0 else { return "" }
    let seconds = (elapsed * rest / done).rounded(.up)
    let time =
      seconds < 60
      ? NumberFormat.fixed(seconds, decimals: 0) + " s" : NumberFormat.duration(seconds: seconds)
    return time + " left"
  }
}
