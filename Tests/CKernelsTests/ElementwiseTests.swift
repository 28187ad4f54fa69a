import CKernels
import Testing

extension KernelSuite {
  @Suite struct Elementwise {}
}

private let allUnary = (0..<UInt32(PLUMB_UNARY_COUNT)).compactMap(UnaryFunction.init(rawValue:))
private let allBinary = (0..<UInt32(PLUMB_BINARY_COUNT)).compactMap(BinaryFunction.init(rawValue:))

/// The functions that need no approximation, as one writes them in Swift.
private func plainUnary<Scalar: KernelScalar>(_ f: UnaryFunction, _ x: Scalar) -> Scalar? {
  switch f {
  case .negate: -x
  case .absolute: x.magnitude
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x
  case .square: x * x
  case .reciprocal: 1 / x
  case .sqrt: x.squareRoot()
  case .relu: x <= 0 ? 0 : x
  default: nil
  }
}

private func plainBinary<Scalar: KernelScalar>(
  _ f: BinaryFunction, _ x: Scalar, _ y: Scalar
) -> Scalar? {
  switch f {
  case .add: x + y
  case .subtract: x - y
  case .multiply: x * y
  case .divide: x / y
  case .minimum: x.isNaN || y.isNaN ? .nan : y < x ? y : x
  case .maximum: x.isNaN || y.isNaN ? .nan : y > x ? y : x
  case .greater: x > y ? 1 : 0
  case .greaterEqual: x >= y ? 1 : 0
  case .equal: x == y ? 1 : 0
  case .gate: y > 0 ? x : 0
  default: nil
  }
}

private func specialValues<Scalar: KernelScalar>() -> [Scalar] {
  [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
  ]
}

extension RandomCases {
  /// Ordinary values, any bits, and the special ones.
  fileprivate mutating func mixture<Scalar: KernelScalar>(_ count: Int) -> [Scalar] {
    let special: [Scalar] = specialValues()
    let small: [Scalar] = values(count / 3, within: 3)
    let large: [Scalar] = values(count / 3, within: 120)
    let any: [Scalar] = anyValues(count - small.count - large.count)
    return (small + large + any).map {
      Int.random(in: 0..<10, using: &self) == 0 ? special.randomElement(using: &self)! : $0
    }.shuffled(using: &self)
  }
}

