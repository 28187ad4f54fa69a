import CKernels
import Testing

extension KernelSuite {
  @Suite struct Rows {}
}

/// The same by separate kernels, row after row.
private struct SeparateRows<Scalar: KernelScalar> {
  var softmax: [Scalar] = [], logSoftmax: [Scalar] = [], logSumExp: [Scalar] = []

  init(columns: Int, _ x: [Scalar]) {
    for start in stride(from: 0, to: x.count, by: columns) {
      let row = Array(x[start..<start + columns])
      let largest = Scalar.maximum(columns, row)
      let finite = largest.isFinite ? largest : 0
      let shifted = Scalar.combining(.subtract, row, [finite])
      let powers = Scalar.applying(.exp, to: shifted)
      let sum = Scalar.sum(columns, powers)
      let logarithm = Scalar.applying(.log, to: [sum])
      softmax += Scalar.combining(.divide, powers, [sum])
      logSoftmax += Scalar.combining(.subtract, shifted, logarithm)
      logSumExp += Scalar.combining(.add, logarithm, [finite])
    }
  }
}

extension KernelSuite.Rows {
  private func check<Scalar: KernelScalar>(_ x: [Scalar], columns: Int, _ comment: String) {
    let rows = x.count / columns
    let expected = KernelSuite.portable { SeparateRows(columns: columns, x) }
    KernelSuite.onEveryInstructionSet { set in
      func expect(_ actual: [Scalar], _ expected: [Scalar], _ name: String) {
        let difference = firstDifference(actual, expected)
        #expect(
          difference == nil,
          "\(set): \(Scalar.self) \(rows) x \(columns), \(comment): \(name): \(difference ?? "")")
      }
      expect(
        Scalar.output(x.count) { Scalar.rows(.softmax, rows, columns, x, $0) }, expected.softmax,
        "softmax")
      expect(
        Scalar.output(x.count) { Scalar.rows(.logSoftmax, rows, columns, x, $0) },
        expected.logSoftmax,
        "log-softmax")
      expect(
        Scalar.output(rows) { Scalar.rows(.logSumExp, rows, columns, x, $0) }, expected.logSumExp,
        "log-sum-exp")
      let softmaxInPlace = Scalar.output(x.count) { y in
        for i in x.indices { y[i] = x[i] }
        Scalar.rows(.softmax, rows, columns, y, y)
      }
      expect(softmaxInPlace, expected.softmax, "softmax in place")
      let logSoftmaxInPlace = Scalar.output(x.count) { y in
        for i in x.indices { y[i] = x[i] }
        Scalar.rows(.logSoftmax, rows, columns, y, y)
      }
      expect(logSoftmaxInPlace, expected.logSoftmax, "log-softmax in place")
    }
  }

  private func checkShapes<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for columns in Array(1...20) + [31, 48, 100, 511, 1000] {
      for rows in [0, 1, 3, 16, 70] where rows * columns < 20_000 {
        check(
          random.values(rows * columns, within: 20) as [Scalar], columns: columns,
          "seed \(random.seed)")
      }
    }
    for (rows, columns) in [(130, 10), (3, 1024), (2, 1025), (2, 5000)] {
      check(
        random.values(rows * columns, within: 20) as [Scalar], columns: columns,
        "seed \(random.seed)")
    }
  }

  @Test func shapesEqualTheSeparateKernels() {
    checkShapes(Float.self)
    checkShapes(Double.self)
  }

  private func checkSpecialValues<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    let special: [Scalar] = [
      .nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNonzeroMagnitude, 3,
    ]
    for columns in [1, 2, 7, 10, 17, 1100] {
      for value in special {
        // A row of it, a row in which it is one value, one with two kinds, and one without.
        let plain: [Scalar] = random.values(columns, within: 5)
        var one = plain
        one[Int.random(in: 0..<columns, using: &random)] = value
        var two = one
        two[Int.random(in: 0..<columns, using: &random)] = special.randomElement(using: &random)!
        check(
          Array(repeating: value, count: columns) + one + two + plain, columns: columns,
          "\(value), seed \(random.seed)")
      }
    }
  }

  @Test func specialValuesEqualTheSeparateKernels() {
    checkSpecialValues(Float.self)
    checkSpecialValues(Double.self)
  }

  @Test func aRowOfNegativeInfinityHasThatLogSum() {
    KernelSuite.onEveryInstructionSet { set in
      let x = [Float](repeating: -.infinity, count: 10)
      let sum = Float.output(1) { Float.rows(.logSumExp, 1, 10, x, $0) }
      #expect(sum == [-.infinity], "\(set)")
    }
  }
}

// MARK: - Cross-entropy

