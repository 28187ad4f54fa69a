import Findings

enum PathMissing: KnownCause {
  static let id = CauseID.pathMissing
  static let meaning = "one of several ways on which a gradient comes back is missing"
}

extension CauseID {
  /// One of several ways on which a gradient comes back, missing.
  public static let pathMissing: Self = "path-missing"
}
