import Datasets
import Plumbline

/// Arrays that an audit cannot use.
public struct ManualRunError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The array.
  public let array: String
  /// What is wrong with it.
  public let problem: String
  /// What to do.
  public let remedy: String

  /// Both in one line.
  public var description: String { "\(array): \(problem); \(remedy)" }
}

/// What somebody's own program has computed in one step: examples, parameters and gradients, as their arrays lie.
public struct ManualRun: Sendable {
  /// The arrays by name: X, Y, W1, b1, ..., dW1, db1, ..., and any of Z1, A1, dZ1, dA1, ... and of the dropout
  /// masks D1, ....
  public var arrays: [String: Tensor<Double>]
  /// How they lie.
  public var layout: ArrayLayout
  /// The cost, where it is known.
  public var cost: Double?
  /// The probability with which dropout keeps a unit, for masks of zeros and ones.
  public var keepProbability: Double?
  /// The relative distance up to which two values differ by rounding alone: 1e-5 for double precision, since
  /// many add a small number to what they divide by, 2e-4 for single.
  public var tolerance: Double

  /// A run.
  public init(
    arrays: [String: Tensor<Double>], layout: ArrayLayout = .rows, cost: Double? = nil,
    keepProbability: Double? = nil, tolerance: Double = 1e-5
  ) {
    self.arrays = arrays
    self.layout = layout
    self.cost = cost
    self.keepProbability = keepProbability
    self.tolerance = tolerance
  }
}

/// A run with weights `[in, out]`, biases `[out]` and examples in rows.
struct CanonicalRun {
  let inputs: Tensor<Double>, targets: Tensor<Double>
  let parameters: [Tensor<Double>]
  var quantities: [Quantity: Tensor<Double>] = [:]
  /// Masks with their scale.
  var masks: [Int: Tensor<Double>] = [:]
  /// Gradients of weights whose shape was that of the transpose.
  var transposed: Set<Quantity> = []
  /// Gradients of biases that still have a row for each example, or that are one number for all units.
  var unsummed: [Quantity: Tensor<Double>] = [:]

  init(_ run: ManualRun, _ network: DenseNetworkDescription) throws(ManualRunError) {
    func array(_ name: String) throws(ManualRunError) -> Tensor<Double> {
      guard let array = run.arrays[name] else {
        throw ManualRunError(
          array: name, problem: "is missing",
          remedy: "an audit needs X, Y, W1, b1, ... and dW1, db1, ...; there are "
            + run.arrays.keys.sorted().joined(separator: ", "))
      }
      return array
    }
    func finite(_ name: String) throws(ManualRunError) -> Tensor<Double> {
      let value = try array(name)
      guard value.isFinite else {
        throw ManualRunError(
          array: name, problem: "holds a value that is not finite",
          remedy: "save it before the step that spoils it")
      }
      return value
    }
    let widths = network.widths
    let flipsExamples = run.layout.transposesExamples
    func examples(_ value: Tensor<Double>, _ name: String, width: Int)
      throws(ManualRunError) -> Tensor<Double>
    {
      let matrix =
        value.shape.rank == 1 && width == 1 ? value.expanded(atAxis: flipsExamples ? 0 : 1) : value
      guard matrix.shape.rank == 2, matrix.shape[flipsExamples ? 0 : 1] == width else {
        throw ManualRunError(
          array: name,
          problem: "has shape \(value.shape), not "
            + (flipsExamples ? "[\(width), examples]" : "[examples, \(width)]"),
          remedy: "check --network and --layout \(run.layout.rawValue)")
      }
      return flipsExamples ? matrix.transposed() : matrix
    }
    inputs = try examples(finite("X"), "X", width: widths[0])
    let count = inputs.shape[0]
    guard count > 0 else {
      throw ManualRunError(array: "X", problem: "holds no example", remedy: "save at least one")
    }
    targets = try network.loss.targets(
      finite("Y"), examples: count, outputs: widths[network.layerCount], areColumns: flipsExamples)
    var parameters: [Tensor<Double>] = []
    for layer in 1...network.layerCount {
      let (rows, columns) = (widths[layer - 1], widths[layer])
      let weight = try finite("W\(layer)")
      let expected: Shape = run.layout.transposesWeights ? [columns, rows] : [rows, columns]
      guard weight.shape == expected else {
        throw ManualRunError(
          array: "W\(layer)", problem: "has shape \(weight.shape), not \(expected)",
          remedy: "check --network and --layout \(run.layout.rawValue)")
      }
      let bias = try finite("b\(layer)")
      guard bias.count == columns else {
        throw ManualRunError(
          array: "b\(layer)", problem: "has shape \(bias.shape), not \(columns) values",
          remedy: "check --network")
      }
      parameters += [
        run.layout.transposesWeights ? weight.transposed() : weight, bias.reshaped(to: [columns]),
      ]
    }
    self.parameters = parameters

    for (name, value) in run.arrays {
      if name.hasPrefix("D"), let layer = Int(name.dropFirst()),
        (1...network.layerCount).contains(layer)
      {
        let mask = try examples(value, name, width: widths[layer])
        let isPlain = mask.scalars.allSatisfy { $0 == 0 || $0 == 1 }
        masks[layer] = isPlain ? mask * (1 / (run.keepProbability ?? 1)) : mask
        continue
      }
      guard let quantity = Quantity(name: name), quantity.layer <= network.layerCount else {
        continue
      }
      let (rows, columns) = (widths[quantity.layer - 1], widths[quantity.layer])
      switch quantity.kind {
      case .weightGradient:
        let expected: Shape = run.layout.transposesWeights ? [columns, rows] : [rows, columns]
        if value.shape == expected {
          quantities[quantity] = run.layout.transposesWeights ? value.transposed() : value
        } else if value.shape == Shape(expected.extents.reversed()) {
          transposed.insert(quantity)
          quantities[quantity] = run.layout.transposesWeights ? value : value.transposed()
        } else {
          throw ManualRunError(
            array: name, problem: "has shape \(value.shape), and its weight has \(expected)",
            remedy: "save the gradient of W\(quantity.layer) under this name")
        }
      case .biasGradient:
        if value.count == columns {
          quantities[quantity] = value.reshaped(to: [columns])
        } else if value.shape.rank == 2, value.count == columns * count {
          unsummed[quantity] = flipsExamples ? value.transposed() : value
        } else if value.count == count {
          // Summed over the units, where the examples should have been.
          unsummed[quantity] = value.reshaped(to: [count, 1])
        } else if value.count == 1 {
          unsummed[quantity] = value.reshaped(to: [1])
        } else {
          throw ManualRunError(
            array: name, problem: "has shape \(value.shape) for \(columns) units",
            remedy: "save the gradient of b\(quantity.layer) under this name")
        }
      default:
        quantities[quantity] = try Self.matching(examples(value, name, width: columns), count, name)
      }
    }
  }

  private static func matching(
    _ value: Tensor<Double>, _ count: Int, _ name: String
  ) throws(ManualRunError) -> Tensor<Double> {
    guard value.shape[0] == count else {
      throw ManualRunError(
        array: name, problem: "holds \(value.shape[0]) examples, and X holds \(count)",
        remedy: "save arrays of one and the same step")
    }
    return value
  }
}
