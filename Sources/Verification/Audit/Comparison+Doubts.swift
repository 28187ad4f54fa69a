import Plumbline

extension Comparison {
  /// What is said of gradients of single precision that agree within its tolerance, but less well than rounding usually lets them.
  func doubts(about items: some Sequence<AuditReport.Item>) -> [String] {
    guard tolerance > 1e-5, tolerance <= 2e-4 else { return [] }
    let unsure = items.filter {
      $0.verdict == .pass && !$0.quantity.kind.isForward && ($0.relativeError ?? 0) > 1e-5
    }.map(\.quantity).sorted()
    guard !unsure.isEmpty else { return [] }
    return [
      "\(unsure.map(\.description).joined(separator: ", ")) \(unsure.count == 1 ? "agrees" : "agree") within the tolerance of single precision, "
        + "but rounding alone usually leaves less than 1e-5. To be sure, compute the step in double precision and audit that: "
        + "X = X.astype(np.float64), and so the parameters."
    ]
  }
}
