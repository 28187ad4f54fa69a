import Findings
import Networks
import Plumbline

/// What a file's examples, targets and cost say of a network that is described: how the examples lie, which array is which parameter, what
/// is done with the outputs, and the loss with its scale.
struct DescribedReading {
  /// One way to see the file.
  struct Attempt {
    let mapping: DescribedArrays.Mapping
    let parameters: [Tensor<Double>]
    let cost: DescribedCost
    /// How the scale is said.
    let scaleWords: String
    /// Whether the file's cost comes out.
    var isConfirmed = false
    /// Whether it comes out to the last digits, and not only nearly.
    var isExact = false
    var remarks: [String] = []
  }

  let network: Network
  /// The functions that outputs may go through, the likeliest first.
  let outputs: [Nonlinearity]
  let asked: ProgramLoss.Kind?
  let hints: LossHints
  let mappings: [DescribedArrays.Mapping]
  /// The arrays of parameters by name.
  let values: [String: Tensor<Double>]

  // MARK: Examples and targets

  /// The examples with their axis first, in every way in which the axes may lie.
  func inputs(_ x: Tensor<Double>) -> [Tensor<Double>] {
    let wanted = network.description.input.extents
    let (shape, each) = (x.shape.extents, network.description.input.elementCount)
    let features = wanted.last ?? 1
    // Numbers of words or characters where the network takes them one-hot.
    if features > 1, network.description.layers.first?.form.classesTaken == nil,
      x.count > 0, x.count * features % each == 0, x.count % each != 0 || x.count < each,
      x.scalars.allSatisfy({ $0 == $0.rounded() && (0..<Double(features)).contains($0) })
    {
      return [
        x.reshaped(to: [x.count]).oneHot(classes: features)
          .reshaped(to: Shape([x.count * features / each] + wanted))
      ]
    }
    guard x.count > 0, x.count % each == 0 else { return [] }
    let count = x.count / each
    var found: [Tensor<Double>] = []
    if shape.count == wanted.count + 1 {
      for order in Permutations.all(shape.count)
      where order.map({ shape[$0] }) == [count] + wanted {
        found.append(order == Array(shape.indices) ? x : x.transposed(permutation: order))
      }
    }
    // Flattened examples, or a single one without an axis of its own.
    if found.isEmpty, shape.first == count || shape == wanted || wanted.count == 1 {
      found.append(x.reshaped(to: Shape([count] + wanted)))
    }
    return Array(found.prefix(8))
  }

  /// Targets `[rows, outputs]` in every way in which they may be meant; each with whether they were class numbers.
  ///
  /// - Parameter examples: The number of examples, each of which has as many rows.
  func targets(_ y: Tensor<Double>, rows: Int, examples: Int, outputs: Int) -> [(
    value: Tensor<Double>, areClasses: Bool
  )] {
    var found: [(Tensor<Double>, Bool)] = []
    let wanted = [examples, rows / max(examples, 1), outputs]
    if y.shape.rank == 3, y.count == rows * outputs, wanted.allSatisfy({ $0 > 1 }) {
      // Columns and steps of a course, [outputs, examples, steps], among other orders.
      return Permutations.all(3).filter { order in order.map { y.shape[$0] } == wanted }.map {
        (y.transposed(permutation: $0).reshaped(to: [rows, outputs]), false)
      }
    }
    if y.count == rows, examples < rows, y.shape == [rows / examples, examples],
      y.shape[0] != y.shape[1]
    {
      return targets(y.transposed(), rows: rows, examples: examples, outputs: outputs)
    }
    if y.count == rows, outputs > 1 {
      let classes = y.reshaped(to: [rows])
      let (low, high) = (y.scalars.min() ?? 0, y.scalars.max() ?? 0)
      if y.scalars.allSatisfy({ $0 == $0.rounded() }) {
        if low >= 0, high < Double(outputs) {
          found.append((classes.oneHot(classes: outputs), true))
        }
        if low >= 1, high == Double(outputs) {
          found.append(((classes - 1).oneHot(classes: outputs), true))
        }
      }
    }
    if y.count == rows * outputs {
      if y.shape == [outputs, rows], outputs != rows {
        found.append((y.transposed(), false))
      } else {
        found.append((y.reshaped(to: [rows, outputs]), false))
        if y.shape == [outputs, rows], outputs > 1 { found.append((y.transposed(), false)) }
      }
    }
    return found
  }

