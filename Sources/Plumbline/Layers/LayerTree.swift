/// A layer with its contents, as the tree that `print` shows.
///
/// Found, as parameters are, by walking the stored properties: no layer has to list what it holds.
struct LayerTree {
  /// Its name in the layer that holds it.
  private let label: String
  /// Its type without generic arguments, and its shapes and settings.
  private let title: String
  private let children: [LayerTree]

  /// The longest repeating pattern, in layers.
  private static let longestPattern = 4

  init(_ layer: any Layer) { self.init(layer, label: "") }

  private init(_ layer: any Layer, label: String) {
    self.label = label
    if let activation = layer as? Activation {
      title = activation.title
      children = []
      return
    }
    let mirror = Mirror(reflecting: layer)
    var properties: [String] = []
    var children: [LayerTree] = []
    for (index, child) in mirror.children.enumerated() {
      Self.visit(child.value, child.label ?? "\(index)", &properties, &children)
    }
    let name = String(describing: type(of: layer)).prefix { $0 != "<" }
    title = ([String(name)] + properties).joined(separator: "  ")
    self.children = children
  }

  private static func visit(
    _ value: Any, _ label: String, _ properties: inout [String], _ children: inout [LayerTree]
  ) {
    switch value {
    case let parameter as Parameter: properties.append("\(label) \(parameter.shape)")
    case let updates as UpdateScale: if updates != .one { properties.append("\(updates)") }
    case let layer as Activation:
      // A setting of the layer rather than a part of it, unless it has a number in a sequence.
      if Int(label) == nil {
        if layer != .linear { properties.append("\(label) \(layer)") }
      } else {
        children.append(LayerTree(layer, label: label))
      }
    case let layer as any Layer: children.append(LayerTree(layer, label: label))
    case is LayerName, is RunningStatistic: return
    case let isSo as Bool: if isSo { properties.append(label) }
    case is any Numeric, is String, is Shape: properties.append("\(label) \(value)")
    default:
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional:
        for child in mirror.children { visit(child.value, label, &properties, &children) }
      case .collection:
        for (index, child) in mirror.children.enumerated() {
          visit(child.value, "\(label).\(index)", &properties, &children)
        }
      case .enum: properties.append("\(label) \(value)")
      default: return
      }
    }
  }

  /// The tree, one line per layer; repeated layers appear once, with their count.
  var lines: [String] {
    [label.isEmpty ? title : "\(label)  \(title)"] + Self.lines(of: children).map { "  " + $0 }
  }

  private static func lines(of trees: [LayerTree]) -> [String] {
    let texts = trees.map { tree in [tree.title] + Self.lines(of: tree.children) }
    var result: [String] = []
    var index = 0
    while index < trees.count {
      // The pattern that covers most from here on.
      let (length, count) =
        (1...longestPattern).map { length in
          (length, repetitions(of: length, at: index, texts))
        }.max { $0.0 * $0.1 < $1.0 * $1.1 } ?? (1, 1)
      let shown = count > 2 ? length : 1
      result += trees[index..<index + shown].flatMap(\.lines)
      if count > 2 {
        result.append(
          "…  the same \(count - 1) more times, to \(trees[index + length * count - 1].label)")
      }
      index += count > 2 ? length * count : 1
    }
    return result
  }

  /// How many times the pattern of this length occurs in a row.
  private static func repetitions(of length: Int, at start: Int, _ texts: [[String]]) -> Int {
    var count = 1
    while start + (count + 1) * length <= texts.count,
      texts[start..<start + length]
        .elementsEqual(texts[start + count * length..<start + (count + 1) * length])
    {
      count += 1
    }
    return start + length <= texts.count ? count : 0
  }
}

extension Layer where Self: CustomStringConvertible {
  /// The layer with its contents: one line per layer with shapes and settings. A custom layer gets this with the line
  /// `extension Block: CustomStringConvertible {}`.
  public var description: String {
    let lines = LayerTree(self).lines
    let count = ParameterLayout(of: self).count
    let parameters = "\(count) parameter\(count == 1 ? "" : "s")"
    return lines.count == 1 && count == 0
      ? lines[0] : (["\(lines[0])  (\(parameters))"] + lines.dropFirst()).joined(separator: "\n")
  }
}
