import AuditCases
import Findings
import Networks
import Plumbline
import Testing
import Verification

@Suite("What an audit makes of arrays")
struct RecognitionTests {
  private func run(
    _ mutations: [Mutation] = [], content: AuditCase.Content = .everything,
    loss: LossFunction? = nil
  ) throws -> ManualRun {
    AuditCase(
      "recognition",
      try HandWrittenNetwork(
        widths: [4, 5, 3], activations: [.tanh], output: loss == nil ? nil : .sigmoid, loss: loss),
      content: content, layout: .rows, mutations: mutations
    ).run
  }

  /// Under other names.
  private func report(
    _ run: ManualRun, _ names: (String) -> String = { $0 },
    _ request: ReadingRequest = ReadingRequest()
  ) throws -> AuditReport {
    var run = run
    run.arrays = Dictionary(uniqueKeysWithValues: run.arrays.map { (names($0.key), $0.value) })
    return try Audit.report(on: run, request)
  }

  static let styles: [[String: String]] = [
    [
      "W1": "w0", "b1": "b0", "W2": "w1", "b2": "b1", "dW1": "dw0", "db1": "db0", "dW2": "dw1",
      "db2": "db1",
    ],
    [
      "W1": "fc1.weight", "b1": "fc1.bias", "W2": "fc2.weight", "b2": "fc2.bias",
      "dW1": "fc1.weight.grad",
      "db1": "fc1.bias.grad", "dW2": "fc2.weight.grad", "db2": "fc2.bias.grad",
    ],
    [
      "W1": "wih", "b1": "bh", "W2": "who", "b2": "bo", "dW1": "dwih", "db1": "dbh", "dW2": "dwho",
      "db2": "dbo",
    ],
    [
      "W1": "layer1_weights", "b1": "layer1_bias", "W2": "layer2_weights", "b2": "layer2_bias",
      "dW1": "Dw_layer1", "db1": "Db_layer1", "dW2": "Dw_layer2", "db2": "Db_layer2",
    ],
    [
      "W1": "theta_1", "W2": "theta_2", "dW1": "grad_theta_1", "dW2": "grad_theta_2",
      "db1": "grad_b_1",
      "db2": "grad_b_2", "b1": "b_1", "b2": "b_2", "dZ1": "delta1", "dZ2": "delta2",
    ],
    // Dictionaries whose keys are layers: of parameters, of biases, and of the gradients of each.
    [
      "W1": "W_hidden", "W2": "W_out", "b1": "b_hidden", "b2": "b_out", "dW1": "g_hidden",
      "dW2": "g_out", "db1": "gb_hidden", "db2": "gb_out",
    ],
    [
      "W1": "weights.first", "W2": "weights.second", "b1": "biases.first", "b2": "biases.second",
      "dW1": "grads.first", "dW2": "grads.second", "db1": "bias_grads.first",
      "db2": "bias_grads.second",
    ],
  ]

  @Test("names of many styles, right and wrong passes", arguments: styles)
  func names(style: [String: String]) throws {
    for (mutations, verdict) in [([], "pass"), ([Mutation.noDerivative(1)], "fail")] {
      let report = try report(try run(mutations, content: .parameters)) { style[$0] ?? $0 }
      #expect(report.verdict.rawValue == verdict, "\(report.paragraph)")
      #expect(report.reading.notJudged.isEmpty)
      for (ours, theirs) in style where ours.count < 4 {
        #expect(report.reading.names[theirs] == nil || report.reading.names[theirs] == ours)
      }
    }
  }

