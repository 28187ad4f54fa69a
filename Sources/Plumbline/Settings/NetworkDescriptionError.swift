/// What is wrong with the description of a network: where, what, and what to do about it.
public struct NetworkDescriptionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place in the description, as in `layers[3].branch[0].outputs`; empty for the description as a whole.
  public let place: String
  /// What is wrong there.
  public let problem: String
  /// What to do about it.
  public let remedy: String

  /// An error at a place.
  public init(place: String, problem: String, remedy: String) {
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// Place, problem and remedy in a sentence.
  public var description: String {
    (place.isEmpty ? "" : place + ": ") + problem + "; " + remedy
  }
}
