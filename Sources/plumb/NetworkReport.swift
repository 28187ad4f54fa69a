import Console
import Networks
import Plumbline

/// A network as a table: layer, output shape, parameters, operations, predicted growth.
enum NetworkReport {
  /// Deep networks are shown by their first and last rows.
  private static let rowLimit = 24

  static func text(_ network: Network) -> String {
    let content = network.table
    var table = Table([
      Table.Column("path", .left), Table.Column("layer", .left), "output", "parameters",
      "FLOPs/example", "mean square",
    ])
    let rows = content.rows
    for (index, row) in rows.enumerated() {
      if rows.count > rowLimit {
        if index == rowLimit / 2 {
          table.add("...", "\(rows.count - rowLimit) rows more", "", "", "", "")
        }
        if index >= rowLimit / 2, index < rows.count - rowLimit / 2 { continue }
      }
      table.add(
        row.path, String(repeating: "  ", count: row.level) + row.layer, "\(row.output)",
        row.parameters == 0 ? "" : NumberFormat.count(row.parameters),
        row.operations == 0 ? "" : NumberFormat.count(row.operations),
        row.meanSquare.map { NumberFormat.significant($0, digits: 3) } ?? "")
    }
    return table.text()
      + "\(NumberFormat.count(content.parameters)) parameters, "
      + "\(NumberFormat.count(content.operations)) FLOPs per example in the forward pass; mean square: the "
      + "signal's, as theory predicts at initialization for inputs of mean square 1\n"
  }
}
