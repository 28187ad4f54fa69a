import Datasets
import Findings
import Plumbline

/// How the arrays of a file are arranged: which axis holds the examples, which axis of a weight comes first, and where the biases
/// are.
struct Arrangement: Sendable, Hashable {
  /// The row of a weight that holds the biases, as in a Theta that is multiplied by activations and a 1.
  enum BiasRow: Sendable, Hashable { case first, last }

  /// Whether examples are columns, and whether weights are out x in.
  var areExamplesColumns = false, areWeightsTurned = false
  /// The biases within the weights; `nil` if they are separate arrays, or there are none.
  var biasRow: BiasRow?
  /// The layers of the file in the order of the network.
  var order: [Int]

  /// How examples and weights lie.
  var layoutTitle: String {
    switch (areExamplesColumns, areWeightsTurned) {
    case (true, true): "columns"
    case (false, false): "rows"
    case (false, true): "torch"
    case (true, false): "columns, weights in x out"
    }
  }

  /// The arrangement in words.
  var title: String {
    layoutTitle
      + (biasRow.map { ", biases as the \($0 == .first ? "first" : "last") row of the weights" }
        ?? "")
  }

  /// Whether it agrees with the option --layout.
  func fits(_ layout: ArrayLayout?) -> Bool {
    layout.map {
      $0.transposesExamples == areExamplesColumns && $0.transposesWeights == areWeightsTurned
    } ?? true
  }
}

/// The arrays in one arrangement, in canonical shapes, as far as shapes determine them.
struct ArrangedArrays: Sendable {
  let arrangement: Arrangement
  private(set) var inputs: Tensor<Double>
  private(set) var targets: Tensor<Double>
  /// The range of the file's examples that these are, and how many the file has; `nil` for all.
  private(set) var part: (examples: Range<Int>, all: Int)?
  var parameters: ProgramParameters
  /// Whether each layer has a bias, and whether that is one number for all units.
  let hasBias: [Bool], hasSharedBias: [Bool]
  /// Gradients of parameters, and what is wrong with their shapes.
  var gradients: [Quantity: Tensor<Double>] = [:]
  var transposed: Set<Quantity> = []
  var unsummed: [Quantity: Tensor<Double>] = [:]
  var broadcast: [Quantity: Tensor<Double>] = [:]
  /// Gradients of weights in an entirely wrong shape, as they are in the file.
  var misshapen: [Quantity: Tensor<Double>] = [:]
  /// Remarks about shapes.
  var remarks: [String] = []
  /// The names in the file, by ours.
  var names: [String: String] = [:]

  var widths: [Int] { [inputs.shape[1]] + parameters.weights.map { $0.shape[1] } }
  var examples: Int { inputs.shape[0] }

  /// Every arrangement that the shapes allow.
  static func all(
    _ matched: MatchedArrays, _ saved: SavedArrays, layout: ArrayLayout?
  ) throws(Problem) -> [ArrangedArrays] {
    let count = matched.layers.count
    let written = Array(0..<count)
    // Names give the order; others are tried only if that one cannot be right.
    let others = (2...5).contains(count) ? Permutations.all(count).filter { $0 != written } : []
    let constant = matched.constantBias
    // One number as the bias of many units is accepted only if nothing else fits.
    for (orders, sharesBiases) in [([written], false), ([written], true), (others, false)] {
      var found: [ArrangedArrays] = []
      var problem: Problem?
      for order in orders {
        for columns in [false, true] {
          for turned in [columns, !columns] {
            for row in [nil, Arrangement.BiasRow.first, .last] {
              let arrangement = Arrangement(
                areExamplesColumns: columns, areWeightsTurned: turned, biasRow: row, order: order)
              guard arrangement.fits(layout) else { continue }
              do {
                if let arranged = try Self(
                  matched, saved, arrangement, sharesBiases: sharesBiases)
                {
                  found.append(arranged)
                }
                if let constant, row == nil,
                  let arranged = try Self(matched, saved, arrangement, constantBias: constant)
                {
                  found.append(arranged)
                }
              } catch {
                problem = problem ?? error
              }
            }
          }
        }
      }
      if !found.isEmpty { return found }
      if let problem { throw problem }
    }
    throw misfit(matched, saved, layout)
  }

