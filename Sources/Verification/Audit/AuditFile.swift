import Datasets
import Findings
import Plumbline

/// A file that somebody's own program has written in one step, with `np.savez`: examples, parameters, gradients.
///
/// Arrays that an audit does not know are passed over. The layout is told by the shapes.
public struct AuditFile: Sendable {
  /// The path.
  public let path: String
  /// The arrays that an audit can use, as they lie in the file.
  public let arrays: [String: Tensor<Double>]
  /// The names of the others.
  public let unused: [String]
  /// The relative distance up to which values differ by rounding in the file's precision.
  public let tolerance: Double
  /// The cost and the probability of keeping a unit, where they are in the file.
  public let cost: Double?, keepProbability: Double?
  /// λ of the penalties, where the file holds it under `l1`, `l2` or `lambd`.
  public let l1: Double?, l2: Double?
  /// The number of layers.
  public let layerCount: Int

  /// Reads a file.
  ///
  /// - Throws: ``Problem`` for a file that cannot be read or lacks X, Y, a parameter or a gradient.
  public init(contentsOfFile path: String) throws(Problem) {
    let file = try NPZFile(contentsOfFile: path)
    var arrays: [String: Tensor<Double>] = [:]
    var numbers: [String: Double] = [:]
    var unused: [String] = []
    var tolerance = 1e-5
    for name in file.names {
      let known = Self.knownName(name)
      let isNumber = ["cost", "loss", "keep_prob", "keep", "l1", "l2", "lambd", "lambda_"].contains(
        name.lowercased())
      guard known != nil || isNumber else {
        unused.append(name)
        continue
      }
      let array = try file.array(named: name)
      if let known {
        guard arrays[known] == nil else {
          throw Problem(
            .inconsistent, subject: path, location: "array \(name)",
            problem: "\(known) is there twice",
            remedy: "save each array under one name")
        }
        arrays[known] = array.tensor()
        if Quantity(name: known).map({ !$0.kind.isForward }) ?? false {
          tolerance = Swift.max(tolerance, Self.tolerance(array.elementType))
        }
      } else {
        guard array.count == 1, let value = array.doubles().first else {
          throw Problem(
            .inconsistent, subject: path, location: "array \(name)",
            problem: "is a number in an audit, and has shape \(array.shape)",
            remedy: "save one number under this name, or the array under another")
        }
        numbers[name.lowercased()] = value
      }
    }
    var layers = 0
    while arrays["W\(layers + 1)"] != nil { layers += 1 }
    let beyond =
      arrays.keys.compactMap { name -> Int? in
        Quantity(name: name)?.layer
          ?? (name.hasPrefix("W") || name.hasPrefix("b") ? Int(name.dropFirst()) : nil)
      }.max() ?? 0
    layers = Swift.max(layers, beyond, 1)
    let needed = ["X", "Y"] + (1...layers).flatMap { ["W\($0)", "b\($0)"] }
    if let missing = needed.first(where: { arrays[$0] == nil }) {
      throw Problem(
        .notFound, subject: path, location: "array \(missing)",
        problem: "there is no such array, only \(file.names.joined(separator: ", "))",
        remedy:
          "an audit needs X, Y, W1, b1, ..., and dW1, db1, ...: np.savez(file, X=X, Y=Y, **parameters, "
          + "**gradients)")
    }
    guard arrays.keys.contains(where: { Quantity(name: $0).map { !$0.kind.isForward } ?? false })
    else {
      throw Problem(
        .notFound, subject: path, location: "gradients",
        problem: "none of dW1, db1, ..., dZ1, dA1, ... is there",
        remedy: "save what is to be judged: np.savez(file, ..., **gradients)")
    }
    self.path = path
    self.arrays = arrays
    self.unused = unused
    self.tolerance = tolerance
    cost = numbers["cost"] ?? numbers["loss"]
    keepProbability = numbers["keep_prob"] ?? numbers["keep"]
    l1 = numbers["l1"]
    l2 = numbers["l2"] ?? numbers["lambd"] ?? numbers["lambda_"]
    layerCount = layers
  }

  /// The name that an audit knows an array by.
  private static func knownName(_ name: String) -> String? {
    if ["X", "x"].contains(name) { return "X" }
    if ["Y", "y"].contains(name) { return "Y" }
    if Quantity(name: name) != nil { return name }
    let rest = name.dropFirst()
    guard let first = name.first, "WbD".contains(first), let layer = Int(rest), layer >= 1 else {
      return nil
    }
    return name
  }

  private static func tolerance(_ type: NumericArray.ElementType) -> Double {
    switch type {
    case .float32: 2e-4
    case .float16: 5e-3
    case .bfloat16: 3e-2
    default: 1e-5
    }
  }

  // MARK: What the shapes tell

  /// The layouts that all shapes fit.
  public func layouts() -> [ArrayLayout] { ArrayLayout.allCases.filter { widths($0) != nil } }

