import Findings
import Plumbline

/// Which array of a file belongs to which parameter.
struct Naming {
  struct Match {
    let parameter: StoredParameter
    /// The name of the array.
    let name: String
  }
  var matches: [Match] = []
  /// Arrays that PyTorch writes again because their layer occurs at several positions, each with its first name.
  var repetitions: [(name: String, first: String)] = []
  /// The layout that goes with the names, if they differ between this library and PyTorch.
  var impliedLayout: ArrayLayout?
}

extension ParameterFile {
  /// Finds the array of every parameter.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are missing or surplus, and for those of another network.
  func naming(for layout: ParameterLayout) throws(Problem) -> Naming {
    let dense = StoredDenseLayers(layout)
    let parameters = (layout.entries + layout.statistics).map(StoredParameter.init)
    if names.contains(where: { Self.numbered($0) != nil }) {
      guard let dense else {
        let path = parameters.first { !$0.isWeight && !$0.path.hasSuffix("bias") }?.path
        throw failure(
          .inconsistent, "names",
          "W1, b1, ... are names for dense layers only, but this network has others"
            + (path.map { ", \($0) for example" } ?? ""),
          "save the parameters by their paths: "
            + parameters.prefix(2).map(\.path).joined(separator: ", ") + ", ...")
      }
      return try match(dense, to: try numberedLayers())
    }
    let attempts = pathAttempts(parameters, StoredRepetition.all(in: layout))
    if let complete = attempts.first(where: { $0.missing.isEmpty && $0.surplus.isEmpty }) {
      return complete.naming
    }
    if let dense, let modules = numberedModules() { return try match(dense, to: modules) }
    throw mismatch(attempts, parameters, isDense: dense != nil)
  }

  // MARK: W1, b1, ...

  /// The kind and the layer of a name such as W1 or b12.
  private static func numbered(_ name: String) -> (kind: Character, layer: Int)? {
    guard let kind = name.first, kind == "W" || kind == "b",
      let layer = Int(name.dropFirst()), name == "\(kind)\(layer)"
    else { return nil }
    return (kind, layer)
  }

  /// Whether an audit file may hold an array of this name next to the parameters.
  private static func belongsToAudit(_ name: String) -> Bool {
    if [
      "X", "Y", "x", "y", "cost", "loss", "keep_prob", "keep", "l1", "l2", "lambd", "lambda_",
    ].contains(name) {
      return true
    }
    let letters = name.prefix { $0.isLetter }
    return ["Z", "A", "D", "dZ", "dA", "dW", "db"].contains(letters)
      && Int(name.dropFirst(letters.count)) != nil
  }

  /// The names of weight and bias of each dense layer.
  typealias DenseNames = [(weight: String, bias: String?)]

  /// The dense layers of W1, b1, ..., without a gap.
  private func numberedLayers() throws(Problem) -> DenseNames {
    let known = Set(names)
    let layers = names.compactMap { Self.numbered($0)?.layer }
    let count = layers.max() ?? 0
    if let layer = layers.first(where: { $0 < 1 }) {
      throw failure(
        .inconsistent, "array \(known.contains("W\(layer)") ? "W" : "b")\(layer)",
        "layers are numbered from 1", "rename the arrays: those of the first layer are W1 and b1")
    }
    if let missing = (1...count).first(where: { !known.contains("W\($0)") }) {
      throw failure(
        .notFound, "array W\(missing)",
        "there is no such array, only \(names.joined(separator: ", "))",
        "save the weights of every layer, W1 to W\(count)")
    }
    let surplus = names.first { Self.numbered($0) == nil && !Self.belongsToAudit($0) }
    if let surplus {
      throw failure(
        .inconsistent, "array \(surplus)",
        "is not a parameter of dense layers, which are named W1, b1, W2, ...",
        "leave it out, or save all parameters by their paths in the network")
    }
    return (1...count).map { ("W\($0)", known.contains("b\($0)") ? "b\($0)" : nil) }
  }

  /// The dense layers of modules that differ in one number: `0.weight`, `0.bias`, `2.weight`, .... `nil` for
  /// other names.
  private func numberedModules() -> DenseNames? {
    var heads: Set<Substring> = []
    var layers: [Int: (weight: String?, bias: String?)] = [:]
    for name in names {
      guard let dot = name.lastIndex(of: ".") else { return nil }
      let module = name[..<dot]
      let digits = String(String(module.reversed()).prefix { $0.isNumber }.reversed())
      guard let number = Int(digits) else { return nil }
      heads.insert(module.dropLast(digits.count))
      switch name[dot...] {
      case ".weight": layers[number, default: (nil, nil)].weight = name
      case ".bias": layers[number, default: (nil, nil)].bias = name
      default: return nil
      }
    }
    guard heads.count == 1 else { return nil }
    var result: DenseNames = []
    for (_, layer) in layers.sorted(by: { $0.key < $1.key }) {
      guard let weight = layer.weight else { return nil }
      result.append((weight, layer.bias))
    }
    return result
  }

