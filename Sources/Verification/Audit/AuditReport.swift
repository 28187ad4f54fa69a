/// What an audit found.
public struct AuditReport: Sendable {
  /// One quantity.
  public struct Item: Sendable {
    /// Which.
    public let quantity: Quantity
    /// Right, right as far as a kink lets it be, or wrong.
    public let verdict: Verdict
    /// ‖yours - ours‖ / (‖yours‖ + ‖ours‖); `nil` for a quantity that was not given and is known from others.
    public let relativeError: Double?
    /// Why it is wrong.
    public let cause: Cause?
  }

  /// The quantities in the order of the computation.
  public let items: [Item]
  /// The cost as given and as computed here, penalties included.
  public let cost: (yours: Double?, ours: Double)
  /// What more there is to say: conventions that were recognized.
  public let remarks: [String]

  /// The worst verdict of all quantities.
  public var verdict: Verdict { items.map(\.verdict).max() ?? .pass }

  /// The first quantity that is wrong by itself.
  public var firstDivergence: Item? {
    items.first { $0.verdict == .fail && $0.cause?.id != .inherited }
      ?? items.first { $0.verdict == .fail }
  }

  /// The first thing to fix, in one paragraph.
  public var paragraph: String {
    switch verdict {
    case .pass:
      return "Every gradient is right."
    case .kink:
      let places = items.filter { $0.verdict == .kink }.map(\.quantity.description)
      return
        "The code is right. \(places.joined(separator: ", ")) differ only where a pre-activation is exactly "
        + "0: there the function has two slopes, and yours is one that it may have."
    case .fail:
      guard let first = firstDivergence, let cause = first.cause else { return "" }
      let others = items.filter {
        $0.verdict == .fail && $0.cause?.id != .inherited && $0.quantity != first.quantity
          && $0.cause?.explanation != cause.explanation
      }.map { "\($0.quantity) (\($0.cause?.id.rawValue ?? ""))" }
      let inherited = items.filter { $0.cause?.id == .inherited }.map(\.quantity.description)
      var text = "Start with \(first.quantity): \(cause.explanation)"
      if !others.isEmpty { text += " Then look at \(others.joined(separator: ", "))." }
      if !inherited.isEmpty {
        text +=
          " \(inherited.joined(separator: ", ")) "
          + (inherited.count == 1 ? "is" : "are") + " wrong only because of what stands above."
      }
      return text
    }
  }
}
