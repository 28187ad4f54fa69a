import Plumbline

/// What the values between the layers reveal about a network: its functions, skips, normalizations and masks.
struct ForwardReading: Sendable {
  /// The layers as recognized.
  var layers: [ProgramNetwork.Layer] = []
  /// The values that were given.
  var quantities: [Quantity: Tensor<Double>] = [:]
  var masks: [Int: Tensor<Double>] = [:]
  /// The program's names, by ours.
  var names: [String: String] = [:]
  /// Given values that do not follow from those before them.
  var mismatches = 0
  /// Layers whose function no value shows.
  var assumed: Set<Int> = []
  /// Layers whose activation is a function of the pre-activation that is not known here.
  var unknown: Set<Int> = []
  /// The output, and the argument of its function.
  var output = Tensor<Double>(0.0), outputArgument = Tensor<Double>(0.0)
  /// Remarks for the report.
  var remarks: [String] = []
}

/// What is assumed if no value shows it.
struct ForwardAssumption: Sendable, Hashable {
  /// The function of each layer.
  var functions: [Nonlinearity]
  /// What a normalization is, where the file has its scale.
  var normalization = ProgramNetwork.Normalization(epsilon: 1e-5)
  /// Skips by the layer that they end at.
  var skips: [Int: ProgramNetwork.Skip] = [:]
  /// The factor on the argument of the output's function.
  var outputFactor = 1.0
}

/// What arrays have been found to be, so that another assumption about another layer does not look again.
final class FitMemory {
  private var found: [Int: ForwardWalk.Fit?] = [:]

  func fit(_ key: Int, _ seek: () -> ForwardWalk.Fit?) -> ForwardWalk.Fit? {
    if let known = found[key] { return known }
    let fit = seek()
    found[key] = .some(fit)
    return fit
  }
}

/// Walks through the layers and finds the arrays of each by value first, and then by name.
struct ForwardWalk {
  let arranged: ArrangedArrays
  let assumption: ForwardAssumption
  /// Values between the layers, and masks.
  let pool: [(array: SavedArray, name: ArrayName)]
  let firstNumber: Int?
  let keep: Double?
  let comparison: Comparison
  let memory: FitMemory

  private var count: Int { arranged.parameters.weights.count }

  /// What people add to a variance.
  private static let epsilons = [1e-5, 1e-8, 1e-3, 1e-6, 1e-7, 1e-4, 1e-12, 1e-2, 0]

  func reading() -> ForwardReading {
    var reading = ForwardReading()
    var free = pool.filter { !$0.name.isGradient && $0.name.role != .delta }
    var activations = [arranged.inputs]
    for layer in 1...count {
      let width = arranged.parameters.weights[layer - 1].shape[1]
      let computed =
        matmul(activations[layer - 1], arranged.parameters.weights[layer - 1])
        + arranged.parameters.biases[layer - 1]
      let z = take(
        .preactivation, layer, width, &free, &reading,
        matching: { value, _ in comparison.agree(value, computed) ? () : nil })
      var own = z?.value ?? computed
      var addedSkip: ProgramNetwork.Skip?
      if let z, z.fit == nil {
        addedSkip = skip(in: z.value, computed, activations)
        if let addedSkip {
          own = computed
          reading.quantities[Quantity(.preactivation, layer)] = computed
          reading.remarks.append(
            "Z\(layer) in the file includes what its skip adds, \(addedSkip.source == 0 ? "X" : "A\(addedSkip.source)"); the audit takes that into account."
          )
        } else {
          reading.mismatches += 1
        }
      }
      var mask = takeMask(layer, width, &free, &reading)
      let shape = Shape([arranged.examples, width])
      let fitted = take(
        .activation, layer, width, &free, &reading,
        matching: {
          self.fit($0, own.shape == shape ? own : computed, layer, activations, mask, isNamed: $1)
        })
      var fit: Fit
      if let found = fitted?.fit {
        fit = found
        mask = found.mask
      } else {
        if let fitted {
          reading.mismatches += 1
          if own.shape == fitted.value.shape, RarerFunction.isElementwise(fitted.value, own) {
            reading.unknown.insert(layer)
          }
        } else {
          reading.assumed.insert(layer)
        }
        // A branch that is added to its block's input ends without a function of its own.
        let skip = addedSkip ?? assumption.skips[layer]
        fit = Fit(
          function: skip.map { !$0.isInside } ?? false
            ? .linear : assumption.functions[layer - 1],
          normalization: arranged.parameters.scales[layer] == nil ? nil : assumption.normalization,
          skip: skip, argumentFactor: layer == count ? assumption.outputFactor : 1)
        mask = mask.map(scaled)
      }
      if let mask { reading.masks[layer] = mask }
      let description = ProgramNetwork.Layer(
        inputs: arranged.widths[layer - 1], outputs: width, hasBias: arranged.hasBias[layer - 1],
        hasSharedBias: arranged.hasSharedBias[layer - 1], function: fit.function,
        normalization: fit.normalization, hasScale: arranged.parameters.scales[layer] != nil,
        skip: fit.skip,
        argumentFactor: fit.argumentFactor)
      if let normalization = fit.normalization, !description.hasScale {
        reading.remarks.append(
          "Between Z\(layer) and A\(layer) there is a \(normalization.title); the audit takes that into account."
        )
      }
      let result = ProgramPass.activation(
        of: description, own, scale: arranged.parameters.scales[layer],
        shift: arranged.parameters.shifts[layer],
        skipped: fit.skip.map { activations[$0.source] }, mask: mask)
      activations.append(fitted?.value ?? result.activation)
      reading.layers.append(description)
      if layer == count {
        reading.output = activations[layer]
        reading.outputArgument = result.argument
      }
    }
    return reading
  }