  private func kinds(
    _ output: Nonlinearity, _ targets: Tensor<Double>, areClasses: Bool, hasCost: Bool
  ) -> [ProgramLoss.Kind] {
    // Without a cost that says otherwise the loss is the one that is named.
    if let asked, !hasCost { return [asked].filter { $0.takes(output) && $0.isPossible(targets) } }
    var hints = hints
    hints.targets = targets
    var first = ProgramLoss.Kind.customary(after: output)
    if output == .linear {
      let areYesNo = targets.shape[1] == 1 && targets.scalars.allSatisfy { $0 == 0 || $0 == 1 }
      first = areClasses ? .crossEntropy : areYesNo ? .binaryCrossEntropy : first
    }
    let order = (asked.map { [$0] } ?? []) + [first]
    return (order + ProgramLoss.Kind.all(hints).filter { !order.contains($0) }).filter {
      $0.takes(output) && $0.isPossible(targets)
    }
  }

  /// The scales of a cost over the rows, and over the examples where these have several rows.
  private func scales(
    _ kind: ProgramLoss.Kind, rows: Int, examples: Int, outputs: Int
  ) -> [(scale: Double, words: String)] {
    let plain = ProgramLoss.scales(kind, examples: rows, outputs: outputs)
    guard rows != examples else { return plain }
    let (m, steps) = (Double(examples), Double(rows / examples))
    return plain.map { ($0.scale, $0.words.replacing("the examples", with: "examples and steps")) }
      + [
        (1 / m, "the mean over the examples, summed over the steps"),
        (0.5 / m, "half the mean over the examples, summed over the steps"),
        (1 / steps, "the mean over the steps, summed over the examples"),
      ]
  }

  // MARK: The search

  /// Every way to see the file under which its cost comes out; without a cost every way, and where the cost does not come out the likeliest
  /// one.
  func attempts(_ x: Tensor<Double>, _ y: Tensor<Double>, cost: Double?) -> [Attempt] {
    var (exact, near): ([Attempt], [Attempt]) = ([], [])
    var first: Attempt?
    // Without a cost: what each way to take the parameters comes to, the likeliest loss first.
    var ways: [[Attempt]] = []
    for inputs in inputs(x) {
      let (rows, count) = DescribedCost.rows(of: network, examples: inputs.shape[0])
      for mapping in mappings {
        let parameters = mapping.parameters(values, ParameterLayout(of: network))
        for (targets, areClasses) in targets(
          y, rows: rows, examples: inputs.shape[0], outputs: count)
        {
          var z: Tensor<Double>?
          for output in outputs {
            for kind in kinds(output, targets, areClasses: areClasses, hasCost: cost != nil) {
              // The same for all scales.
              var sum: Double?
              for (scale, words) in scales(
                kind, rows: rows, examples: inputs.shape[0], outputs: count)
              {
                let loss = ProgramLoss(kind: kind, scale: scale)
                var attempt = Attempt(
                  mapping: mapping, parameters: parameters,
                  cost: DescribedCost(
                    network: network, output: output, loss: loss, inputs: inputs, targets: targets),
                  scaleWords: words)
                guard let cost else {
                  near.append(attempt)
                  continue
                }
                first = first ?? attempt
                let result = z ?? attempt.cost.outputs(parameters)
                z = result
                let terms = sum ?? kind.terms.sum(output(result), output, targets: targets)
                sum = terms
                let value = loss.value(ofSum: terms)
                let distance = abs(value - cost)
                guard distance <= 1e-5 * abs(cost) else { continue }
                attempt.isConfirmed = true
                if distance <= 1e-9 * abs(cost) {
                  attempt.isExact = true
                  exact.append(attempt)
                } else {
                  near.append(attempt)
                }
              }
            }
          }
        }
        if cost == nil, !near.isEmpty {
          ways.append(near)
          near = []
        }
        if exact.count >= 8 { return exact }
      }
      if !ways.isEmpty { break }
    }
    if !ways.isEmpty {
      let most = ways.map(\.count).max() ?? 0
      return (0..<most).flatMap { rank in ways.compactMap { $0.count > rank ? $0[rank] : nil } }
    }
    let found = exact + near
    return found.isEmpty ? first.map { [$0] } ?? [] : found
  }
}
