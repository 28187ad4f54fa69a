import AuditCases
import Plumbline
import Testing
import Verification

@Suite("The confidences of causes")
struct CauseCalibrationTests {
  private let stored = CauseCalibration.stored

  @Test("were measured for every cause")
  func completeness() {
    let measured = Set(stored.counts.keys)
    let missing = CauseID.allOfAudits.filter { !measured.contains($0) }
    #expect(missing == [.unknown])
    for (cause, cells) in stored.counts {
      #expect(cells.values.reduce(0) { $0 + $1.claims } >= 1, "\(cause)")
      for count in cells.values { #expect(count.right >= 0 && count.right <= count.claims) }
    }
  }

  @Test("are Laplace's, with the cause's own share as the prior")
  func formula() throws {
    let (cause, cells) = try #require(stored.counts.first { $0.value.count > 1 })
    let (basis, count) = try #require(cells.first)
    let right = cells.values.reduce(0) { $0 + $1.right }
    let claims = cells.values.reduce(0) { $0 + $1.claims }
    let prior = Double(right + 1) / Double(claims + 2)
    #expect(
      abs(
        stored.confidence(in: cause, on: basis)
          - (Double(count.right) + 2 * prior) / Double(count.claims + 2)) < 1e-15)
    #expect(stored.confidence(in: .unknown, on: .given) == 0)
  }

  @Test("come out again: the counts of a part of the passes are part of the stored counts")
  func remeasured() {
    #if DEBUG
      let count = 4
    #else
      let count = 25
    #endif
    let part = CauseCalibration.measured(
      on: CauseCalibration.cases(count), and: RandomStep.steps(count, seed: 1000))
    var claims = 0
    for (cause, cells) in part.counts {
      for (basis, count) in cells {
        claims += count.claims
        guard let whole = stored.counts[cause]?[basis] else {
          Issue.record("\(cause) \(basis.rawValue) is not stored")
          continue
        }
        #expect(count.right <= whole.right, "\(cause) \(basis.rawValue)")
        #expect(
          count.claims - count.right <= whole.claims - whole.right, "\(cause) \(basis.rawValue)")
      }
    }
    #expect(claims > 50)
  }

  @Test("agree with what is right in the own cases, which they were not measured on")
  func acceptance() {
    let claims = OwnCasesTests.scores.prefix(OwnCases.all.count).flatMap { score in
      score.report.map { CauseCalibration.Claim.all(in: $0, on: score.auditCase) } ?? []
    }
    let expected = claims.reduce(0) { $0 + $1.cause.confidence }
    let spread = claims.reduce(0) { $0 + $1.cause.confidence * (1 - $1.cause.confidence) }
    let right = Double(claims.count(where: \.isRight))
    #expect(claims.count > OwnCasesTests.scores.count)
    // Three standard deviations of so many independent claims.
    #expect(abs(right - expected) <= 3 * spread.squareRoot(), "\(right) of \(expected)")
  }
}

@Suite("Random backward passes")
struct RandomCasesTests {
  @Test("have mistakes that all show, and come out the same every time")
  func draws() {
    let cases = RandomCases.cases(12, mistakes: 2)
    #expect(cases.allSatisfy { $0.visibleMutations.count == 2 && $0.verdict == .fail })
    #expect(RandomCases.cases(5, mistakes: 2).map(\.name) == cases.prefix(5).map(\.name))
    #expect(RandomCases.cases(5, mistakes: 2, seed: 1).map(\.name) != cases.prefix(5).map(\.name))
  }

  @Test("of tables, normalizations, recurrences and updates are judged and named")
  func steps() throws {
    for step in RandomStep.steps(6) {
      let report = try step.report()
      #expect(report.verdict == .fail, "\(step.name)")
      #expect(report.firstDivergence?.cause?.id == step.cause, "\(step.name): \(report.paragraph)")
    }
  }

  @Test("that hold a part of the examples, or a product for each, are called so")
  func examples() {
    let scores = RandomCases.casesOfExamples(16).map(OwnCases.score)
    #expect(scores.allSatisfy { $0.isVerdictRight })
    #expect(scores.count { $0.isCauseRight ?? false } >= 12)
  }

  @Test("are judged as wrong, at the right location and by the right name", arguments: 1...3)
  func rates(mistakes: Int) {
    #if DEBUG
      let count = 25
    #else
      let count = 150
    #endif
    let scores = RandomCases.cases(count, mistakes: mistakes).map(OwnCases.score)
    func share(_ isRight: (OwnCases.Score) -> Bool) -> Double {
      Double(scores.count(where: isRight)) / Double(count)
    }
    #expect(share(\.isVerdictRight) == 1)
    #expect(share { $0.isPlaceRight ?? false } >= 0.95)
    #expect(share { $0.isCauseRight ?? false } >= (mistakes == 1 ? 0.97 : 0.9))
  }
}

