import Findings
import Networks
import Plumbline

/// A recurrence that starts from a given state, as programs have it that carry the state from one sequence to the next; the library's
/// start from zeros.
struct StartConvention: ProgramConvention {
  /// Whether the states are columns, `[units, examples]`.
  let areColumns: Bool

  static let others = [false, true].map { StartConvention(areColumns: $0) }

  let remark = "The recurrence was read with the initial state that is in the file."

  func applied(
    to network: Network, _ saved: SavedArrays
  ) throws(Problem) -> (Network, SavedArrays)? {
    var description = network.description
    var free = saved.arrays.compactMap { array in
      Self.isCell(ArrayName.words(of: array.name)).map { (array: array, isCell: $0) }
    }
    var used: Set<String> = []
    /// The next array of the file that may be a start of so many units.
    func take(_ units: Int, ofCell isCell: Bool) -> Tensor<Double>? {
      guard
        let index = free.firstIndex(where: {
          $0.isCell == isCell && rows($0.array.value, units) != nil
        })
      else { return nil }
      let array = free.remove(at: index).array
      used.insert(array.name)
      return rows(array.value, units)
    }
    for index in description.layers.indices {
      guard let form = description.layers[index].form as? any RecurrentForm else { continue }
      let start = CellStart(
        h: take(form.units, ofCell: false), c: take(form.units, ofCell: true))
      guard start.isNonzero else { continue }
      for cell in programCells {
        guard let started = started(cell, form, start) else { continue }
        description.layers[index].form = started
        break
      }
    }
    guard description != network.description else { return nil }
    return (try description.network(), saved.without(used))
  }

  /// A recurrence with this start; `nil` if it is one of another cell.
  private func started<Cell: ProgramCell>(
    _: Cell.Type, _ form: any RecurrentForm, _ start: CellStart
  ) -> (any LayerForm)? {
    guard let cell = Cell(form) else { return nil }
    var started = CellForm(cell, of: form)
    started.start = start
    return started
  }

  /// The state of each example, or one for all of them, in rows.
  private func rows(_ value: Tensor<Double>, _ units: Int) -> Tensor<Double>? {
    guard value.isFinite, value.count > 0, value.count.isMultiple(of: units) else { return nil }
    if value.count == units { return value.reshaped(to: [1, units]) }
    let matrix = Shape(DescribedArrays.significant(value.shape))
    guard matrix.rank == 2, matrix[areColumns ? 0 : 1] == units else { return nil }
    return value.reshaped(to: matrix).transposed(areColumns)
  }

  private static let marks: Set<String> = [
    "0", "prev", "previous", "init", "initial", "start",
  ]
  private static let states: Set<String> = ["h", "hs", "a", "s", "state", "hidden", "hid"]
  private static let cells: Set<String> = ["c", "cs", "cell", "memory"]

  /// Whether a name such as h0, hprev or initial_cell is that of a cell's own start; `nil` if it is not that of a start.
  static func isCell(_ words: [String]) -> Bool? {
    let words = words.flatMap { word in
      // hprev and prevh.
      marks.lazy.compactMap { mark -> [String]? in
        guard word.count > mark.count, !marks.contains(word) else { return nil }
        if word.hasSuffix(mark) { return [String(word.dropLast(mark.count)), mark] }
        return word.hasPrefix(mark) ? [mark, String(word.dropFirst(mark.count))] : nil
      }.first ?? [word]
    }
    let rest = words.filter { !marks.contains($0) && Int($0) == nil }
    guard words.contains(where: marks.contains), !rest.isEmpty,
      rest.allSatisfy({ states.contains($0) || cells.contains($0) })
    else { return nil }
    return rest.contains(where: cells.contains)
  }
}
