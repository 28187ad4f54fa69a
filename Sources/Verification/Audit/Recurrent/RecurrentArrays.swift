import Plumbline

/// A parameter of a simple recurrence.
enum RecurrentParameter: String, CaseIterable, Sendable {
  case inputWeight = "Wxh"
  case recurrentWeight = "Whh"
  case hiddenBias = "bh"
  case outputWeight = "Why"
  case outputBias = "by"

  var isOutput: Bool { self == .outputWeight || self == .outputBias }
  var isBias: Bool { self == .hiddenBias || self == .outputBias }
  /// In the order of the backward pass.
  static let backward: [RecurrentParameter] = [
    .outputWeight, .outputBias, .recurrentWeight, .inputWeight, .hiddenBias,
  ]
}

/// The arrays of a recurrence in canonical shapes: weights [in, out], steps in rows.
struct RecurrentArrays: Sendable {
  let inputs: Tensor<Double>, targets: Tensor<Double>
  let parameters: [RecurrentParameter: Tensor<Double>]
  var gradients: [RecurrentParameter: Tensor<Double>] = [:]
  let states: Tensor<Double>?
  let start: Tensor<Double>
  let isTurned: Bool
  var names: [String: String]

  var steps: Int { inputs.shape[0] }

  private static func isRecurrent(_ layer: LayerArrays) -> Bool {
    let words = ArrayName(layer.weight.name, among: []).key
    return words.contains { ["hh", "rec", "recurrent", "aa", "ss"].contains($0) }
  }

  /// Whether the names tell of a recurrence.
  static func isNamed(_ matched: MatchedArrays) -> Bool {
    matched.layers.contains(where: isRecurrent)
  }

  /// Whether the weights may be those of a recurrence: three, one of them square.
  static func areThere(in matched: MatchedArrays) -> Bool {
    matched.layers.count == 3 && square(matched) != nil
      && (isNamed(matched) || matched.layers.count(where: { $0.bias != nil }) <= 2)
  }

  /// The state before the first step: the array that is called so, or else the last of its size.
  private static func start(_ matched: MatchedArrays, _ hidden: Int) -> SavedArray? {
    let states = matched.others.filter { array, name in
      !name.isGradient && array.value.isFinite && array.value.count == hidden
        && array.value.shape.rank <= 2 && name.role != .mask
    }
    func isLater(_ name: ArrayName) -> Bool {
      name.words.contains { $0.hasSuffix("next") || $0.hasSuffix("last") || $0.hasSuffix("new") }
    }
    return
      (states.first { StartConvention.isCell($0.name.words) == false }
      ?? states.last { !isLater($0.name) })?.array
  }

  private static func square(_ matched: MatchedArrays) -> Int? {
    let squares = matched.layers.indices.filter {
      let shape = matched.layers[$0].weight.value.shape
      return shape.rank == 2 && shape[0] == shape[1]
    }
    return squares.first { isRecurrent(matched.layers[$0]) }
      ?? (squares.count == 1 ? squares[0] : nil)
  }

  /// Every way to see the arrays.
  static func all(_ matched: MatchedArrays) -> [RecurrentArrays] {
    guard let square = square(matched) else { return [] }
    let others = matched.layers.indices.filter { $0 != square }
    return [(others[0], others[1]), (others[1], others[0])].flatMap { input, output in
      [false, true].flatMap { isTurned in
        [false, true].compactMap { areColumns in
          RecurrentArrays(
            matched, input: input, square: square, output: output, isTurned: isTurned,
            areColumns: areColumns)
        }
      }
    }
  }