  @Test("the cost tells loss and scale")
  func scales() throws {
    for factor in [1, 0.5, 7, 3.5, 1 / 3.0] {
      var run = try run(content: .parameters, loss: .meanSquaredError)
      // The mean over examples and outputs, times the factor.
      run.cost = run.cost.map { $0 * factor }
      for name in run.arrays.keys where name.hasPrefix("d") {
        run.arrays[name] = run.arrays[name].map { $0 * factor }
      }
      let report = try report(run)
      #expect(
        report.verdict == (factor == 1 / 3.0 ? .undecided : .pass), "\(factor): \(report.paragraph)"
      )
      #expect(report.reading.loss == "squared error" || factor == 1 / 3.0)
    }
  }

  @Test("a cost that no loss gives, or that is not a number, leaves it undecided")
  func undecided() throws {
    for cost in [0.123, Double.nan, .infinity] {
      var run = try run()
      run.cost = cost
      let report = try report(run)
      #expect(report.verdict == .undecided && report.firstDivergence == nil)
      #expect(!report.paragraph.isEmpty)
    }
  }

  @Test("an output that is exactly 1 under a 0 is told where the cost is infinite")
  func saturated() throws {
    let auditCase = AuditCase(
      "saturated", try HandWrittenNetwork(widths: [3, 4, 1], activations: [.relu]),
      content: .parameters, layout: .rows)
    var run = auditCase.run
    // One example's output is far up, whatever the weights say.
    run.arrays["b2"] = Tensor([1], [100])
    run.cost = .infinity
    let report = try report(run)
    #expect(report.verdict == .undecided)
    #expect(report.paragraph.contains("A2 is exactly 1 for example 0"), "\(report.paragraph)")
    #expect(report.paragraph.contains("infinite"))
  }

  @Test("a constant on dZ and dA that every gradient of a parameter takes back is a convention")
  func takenBack() throws {
    var run = try run(content: .everything)
    for name in run.arrays.keys where name.hasPrefix("dZ") || name.hasPrefix("dA") {
      run.arrays[name] = run.arrays[name].map { $0 * 3.5 }
    }
    #expect(try report(run).verdict == .pass)
    // Where one of them does not, it is a mistake.
    run.arrays["dW2"] = run.arrays["dW2"].map { $0 * 3.5 }
    #expect(try report(run).verdict == .fail)
  }

  @Test("dZ under the name of dA is judged as what it is")
  func calledOtherwise() throws {
    var run = try run([.noDerivative(1)], content: .preactivations)
    run.arrays["dA1"] = run.arrays.removeValue(forKey: "dZ1")
    let wrong = try report(run)
    #expect(wrong.verdict == .fail && wrong.firstDivergence?.quantity.layer == 1)
    run = try self.run([.formulaAtPreactivation(1)], content: .preactivations)
    run.arrays["dA1"] = run.arrays.removeValue(forKey: "dZ1")
    let first = try report(run).firstDivergence
    #expect(first?.quantity == Quantity(.preactivationGradient, 1))
    #expect(first?.cause?.id == .derivativeTakenAtActivation)
  }

  @Test("a gradient that is missing is never covered by a pass")
  func missing() throws {
    var run = try run()
    run.arrays["dW1"] = nil
    run.arrays["dZ1"] = nil
    let report = try report(run)
    #expect(report.verdict == .undecided)
    #expect(report.reading.notJudged == ["dW1"])
    #expect(report.paragraph.contains("dW1"))
  }

  @Test("numbers near the end of the range are no pass")
  func overflow() throws {
    for value in [1e200, 1e308, -1e160] {
      var run = try run()
      run.arrays["dW1"] = run.arrays["dW1"].map { tensor in
        var flat = tensor.reshaped(to: [tensor.count])
        flat[0] = value
        return flat.reshaped(to: tensor.shape)
      }
      #expect(try report(run).verdict == .fail)
    }
  }

  @Test("functions and losses in people's spelling")
  func spelling() {
    for (text, name) in [
      ("ReLU", "relu"), ("LeakyReLU", "leaky-relu"), ("swish", "silu"), ("identity", "linear"),
      ("Soft_Max", "softmax"), ("TANH", "tanh"), ("MSE", "mse"), ("bce", "binary-cross-entropy"),
      ("CrossEntropy", "cross-entropy"), ("crossentropy", "cross-entropy"),
    ] {
      #expect(
        Activation(rawValue: text)?.title ?? LossFunction(rawValue: text)?.rawValue == name,
        "\(text)"
      )
    }
    #expect(
      Nonlinearity.list(spelled: "ReLU identity; Sigmoid")
        == [.elementwise(.relu), .elementwise(.linear), .elementwise(.sigmoid)])
    #expect(ProgramLoss.Kind(spelled: "Binary_CrossEntropy") == .binaryCrossEntropy)
    #expect(Nonlinearity(spelled: "tan") == nil)
  }
}
