import Console
import Findings

extension Augmentation {
  private static let names = ["shift", "rotate", "zoom", "flip", "noise", "fill"]

  /// Reads `shift=2,rotate=15,zoom=0.1,flip,noise=0.05,fill=edge`: any of these, in any order.
  ///
  /// Shift is in pixels (0 to 10,000), rotate in degrees (0 to 180), zoom a share (0 to 0.95), noise a
  /// standard deviation in units of the features, fill `zero` or `edge`.
  /// - Throws: ``/Findings/Problem`` for an unknown name, with the nearest known one, and for
  ///   a value outside its range.
  public init(parsing text: String) throws(Problem) {
    var given: [String: String] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = sides.first.map(String.init) ?? ""
      guard Self.names.contains(name) else {
        throw Self.failure(
          text, "there is no \"\(name)\"",
          EditDistance.nearest(to: name, among: Self.names).map { "did you mean \($0)?" }
            ?? "there are " + Self.names.joined(separator: ", "))
      }
      guard (sides.count == 2) != (name == "flip") else {
        throw Self.failure(
          text, name == "flip" ? "flip takes no value" : "\(name) needs a value",
          "for example shift=2,rotate=15,zoom=0.1,flip,noise=0.05")
      }
      guard given.updateValue(sides.count == 2 ? String(sides[1]) : "", forKey: name) == nil else {
        throw Self.failure(text, "\(name) is given twice", "give it once")
      }
    }
    var fill = Fill.zero
    if let name = given["fill"] {
      guard let found = Fill(rawValue: name) else {
        throw Self.failure(
          text, "fill=\(name) is neither zero nor edge", "write fill=zero or fill=edge")
      }
      fill = found
    }
    func number(_ name: String) throws(Problem) -> Double {
      guard let text = given[name] else { return 0 }
      guard let range = Self.ranges[name], let value = Double(text), range.contains(value) else {
        let range = Self.ranges[name] ?? 0...0
        throw Self.failure(
          "\(name)=\(text)",
          "this is not a number from 0 to \(NumberFormat.plain(range.upperBound))",
          "for example shift=2,rotate=15,zoom=0.1,flip,noise=0.05")
      }
      return value
    }
    self.init(
      shift: try number("shift"), rotation: try number("rotate"), zoom: try number("zoom"),
      flip: given["flip"] != nil, noise: try number("noise"), fill: fill)
  }

  /// The augmentation in the form that ``init(parsing:)`` reads; `shift=0` for none.
  public var text: String {
    let numbers = [("shift", shift), ("rotate", rotation), ("zoom", zoom)].filter { $0.1 > 0 }
    var parts = numbers.map { "\($0.0)=\(NumberFormat.plain($0.1))" }
    if flip { parts.append("flip") }
    if noise > 0 { parts.append("noise=\(NumberFormat.plain(noise))") }
    if fill != .zero { parts.append("fill=\(fill.rawValue)") }
    return parts.isEmpty ? "shift=0" : parts.joined(separator: ",")
  }

  private static func failure(
    _ text: String, _ problem: String, _ remedy: String
  ) -> Problem {
    Problem(
      .outOfRange, subject: "augmentation", location: "\"\(text)\"", problem: problem,
      remedy: remedy)
  }
}