  /// The widths of the network in a layout; `nil` where a shape does not fit it.
  public func widths(_ layout: ArrayLayout) -> [Int]? {
    guard let x = arrays["X"], x.shape.rank == 2 else { return nil }
    let flips = layout.transposesExamples
    let examples = x.shape[flips ? 1 : 0]
    var widths = [x.shape[flips ? 0 : 1]]
    for layer in 1...layerCount {
      guard let weight = arrays["W\(layer)"], let bias = arrays["b\(layer)"],
        weight.shape.rank == 2,
        weight.shape[layout.transposesWeights ? 1 : 0] == widths[layer - 1]
      else { return nil }
      let units = weight.shape[layout.transposesWeights ? 0 : 1]
      // A column is added to examples in columns only, and a row or a plain vector to those in rows.
      guard bias.count == units,
        units == 1 || bias.shape.rank == 1 || flips == (bias.shape == [units, 1])
      else { return nil }
      if units > 1, flips, bias.shape.rank == 1, units != examples { return nil }
      for kind in ["Z", "A", "dZ", "dA", "D"] {
        guard let value = arrays["\(kind)\(layer)"] else { continue }
        let expected: Shape = flips ? [units, examples] : [examples, units]
        if value.shape != expected && !(units == 1 && value.count == examples) { return nil }
      }
      widths.append(units)
    }
    guard let y = arrays["Y"] else { return nil }
    let outputs = widths[layerCount]
    let fits =
      y.shape == (flips ? [outputs, examples] : [examples, outputs]) || y.count == examples
    return fits ? widths : nil
  }

  /// The layout: the one that was asked for, or the only one that fits.
  ///
  /// - Throws: ``Problem`` where none or several fit.
  public func layout(asked: ArrayLayout?) throws(Problem) -> ArrayLayout {
    let fitting = layouts()
    if let asked {
      guard fitting.contains(asked) || bestGuess(asked) else {
        throw misfit("in the layout \(asked.rawValue)")
      }
      return asked
    }
    guard let first = fitting.first else { throw misfit("in any layout") }
    guard fitting.count == 1 else {
      throw Problem(
        .inconsistent, subject: path, location: "shapes",
        problem: "they fit the layouts " + fitting.map(\.rawValue).joined(separator: " and "),
        remedy:
          "say which with --layout: columns (W is out x in, examples are columns), rows (W is in x out, "
          + "examples are rows) or torch (W is out x in, examples are rows)")
    }
    return first
  }

  /// Whether the weights at least chain, so that a better message comes from the audit itself.
  private func bestGuess(_ layout: ArrayLayout) -> Bool {
    guard let x = arrays["X"], x.shape.rank == 2 else { return false }
    var width = x.shape[layout.transposesExamples ? 0 : 1]
    for layer in 1...layerCount {
      guard let weight = arrays["W\(layer)"], weight.shape.rank == 2,
        weight.shape[layout.transposesWeights ? 1 : 0] == width
      else { return false }
      width = weight.shape[layout.transposesWeights ? 0 : 1]
    }
    return true
  }

  private func misfit(_ where: String) -> Problem {
    let names = ["X", "Y"] + (1...layerCount).flatMap { ["W\($0)", "b\($0)"] }
    let shapes = names.map { "\($0) \(arrays[$0]?.shape.description ?? "missing")" }
    return Problem(
      .inconsistent, subject: path, location: "shapes",
      problem: "they do not chain \(`where`): \(shapes.joined(separator: ", "))",
      remedy:
        "each layer's weight takes what the layer before gives, and X, Y and Z, A hold the same examples"
    )
  }

  /// The run in a layout.
  public func run(_ layout: ArrayLayout) -> ManualRun {
    ManualRun(
      arrays: arrays, layout: layout, cost: cost, keepProbability: keepProbability,
      tolerance: tolerance)
  }

  // MARK: What the values tell

  /// The hidden activations and the output's, as far as given Z and A or the cost tell them; `nil` where they do not.
  public func activations(_ layout: ArrayLayout, isResidual: Bool) -> [Activation]? {
    guard let widths = widths(layout) else { return nil }
    let candidates: [Activation] = [
      .relu, .tanh, .sigmoid, .leakyRelu, .linear, .elu, .softplus, .gelu, .silu,
    ]
    let outputs: [Activation] =
      widths[layerCount] == 1 ? [.sigmoid, .linear, .tanh, .relu] : [.softmax, .sigmoid, .linear]
    var best: (distance: Double, activations: [Activation])?
    for hidden in layerCount > 1 ? candidates : [.relu] {
      for output in outputs {
        guard
          let description = try? DenseNetworkDescription(
            widths: widths, activations: Array(repeating: hidden, count: layerCount - 1) + [output],
            isResidual: isResidual),
          let distance = try? Audit.forwardDistance(of: run(layout), from: description)
        else { continue }
        if distance < best?.distance ?? .infinity {
          best = (distance, description.activations)
        }
      }
    }
    guard let best, best.distance < 1e-3 else { return nil }
    return best.activations
  }
}
