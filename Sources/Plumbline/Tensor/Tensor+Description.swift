import Foundation

extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The values as nested lists, at most three from each end of an axis longer than eight, with
  /// about five significant digits, aligned.
  public var description: String {
    var texts: [String] = []
    collect(axis: 0, position: 0) { texts.append(Self.text(of: $0)) }
    let width = texts.map(\.count).max() ?? 0
    var next = texts.makeIterator()
    return nested(axis: 0) {
      let text = next.next() ?? ""
      return String(repeating: " ", count: width - text.count) + text
    }
  }

  /// The scalar type and the shape before the values.
  public var debugDescription: String { "Tensor<\(Scalar.self)> \(shape) \(description)" }

  /// The positions of an axis that are shown; `nil` marks the gap.
  private func shown(_ axis: Int) -> [Int?] {
    let extent = shape.extents[axis]
    if extent <= 8 { return Array(0..<extent) }
    return [0, 1, 2, nil, extent - 3, extent - 2, extent - 1]
  }

  private func collect(axis: Int, position: Int, _ body: (Scalar) -> Void) {
    if axis == shape.rank {
      withValues { body($0[position]) }
      return
    }
    for case let entry? in shown(axis) {
      collect(axis: axis + 1, position: position * shape.extents[axis] + entry, body)
    }
  }

  private func nested(axis: Int, _ next: () -> String) -> String {
    if axis == shape.rank { return next() }
    let parts = shown(axis).map { $0 == nil ? "..." : nested(axis: axis + 1, next) }
    if axis == shape.rank - 1 { return "[" + parts.joined(separator: ", ") + "]" }
    let blankLines = String(repeating: "\n", count: shape.rank - 1 - axis)
    let indent = String(repeating: " ", count: axis + 1)
    return "[" + parts.joined(separator: "," + blankLines + indent) + "]"
  }

  private static func text(of value: Scalar) -> String {
    if let value = value as? Float { return digits(Double(value)) }
    if let value = value as? Double { return digits(value) }
    return value.description
  }

  private static func digits(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e6 { return String(format: "%.0f", value) }
    return String(format: "%.5g", value)
  }
}