  private init?(
    _ matched: MatchedArrays, input: Int, square: Int, output: Int, isTurned: Bool, areColumns: Bool
  ) {
    let layers = matched.layers
    func matrix(_ array: SavedArray) -> Tensor<Double>? {
      array.value.shape.rank == 2 && array.value.isFinite ? array.value.transposed(isTurned) : nil
    }
    guard let wxh = matrix(layers[input].weight), let whh = matrix(layers[square].weight),
      let why = matrix(layers[output].weight)
    else { return nil }
    let (features, hidden, outputs) = (wxh.shape[0], whh.shape[0], why.shape[1])
    guard wxh.shape[1] == hidden, why.shape[0] == hidden else { return nil }
    var x = matched.input.value
    // Steps as column vectors, each [features, 1].
    if x.shape.rank == 3, x.shape[2] == 1 || x.shape[1] == 1 {
      x = x.reshaped(to: [x.shape[0], x.count / x.shape[0]])
    }
    if x.shape.rank == 1 {
      guard x.scalars.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(features) }) else {
        return nil
      }
      x = x.oneHot(classes: features)
    }
    guard x.shape.rank == 2, x.isFinite else { return nil }
    x = x.transposed(areColumns)
    let steps = x.shape[0]
    guard x.shape[1] == features, steps > 1 else { return nil }
    inputs = x
    let y = matched.target.value
    if y.count == steps || y.count == 1, outputs > 1,
      y.scalars.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(outputs) })
    {
      targets = y.reshaped(to: [y.count]).oneHot(classes: outputs)
    } else if y.count == steps * outputs {
      targets =
        y.shape == [outputs, steps] && outputs != 1 && areColumns
        ? y.transposed() : y.reshaped(to: [steps, outputs])
    } else if y.count == outputs {
      targets = y.reshaped(to: [1, outputs])
    } else {
      return nil
    }
    guard targets.isFinite else { return nil }
    var parameters: [RecurrentParameter: Tensor<Double>] = [
      .inputWeight: wxh, .recurrentWeight: whh, .outputWeight: why,
    ]
    var names = [matched.target.name: "Y"]
    names[matched.input.name] = "X"
    var gradients: [RecurrentParameter: Tensor<Double>] = [:]
    for (parameter, layer) in [
      (RecurrentParameter.inputWeight, input), (.recurrentWeight, square), (.outputWeight, output),
    ] {
      names[layers[layer].weight.name] = parameter.rawValue
      guard let gradient = layers[layer].weightGradient else { continue }
      names[gradient.name] = "d\(parameter.rawValue)"
      gradients[parameter] = matrix(gradient) ?? gradient.value.transposed(isTurned)
    }
    let hiddenBias = layers[input].bias == nil ? square : input
    for (parameter, layer, count) in [
      (RecurrentParameter.hiddenBias, hiddenBias, hidden), (.outputBias, output, outputs),
    ] {
      guard let bias = layers[layer].bias, bias.value.count == count else { continue }
      names[bias.name] = parameter.rawValue
      parameters[parameter] = bias.value.reshaped(to: [count])
      guard let gradient = layers[layer].biasGradient, gradient.value.count == count else {
        continue
      }
      names[gradient.name] = "d\(parameter.rawValue)"
      gradients[parameter] = gradient.value.reshaped(to: [count])
    }
    self.parameters = parameters
    self.gradients = gradients
    self.isTurned = isTurned
    var states: Tensor<Double>?
    var start = Tensor<Double>.zeros([1, hidden])
    let first = Self.start(matched, hidden)
    if let first {
      start = first.value.reshaped(to: [1, hidden])
      names[first.name] = "h0"
    }
    for (array, name) in matched.others where !name.isGradient && array.name != first?.name {
      let value = array.value
      guard value.isFinite else { continue }
      if value.count == steps * hidden, states == nil {
        let rows = value.shape.rank == 2 && value.shape == [hidden, steps] && areColumns
        states = rows ? value.transposed() : value.reshaped(to: [steps, hidden])
        names[array.name] = "H"
      } else if value.count == (steps + 1) * hidden, value.shape.rank == 2, states == nil,
        value.shape[0] == steps + 1
      {
        // With the first state before the others.
        start = value.sliced(axis: 0, 0..<1)
        states = value.sliced(axis: 0, 1..<steps + 1)
        names[array.name] = "H"
      } else if value.count == steps * outputs {
        names[array.name] = "outputs"
      }
    }
    self.states = states
    self.start = start
    self.names = names
  }
}
