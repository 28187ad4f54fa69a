/// What the name of an array says: what it is, of which layer, and whether it is the gradient of that.
struct ArrayName: Sendable, Hashable {
  /// What an array is.
  enum Role: Sendable, Hashable {
    case input, target, weight, bias, scale, shift, preactivation, activation, delta, mask, cost
    /// What is called an error or a difference: no name says with which sign, or of what.
    case error
  }

  /// The role; `nil` if no word says it.
  var role: Role?
  /// Whether it is the gradient of what the rest of the name says.
  var isGradient = false
  /// What is left of the name, in order: numbers, and words such as "hidden".
  var key: [String] = []
  /// All words except the mark of a gradient.
  private(set) var words: [String] = []

  var numbers: [Int] { key.compactMap(Int.init) }
  /// What the parameters of a layer have in common: the key without letters for a gain.
  var stem: [String] { key.filter { !["g", "gain"].contains($0) } }
  /// The words of the key that are not numbers.
  var pattern: [String] { key.filter { Int($0) == nil }.sorted() }

  /// The words and numbers of a name, in lower case: split at separators, between letters and digits, and where a capital begins a
  /// word.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    var word = ""
    func isBoundary(_ previous: Character, _ next: Character) -> Bool {
      previous.isNumber != next.isNumber || (previous.isLowercase && next.isUppercase)
    }
    for character in name {
      guard character.isLetter || character.isNumber else {
        if !word.isEmpty { words.append(word) }
        word = ""
        continue
      }
      if let last = word.last, isBoundary(last, character) {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    if !word.isEmpty { words.append(word) }
    return words.map { $0.lowercased() }
  }

  private static let roles: [Role: Set<String>] = [
    .input: [
      "x", "xs", "xb", "input", "inputs", "context", "contexts", "feature", "features", "image",
      "images", "data",
    ],
    .target: [
      "y", "ys", "yb", "t", "label", "labels", "target", "targets", "truth", "onehot",
      "expected", "desired",
    ],
    .weight: [
      "w", "ws", "wt", "weight", "weights", "theta", "thetas", "kernel", "kernels", "syn",
      "synapse",
      "synapses", "coef", "coefs", "coefficients", "emb", "embed", "embedding", "embeddings",
    ],
    .bias: ["b", "bs", "bias", "biases", "intercept", "intercepts"],
    .scale: ["gamma", "gammas"], .shift: ["beta", "betas"],
    .preactivation: [
      "z", "zs", "net", "preact", "preactivation", "preactivations", "pre", "lin", "logit",
      "logits",
      "score", "scores",
    ],
    .activation: [
      "a", "h", "hs", "hid", "hidden", "act", "acts", "activation", "activations", "out", "outs",
      "o",
      "output", "outputs", "l", "layer", "prob", "probs", "p", "ps", "pred", "preds", "prediction",
      "predictions", "yhat", "ypred", "hat", "relu",
    ],
    .delta: ["delta", "deltas"], .mask: ["mask", "masks", "drop", "dropout"],
    .error: ["error", "errors", "err", "diff", "difference"],
    .cost: ["cost", "loss", "j"],
  ]

  /// If several words give a role, the first of these counts.
  private static let order: [Role] = [
    .weight, .bias, .scale, .shift, .mask, .delta, .error, .target, .input, .preactivation,
    .activation, .cost,
  ]

  /// Words next to "y" that say it is an output.
  private static let predictions: Set<String> = [
    "pred", "preds", "prediction", "predictions", "hat", "prob", "probs", "out", "output",
  ]
  private static let gradients: Set<String> = [
    "grad", "grads", "gradient", "gradients", "nabla", "g",
  ]
  /// Words that make an output a target.
  private static let wanted: Set<String> = [
    "expected", "desired", "target", "targets", "truth", "true", "label", "labels",
  ]
  /// What follows w, b, z or a in one word, as in wih, who, bo, zh.
  private static let positions: Set<String> = [
    "h", "o", "i", "x", "y", "ih", "ho", "hh", "xh", "hy", "hx", "io", "ox", "oh", "hid", "out",
    "in", "hidden", "output", "input", "ih", "hi",
  ]

  private static func role(ofWord word: String) -> Role? {
    for role in order where roles[role]!.contains(word) { return role }
    return nil
  }

  /// Splits a word such as "wih" into "w" and "ih".
  private static func split(_ word: String) -> [String] {
    guard role(ofWord: word) == nil, let first = word.first, "wbhza".contains(first),
      positions.contains(String(word.dropFirst())), word.count > 1
    else { return [word] }
    return first == "h" ? [word] : [String(first), String(word.dropFirst())]
  }

  /// - Parameter names: All names of the file, which show what the word after a "d" is.
  init(_ name: String, among names: Set<[String]>) {
    var words = Self.words(of: name)
    isGradient = Self.removeGradient(from: &words, among: names)
    self.words = words
    words = words.flatMap(Self.split)
    let told = words.map(Self.role(ofWord:))
    var role = Self.order.first { told.contains($0) }
    if role == .target, words.contains(where: Self.predictions.contains),
      !words.contains(where: Self.wanted.contains)
    {
      role = .activation
    }
    // X_b holds a column for the biases.
    if role == .bias, told.first == .input { role = .input }
    if role == .delta, isGradient == false, told.contains(.weight) || told.contains(.bias) {
      isGradient = true
    }
    if role == .weight || role == .bias, told.contains(.delta) {
      isGradient = true
      words.removeAll { Self.role(ofWord: $0) == .delta }
    }
    self.role = role
    // The word that gave the role is removed; an activation may lose several.
    if let index = words.firstIndex(where: { Self.role(ofWord: $0) == role && role != nil }) {
      words.remove(at: index)
    }
    key = words
  }

  /// What is after the d of a word such as "dw" or "db"; `nil` if the word is none of these.
  private static func behindD(_ word: String) -> String? {
    guard word.hasPrefix("d"), word.count > 1, role(ofWord: word) == nil else { return nil }
    let rest = String(word.dropFirst())
    let known: Set<Role> = [.weight, .bias, .preactivation, .activation]
    guard let role = split(rest).first.flatMap(role(ofWord:)), known.contains(role),
      rest.count > 2 || rest.first.map({ "wbza".contains($0) }) == true
    else { return nil }
    return rest
  }

  /// Takes the mark of a gradient off a name; returns whether there was one.
  private static func removeGradient(
    from words: inout [String], among names: Set<[String]>
  ) -> Bool {
    func isKnown(_ rest: [String]) -> Bool {
      guard let first = rest.first, Int(first) == nil else { return false }
      return names.contains(rest) || rest.flatMap(split).contains { role(ofWord: $0) != nil }
    }
    // grad_W1, W1.grad, gW1.
    if let index = words.firstIndex(where: gradients.contains) {
      var rest = words
      rest.remove(at: index)
      let isNumbered = rest.count == 1 && Int(rest[0]) != nil
      // g1 next to grad_g1 is a parameter.
      let hasGradient = gradients.contains {
        names.contains([$0] + words) || names.contains(words + [$0])
      }
      if words[index] != "g" || (index == 0 && (isKnown(rest) || isNumbered) && !hasGradient) {
        rest = rest.filter { !["wrt", "of"].contains($0) }
        if rest.first == "d", isKnown(Array(rest.dropFirst())) { rest.removeFirst() }
        // grads.db1
        if let word = rest.first, let known = behindD(word) { rest[0] = known }
        guard !rest.isEmpty else { return false }
        words = rest
        return true
      }
    }
    // w1.g, W_f_d: after the name of another array; gates, among others, are called g as well.
    if let last = words.last, ["g", "d"].contains(last), words.count > 1,
      names.contains(Array(words.dropLast())),
      !["f", "i", "o"].contains(where: { names.contains(words.dropLast() + [$0]) })
    {
      words.removeLast()
      return true
    }
    // md next to m, gradb1 next to b1, deW0 next to W0, glayer1_weights next to layer1_weights.
    if words.count == 1, words[0].count > 1, words[0].hasSuffix("d"),
      names.contains([String(words[0].dropLast())])
    {
      words[0].removeLast()
      return true
    }
    if let first = words.first {
      for mark in ["grad", "de", "dl", "dj", "dc", "g"] where first.hasPrefix(mark) {
        let rest = [String(first.dropFirst(mark.count))].filter { !$0.isEmpty } + words.dropFirst()
        if names.contains(rest), isKnown(rest) {
          words = rest
          return true
        }
      }
    }
    // W1_derivative; that of a hidden layer may be its function's.
    if let last = words.last, ["derivative", "derivatives", "deriv"].contains(last) {
      let rest = Array(words.dropLast())
      let roles = rest.flatMap(split).compactMap(role(ofWord:))
      if roles.contains(.weight) || roles.contains(.bias) {
        words = rest
        return true
      }
    }
    // gw1, gb1.
    if let first = words.first, first.hasPrefix("g"), role(ofWord: first) == nil {
      let rest = String(first.dropFirst())
      if [.weight, .bias].contains(split(rest).first.flatMap(role(ofWord:))) {
        words[0] = rest
        return true
      }
    }
    // layer1_dw, l1.dW.
    func removeInside() -> Bool {
      for index in words.indices.dropFirst() {
        if words[index] == "d", isKnown(Array(words[(index + 1)...])) {
          words.remove(at: index)
          return true
        }
        guard let known = behindD(words[index]) else { continue }
        words[index] = known
        return true
      }
      return false
    }
    guard let first = words.first, first.hasPrefix("d") else { return removeInside() }
    let rest = Array(words.dropFirst())
    // d_loss_d_w1, dL_dW1, dLdW1.
    let losses: Set<String> = ["loss", "cost", "l", "j", "c", "e", "err", "error"]
    if first == "d", let loss = rest.first {
      if losses.contains(loss), rest.count > 2, rest[1] == "d" {
        words = Array(rest.dropFirst(2))
        return true
      }
      if loss.hasSuffix("d"), losses.contains(String(loss.dropLast())), rest.count > 1 {
        words = Array(rest.dropFirst())
        return true
      }
      // dLdb1, whose small letters are one word.
      if let found = losses.lazy.filter({ loss.hasPrefix($0 + "d") })
        .map({ String(loss.dropFirst($0.count + 1)) })
        .first(where: { split($0).first.flatMap(role(ofWord:)) != nil })
      {
        words = [found] + rest.dropFirst()
        return true
      }
      if losses.contains(loss), rest.count > 1, rest[1].hasPrefix("d"), rest[1].count > 1 {
        words = [String(rest[1].dropFirst())] + rest.dropFirst(2)
        return true
      }
      // dW1, d_w1.
      guard isKnown(rest) else { return false }
      words = rest
      return true
    }
    if losses.contains(String(first.dropFirst())), let next = rest.first, next.hasPrefix("d") {
      words = (next == "d" ? [] : [String(next.dropFirst())]) + rest.dropFirst()
      return true
    }
    // dw1, dsyn0, dscores.
    let joined = [String(first.dropFirst())] + rest
    // What follows the d has to be a known word, or the name of another array: dense_1/kernel is not a gradient.
    guard role(ofWord: first) == nil,
      names.contains(joined) || split(joined[0]).contains(where: { role(ofWord: $0) != nil })
    else { return removeInside() }
    words = joined
    return true
  }
}