  // MARK: Finding arrays

  /// An array of a layer: one whose value fits, or else one whose name says so.
  private func take<Result>(
    _ role: ArrayName.Role, _ layer: Int, _ width: Int,
    _ free: inout [(array: SavedArray, name: ArrayName)], _ reading: inout ForwardReading,
    matching: (Tensor<Double>, Bool) -> Result?
  ) -> (value: Tensor<Double>, fit: Result?)? {
    let quantity = Quantity(role == .preactivation ? .preactivation : .activation, layer)
    let named = free.indices.filter {
      isNamed(free[$0].name, role, layer) || isOnly(free[$0].array, free[$0].name, role, layer)
    }
    var order = named
    // A value that is an activation by its name is not a pre-activation of the next layer, and vice versa; an array without a role
    // may be either.
    order += free.indices.filter { index in
      !named.contains(index) && free[index].name.role != .mask && free[index].name.role != .cost
    }
    func done(_ index: Int, _ value: Tensor<Double>) {
      reading.quantities[quantity] = value
      reading.names[free[index].array.name] = "\(quantity)"
      free.remove(at: index)
    }
    for index in order {
      guard let value = arranged.examplesArray(free[index].array.value, width: width),
        value.isFinite, let fit = matching(value, named.contains(index))
      else { continue }
      done(index, value)
      return (value, fit)
    }
    for index in named {
      guard let value = arranged.examplesArray(free[index].array.value, width: width) else {
        continue
      }
      done(index, value)
      return (value, nil)
    }
    return nil
  }

  /// Whether a name is that of a layer's values.
  private func isNamed(_ name: ArrayName, _ role: ArrayName.Role, _ layer: Int) -> Bool {
    guard name.role == role else { return false }
    if let number = name.numbers.last { return self.layer(ofNumber: number, name.role) == layer }
    return self.layer(ofWords: name) == layer
  }

  /// Whether an array is named as the hidden layer or the output of a network with one hidden layer, and holds values rather
  /// than decisions.
  private func isOnly(
    _ array: SavedArray, _ name: ArrayName, _ role: ArrayName.Role, _ layer: Int
  ) -> Bool {
    guard role == .activation, name.role == role, name.key.isEmpty, count == 2,
      !array.value.scalars.allSatisfy({ $0 == $0.rounded() })
    else { return false }
    let isHidden = array.name.lowercased().hasPrefix("hid")
    let isOutput = array.name.lowercased().hasPrefix("output")
    return isHidden && layer == 1 || isOutput && layer == 2
  }

  /// The layer that a number in a name refers to: numbered as the weights are, or from 1 if the numbers reach the number of layers.
  func layer(ofNumber number: Int, _ role: ArrayName.Role?) -> Int {
    let numbers = pool.filter { $0.name.role == role && !$0.name.isGradient }
      .compactMap(\.name.numbers.last)
    guard let first = firstNumber, first == 0 else { return number }
    // Weights are counted from 0. Values that reach the number of layers are counted from 1.
    return numbers.contains(where: { $0 >= count }) || !numbers.contains(0) ? number : number + 1
  }

  /// The layer that words refer to: the output, or the only hidden one.
  func layer(ofWords name: ArrayName) -> Int? {
    let late: Set<String> = [
      "o", "out", "output", "pred", "prob", "probs", "hat", "y", "logits", "scores",
    ]
    if name.key.contains(where: late.contains) { return count }
    return nil
  }

  // MARK: Masks