extension KernelSuite.Rows {
  private func checkCrossEntropy<Scalar: KernelScalar>(
    rows: Int, columns: Int, upstreamStep: Int, zeroUpstream: Scalar? = nil,
    random: inout RandomCases
  ) {
    let x: [Scalar] = random.values(rows * columns, within: 20)
    let classes = (0..<rows).map { _ in Scalar(Int.random(in: 0..<columns, using: &random)) }
    var upstream: [Scalar] = random.values(upstreamStep == 0 ? 1 : rows)
    if let zeroUpstream, !upstream.isEmpty { upstream[0] = zeroUpstream }

    let logProbabilities = KernelSuite.portable {
      SeparateRows(columns: columns, x).logSoftmax
    }
    let chosen = classes.enumerated().map { logProbabilities[$0 * columns + Int($1)] }
    // The reverse pass of log-softmax and gathering: a row of zeros but for one value, less the
    // probabilities times the row's sum.
    let gradient = KernelSuite.portable { () -> [Scalar] in
      var gradient: [Scalar] = []
      for row in 0..<rows {
        var scattered = [Scalar](repeating: 0, count: columns)
        scattered[Int(classes[row])] = upstream[row * upstreamStep]
        let logarithms = Array(logProbabilities[row * columns..<(row + 1) * columns])
        let products = Scalar.combining(
          .multiply, Scalar.applying(.exp, to: logarithms),
          [Scalar.sum(columns, scattered)])
        gradient += Scalar.combining(.subtract, scattered, products)
      }
      return gradient
    }
    KernelSuite.onEveryInstructionSet { set in
      func expect(_ actual: [Scalar], _ expected: [Scalar], _ name: String) {
        let difference = firstDifference(actual, expected)
        #expect(
          difference == nil,
          """
          \(set): \(Scalar.self) \(rows) x \(columns), step \(upstreamStep), seed \
          \(random.seed): \(name): \(difference ?? "")
          """)
      }
      var actualChosen: [Scalar] = []
      let actual = Scalar.output(x.count) { y in
        actualChosen = Scalar.output(rows) {
          #expect(Scalar.crossEntropy(rows, columns, x, classes, y, $0) == rows)
        }
      }
      expect(actual, logProbabilities, "log-probabilities")
      expect(actualChosen, chosen, "chosen")
      let actualGradient = Scalar.output(x.count) {
        let done = Scalar.crossEntropyGradient(
          rows, columns, logProbabilities, classes, upstream, upstreamStep, $0)
        #expect(done == rows)
      }
      expect(actualGradient, gradient, "gradient")
      let inPlace = Scalar.output(x.count) { y in
        for i in x.indices { y[i] = logProbabilities[i] }
        let done = Scalar.crossEntropyGradient(
          rows, columns, y, classes, upstream, upstreamStep, y)
        #expect(done == rows)
      }
      expect(inPlace, gradient, "gradient in place")
    }
  }

  private func checkCrossEntropies<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for columns in [1, 2, 3, 7, 10, 16, 17, 48, 100, 1030] {
      for rows in [0, 1, 7, 67] where rows * columns < 20_000 {
        for step in 0...1 {
          checkCrossEntropy(
            rows: rows, columns: columns, upstreamStep: step, zeroUpstream: nil as Scalar?,
            random: &random)
        }
      }
    }
    for value: Scalar in [0, -0.0, .infinity, .nan, -1, -.leastNonzeroMagnitude] {
      for step in 0...1 {
        checkCrossEntropy(
          rows: 3, columns: 10, upstreamStep: step, zeroUpstream: value, random: &random)
      }
    }
  }

  @Test func crossEntropyEqualsTheSeparateKernels() {
    checkCrossEntropies(Float.self)
    checkCrossEntropies(Double.self)
  }

  private func checkClasses<Scalar: KernelScalar>(_: Scalar.Type) {
    let (rows, columns) = (70, 3)
    let x = [Scalar](repeating: 0, count: rows * columns)
    let bad: [Scalar] = [
      -1, 3, 0.5, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0x1p63, 0x1p64,
    ]
    KernelSuite.onEveryInstructionSet { set in
      for value in bad {
        for position in [0, 5, 69] {
          var classes = [Scalar](repeating: 2, count: rows)
          classes[position] = value
          _ = Scalar.output(x.count) { y in
            _ = Scalar.output(rows) { chosen in
              let done = Scalar.crossEntropy(rows, columns, x, classes, y, chosen)
              #expect(done == position, "\(set): class \(value)")
            }
          }
          _ = Scalar.output(x.count) { y in
            let done = Scalar.crossEntropyGradient(rows, columns, x, classes, [1], 0, y)
            #expect(done == position, "\(set): class \(value)")
          }
        }
      }
    }
  }

  @Test func aClassThatIsNoneIsReported() {
    checkClasses(Float.self)
    checkClasses(Double.self)
  }
}