  private static func misfit(
    _ matched: MatchedArrays, _ saved: SavedArrays, _ layout: ArrayLayout?
  ) -> Problem {
    let arrays =
      [matched.input, matched.target]
      + matched.layers.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) }
    let shapes = arrays.map { "\($0.name) \($0.value.shape)" }.joined(separator: ", ")
    // The likeliest reason is one weight that is transposed.
    let turned = matched.layers.indices.first { index in
      var other = matched
      let weight = other.layers[index].weight
      guard weight.value.shape.rank == 2, weight.value.shape[0] != weight.value.shape[1] else {
        return false
      }
      other.layers[index].weight = SavedArray(
        name: weight.name, value: weight.value.transposed(), isInteger: weight.isInteger,
        tolerance: weight.tolerance)
      return [false, true].contains { columns in
        [false, true].contains { areTurned in
          let arrangement = Arrangement(
            areExamplesColumns: columns, areWeightsTurned: areTurned, biasRow: nil,
            order: Array(matched.layers.indices))
          return (try? Self(other, saved, arrangement)) != nil
        }
      }
    }
    if let turned {
      let name = matched.layers[turned].weight.name
      return saved.problem(
        "shapes",
        "they do not chain in \(layout.map { "the layout \($0.rawValue)" } ?? "any layout"): \(shapes)",
        "\(name) is the transpose of what the adjacent layers need: save \(name).T and its gradient's .T"
      )
    }
    if let empty = arrays.first(where: { $0.value.count == 0 }) {
      return saved.problem(
        "array \(empty.name)", "has shape \(empty.value.shape), and so no numbers",
        "save the arrays of one step: its examples, labels, parameters and their gradients")
    }
    if let gap = onlyGap(matched, layout) {
      return saved.problem(
        "array \(gap.array)", "\(gap.words); the others fit",
        "save all arrays in the same step; if some were confused, name them with \(Setting.name) THEIRS=W1; describe any network other than "
          + "dense layers with \(Setting.network) FILE.json (plumb help networks)"
      )
    }
    return saved.problem(
      "shapes",
      "they do not chain in \(layout.map { "the layout \($0.rawValue)" } ?? "any layout"): \(shapes)",
      "each weight must take the outputs of the previous layer, and X and Y must hold the same examples: were they saved in the same step? "
        + "If arrays were confused, name them with \(Setting.name) THEIRS=W1. Describe a recurrence, a convolution, an embedding, a concatenated skip "
        + "or any network other than dense layers with \(Setting.network) FILE.json (plumb help networks)"
    )
  }

  // MARK: One arrangement

  /// `nil` if the shapes do not fit it.
  private init?(
    _ matched: MatchedArrays, _ saved: SavedArrays, _ arrangement: Arrangement,
    sharesBiases: Bool = false, constantBias: SavedArray? = nil
  ) throws(Problem) {
    self.arrangement = arrangement
    let layers = arrangement.order.map { matched.layers[$0] }
    func finite(_ array: SavedArray) throws(Problem) -> Tensor<Double> {
      guard array.value.isFinite else {
        throw saved.problem(
          "array \(array.name)", "holds a value that is not finite",
          "save it before the step that makes it non-finite")
      }
      return array.value
    }
    guard let first = Self.matrix(layers[0].weight.value, arrangement, before: nil),
      var inputs = Self.inputs(try finite(matched.input), first.shape[0], arrangement)
    else { return nil }
    // The examples may hold the 1 that the first biases are multiplied by: a penalty may leave these out, as the cost shows.
    let hasPenalty = matched.squares != nil || matched.absolutes != nil
    if let row = arrangement.biasRow, hasPenalty, matched.cost != nil,
      inputs.shape[1] == first.shape[0]
    {
      let (rest, ones) = Self.divided(inputs.transposed(), row)
      if rest.count > 0, ones.scalars.allSatisfy({ $0 == 1 }) { inputs = rest.transposed() }
    }
    var widths = [inputs.shape[1]]
    var (weights, biases, hasBias): ([Tensor<Double>], [Tensor<Double>], [Bool]) = ([], [], [])
    var hasSharedBias: [Bool] = []
    var isInside = false
    for layer in layers {
      let before = widths.last!
      guard
        let matrix = Self.matrix(try finite(layer.weight), arrangement, before: before),
        matrix.shape[0] == before || (arrangement.biasRow != nil && matrix.shape[0] == before + 1)
      else { return nil }
      let units = matrix.shape[1]
      if matrix.shape[0] == before + 1, let row = arrangement.biasRow {
        guard layer.bias == nil else { return nil }
        isInside = true
        let (weight, bias) = Self.divided(matrix, row)
        weights.append(weight)
        biases.append(bias)
        hasBias.append(true)
        hasSharedBias.append(false)
      } else {
        weights.append(matrix)
        var bias: Tensor<Double>?
        if let own = constantBias ?? layer.bias { bias = try finite(own) }
        let isShared = (sharesBiases || constantBias != nil) && bias?.count == 1 && units > 1
        guard bias == nil || bias!.count == units || isShared else { return nil }
        biases.append(
          bias.map {
            isShared ? .ones([units]) * $0.reshaped(to: [1]) : $0.reshaped(to: [units])
          } ?? .zeros([units]))
        hasBias.append(bias != nil && constantBias == nil)
        hasSharedBias.append(isShared && constantBias == nil)
      }
      widths.append(units)
    }
    guard isInside == (arrangement.biasRow != nil) else { return nil }
    guard
      let targets = try Self.targets(
        try finite(matched.target), inputs.shape[0], widths.last!, arrangement, saved,
        matched.target.name)
    else { return nil }
    self.inputs = inputs
    self.targets = targets.value
    remarks = targets.remark.map { [$0] } ?? []
    self.hasBias = hasBias
    self.hasSharedBias = hasSharedBias
    parameters = ProgramParameters(weights: weights, biases: biases)
    // An autoencoder's examples are its targets.
    names = [matched.target.name: "Y"]
    names[matched.input.name] = "X"
    if let constantBias {
      names[constantBias.name] = "b"
      remarks.append("\(constantBias.name) was read as the bias of every unit, a constant.")
    }
    for (index, layer) in layers.enumerated() {
      try take(layer, index + 1, saved)
    }
  }

  /// A weight as [in, out].
  private static func matrix(
    _ value: Tensor<Double>, _ arrangement: Arrangement, before: Int?
  ) -> Tensor<Double>? {
    switch value.shape.rank {
    case 2: return value.transposed(arrangement.areWeightsTurned)
    // A vector: the weights of one unit, or from one unit.
    case 1:
      return before == 1 && value.count > 1
        ? value.reshaped(to: [1, value.count]) : value.reshaped(to: [value.count, 1])
    case 0: return value.reshaped(to: [1, 1])
    default: return nil
    }
  }

  private static func divided(
    _ matrix: Tensor<Double>, _ row: Arrangement.BiasRow
  ) -> (weight: Tensor<Double>, bias: Tensor<Double>) {
    let (rows, units) = (matrix.shape[0], matrix.shape[1])
    let isFirst = row == .first
    return (
      matrix.sliced(axis: 0, isFirst ? 1..<rows : 0..<rows - 1),
      matrix.sliced(axis: 0, isFirst ? 0..<1 : rows - 1..<rows).reshaped(to: [units])
    )
  }

  /// X as [examples, features] for a first weight that takes this many features: pictures are flattened, a vector is one example,
  /// and class numbers choose rows.
  private static func inputs(
    _ x: Tensor<Double>, _ wanted: Int, _ arrangement: Arrangement
  ) -> Tensor<Double>? {
    let accepted = arrangement.biasRow == nil ? [wanted] : [wanted, wanted - 1]
    func rows(_ chosen: Tensor<Double>) -> Tensor<Double>? {
      let values = chosen.scalars
      guard wanted > 1, values.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(wanted) })
      else { return nil }
      return chosen.reshaped(to: [chosen.count]).oneHot(classes: wanted)
    }
    guard x.count > 0 else { return nil }
    switch x.shape.rank {
    case 0: return accepted.contains(1) ? x.reshaped(to: [1, 1]) : nil
    case 1:
      if accepted.contains(x.count) { return x.reshaped(to: [1, x.count]) }
      return accepted.contains(1) ? x.reshaped(to: [x.count, 1]) : rows(x)
    case 2:
      let matrix = x.transposed(arrangement.areExamplesColumns)
      if accepted.contains(matrix.shape[1]) { return matrix }
      return matrix.shape[1] == 1 ? rows(matrix) : nil
    case 3...:
      guard !arrangement.areExamplesColumns else { return nil }
      let count = x.shape[0]
      let flat = x.reshaped(to: [count, x.count / count])
      return accepted.contains(flat.shape[1]) ? flat : nil
    default: return nil
    }
  }

  /// Y as [examples, outputs]: class numbers from 0 or 1 become rows with a single one.
  private static func targets(
    _ y: Tensor<Double>, _ examples: Int, _ outputs: Int, _ arrangement: Arrangement,
    _ saved: SavedArrays, _ name: String
  ) throws(Problem) -> (value: Tensor<Double>, remark: String?)? {
    if y.count == examples * outputs, outputs == 1 || y.shape.rank > 1 || examples == 1 {
      if outputs == 1 { return (y.reshaped(to: [examples, 1]), nil) }
      if y.shape.rank != 2 {
        return arrangement.areExamplesColumns && y.shape.rank > 2
          ? nil : (y.reshaped(to: [examples, outputs]), nil)
      }
      let expected: Shape =
        arrangement.areExamplesColumns ? [outputs, examples] : [examples, outputs]
      return (
        y.transposed(
          y.shape == expected ? arrangement.areExamplesColumns : !arrangement.areExamplesColumns),
        nil
      )
    }
    guard y.count == examples, outputs > 1 else { return nil }
    let values = y.scalars
    func wrong(_ problem: String) -> Problem {
      saved.problem(
        "array \(name)", problem,
        "number classes from 0 to one less than the network's outputs, or save one row of targets per example"
      )
    }
    if let broken = values.first(where: { $0 != $0.rounded() }) {
      throw wrong("holds the label \(broken), which is not a class")
    }
    if values.allSatisfy({ $0 >= 1 && $0 <= Double(outputs) }), values.contains(Double(outputs)) {
      return (
        (y.reshaped(to: [examples]) - 1).oneHot(classes: outputs),
        "Classes are numbered from 1 in \(name)."
      )
    }
    if let outside = values.first(where: { $0 < 0 || $0 >= Double(outputs) }) {
      throw wrong("holds the label \(outside), outside 0 to \(outputs - 1)")
    }
    return (y.reshaped(to: [examples]).oneHot(classes: outputs), nil)
  }

  // MARK: Gradients of parameters

  private mutating func take(
    _ layer: LayerArrays, _ number: Int, _ saved: SavedArrays
  ) throws(Problem) {
    names[layer.weight.name] = "W\(number)"
    let units = parameters.weights[number - 1].shape[1]
    let before = parameters.weights[number - 1].shape[0]
    let (dw, db) = (Quantity(.weightGradient, number), Quantity(.biasGradient, number))
    if let gradient = layer.weightGradient {
      names[gradient.name] = "\(dw)"
      try takeWeight(gradient, layer.weight, before, dw, db, saved)
    }
    if let bias = layer.bias { names[bias.name] = "b\(number)" }
    if let gradient = layer.biasGradient {
      names[gradient.name] = "\(db)"
      let value = gradient.value
      if hasSharedBias[number - 1], value.count == 1 {
        gradients[db] = value.reshaped(to: [1])
      } else if hasSharedBias[number - 1], value.count == units {
        // One number for each unit, where all units have one bias.
        unsummed[db] = value.reshaped(to: [1, units])
      } else if value.count == units {
        gradients[db] = value.reshaped(to: [units])
      } else if units == 1, value.count == examples, broadcast[dw] != nil {
        broadcast[db] = value
      } else if value.shape.rank == 2, value.count == units * examples {
        unsummed[db] = value.transposed(
          value.shape == [units, examples] && units != examples
            || arrangement.areExamplesColumns && units == examples)
      } else if value.count == examples {
        // Summed over the units instead of the examples.
        unsummed[db] = value.reshaped(to: [examples, 1])
      } else if value.count == 1 {
        unsummed[db] = value.reshaped(to: [1])
      } else {
        throw saved.problem(
          "array \(gradient.name)", "has shape \(value.shape) for \(units) units",
          "save the gradient of \(layer.bias?.name ?? "b\(number)") under this name")
      }
    }
    for (array, gradient, kind, isScale) in [
      (layer.scale, layer.scaleGradient, Quantity.Kind.scaleGradient, true),
      (layer.shift, layer.shiftGradient, .shiftGradient, false),
    ] {
      guard let array else { continue }
      // The number in a name may count normalizations instead of layers; the width then shows which layer is meant.
      let width = array.value.count
      let at =
        width == units
        ? number
        : (1...parameters.weights.count).first { parameters.weights[$0 - 1].shape[1] == width }
      guard let at else { continue }
      names[array.name] = (isScale ? "gamma" : "beta") + "\(at)"
      if isScale {
        parameters.scales[at] = array.value.reshaped(to: [width])
      } else {
        parameters.shifts[at] = array.value.reshaped(to: [width])
      }
      if let gradient, gradient.value.count == width {
        names[gradient.name] = "\(Quantity(kind, at))"
        gradients[Quantity(kind, at)] = gradient.value.reshaped(to: [width])
      }
    }
  }

  private mutating func takeWeight(
    _ gradient: SavedArray, _ weight: SavedArray, _ before: Int, _ dw: Quantity, _ db: Quantity,
    _ saved: SavedArrays
  ) throws(Problem) {
    let (value, shape) = (gradient.value, weight.value.shape)
    var own = value
    if value.shape != shape {
      if shape.rank == 2, value.shape == Shape(shape.extents.reversed()) {
        own = value.transposed()
        transposed.insert(dw)
      } else if value.count == weight.value.count {
        own = value.reshaped(to: shape)
      } else if parameters.weights[dw.layer - 1].shape[1] == 1, examples > 1,
        value.count == weight.value.count * examples
      {
        broadcast[dw] = value
        return
      } else {
        misshapen[dw] = value
        return
      }
    }
    guard let matrix = Self.matrix(own, arrangement, before: before) else { return }
    if matrix.shape[0] == before + 1, let row = arrangement.biasRow {
      let (weight, bias) = Self.divided(matrix, row)
      gradients[dw] = weight
      gradients[db] = bias
    } else {
      gradients[dw] = matrix
    }
  }

  /// The arrays with these examples alone.
  func restricted(to examples: Range<Int>) -> ArrangedArrays {
    var result = self
    result.part = (examples, self.examples)
    result.inputs = inputs.sliced(axis: 0, examples)
    result.targets = targets.sliced(axis: 0, examples)
    return result
  }

  /// An array of a value for each unit and example as [examples, units]; `nil` if it is not one.
  func examplesArray(_ value: Tensor<Double>, width: Int) -> Tensor<Double>? {
    let own = examplesArray(value, width: width, examples)
    guard own == nil, let part else { return own }
    // The array holds the values of all examples; these are a part.
    return examplesArray(value, width: width, part.all)?.sliced(axis: 0, part.examples)
  }

  private func examplesArray(_ value: Tensor<Double>, width: Int, _ m: Int) -> Tensor<Double>? {
    if width == 1, value.count == m, value.shape.rank <= 2 { return value.reshaped(to: [m, 1]) }
    if m == 1, value.count == width { return value.reshaped(to: [1, width]) }
    if value.shape.rank > 2, value.count == m * width, value.shape[0] == m {
      return value.reshaped(to: [m, width])
    }
    guard value.shape.rank == 2 else { return nil }
    let matrix = value.transposed(arrangement.areExamplesColumns)
    if matrix.shape == [m, width] { return matrix }
    // The matrix may include the 1 that biases within the weights are multiplied by.
    guard let row = arrangement.biasRow, matrix.shape == [m, width + 1] else { return nil }
    return matrix.sliced(axis: 1, row == .first ? 1..<width + 1 : 0..<width)
  }
}
