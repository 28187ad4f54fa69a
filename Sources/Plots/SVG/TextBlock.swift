/// Which part of a line of text is at its coordinate.
package enum TextAnchor: String, Sendable {
  case start, middle, end
}

/// Lines of text in one face, and the space they take.
package struct TextBlock: Sendable, Hashable {
  package let lines: [String]
  package let size: Double
  package let face: TextMetrics.Face
  package let colour: String

  package init(
    _ text: String, width: Double, size: Double, face: TextMetrics.Face = .regular,
    colour: String = Ink.text
  ) {
    lines = TextMetrics.wrap(text, width: width, size: size, face: face)
    self.size = size
    self.face = face
    self.colour = colour
  }

  package var lineHeight: Double { (size * 1.35).rounded() }
  package var height: Double { Double(lines.count) * lineHeight }
  package var width: Double {
    lines.map { TextMetrics.width($0, size: size, face: face) }.max() ?? 0
  }

  /// The space of the block with its top left corner at a point.
  package func box(x: Double, y: Double) -> Box { Box(x: x, y: y, width: width, height: height) }

  /// Where a line's letters are, from the top of the block.
  package func baseline(_ line: Int) -> Double {
    Double(line) * lineHeight + (lineHeight + 0.72 * size) / 2
  }

  /// Writes the lines into the space of the block, from the given end of it.
  package func write(
    to writer: inout SVGWriter, in box: Box, anchor: TextAnchor, halo: Bool = false
  ) {
    let x = anchor == .start ? box.x : anchor == .middle ? box.midX : box.maxX
    write(to: &writer, x: x, y: box.y, anchor: anchor, halo: halo)
  }

  /// Writes the lines with the block's top at `y`.
  ///
  /// - Parameters:
  ///   - anchor: which part of a line is at `x`.
  ///   - halo: whether a white edge keeps lines behind the letters away from them.
  package func write(
    to writer: inout SVGWriter, x: Double, y: Double, anchor: TextAnchor = .start,
    halo: Bool = false
  ) {
    for (index, line) in lines.enumerated() {
      var attributes: [(String, AttributeValue)] = [
        ("x", .number(x)), ("y", .number(y + baseline(index))), ("font-size", .number(size)),
        ("fill", .text(colour)),
      ]
      if anchor != .start { attributes.append(("text-anchor", .text(anchor.rawValue))) }
      if face == .bold { attributes.append(("font-weight", "600")) }
      if face == .monospaced {
        attributes.append(("font-family", .text(SVGWriter.monospacedFamily)))
      }
      if halo {
        attributes += [
          ("stroke", "#fff"), ("stroke-width", 3), ("stroke-linejoin", "round"),
          ("paint-order", "stroke"),
        ]
      }
      writer.text(line, attributes)
    }
  }
}

/// The grays in which everything but the data is drawn.
package enum Ink {
  package static let text = "#222222"
  package static let secondary = "#555555"
  package static let axis = "#8a8a8a"
  package static let grid = "#e4e4e4"
  package static let minorGrid = "#f2f2f2"
}