  /// A mask of zeros and one other number, as it is in the file.
  private func takeMask(
    _ layer: Int, _ width: Int, _ free: inout [(array: SavedArray, name: ArrayName)],
    _ reading: inout ForwardReading
  ) -> Tensor<Double>? {
    let index = free.firstIndex { entry in
      guard entry.name.role == .mask || entry.name.role == nil,
        entry.name.numbers.last.map({ self.layer(ofNumber: $0, entry.name.role) }) == layer
          || (entry.name.numbers.isEmpty && entry.name.role == .mask && count == 2 && layer == 1),
        let value = arranged.examplesArray(entry.array.value, width: width)
      else { return false }
      let kinds = Set(value.scalars)
      return kinds.count <= 2 && kinds.allSatisfy { $0 == 0 || $0 > 0 && $0.isFinite }
    }
    guard let index else { return nil }
    let value = arranged.examplesArray(free[index].array.value, width: width)
    reading.names[free[index].array.name] = "D\(layer)"
    free.remove(at: index)
    return value
  }

  /// A mask with its scale, if a number in the file gives it.
  private func scaled(_ mask: Tensor<Double>) -> Tensor<Double> {
    mask.scalars.allSatisfy { $0 == 0 || $0 == 1 } ? mask * (1 / (keep ?? 1)) : mask
  }

  // MARK: Fitting a layer

  /// What turns the values before it into an activation.
  struct Fit {
    var function: Nonlinearity
    var normalization: ProgramNetwork.Normalization?
    var skip: ProgramNetwork.Skip?
    var mask: Tensor<Double>?
    var argumentFactor = 1.0
  }

  private func candidates(_ layer: Int) -> [Nonlinearity] {
    let isLast = layer == count && arranged.widths[layer] > 1
    return [assumption.functions[layer - 1]] + (isLast ? [.softmax] : []) + Nonlinearity.common
  }

  private func fit(
    _ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int, _ before: [Tensor<Double>],
    _ mask: Tensor<Double>?, isNamed: Bool
  ) -> Fit? {
    var hasher = Hasher()
    for value in [a, z] + before + (mask.map { [$0] } ?? []) {
      hasher.combine(value.shape)
      hasher.combine(value.scalars)
    }
    hasher.combine(layer)
    hasher.combine(isNamed)
    hasher.combine(assumption.functions[layer - 1])
    return memory.fit(hasher.finalize()) { sought(a, z, layer, before, mask, isNamed: isNamed) }
  }

  private func sought(
    _ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int, _ before: [Tensor<Double>],
    _ mask: Tensor<Double>?, isNamed: Bool
  ) -> Fit? {
    if let scales = arranged.parameters.scales[layer] {
      return normalized(a, z, layer, scale: scales, shift: arranged.parameters.shifts[layer])
    }
    if let function = candidates(layer).first(where: { comparison.agree(a, $0(z)) }) {
      // A mask that changes nothing is kept for the backward pass.
      return Fit(function: nearest(function, a, z, layer), mask: mask.map(scaled))
    }
    if let function = RarerFunction.fitted(a, z, comparison, isNamed: false) {
      return Fit(function: .rarer(function))
    }
    if layer == count, let fit = tempered(a, z) { return fit }
    // Without a name that says so, only the plain functions are accepted.
    guard isNamed || arranged.examples * arranged.widths[layer] <= 10_000 else { return nil }
    if let mask {
      for function in candidates(layer) {
        let value = function(z)
        if comparison.agree(a, value * scaled(mask)) {
          return Fit(function: function, mask: scaled(mask))
        }
        if let ratio = comparison.ratio(of: a, to: value * mask), ratio > 0 {
          return Fit(function: function, mask: mask * ratio)
        }
      }
    }
    if let fit = skipped(a, z, layer, before) { return fit }
    if let fit = normalized(a, z, layer, scale: nil, shift: nil) { return fit }
    if layer < count, let fit = masked(a, z, layer) { return fit }
    // Without a name that says so, it is another array.
    guard isNamed else { return nil }
    if let function = Nonlinearity.uncommon.first(where: { comparison.agree(a, $0(z)) }) {
      return Fit(function: function)
    }
    return RarerFunction.fitted(a, z, comparison).map { Fit(function: .rarer($0)) }
  }

  /// The function that gives these values to rounding, where the first one that agrees only comes near them, as GELU does to its form with a tanh.
  private func nearest(
    _ function: Nonlinearity, _ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int
  ) -> Nonlinearity {
    let distance = a.relativeDistance(to: function(z))
    guard distance > 1e-6 else { return function }
    let strict = Comparison(tolerance: distance / 50, examples: comparison.examples)
    return candidates(layer).first { strict.agree(a, $0(z)) }
      ?? RarerFunction.fitted(a, z, strict, isNamed: false).map { .rarer($0) } ?? function
  }

