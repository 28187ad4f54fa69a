import Findings
import Plumbline

/// The weight and the bias of attention, which hold those of queries, keys and values next to one another.
enum AttentionParameterRule: ParameterRule {
  static func cause(
    of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite
  ) -> Cause? {
    guard site.form is AttentionForm, own.shape[-1].isMultiple(of: 3), own.shape == site.right.shape
    else { return nil }
    let names = ["q", "k", "v"]
    let width = own.shape[-1] / 3
    func parts(_ whole: Tensor<Double>) -> [Tensor<Double>] {
      (0..<3).map { whole.sliced(axis: -1, $0 * width..<($0 + 1) * width) }
    }
    let (given, right) = (parts(own), parts(site.right))
    func agrees(_ part: Int, with other: Int) -> Bool {
      site.comparison.agree(given[part], right[other])
    }
    for order in Permutations.all(3) where order != [0, 1, 2] {
      if (0..<3).allSatisfy({ agrees($0, with: order[$0]) }) {
        let held = order.map { names[$0] }.joined(separator: ", ")
        return Cause(
          id: WrongLayerInput.id,
          explanation:
            "\(quantity) holds the gradients of \(held), where those of q, k, v belong, in this order."
        )
      }
    }
    // One of the three alone.
    let wrong = (0..<3).filter { !agrees($0, with: $0) }
    guard wrong.count == 1, let part = wrong.first else { return nil }
    if given[part].norm == 0 {
      return Cause(
        id: ZeroGradient.id,
        explanation:
          "\(quantity) is zero for \(names[part]): it was never computed, or was overwritten.")
    }
    if given[part].shape.rank == 2, given[part].shape[0] == given[part].shape[1],
      site.comparison.agree(given[part].transposed(), right[part])
    {
      return Cause(
        id: Transposed.id, explanation: "\(quantity) is transposed in the part of \(names[part]).")
    }
    guard let ratio = site.comparison.factor(of: given[part], to: right[part]),
      var cause = site.comparison.mistakes(ratio: ratio, at: quantity).compactMap(\.cause).first
    else { return nil }
    cause.explanation += " This is about the part of \(names[part]) alone."
    return cause
  }
}
