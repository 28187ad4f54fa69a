import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("Mistakes in blocks and in attention")
struct BlockMistakeTests {
  private static let positions = ["pre", "post", "peri", "output"]

  /// A block between layers with weights, so that every gradient that leaves it reaches one.
  private func json(_ position: String, _ branch: String, norm: String = "layer-norm") -> String {
    """
    {"input": [3, 2], "output": "softmax", "layers": [
      {"layer": "dense", "outputs": 4},
      {"layer": "normalized-residual", "position": "\(position)", "scale": 0.7, "skip_scale": 1.2,
        "norm": [{"layer": "\(norm)"}], "branch": [\(branch)]},
      {"layer": "flatten"}, {"layer": "dense", "outputs": 2}]}
    """
  }
  private static let branches = [
    #"{"layer": "attention", "heads": 2}"#, #"{"layer": "attention", "heads": 2, "causal": true}"#,
    #"{"layer": "dense", "outputs": 6}, {"layer": "tanh"}, {"layer": "dense", "outputs": 4}"#,
  ]

  @Test("right gradients pass, with any norm", arguments: positions)
  func right(position: String) throws {
    for branch in Self.branches {
      for norm in ["layer-norm", "rms-norm"] {
        for seed in 0..<3 {
          let step = try DescribedStep(json(position, branch, norm: norm), seed: seed)
          let report = try step.report(step.arrays(step.gradients))
          #expect(report.verdict == .pass, "seed \(seed): \(report.paragraph)")
        }
      }
    }
  }

  @Test("every mistake is named, or one that gives the same gradients", arguments: positions)
  func named(position: String) throws {
    for (seed, branch) in Self.branches.enumerated() {
      let step = try DescribedStep(json(position, branch), seed: 20 + seed, examples: 3)
      let right = step.gradients
      let value = step.cost.value(step.parameters)
      let all = try step.wrongLayers().filter { $0.layer == 1 }
      #expect(all.count > 20)
      let made = all.map { $0.cost.gradients(step.parameters) }
      func isSame(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Bool {
        zip(a, b).allSatisfy { $0.relativeDistance(to: $1) < 1e-6 }
      }
      for (index, one) in all.enumerated() {
        #expect(abs(one.cost.value(step.parameters) - value) < 1e-12, "\(one.wrong.words)")
        // A derivative that is another one only where values are large may change next to nothing.
        guard zip(made[index], right).contains(where: { $0.relativeDistance(to: $1) > 1e-4 }) else {
          continue
        }
        let report = try step.report(step.arrays(made[index]))
        let ids = Set(all.indices.filter { isSame(made[$0], made[index]) }.map { all[$0].wrong.id })
        let id = report.firstDivergence?.cause?.id
        #expect(
          id.map(ids.contains) == true,
          "seed \(20 + seed): \(one.wrong.id): \(one.wrong.words) \(report.paragraph)")
      }
    }
  }

  @Test("the norm of a block is judged after the branch that it feeds")
  func order() throws {
    let step = try DescribedStep(json("pre", Self.branches[0]), seed: 3)
    let report = try step.report(step.arrays(step.gradients))
    let names = report.items.map(\.quantity.description)
    let norm = try #require(names.firstIndex(of: "d1.norm.scale"))
    let branch = try #require(names.firstIndex(of: "d1.branch.0.inputWeight"))
    #expect(branch < norm)
  }

  // MARK: Queries, keys and values apart

  private static let attention = """
    {"input": [3, 4], "output": "softmax", "layers": [
      {"layer": "residual", "branch": [{"layer": "attention", "heads": 2}]}, {"layer": "flatten"},
      {"layer": "dense", "outputs": 2}]}
    """
  /// The names of the weights and biases of q, k, v and the output.
  private static let names = [
    ["Wq", "Wk", "Wv", "Wo", "bq", "bk", "bv", "bo", "W", "b"],
    [
      "q_proj.weight", "k_proj.weight", "v_proj.weight", "out_proj.weight", "q_proj.bias",
      "k_proj.bias", "v_proj.bias", "out_proj.bias", "fc.weight", "fc.bias",
    ],
    [
      "query_weight", "key_weight", "value_weight", "output_weight", "query_bias", "key_bias",
      "value_bias", "output_bias", "head_weight", "head_bias",
    ],
  ]

  /// The arrays of a step with one for each of q, k and v.
  private func divided(
    _ step: DescribedStep, _ names: [String], isTurned: Bool
  ) -> [String: Tensor<Double>] {
    var arrays: [String: Tensor<Double>] = ["X": step.cost.inputs]
    let all = step.arrays(step.gradients)
    arrays["Y"] = all["Y"]
    func laid(_ value: Tensor<Double>) -> Tensor<Double> {
      isTurned && value.shape.rank == 2 ? value.transposed() : value
    }
    for suffix in ["", ".grad"] {
      for (path, first) in [("0.branch.0.inputWeight", 0), ("0.branch.0.inputBias", 4)] {
        let whole = all[path + suffix]!
        for part in 0..<3 {
          arrays[names[first + part] + suffix] = laid(
            whole.sliced(axis: -1, part * 4..<(part + 1) * 4))
        }
      }
      for (path, index) in [
        ("0.branch.0.outputWeight", 3), ("0.branch.0.outputBias", 7), ("2.weight", 8),
        ("2.bias", 9),
      ] {
        arrays[names[index] + suffix] = laid(all[path + suffix]!)
      }
    }
    return arrays
  }