@Suite("What audits told wrongly once")
struct AuditRegressionTests {
  private func network(
    _ widths: [Int] = [4, 5, 5, 1], _ activation: Activation = .tanh, l2: Double = 0
  ) throws -> HandWrittenNetwork {
    try HandWrittenNetwork(widths: widths, activations: [activation], l2: l2)
  }

  private func report(_ auditCase: AuditCase) throws -> AuditReport {
    try Audit.report(on: auditCase.run, of: auditCase.network)
  }

  @Test("a dA that was overwritten by dZ in place is not a mistake")
  func overwritten() throws {
    for activation in [Activation.relu, .tanh] {
      let auditCase = AuditCase(
        "overwritten", try network([4, 5, 5, 1], activation), content: .everything)
      var run = auditCase.run
      run.arrays["dA2"] = run.arrays["dZ2"]
      let report = try Audit.report(on: run, of: auditCase.network)
      #expect(report.verdict == .pass, "\(report.paragraph)")
      #expect(report.remarks.contains { $0.contains("dA2 holds the values of dZ2") })
    }
  }

  @Test("a bias gradient summed over the units is not summed over the examples")
  func wrongAxis() throws {
    let auditCase = AuditCase("axis", try network(), examples: 7, content: .parameters)
    var run = auditCase.run
    run.arrays["db2"] = Tensor([1, 7], Key(seed: 1).normal(7))
    let report = try Audit.report(on: run, of: auditCase.network)
    #expect(report.firstDivergence?.quantity == Quantity(.biasGradient, 2))
    #expect(report.firstDivergence?.cause?.id == .biasNotSummed)
  }

  @Test("weights that were changed too early are seen in dZ too, where dA is not given")
  func stale() throws {
    let auditCase = AuditCase(
      "stale", try network(), content: .preactivations, mutations: [.stale(2)])
    let first = try report(auditCase).firstDivergence
    #expect(first?.quantity == Quantity(.preactivationGradient, 2))
    #expect(first?.cause?.id == .updatedWeights)
    #expect(abs((first?.cause?.factor ?? 0) - 0.05) < 1e-6)
  }

  @Test("another layer's input and exchanged rows and columns together")
  func transposedInput() throws {
    let auditCase = AuditCase(
      "both", try network(), content: .everything, mutations: [.ownOutput(2), .transposed(2)])
    let first = try report(auditCase).firstDivergence
    #expect(first?.quantity == Quantity(.weightGradient, 2))
    #expect(first?.cause?.id == .transposed)
    #expect(first?.cause?.explanation.contains("A2 where A1 belongs") == true)
  }

  @Test("where all units are off, what is missing or too much is the penalty")
  func deadUnits() throws {
    for mutation in [Mutation.noPenalty(2), .penaltyWithoutAverage(2)] {
      let auditCase = AuditCase(
        "dead", try network([4, 5, 3, 1], .relu, l2: 0.7), content: .parameters,
        mutations: [mutation])
      var run = auditCase.run
      // With all biases far below 0 no unit of layer 1 is ever on, so that the data have no part in dW2.
      run.arrays["b1"] = .ones([5, 1]) * -1000
      let weight = try #require(run.arrays["W2"])
      run.arrays["dW2"] = mutation == .noPenalty(2) ? .zeros([3, 5]) : weight * 0.7
      let report = try Audit.report(on: run, of: auditCase.network)
      let item = try #require(
        report.items.first { $0.quantity == Quantity(.weightGradient, 2) })
      #expect(
        item.cause?.id
          == (mutation == .noPenalty(2) ? .missingRegularization : .extraRegularization),
        "\(report.paragraph)")
    }
  }

  @Test("a plus for the minus between the labels' terms is not a mistake where all labels are one")
  func invisible() throws {
    let network = try network([2, 3, 1])
    let cases = (0..<60).map {
      AuditCase(
        "labels", network, examples: 1, content: .parameters, seed: $0,
        mutations: [.plusForMinus])
    }
    #expect(Set(cases.map(\.visibleMutations.count)) == [0, 1])
    #expect(cases.allSatisfy { ($0.verdict == .fail) == !$0.visibleMutations.isEmpty })
  }
}
