import Findings
import Networks
import Plumbline

/// GELU as programs without the normal distribution compute it, where a description says `gelu`; or the reverse.
struct GeluConvention: ProgramConvention {
  /// Whether the program computes it with a tanh.
  let isByTanh: Bool

  static let others = [GeluConvention(isByTanh: true), GeluConvention(isByTanh: false)]

  var remark: String {
    isByTanh
      ? "\"gelu\" was read as \"gelu-tanh\", its form with a tanh: your cost is that of this form."
      : "\"gelu-tanh\" was read as \"gelu\", its exact form: your cost is that of this form."
  }

  func applied(
    to network: Network, _ saved: SavedArrays
  ) throws(Problem) -> (Network, SavedArrays)? {
    let description = network.description.changingLayers { form in
      if isByTanh { return form as? Activation == .gelu ? TanhGeluForm() : form }
      return form is TanhGeluForm ? Activation.gelu : form
    }
    guard description != network.description else { return nil }
    return (try description.network(), saved)
  }
}
