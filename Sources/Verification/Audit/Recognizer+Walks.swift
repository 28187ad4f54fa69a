import Findings
import Plumbline

extension Recognizer {
  /// The functions that were asked for, one for each layer; `nil` if the hidden ones were not.
  func asked(_ count: Int) throws(Problem) -> (
    hidden: [Nonlinearity]?, output: Nonlinearity?
  ) {
    let functions = request.functions
    if functions.isEmpty { return (count == 1 ? [] : nil, request.output) }
    if functions.dropLast().contains(.softmax) {
      throw Problem(
        setting: "activations",
        problem: "softmax is an activation for the output, not for a hidden layer",
        remedy: "give one function for all hidden layers, or one per layer")
    }
    switch functions.count {
    case count where count > 1 || functions != [.elementwise(.relu)]:
      return (Array(functions.dropLast()), request.output ?? functions.last)
    case count - 1: return (functions, request.output)
    case 1: return (Array(repeating: functions[0], count: count - 1), request.output)
    default:
      throw Problem(
        setting: "activations",
        problem: "there are \(functions.count) activations for \(count) layers",
        remedy: "give one for each layer, or one for all hidden layers")
    }
  }

  /// The forward readings of an arrangement: one where values tell all functions, and one for each assumption elsewhere.
  func walks(
    _ arranged: ArrangedArrays
  ) throws(Problem) -> [(ForwardReading, strangeness: Int)] {
    let count = arranged.parameters.weights.count
    let asked = try asked(count)
    let outputs = arranged.targets.shape[1]
    func walk(
      _ functions: [Nonlinearity], _ normalization: ProgramNetwork.Normalization,
      _ skips: [Int: ProgramNetwork.Skip], _ outputFactor: Double = 1
    ) -> ForwardReading {
      ForwardWalk(
        arranged: arranged,
        assumption: ForwardAssumption(
          functions: functions, normalization: normalization, skips: skips,
          outputFactor: outputFactor),
        pool: matched.others, firstNumber: matched.firstNumber, keep: matched.keep,
        comparison: comparison(arranged), memory: fits
      ).reading()
    }
    var customary: [Nonlinearity] =
      outputs == 1
      ? [.sigmoid, .linear, .tanh, .relu].map(Nonlinearity.elementwise)
      : [.softmax] + [.sigmoid, .linear, .tanh, .relu].map(Nonlinearity.elementwise)
    let areReal = !arranged.targets.scalars.allSatisfy { (0...1).contains($0) }
    if areReal {
      customary =
        [.linear, .elementwise(.tanh), .elementwise(.relu), .elementwise(.sigmoid)]
        + (ProgramLoss.Kind.poisson.isPossible(arranged.targets) ? [.exponential] : [])
    }
    if request.loss?.terms.comparesNumbers ?? false {
      customary = [.linear] + customary.filter { $0 != .linear }
    }
    let outputFunctions = asked.output.map { [$0] } ?? customary
    let hidden: [[Nonlinearity]] =
      asked.hidden.map { [$0] }
      ?? Nonlinearity.guesses.map { Array(repeating: $0, count: count - 1) }
    let skips = assumedSkips(arranged.widths)
    var result: [(ForwardReading, strangeness: Int)] = []
    // What values tell needs no second assumption.
    let first = walk(
      hidden[0] + [outputFunctions[0]], .init(epsilon: 1e-5), skips[0])
    let isHiddenAssumed = first.assumed.contains { $0 < count }
    let isOutputAssumed = first.assumed.contains(count)
    let isNormalizationAssumed = first.assumed.contains { arranged.parameters.scales[$0] != nil }
    let normalizations = (isNormalizationAssumed ? [false, true] : [false]).flatMap { isOverUnits in
      (isNormalizationAssumed ? [1e-5, 1e-8, 1e-3] : [1e-5]).map {
        ProgramNetwork.Normalization(epsilon: $0, isOverUnits: isOverUnits)
      }
    }
    for (h, functions) in (isHiddenAssumed ? hidden : [hidden[0]]).enumerated() {
      for (o, output) in (isOutputAssumed ? outputFunctions : [outputFunctions[0]]).enumerated() {
        for (e, normalization) in normalizations.enumerated() {
          for (s, skip) in (first.assumed.isEmpty ? [skips[0]] : skips).enumerated() {
            let strangeness = h + o + e + s
            result.append(
              (
                strangeness == 0 ? first : walk(functions + [output], normalization, skip),
                strangeness
              ))
            if output == .softmax, isOutputAssumed, let temperature = matched.temperature {
              result.append(
                (walk(functions + [output], normalization, skip, 1 / temperature), strangeness + 1))
            }
          }
        }
      }
    }
    return result
  }

  /// The forward readings of networks whose hidden layers have different functions, none of which values tell; the strangeness
  /// is that of the output's function.
  func mixedWalks(
    _ arranged: [ArrangedArrays]
  ) throws(Problem) -> [Way] {
    var result: [Way] = []
    var seen: [Arrangement] = []
    for arranged in arranged where !seen.contains(arranged.arrangement) {
      seen.append(arranged.arrangement)
      let count = arranged.parameters.weights.count
      guard try asked(count).hidden == nil, (3...4).contains(count), !request.isResidual,
        arranged.parameters.scales.isEmpty,
        arranged.parameters.count * arranged.examples <= 40_000
      else { continue }
      // The functions of the output that values tell, or that are customary.
      var outputs: [Nonlinearity] = []
      for (forward, _) in try walks(arranged) {
        let function = forward.layers[count - 1].function
        if !outputs.contains(function) { outputs.append(function) }
      }
      var mixed: [[Nonlinearity]] = [[]]
      for _ in 1..<count {
        mixed = mixed.flatMap { head in Nonlinearity.common.map { head + [$0] } }
      }
      for hidden in mixed where Set(hidden).count > 1 {
        for (strangeness, output) in outputs.enumerated() {
          let forward = ForwardWalk(
            arranged: arranged, assumption: ForwardAssumption(functions: hidden + [output]),
            pool: matched.others, firstNumber: matched.firstNumber, keep: matched.keep,
            comparison: comparison(arranged), memory: fits
          ).reading()
          result.append((arranged, forward, strangeness))
        }
      }
    }
    return result
  }

  /// The residual blocks that were asked for, in every usual form.
  private func assumedSkips(_ widths: [Int]) -> [[Int: ProgramNetwork.Skip]] {
    guard request.isResidual else { return [[:]] }
    var ends: [Int] = []
    var layer = 2
    while layer + 1 < widths.count - 1 {
      // Both layers of a block keep the width of what enters it, which a hidden layer has put out.
      if widths[layer - 1] == widths[layer] && widths[layer] == widths[layer + 1] {
        ends.append(layer + 1)
        layer += 2
      } else {
        layer += 1
      }
    }
    guard !ends.isEmpty else { return [[:]] }
    let scales: [Double] =
      request.branchScale.map { [$0] } ?? [1 / Double(ends.count).squareRoot(), 1]
    return scales.flatMap { scale in
      [false, true].map { isInside in
        Dictionary(
          uniqueKeysWithValues: ends.map {
            ($0, ProgramNetwork.Skip(source: $0 - 2, branchScale: scale, isInside: isInside))
          })
      }
    }
  }
}
