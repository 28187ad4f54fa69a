import CKernels
import Foundation
import Testing

extension KernelSuite {
  /// Units in the last place, against mpmath's values and against the C library's.
  @Suite struct Accuracy {}
}

private struct Approximation: CustomStringConvertible {
  let kernel: UnaryFunction
  let description: String
  let golden: [(x: UInt64, y: UInt64)]
  let library: (Double) -> Double

  static var all: [Approximation] {
    [
      Approximation(
        kernel: .exp, description: "exp", golden: GoldenValues.pairs("exp"), library: exp),
      Approximation(
        kernel: .expm1, description: "expm1", golden: GoldenValues.pairs("expm1"), library: expm1),
      Approximation(
        kernel: .log, description: "log", golden: GoldenValues.pairs("log"), library: log),
      Approximation(
        kernel: .log1p, description: "log1p", golden: GoldenValues.pairs("log1p"), library: log1p),
      Approximation(
        kernel: .tanh, description: "tanh", golden: GoldenValues.pairs("tanh"), library: tanh),
      Approximation(
        kernel: .sigmoid, description: "sigmoid", golden: GoldenValues.pairs("sigmoid"),
        library: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
      Approximation(
        kernel: .softplus, description: "softplus", golden: GoldenValues.pairs("softplus"),
        library: { $0 < 0 ? log1p(exp($0)) : $0 + log1p(exp(-$0)) }),
      Approximation(
        kernel: .normalCDF, description: "normal CDF", golden: GoldenValues.pairs("normalCDF"),
        library: normalCDF),
      Approximation(
        kernel: .erf, description: "erf", golden: GoldenValues.pairs("erf"), library: erf),
    ]
  }
}

/// By the library's erfc, whose argument x / sqrt(2) is rounded: its steep tail would magnify that,
/// so the first-order change is added.
private func normalCDF(_ x: Double) -> Double {
  let root = 0.5.squareRoot()
  let rootLow = (0.5).addingProduct(-root, root) / (2 * root)
  let argument = -x * root
  guard abs(x) < 40 else { return erfc(argument) / 2 }
  let lost = (-argument).addingProduct(-x, root) - x * rootLow
  return (erfc(argument) - 2 / Double.pi.squareRoot() * exp(-argument * argument) * lost) / 2
}

/// The arguments that matter: both sides of 0, every magnitude, up to where functions end.
private func arguments<Scalar: KernelScalar>(_ random: inout RandomCases) -> [Scalar] {
  let near: [Scalar] = random.values(3000, within: 2)
  let middle: [Scalar] = random.values(3000, within: 20)
  let far: [Scalar] = random.values(1500, within: Scalar.self == Float.self ? 110 : 760)
  let everything: [Scalar] = random.anyValues(1500)
  return near + middle + far + everything
}

extension KernelSuite.Accuracy {
  /// The library's value is rounded to Float from Double, so the bound is the kernels' own.
  @Test func floatsAreWithinTwoUnits() {
    var random = RandomCases()
    let x: [Float] = arguments(&random)
    for function in Approximation.all {
      let y = Float.applying(function.kernel, to: x)
      for (x, y) in zip(x, y) {
        let exact = function.library(Double(x))
        let rounded = Float(exact)
        if !rounded.isFinite || rounded == 0 {
          #expect(y.isIdentical(to: rounded), "\(function)(\(x)) = \(y), not \(rounded)")
        } else {
          let error = abs(Double(y) - exact) / Double(rounded.ulp)
          #expect(error <= 2, "\(function)(\(x)) = \(y) is off by \(error), seed \(random.seed)")
        }
      }
    }
  }

  @Test func doublesAreWithinTwoUnitsOfExactValues() {
    for function in Approximation.all {
      let x = function.golden.map { Double(bitPattern: $0.x) }
      let exact = function.golden.map { Double(bitPattern: $0.y) }
      for (index, y) in Double.applying(function.kernel, to: x).enumerated() {
        let error = abs(y - exact[index]) / exact[index].ulp
        #expect(error <= 2, "\(function)(\(x[index])) = \(y), not \(exact[index])")
      }
    }
  }