  private func match(
    _ dense: StoredDenseLayers, to layers: DenseNames
  ) throws(Problem) -> Naming {
    guard layers.count == dense.layers.count else {
      throw failure(
        .inconsistent, "array \(layers[layers.count - 1].weight)",
        "the file holds \(layers.count) dense layers, but the network \(dense.widths) has "
          + "\(dense.layers.count)", Self.otherNetwork)
    }
    var naming = Naming()
    for (index, (layer, found)) in zip(dense.layers, layers).enumerated() {
      naming.matches.append(Naming.Match(parameter: layer.weight, name: found.weight))
      switch (layer.bias, found.bias) {
      case (let bias?, let name?):
        naming.matches.append(Naming.Match(parameter: bias, name: name))
      case (nil, nil): break
      case (_?, nil):
        throw failure(
          .notFound, "bias of layer \(index + 1)",
          "there is none next to \(found.weight), only \(names.joined(separator: ", "))",
          "save it too, as zeros if there is none")
      case (nil, let name?):
        throw failure(
          .inconsistent, "array \(name)", "layer \(index + 1) of the network has no bias",
          Self.otherNetwork)
      }
    }
    return naming
  }

  static let otherNetwork =
    "these are the parameters of another network: describe the one they were saved from"

  /// The dense layers that the file holds, under any of their names.
  func denseNames() throws(Problem) -> DenseNames {
    if names.contains(where: { Self.numbered($0) != nil }) { return try numberedLayers() }
    guard let modules = numberedModules() else {
      throw failure(
        .notFound, "names",
        "there are no W1, b1, ..., only \(names.joined(separator: ", "))",
        "save W1, b1, W2, ...: np.savez(file, W1=W1, b1=b1, ...); or describe the network")
    }
    return modules
  }

  // MARK: Paths

  private struct PathAttempt {
    var naming = Naming()
    var missing: [String] = []
    var surplus: [String] = []
  }

  /// The matches by our paths and by PyTorch's, under each prefix that all names of the file share.
  private func pathAttempts(
    _ parameters: [StoredParameter], _ repetitions: [StoredRepetition]
  ) -> [PathAttempt] {
    let candidates = names.filter { !$0.hasSuffix("num_batches_tracked") }
    let known = Set(candidates)
    let paths = [
      (ArrayLayout.rows, parameters.map(\.path)), (.torch, parameters.map(\.torchPath)),
    ]
    let namesTellLayout = paths[0].1 != paths[1].1
    return Self.sharedPrefixes(of: candidates).flatMap { prefix in
      paths.map { layout, paths in
        var attempt = PathAttempt()
        let wanted = paths.map { prefix + $0 }
        for (parameter, name) in zip(parameters, wanted) {
          if known.contains(name) {
            attempt.naming.matches.append(Naming.Match(parameter: parameter, name: name))
          } else {
            attempt.missing.append(name)
          }
        }
        for repetition in repetitions {
          let path = layout == .rows ? \StoredParameter.path : \.torchPath
          let name = prefix + repetition.parameter[keyPath: path]
          guard known.contains(name) else { continue }
          attempt.naming.repetitions.append((name, prefix + repetition.first[keyPath: path]))
        }
        let used = Set(wanted + attempt.naming.repetitions.map(\.name))
        attempt.surplus = candidates.filter { !used.contains($0) }
        attempt.naming.impliedLayout = namesTellLayout ? layout : nil
        return attempt
      }
    }
  }

  /// The first parts that all names have in common, from none to all of them: "", "model.", "model.layers.".
  private static func sharedPrefixes(of names: [String]) -> [String] {
    guard let first = names.first else { return [""] }
    var prefixes = [""]
    var prefix = ""
    for part in first.split(separator: ".").dropLast() {
      prefix += part + "."
      guard names.allSatisfy({ $0.hasPrefix(prefix) }) else { break }
      prefixes.append(prefix)
    }
    return prefixes
  }

  /// The reason why the best attempt is incomplete.
  private func mismatch(
    _ attempts: [PathAttempt], _ parameters: [StoredParameter], isDense: Bool
  ) -> Problem {
    let best = attempts.min {
      $0.missing.count + $0.surplus.count < $1.missing.count + $1.surplus.count
    }
    let expected = parameters.prefix(4).map(\.path).joined(separator: ", ")
    guard let best, !best.naming.matches.isEmpty else {
      return failure(
        .inconsistent, "names",
        "the network's parameters are called \(isDense ? "W1, b1, ..., or " : "")\(expected)\(parameters.count > 4 ? ", ..." : "") and the "
          + "file holds \(names.isEmpty ? "none" : names.joined(separator: ", "))",
        Self.otherNetwork)
    }
    if let missing = best.missing.first {
      return failure(
        .notFound, "array \(missing)",
        "there is no such array, only \(names.joined(separator: ", "))",
        "save it too; or " + Self.otherNetwork)
    }
    return failure(
      .inconsistent, "array \(best.surplus[0])",
      "the network has no such parameter, but \(expected)\(parameters.count > 4 ? ", ..." : "")",
      "leave it out; or " + Self.otherNetwork)
  }
}