  @Test("an array each for q, k and v is one weight, as here and as PyTorch has it")
  func dividedAttention() throws {
    for seed in 0..<3 {
      for names in Self.names {
        for isTurned in [false, true] {
          let step = try DescribedStep(Self.attention, seed: seed)
          var arrays = divided(step, names, isTurned: isTurned)
          let right = try step.report(arrays)
          #expect(right.verdict == .pass, "seed \(seed), \(names[0]): \(right.paragraph)")
          #expect(right.reading.layout == (isTurned ? "torch" : "rows"))
          let key = names[1] + ".grad"
          arrays[key] = arrays[key]! * 2
          let report = try step.report(arrays)
          #expect(report.items.count { $0.verdict == .fail } == 1, "seed \(seed)")
          #expect(report.firstDivergence?.quantity.description == "d\(names[1])")
          #expect(report.firstDivergence?.cause?.id == .constantFactor)
        }
      }
    }
  }

  @Test("gradients that are saved under one another's names")
  func exchanged() throws {
    for seed in 0..<3 {
      let step = try DescribedStep(Self.attention, seed: seed)
      var arrays = divided(step, Self.names[0], isTurned: false)
      (arrays["Wq.grad"], arrays["Wv.grad"]) = (arrays["Wv.grad"], arrays["Wq.grad"])
      let report = try step.report(arrays)
      #expect(report.firstDivergence?.cause?.id == .wrongLayerInput, "seed \(seed)")
      #expect(report.paragraph.contains("should have"), "\(report.paragraph)")
    }
  }

  // MARK: Files in the order of the forward pass

  @Test("norms are known by their names, wherever the layers have one width")
  func normsByName() throws {
    let json = """
      {"input": [3, 4], "output": "softmax", "layers": [
        {"layer": "normalized-residual", "branch": [{"layer": "attention", "heads": 2}]},
        {"layer": "normalized-residual", "branch": [{"layer": "dense", "outputs": 4}, {"layer": "tanh"},
          {"layer": "dense", "outputs": 4}]},
        {"layer": "layer-norm"}, {"layer": "flatten"}, {"layer": "dense", "outputs": 2}]}
      """
    let called = [
      "0.branch.0.outputWeight": "Wo", "0.branch.0.outputBias": "bo", "0.norm.scale": "ln_1_g",
      "0.norm.shift": "ln_1_b", "1.branch.0.weight": "W_up", "1.branch.0.bias": "b_up",
      "1.branch.2.weight": "W_down", "1.branch.2.bias": "b_down", "1.norm.scale": "ln_2_g",
      "1.norm.shift": "ln_2_b", "2.scale": "ln_f_g", "2.shift": "ln_f_b", "4.weight": "W_head",
      "4.bias": "b_head",
    ]
    for seed in 0..<3 {
      let step = try DescribedStep(json, seed: 40 + seed)
      let all = step.arrays(step.gradients)
      var arrays = ["X": all["X"]!, "Y": all["Y"]!]
      for path in step.names {
        for (suffix, mark) in [("", ""), (".grad", "grad_")] {
          let value = all[path + suffix]!
          guard let name = called[path] else {
            let letter = path.hasSuffix("Weight") ? "W" : "b"
            for (part, own) in ["q", "k", "v"].enumerated() {
              arrays[mark + letter + own] = value.sliced(axis: -1, part * 4..<(part + 1) * 4)
            }
            continue
          }
          arrays[mark + name] = value
        }
      }
      let right = try step.report(arrays)
      #expect(right.verdict == .pass, "seed \(40 + seed): \(right.paragraph)")
      // Queries and keys are wrong, and nothing else.
      for name in ["grad_Wq", "grad_Wk", "grad_bq", "grad_bk"] { arrays[name] = arrays[name]! * 3 }
      let report = try step.report(arrays)
      #expect(report.firstDivergence?.cause?.id == .constantFactor, "\(report.paragraph)")
    }
  }

  @Test(
    "a scale that the backward pass of attention forgets is one mistake, also of queries and keys apart"
  )
  func forgottenScale() throws {
    for seed in 0..<3 {
      let step = try DescribedStep(Self.attention, seed: 60 + seed)
      let found = try step.wrongLayers().first {
        $0.wrong.words.contains("lacks the scale 1/√2 of the scores:")
      }
      // Rules for layers in blocks wrap the block.
      let wrong = try #require(found)
      var arrays = divided(step, Self.names[0], isTurned: false)
      let gradients = step.arrays(wrong.cost.gradients(step.parameters))
      for (path, first) in [("0.branch.0.inputWeight", 0), ("0.branch.0.inputBias", 4)] {
        for part in 0..<3 {
          arrays[Self.names[0][first + part] + ".grad"] = gradients[path + ".grad"]!
            .sliced(axis: -1, part * 4..<(part + 1) * 4)
        }
      }
      let report = try step.report(arrays)
      #expect(
        report.paragraph.contains("lacks the scale 1/√2"), "seed \(60 + seed): \(report.paragraph)")
    }
  }

  @Test("a parameter that is named by its path keeps its place, and its gradient, next to others")
  func someNamesGiven() throws {
    for seed in 0..<3 {
      let step = try DescribedStep(Self.attention, seed: 50 + seed)
      var arrays = divided(step, Self.names[0], isTurned: false)
      for suffix in ["", ".grad"] {
        // Names that say nothing, in an order that misleads.
        arrays["zz" + suffix] = arrays.removeValue(forKey: "Wo" + suffix)
        arrays["aa" + suffix] = arrays.removeValue(forKey: "bo" + suffix)
      }
      let report = try NetworkAudit(
        step.network,
        saved: SavedArrays(
          arrays, cost: step.cost.value(step.parameters), keep: nil, tolerance: 1e-5),
        names: ["zz": "0.branch.0.outputWeight", "aa": "0.branch.0.outputBias"]
      ).report()
      #expect(report.verdict == .pass, "seed \(50 + seed): \(report.paragraph)")
    }
  }
}
