import Console

/// A figure for a paper as PDF, by a converter that is installed.
enum PaperFigure {
  /// The advice if there is no converter.
  static let advice = "a PDF needs rsvg-convert (package librsvg2-bin) or inkscape"

  /// Writes an SVG file as PDF; `false` if no converter has done so within a minute.
  static func writePDF(of svg: String, to pdf: String) -> Bool {
    let converters = [
      ["rsvg-convert", "--format=pdf", "--output=\(pdf)", svg],
      ["inkscape", "--export-type=pdf", "--export-filename=\(pdf)", svg],
    ]
    return converters.contains { CommandOutput.of($0, within: 60) != nil }
  }
}
