import Findings
import Plumbline

extension ParameterFile {
  private static let choices =
    "rows (W is in x out), columns or torch (W is out x in)"

  /// Whether the file's weights are out x in: as requested, as the file states, as the shapes imply, or as the names and the
  /// form of the biases suggest.
  func isTransposed(
    _ naming: Naming, shapes: [[Int]], asked: ArrayLayout?, _ dense: StoredDenseLayers?
  ) throws(Problem) -> Bool {
    let pairs = Array(zip(naming.matches, shapes))
    let fitting = [false, true].filter { isTransposed in
      pairs.allSatisfy { $0.parameter.fits($1, isTransposed: isTransposed) }
    }
    let stated = try statedLayout(asked: asked)
    guard let first = fitting.first, fitting.contains(stated?.transposesWeights ?? first) else {
      throw misfit(pairs, stated, dense)
    }
    if let stated { return stated.transposesWeights }
    if fitting.count == 1 { return first }
    guard pairs.contains(where: { $0.0.parameter.isAmbiguous }) else { return first }
    if let implied = naming.impliedLayout ?? (isMarkedAsTorch ? .torch : nil) {
      return implied.transposesWeights
    }
    // A bias that is a column is added to examples in columns, whose weights are out x in.
    if pairs.contains(where: { Self.isColumn($1) && !$0.parameter.isWeight }) { return true }
    throw ambiguous(pairs.filter { $0.0.parameter.isWeight }.map { ($0.name, $1) })
  }

  private static func isColumn(_ shape: [Int]) -> Bool {
    shape.count == 2 && shape[0] > 1 && shape[1] == 1
  }

  /// The layout that was requested or that the file states.
  private func statedLayout(asked: ArrayLayout?) throws(Problem) -> ArrayLayout? {
    guard let asked, let statedLayout else { return asked ?? statedLayout }
    guard asked.transposesWeights == statedLayout.transposesWeights else {
      throw failure(
        .inconsistent, "entry \(Self.layoutName)",
        "the file states the layout \(statedLayout.rawValue), but \(asked.rawValue) was requested",
        "leave \(Setting.layout) out")
    }
    return asked
  }

  private func ambiguous(_ weights: [(name: String, shape: [Int])]) -> Problem {
    failure(
      .inconsistent, "array \(weights[0].name)",
      "the weights are square, so their shapes do not reveal the layout ("
        + weights.map { "\($0.name) \(NumericArray.description(of: $0.shape))" }
        .joined(separator: ", ") + ")", "choose one with \(Setting.layout): \(Self.choices)")
  }

  /// Why no order of the axes fits, or why the one that is `stated` does not.
  private func misfit(
    _ pairs: [(match: Naming.Match, shape: [Int])], _ stated: ArrayLayout?,
    _ dense: StoredDenseLayers?
  ) -> Problem {
    let orders = stated.map { [$0.transposesWeights] } ?? [false, true]
    if let dense, let found = try? denseWidths(layout: stated) {
      let widths = found.map(String.init).joined(separator: ",")
      if widths != dense.widths {
        return failure(
          .inconsistent, "shapes",
          "the parameters are those of a network \(widths), but this one is \(dense.widths)",
          "give the network they were saved from, or omit it to take it from the file")
      }
    }
    func text(_ shape: [Int]) -> String { NumericArray.description(of: shape) }
    for (match, shape) in pairs {
      let parameter = match.parameter
      if orders.contains(where: { parameter.fits(shape, isTransposed: $0) }) { continue }
      let expected = Set(orders.map { text(parameter.fileShape(isTransposed: $0)) })
        .sorted().joined(separator: " or ")
      return failure(
        .inconsistent, "array \(match.name)",
        "has shape \(text(shape)), but the network's \(parameter.path) is \(expected)"
          + (stated.map { " in the layout \($0.rawValue)" } ?? ""), Self.otherNetwork)
    }
    let weights = pairs.filter { $0.match.parameter.isWeight }
    return failure(
      .inconsistent, "shapes",
      "the weights do not all have the same layout: "
        + weights.map { "\($0.match.name) \(text($0.shape))" }.joined(separator: ", "),
      "save all of them in the same layout: \(Self.choices)")
  }

  // MARK: Dense layers without a network

  /// The widths of the dense layers in the file, starting with the input, for a network without a description.
  ///
  /// - Parameter layout: The layout of the weights, if the file does not say.
  /// - Throws: ``/Findings/Problem`` if the arrays are not those of dense layers, their shapes do not chain, or they are square.
  /// - Complexity: O(size of the file).
  public func denseWidths(layout: ArrayLayout? = nil) throws(Problem) -> [Int] {
    let layers = try denseNames()
    var weights: [(name: String, shape: [Int])] = []
    var biases: [[Int]?] = []
    for (weight, bias) in layers {
      weights.append((weight, try array(named: weight).shape))
      biases.append(try bias.map { name throws(Problem) in try array(named: name).shape })
    }
    let stated = try statedLayout(asked: layout)
    let orders = stated.map { [$0.transposesWeights] } ?? [false, true]
    let chains = orders.compactMap { Self.chain(weights.map(\.shape), biases, isTransposed: $0) }
    guard let widths = chains.first else {
      throw failure(
        .inconsistent, "shapes",
        "they do not chain" + (stated.map { " in the layout \($0.rawValue)" } ?? "") + ": "
          + weights.map { "\($0.name) \(NumericArray.description(of: $0.shape))" }
          .joined(separator: ", "),
        "each weight must take as many inputs as the previous layer has outputs, and each bias needs a value per unit"
      )
    }
    // Both orders chain for square weights, with the same widths, and for one layer, with different ones.
    guard chains.allSatisfy({ $0 == widths }) else {
      throw failure(
        .inconsistent, "shapes",
        "they are those of the networks "
          + chains.map { $0.map(String.init).joined(separator: ",") }.joined(separator: " and "),
        "choose one with \(Setting.layout): \(Self.choices)")
    }
    return widths
  }

  private static func chain(
    _ weights: [[Int]], _ biases: [[Int]?], isTransposed: Bool
  ) -> [Int]? {
    var widths: [Int] = []
    for (weight, bias) in zip(weights, biases) {
      guard weight.count == 2 else { return nil }
      let (inputs, outputs) = isTransposed ? (weight[1], weight[0]) : (weight[0], weight[1])
      guard inputs == widths.last ?? inputs, inputs > 0, outputs > 0,
        bias?.reduce(1, *) ?? outputs == outputs
      else { return nil }
      widths += widths.isEmpty ? [inputs, outputs] : [outputs]
    }
    return widths
  }
}