extension KernelSuite.Elementwise {
  private func checkUnary<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for count in [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 500] {
      let x: [Scalar] = random.mixture(count)
      for f in allUnary {
        let expected =
          plainUnary(f, Scalar(0)) == nil
          ? KernelSuite.portable { Scalar.applying(f, to: x) } : x.map { plainUnary(f, $0)! }
        KernelSuite.onEveryInstructionSet { set in
          let difference = firstDifference(Scalar.applying(f, to: x), expected)
          let context = "\(set): \(Scalar.self) \(f), \(count) values, seed \(random.seed)"
          #expect(difference == nil, "\(context): \(difference ?? "")")
          let inPlace = Scalar.output(count) {
            $0.update(from: x, count: count)
            Scalar.unary(f, count, $0, $0)
          }
          #expect(firstDifference(inPlace, expected) == nil, "\(context), in place")
        }
      }
    }
  }

  @Test func unaryFunctionsAreTheSameOnEveryInstructionSet() {
    checkUnary(Float.self)
    checkUnary(Double.self)
  }

  private func checkBinary<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for count in [0, 1, 2, 5, 8, 15, 16, 17, 33, 100, 300] {
      let x: [Scalar] = random.mixture(count)
      var y: [Scalar] = random.mixture(count)
      for index in y.indices where index % 5 == 0 { y[index] = x[index] }
      let scalar: [Scalar] = random.mixture(1)
      for f in allBinary {
        for (first, second) in [(x, y), (x, scalar), (scalar, y), (scalar, scalar)] {
          guard max(first.count, second.count) == count || count == 0 else { continue }
          checkBinary(f, first, second, count: count, seed: random.seed)
        }
      }
    }
  }

  private func checkBinary<Scalar: KernelScalar>(
    _ f: BinaryFunction, _ x: [Scalar], _ y: [Scalar], count: Int, seed: UInt64
  ) {
    let (xStep, yStep) = (x.count == count ? 1 : 0, y.count == count ? 1 : 0)
    func apply(to output: UnsafeMutablePointer<Scalar>) {
      Scalar.binary(f, count, x, xStep, y, yStep, output)
    }
    let expected =
      f == .power
      ? KernelSuite.portable { Scalar.output(count) { apply(to: $0) } }
      : (0..<count).map { plainBinary(f, x[$0 * xStep], y[$0 * yStep])! }
    KernelSuite.onEveryInstructionSet { set in
      let context = "\(set): \(Scalar.self) \(f), \(count) values, seed \(seed)"
      let difference = firstDifference(Scalar.output(count) { apply(to: $0) }, expected)
      #expect(difference == nil, "\(context): \(difference ?? "")")
      if xStep == 1 {
        let inPlace = Scalar.output(count) {
          $0.update(from: x, count: count)
          Scalar.binary(f, count, $0, 1, y, yStep, $0)
        }
        #expect(firstDifference(inPlace, expected) == nil, "\(context), in place of x")
      }
      if yStep == 1 {
        let inPlace = Scalar.output(count) {
          $0.update(from: y, count: count)
          Scalar.binary(f, count, x, xStep, $0, 1, $0)
        }
        #expect(firstDifference(inPlace, expected) == nil, "\(context), in place of y")
      }
    }
  }

  @Test func binaryFunctionsAreTheirDefinitions() {
    checkBinary(Float.self)
    checkBinary(Double.self)
  }

  private func checkSpecialPairs<Scalar: KernelScalar>(_: Scalar.Type) {
    let special: [Scalar] = specialValues()
    let x = special.flatMap { value in special.map { _ in value } }
    let y = special.flatMap { _ in special }
    for f in allBinary { checkBinary(f, x, y, count: x.count, seed: 0) }
  }

  @Test func binaryFunctionsOfSpecialValues() {
    checkSpecialPairs(Float.self)
    checkSpecialPairs(Double.self)
  }

  private func checkSelect<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for count in [0, 1, 3, 8, 15, 16, 17, 40, 100] {
      let mask: [Scalar] = (0..<count).map { _ in
        [0, -0.0, 1, -3, .nan].randomElement(using: &random)!
      }
      let x: [Scalar] = random.mixture(count)
      let y: [Scalar] = random.mixture(count)
      for (xStep, yStep) in [(1, 1), (0, 1), (1, 0), (0, 0)] {
        let expected = (0..<count).map { mask[$0] != 0 ? x[$0 * xStep] : y[$0 * yStep] }
        KernelSuite.onEveryInstructionSet { set in
          let context = "\(set): \(Scalar.self), \(count) values, seed \(random.seed)"
          let chosen = Scalar.output(count) { Scalar.select(count, mask, x, xStep, y, yStep, $0) }
          #expect(firstDifference(chosen, expected) == nil, "\(context)")
          let inPlace = Scalar.output(count) {
            $0.update(from: mask, count: count)
            Scalar.select(count, $0, x, xStep, y, yStep, $0)
          }
          #expect(firstDifference(inPlace, expected) == nil, "\(context), in place")
        }
      }
    }
  }

  @Test func selectFollowsItsMask() {
    checkSelect(Float.self)
    checkSelect(Double.self)
  }

  @Test func powerIsTheLibrarys() {
    KernelSuite.onEveryInstructionSet { set in
      #expect(
        Double.combining(.power, [2, 9, 2, -8], [10]) == [
          1024, 3_486_784_401, 1024, 1_073_741_824,
        ], "\(set)")
      #expect(Float.combining(.power, [4], [0.5, 2, -1]) == [2, 16, 0.25], "\(set)")
    }
  }
}
