import Findings
import Networks
import Plumbline

/// A gated recurrent unit as papers and courses have it, where that is not the library's.
struct GatedConvention: ProgramConvention {
  let cell: GatedCell

  static let others = [(true, false), (true, true), (false, true)].map {
    GatedConvention(cell: GatedCell(resetsFirst: $0, updatesByGate: $1))
  }

  var remark: String {
    let parts =
      (cell.resetsFirst
        ? ["its reset gate before the product, n = tanh(x W + (r h) U + b)"] : [])
      + (cell.updatesByGate
        ? ["its update gate on the new state, h(t) = z n + (1 - z) h(t-1)"] : [])
    return "The GRU was read with \(parts.joined(separator: ", and "))."
  }

  func applied(
    to network: Network, _ saved: SavedArrays
  ) throws(Problem) -> (Network, SavedArrays)? {
    var description = network.description
    for index in description.layers.indices {
      guard let form = description.layers[index].form as? any RecurrentForm,
        GatedCell(form) != nil
      else { continue }
      description.layers[index].form = CellForm(cell, of: form)
    }
    guard description != network.description else { return nil }
    return (try description.network(), saved)
  }
}
