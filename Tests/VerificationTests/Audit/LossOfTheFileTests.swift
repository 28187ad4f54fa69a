import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("A loss that is named, and the one that a file's cost is")
struct LossOfTheFileTests {
  /// A step with a loss, and others that somebody may name.
  private struct Case {
    let function: Nonlinearity
    let loss: ProgramLoss.Kind
    let others: [ProgramLoss.Kind]
  }
  private let cases = [
    Case(
      function: .softmax, loss: .crossEntropy, others: [.squaredError, .binaryCrossEntropy]),
    Case(
      function: .elementwise(.sigmoid), loss: .binaryCrossEntropy,
      others: [.squaredError, .poisson]),
    Case(function: .linear, loss: .squaredError, others: [.poisson]),
  ]

  @Test("another loss than the cost's is said, and the gradients are judged by the cost")
  func another() throws {
    for seed in 0..<2 {
      for one in cases {
        let targets = Tensor<Double>(classes: (0..<9).map { ($0 * 5 + seed) % 3 })
          .oneHot(classes: 3)
        let step = DenseStep(
          [4, 6, 3], [.elementwise(.tanh), one.function],
          ProgramLoss(kind: one.loss, scale: 1.0 / 9), targets: targets, seed: seed)
        var arrays = step.arrays
        arrays["cost"] = Tensor(step.cost)
        for layer in 1...2 { arrays["A\(layer)"] = step.truth.a[layer - 1] }
        for asked in one.others {
          var request = ReadingRequest()
          request.loss = asked
          let report = try Audit.report(
            on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5), request)
          #expect(report.verdict == .pass, "seed \(seed): \(report.paragraph)")
          let remark = report.remarks.joined(separator: " ")
          #expect(
            remark.contains("is not the \(asked.rawValue), ")
              && remark.contains("that of the \(one.loss.rawValue), "), "seed \(seed): \(remark)")
        }
        var request = ReadingRequest()
        request.loss = one.loss
        let report = try Audit.report(
          on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5), request)
        #expect(!report.remarks.contains { $0.contains("is not the") }, "seed \(seed)")
      }
    }
  }

  @Test("of a network that is described too")
  func described() throws {
    let json = """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 4}, {"layer": "tanh"}, {"layer": "dense", "outputs": 2}]}
      """
    for seed in 0..<4 {
      let step = try DescribedStep(json, seed: seed)
      let arrays = step.arrays(step.gradients)
      let report = try step.report(arrays, loss: .squaredError)
      #expect(report.verdict == .pass)
      #expect(
        report.remarks.contains { $0.contains("is not the squared error, ") }, "seed \(seed)")
      #expect(
        try step.report(arrays, loss: .crossEntropy).remarks.allSatisfy {
          !$0.contains("is not the")
        }, "seed \(seed)")
    }
  }

  // MARK: Rates and their logarithms

  @Test(
    "a Poisson loss's gradient by the rate and by its logarithm are told apart",
    arguments: [Nonlinearity.exponential, .elementwise(.softplus), .linear])
  func poisson(function: Nonlinearity) throws {
    for seed in 0..<4 {
      let examples = 12
      let counts = (0..<examples).map { Double(($0 * 3 + seed) % 4) }
      let loss = ProgramLoss(kind: .poisson, scale: 1 / Double(examples))
      let step = DenseStep(
        [3, 5, 1], [.elementwise(.tanh), function], loss,
        targets: Tensor([examples, 1], counts), seed: seed)
      var arrays = step.arrays
      arrays["A1"] = step.truth.a[0]
      arrays["A2"] = step.truth.a[1]
      arrays["cost"] = Tensor(step.cost)
      func report() throws -> AuditReport {
        try Audit.report(on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5))
      }
      #expect(try report().verdict == .pass, "seed \(seed)")
      let (z, a) = (step.truth.z[1], step.truth.a[1])
      let written = loss.kind.terms.halfWritten(a, function, of: z, targets: arrays["Y"]!)
      #expect(!written.isEmpty)
      for (value, words) in written {
        let dz = value * loss.scale
        guard dz.relativeDistance(to: step.truth.dz[1]) > 1e-6, dz.isFinite else { continue }
        let hidden =
          matmul(dz, step.parameters.weights[1], transposingSecond: true)
          * (1 - step.truth.a[0].squared())
        arrays["dW2"] = matmul(step.truth.a[0], dz, transposingFirst: true)
        arrays["db2"] = dz.sum(alongAxes: [0])
        arrays["dW1"] = matmul(arrays["X"]!, hidden, transposingFirst: true)
        arrays["db1"] = hidden.sum(alongAxes: [0])
        let report = try report()
        // By the logarithm of the rate, some are as well a derivative that is missing or applied twice.
        let ids: [CauseID] = [
          .gradientOfAnotherLoss, .outputDerivativeMissing, .extraActivationDerivative,
        ]
        #expect(
          report.firstDivergence?.cause.map { ids.contains($0.id) } == true,
          "seed \(seed), \(words): \(report.paragraph)")
      }
    }
  }
}