  /// A bound of 2 units for the kernels and 3 for the library's formulas.
  @Test func doublesAreNearTheLibrarys() {
    var random = RandomCases()
    let x: [Double] = arguments(&random)
    for function in Approximation.all {
      let y = Double.applying(function.kernel, to: x)
      for (x, y) in zip(x, y) {
        let library = function.library(x)
        if library.isNaN || library.isInfinite {
          #expect(y.isIdentical(to: library), "\(function)(\(x)) = \(y), not \(library)")
          continue
        }
        let error = abs(y - library) / max(library.ulp, .leastNonzeroMagnitude)
        #expect(error <= 5, "\(function)(\(x)) = \(y), not \(library), seed \(random.seed)")
      }
    }
  }
}

extension KernelSuite {
  @Suite struct SpecialValues {}
}

extension KernelSuite.SpecialValues {
  private func check<Scalar: KernelScalar>(
    _ f: UnaryFunction, _ pairs: KeyValuePairs<Scalar, Scalar>
  ) {
    KernelSuite.onEveryInstructionSet { set in
      for (pair, y) in zip(pairs, Scalar.applying(f, to: pairs.map(\.key))) {
        #expect(
          y.isIdentical(to: pair.value),
          "\(set): \(Scalar.self) \(f) of \(pair.key): \(y), not \(pair.value)"
        )
      }
    }
  }

  private func checkAll<Scalar: KernelScalar>(_: Scalar.Type) {
    let tiny = Scalar.leastNonzeroMagnitude
    let huge = Scalar.greatestFiniteMagnitude
    let infinity = Scalar.infinity
    let nan = Scalar.nan
    check(
      .exp,
      [
        0: 1, -0.0: 1, tiny: 1, infinity: infinity, -infinity: 0, huge: infinity,
        -huge: 0, nan: nan,
      ])
    check(
      .expm1,
      [
        0: 0, -0.0: -0.0, tiny: tiny, -tiny: -tiny, infinity: infinity,
        -infinity: -1, huge: infinity, -huge: -1, nan: nan,
      ])
    check(
      .log,
      [
        1: 0, 0: -infinity, -0.0: -infinity, -tiny: nan, -1: nan, -infinity: nan,
        infinity: infinity, nan: nan,
      ])
    check(
      .log1p,
      [
        0: 0, -0.0: -0.0, tiny: tiny, -tiny: -tiny, -1: -infinity, -1.5: nan,
        -infinity: nan, infinity: infinity, nan: nan,
      ])
    check(
      .tanh,
      [
        0: 0, -0.0: -0.0, tiny: tiny, -tiny: -tiny, infinity: 1, -infinity: -1,
        huge: 1, -huge: -1, nan: nan,
      ])
    check(
      .sigmoid,
      [
        0: 0.5, -0.0: 0.5, tiny: 0.5, infinity: 1, -infinity: 0, huge: 1, -huge: 0,
        nan: nan,
      ])
    check(
      .softplus,
      [infinity: infinity, -infinity: 0, huge: huge, -huge: 0, nan: nan])
    check(
      .normalCDF,
      [0: 0.5, -0.0: 0.5, infinity: 1, -infinity: 0, huge: 1, -huge: 0, nan: nan])
    check(
      .relu,
      [
        0: 0, -0.0: 0, tiny: tiny, -tiny: 0, infinity: infinity, -infinity: 0,
        nan: nan,
      ])
    check(
      .sign,
      [0: 0, -0.0: 0, tiny: 1, -tiny: -1, infinity: 1, -infinity: -1, nan: nan])
  }

  @Test func limitsAreExact() {
    checkAll(Float.self)
    checkAll(Double.self)
  }

  @Test func leftTailsEndInSubnormalNumbers() {
    KernelSuite.onEveryInstructionSet { set in
      for f in [UnaryFunction.exp, .sigmoid, .softplus] {
        // exp(-100) is 26.5 times the least positive float.
        let tail = Float.applying(f, to: [-100, -103.9, -104.1])
        #expect(tail == [27 * .leastNonzeroMagnitude, .leastNonzeroMagnitude, 0], "\(set): \(f)")
        let long = Double.applying(f, to: [-745.1, -745.2])
        #expect(long == [.leastNonzeroMagnitude, 0], "\(set): \(f)")
      }
      let tail = Float.applying(.normalCDF, to: [-14.1, -14.2])
      #expect(tail.allSatisfy { $0 >= 0 && $0 < 0x1p-140 } && tail[0] > tail[1], "\(set)")
    }
  }
}