  /// A softmax of z / T: the logarithms of its values differ as z does, divided by T.
  private func tempered(_ a: Tensor<Double>, _ z: Tensor<Double>) -> Fit? {
    guard a.shape[1] > 1, a.count > 2, a.scalars.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      return nil
    }
    func centred(_ x: Tensor<Double>) -> Tensor<Double> {
      x - x.mean(alongAxes: [1], keepingAxes: true)
    }
    guard let factor = comparison.ratio(of: centred(log(a)), to: centred(z)), factor > 0,
      comparison.agree(a, softmax(z * factor))
    else { return nil }
    return Fit(function: .softmax, argumentFactor: factor)
  }

  /// The skip that a saved pre-activation already includes, in addition to what the layer's weights give; `nil` if none explains
  /// the difference.
  private func skip(
    in z: Tensor<Double>, _ computed: Tensor<Double>, _ before: [Tensor<Double>]
  ) -> ProgramNetwork.Skip? {
    guard z.shape == computed.shape else { return nil }
    for source in before.indices.reversed() where before[source].shape == z.shape {
      if comparison.agree(z, before[source] + computed) {
        return .init(source: source, isInside: true)
      }
      // One or two numbers are always a multiple.
      if z.count > 2, let scale = comparison.ratio(of: z - before[source], to: computed), scale > 0
      {
        return .init(source: source, branchScale: scale, isInside: true)
      }
    }
    return nil
  }

  private func skipped(
    _ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int, _ before: [Tensor<Double>]
  ) -> Fit? {
    let sources = before.indices.reversed().filter { before[$0].shape == z.shape }
    for source in sources.filter({ $0 < layer - 1 }) + sources.filter({ $0 == layer - 1 }) {
      let rest = a - before[source]
      for function in [.linear] + candidates(layer) where function != .softmax {
        if comparison.agree(a, before[source] + function(z)) {
          return Fit(function: function, skip: .init(source: source))
        }
        if comparison.agree(a, function(before[source] + z)) {
          return Fit(function: function, skip: .init(source: source, isInside: true))
        }
        if a.count > 2, let scale = comparison.ratio(of: rest, to: function(z)), scale > 0 {
          return Fit(function: function, skip: .init(source: source, branchScale: scale))
        }
      }
      // A scaled branch under a ReLU shows only where the unit is on.
      let isOn = compare(a, .greater, Tensor(0))
      if isOn.sum().scalar > 2,
        let scale = comparison.ratio(of: rest * isOn, to: z * isOn), scale > 0,
        comparison.agree(a, relu(before[source] + z * scale))
      {
        return Fit(
          function: .elementwise(.relu),
          skip: .init(source: source, branchScale: scale, isInside: true))
      }
    }
    return nil
  }

  private func normalized(
    _ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int, scale: Tensor<Double>?,
    shift: Tensor<Double>?
  ) -> Fit? {
    var best: (fit: Fit, distance: Double)?
    for isOverUnits in [false, true] where z.shape[isOverUnits ? 1 : 0] > 1 {
      for epsilon in Self.epsilons {
        let way = ProgramNetwork.Normalization(epsilon: epsilon, isOverUnits: isOverUnits)
        var argument = ProgramPass.normalized(z, way)
        guard argument.isFinite else { continue }
        if let scale { argument = argument * scale + (shift ?? Tensor<Double>.zeros(scale.shape)) }
        var nearest = Double.infinity
        for function in candidates(layer) where function != .softmax {
          let distance = a.relativeDistance(to: function(argument))
          nearest = Swift.min(nearest, distance)
          if distance <= comparison.tolerance, distance < best?.distance ?? .infinity {
            best = (Fit(function: function, normalization: way), distance)
          }
        }
        // No epsilon turns what has nothing in common with the values into them.
        if nearest > 0.5 { break }
      }
    }
    return best?.fit
  }

  /// A mask that is not in the file: some values are 0 that should not be, and the others are a constant multiple.
  private func masked(_ a: Tensor<Double>, _ z: Tensor<Double>, _ layer: Int) -> Fit? {
    let isKept = compare(abs(a), .greater, Tensor(0))
    for function in candidates(layer) where function != .softmax {
      let value = function(z) * isKept
      guard a.count > 4, value.norm > 0, !comparison.agree(value, function(z)),
        let ratio = comparison.ratio(of: a, to: value),
        ratio >= 1 - comparison.tolerance
      else { continue }
      // Where the function itself is 0, a mask does not matter.
      return Fit(function: function, mask: isKept * ratio)
    }
    return nil
  }
}
