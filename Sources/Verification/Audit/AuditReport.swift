import Findings

/// What an audit found.
public struct AuditReport: Sendable {
  /// One quantity.
  public struct Item: Sendable {
    /// The quantity.
    public let quantity: Quantity
    /// Right, right as far as a kink lets it be, or wrong.
    public let verdict: Verdict
    /// ‖yours - ours‖ / (‖yours‖ + ‖ours‖); `nil` for a quantity that was not given and was inferred from others.
    public let relativeError: Double?
    /// Why it is wrong.
    public internal(set) var cause: Cause?

    /// Without the sentence that a minus may be meant.
    var withoutPermission: Item {
      guard var cause else { return self }
      cause.explanation = cause.explanation.replacing(SignFlipped.permission, with: "")
      return Item(quantity: quantity, verdict: verdict, relativeError: relativeError, cause: cause)
    }
  }

  /// The answer of an audit.
  public enum Answer: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every gradient of the network was judged and is right; or right as far as a kink lets it be.
    case pass, kink
    /// A gradient is wrong.
    case fail
    /// The file does not contain what a verdict needs.
    case undecided
  }

  /// How the file was read.
  public struct Reading: Sendable, Hashable {
    /// The names in the file, with ours.
    public var names: [String: String] = [:]
    /// Arrays that were not used, and gradients of the network that were not judged.
    public var ignored: [String] = [], notJudged: [String] = []
    /// How the arrays lie.
    public var layout = ""
    /// The loss, its scale in words, and the penalty.
    public var loss = "", costScale = "", penalty = ""
    /// The network in one line.
    public var network = ""
  }

  /// How far the cost is from the one computed here, relative to its size; infinite without a cost in the file.
  var costDistance: Double {
    cost.yours.map { abs($0 - cost.ours) / max(abs($0), 1e-300) } ?? .infinity
  }

  /// The quantities in the order of the computation.
  public let items: [Item]
  /// The cost as given and as computed here, penalties included.
  public let cost: (yours: Double?, ours: Double)
  /// Further notes: conventions that were recognized.
  public internal(set) var remarks: [String]
  /// How the file was read.
  public internal(set) var reading: Reading
  /// Why there is no verdict, and what to save; `nil` if there is one.
  public let undecided: String?
  /// The loss and scale that were assumed if there is no cost in the file; `nil` if there is one.
  public var assumedCost: String?
  /// The loss and scale for which every gradient is right, if they are wrong for the cost in the file only by a factor or the loss.
  public internal(set) var rightFor: String?
  /// The person's names of quantities, by our name, where that is the path of a layer.
  public var ownNames: [String: String] = [:]

  /// A text using the person's own names of quantities.
  public func inOwnNames(_ text: String) -> String {
    // The longest first: one path may begin another.
    ownNames.sorted { $0.key.count > $1.key.count }.reduce(text) {
      $0.replacing($1.key, with: $1.value)
    }
  }

  /// The answer: the worst verdict of all quantities, if one can be given.
  public var verdict: Answer {
    let worst = items.map(\.verdict).max() ?? .pass
    // Infinity and what is not a number are wrong whatever the loss.
    let isBroken = items.contains { $0.cause?.id == .nonFinite }
    if undecided != nil && !isBroken { return .undecided }
    switch worst {
    case .fail: return .fail
    case _ where !reading.notJudged.isEmpty: return .undecided
    case .kink: return .kink
    case .pass: return .pass
    }
  }

  /// The first quantity that is wrong by itself.
  public var firstDivergence: Item? {
    guard verdict == .fail else { return nil }
    return items.first { $0.verdict == .fail && $0.cause?.id != .inherited }
      ?? items.first { $0.verdict == .fail }
  }

  /// What is wrong, as findings of the family `gradient`.
  public var findings: [Finding] {
    guard verdict == .fail else { return [] }
    return items.compactMap { item in
      guard item.verdict == .fail, let cause = item.cause, cause.id != .inherited else {
        return nil
      }
      let evidence = [("relative error", item.relativeError), ("factor", cause.factor)]
        .compactMap { name, value in
          value.flatMap { $0.isFinite ? Finding.Number(name, $0) : nil }
        }
      var finding = Finding(
        family: .gradient, cause: cause.id, severity: .error,
        symptom: "\(item.quantity) is wrong", explanation: cause.explanation,
        location: .init(layer: "\(item.quantity.layer)", quantity: "\(item.quantity)"),
        evidence: evidence, remedy: "")
      finding.confidence = cause.confidence
      return finding
    }
  }

  /// The quantity at which a mistake was made: that which its explanation begins with, if that was judged, or else the one that shows it.
  private func named(_ item: Item) -> String {
    let explained = item.cause?.explanation.prefix { $0 != " " } ?? ""
    let isJudged = items.contains { "\($0.quantity)" == explained }
    return isJudged ? String(explained) : "\(item.quantity)"
  }

  /// What is said of a quantity, without its name.
  private static func words(_ item: Item) -> Substring {
    let text = item.cause?.explanation ?? ""
    let name = "\(item.quantity)"
    return text.hasPrefix(name) ? text.dropFirst(name.count) : text[...]
  }

  /// The first thing to fix, in one paragraph.
  public var paragraph: String {
    switch verdict {
    case .pass:
      return assumedCost.map {
        "Every gradient is right if your cost is the \($0): the file has no cost to confirm it."
      } ?? "Every gradient is right."
    case .undecided:
      let missing = reading.notJudged.joined(separator: ", ")
      return undecided
        ?? "Undecided: what was judged is right, but \(missing) \(reading.notJudged.count == 1 ? "is" : "are") not in the file: save "
        + "\(reading.notJudged.count == 1 ? "it" : "them") too."
    case .kink:
      let kinks = items.filter { $0.verdict == .kink }.map(\.quantity.description)
      return
        "The code is right. \(kinks.joined(separator: ", ")) differ only where a pre-activation is exactly 0: there the function has two "
        + "slopes, and yours is a valid one."
    case .fail:
      guard let first = firstDivergence, let cause = first.cause else { return "" }
      let others = items.filter {
        $0.verdict == .fail && $0.cause?.id != .inherited && $0.quantity != first.quantity
          && Self.words($0) != Self.words(first)
      }.map { "\($0.quantity) (\($0.cause?.id.rawValue ?? ""))" }
      let inherited = items.filter { $0.cause?.id == .inherited }.map(\.quantity.description)
      var text = "Start with \(named(first)): \(cause.explanation)"
      if !others.isEmpty { text += " Then look at \(others.joined(separator: ", "))." }
      if !inherited.isEmpty {
        text +=
          " \(inherited.joined(separator: ", ")) \(inherited.count == 1 ? "is" : "are") wrong only because of the errors above."
      }
      if let rightFor {
        text +=
          " Apart from that, every gradient is right for the \(rightFor): if that is what you minimize, and the cost in the "
          + "file is only printed, nothing is wrong."
      }
      if !reading.notJudged.isEmpty {
        text += " Not judged: \(reading.notJudged.joined(separator: ", "))."
      }
      return text
    }
  }
}
