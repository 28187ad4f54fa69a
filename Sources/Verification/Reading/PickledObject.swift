/// A list or a dictionary of arrays that was passed to `np.savez`, which pickles it.
struct PickledObject {
  /// Its name in the file.
  let name: String
  /// The shape of the array of objects: none for a dictionary, `[n]` for a list, and `[n, 2]` for a list of pairs.
  let shape: [Int]

  private var isDictionary: Bool { shape.isEmpty }

  var problem: String {
    "this is a \(isDictionary ? "dictionary" : "list") of arrays, which NumPy saves as a Python object and not as numbers"
  }

  /// The line that saves each of their arrays under its own name, together with the rest of the file.
  ///
  /// One dictionary holds everything, since a name that two of them have in common would be refused as an argument.
  static func flattening(_ objects: [PickledObject], besides names: [String]) -> String {
    let others = names.isEmpty ? ["X", "Y"] : names
    let parts = others.map { "\"\($0)\": \($0)" } + objects.map { $0.entries(among: objects) }
    let groups = (objects.map(\.name) + others.map { "\($0)=\($0)" }).joined(separator: ", ")
    return
      "save each array under its own name: np.savez(\"run.npz\", **{\(parts.joined(separator: ", "))}); if they are "
      + "nested deeper, plumbline.save(\"run.npz\", \(groups)) does that (plumb python writes plumbline.py)"
  }

  /// The expression for its arrays by name, as a part of a dictionary.
  private func entries(among objects: [PickledObject]) -> String {
    let name = ArrayName(name, among: [])
    // Examples are one array; a data frame of mixed types turns them into objects.
    if !isDictionary, name.role == .input || name.role == .target, !name.isGradient {
      return "\"\(self.name)\": np.array(list(\(self.name)), float)"
    }
    // dlayers next to layers, params_grad next to params.
    let isGradient =
      name.isGradient
      || ArrayName.words(of: self.name).contains { $0.hasPrefix("grad") || $0 == "nabla" }
      || objects.contains {
        self.name != $0.name && (self.name.hasPrefix($0.name) || self.name.hasSuffix($0.name))
      }
    let mark = isGradient ? "d" : ""
    if isDictionary {
      return isGradient
        ? "**{k if k[0] == \"d\" else \"d\" + k: a for k, a in \(self.name).items()}"
        : "**\(self.name)"
    }
    if shape.count == 2, shape[1] == 2 {
      return
        "**{f\"\(mark){k}{i+1}\": a for i, p in enumerate(\(self.name)) for k, a in zip(\"Wb\", p)}"
    }
    let letter: [ArrayName.Role: String] = [.bias: "b", .preactivation: "Z", .activation: "A"]
    return
      "**{f\"\(mark)\(name.role.flatMap { letter[$0] } ?? "W"){i+1}\": a for i, a in enumerate(\(self.name))}"
  }
}
