import Findings

/// The sizes of the training, development and test parts of a split.
public enum SplitSizes: Sendable, Hashable, Codable {
  /// Shares of all examples, with any sum: 60, 20, 20 or 0.98, 0.01, 0.01. A part of size 0 is omitted.
  case ratios(train: Double, dev: Double, test: Double)
  /// Numbers of examples for development and testing; training gets the rest.
  case counts(dev: Int, test: Int)

  /// The numbers of examples of train, dev and test, which together are `total`.
  ///
  /// Shares are rounded by the largest remainder, ties in favor of the earlier part.
  /// - Throws: ``/Findings/Problem`` if a number is invalid, or a requested part would be
  ///   empty.
  public func counts(of total: Int, file: String = "split") throws(Problem) -> [Int] {
    switch self {
    case .ratios(let train, let dev, let test):
      let ratios = [train, dev, test]
      let sum = ratios.reduce(0, +)
      guard ratios.allSatisfy({ $0 >= 0 && $0.isFinite }), train > 0, dev + test > 0, sum.isFinite
      else {
        throw Problem(
          .outOfRange, subject: file, location: "ratios",
          problem:
            "the parts are \(Self.list(ratios)), but train and at least one other need more than 0",
          remedy: "give numbers of at least 0, such as 60, 20, 20")
      }
      let quotas = ratios.map { $0 / sum * Double(total) }
      var counts = quotas.map { Int($0) }
      let byRemainder = (0..<3).sorted { a, b in
        let (first, second) = (quotas[a] - Double(counts[a]), quotas[b] - Double(counts[b]))
        return first != second ? first > second : a < b
      }
      for part in byRemainder.prefix(max(0, total - counts.reduce(0, +))) { counts[part] += 1 }
      let needed = zip(ratios, counts).allSatisfy { $0 == 0 || $1 > 0 }
      guard needed else {
        throw Problem(
          .inconsistent, subject: file, location: "ratios",
          problem: "\(Self.list(ratios)) splits \(total) examples into parts of "
            + counts.map(String.init).joined(separator: ", ") + ", but none may be empty",
          remedy: "give larger shares, or more examples")
      }
      return counts
    case .counts(let dev, let test):
      guard dev >= 0, test >= 0, dev < total, test < total - dev, dev + test > 0 else {
        throw Problem(
          .outOfRange, subject: file, location: "counts",
          problem: "\(dev) for dev and \(test) for test were requested out of \(total) examples",
          remedy: "give counts of at least 0 that leave examples for training")
      }
      return [total - dev - test, dev, test]
    }
  }

  private static func list(_ values: [Double]) -> String {
    values.map { $0.isFinite ? NumericArray.text($0) : "\($0)" }.joined(separator: ", ")
  }
}
