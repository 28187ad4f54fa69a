import CKernels
import Testing

extension KernelSuite {
  @Suite struct RandomNumbers {
    @Test func everyInstructionSetHasTheSameNumbers() {
      var cases = RandomCases()
      let seed = cases.seed
      for count in [0, 1, 3, 8, 15, 16, 17, 64, 333] {
        for first in [UInt64(0), 5, 0xFFFF_FFF0, cases.next() >> 8] {
          let key = cases.next()
          let threshold = cases.next() >> 11
          func masks() -> (single: [Float], double: [Double]) {
            (
              Float.output(count) { plumb_mask(.single, count, key, first, threshold, 1.5, $0) },
              Double.output(count) { plumb_mask(.double, count, key, first, threshold, -2.5, $0) }
            )
          }
          let expected = KernelSuite.portable(masks)
          KernelSuite.onEveryInstructionSet { set in
            let actual = masks()
            #expect(
              actual == expected, "\(set), \(count) from \(first), KERNEL_TEST_SEED=\(seed)")
          }
          let later = Array(expected.double.dropFirst(3))
          let shifted = Double.output(later.count) {
            plumb_mask(.double, later.count, key, first &+ 3, threshold, -2.5, $0)
          }
          #expect(shifted == later)
        }
      }
    }

    @Test func bitsAreThoseThatMasksCompare() {
      var cases = RandomCases()
      let seed = cases.seed
      for count in [0, 1, 7, 8, 9, 31, 200] {
        let (key, first) = (cases.next(), cases.next() >> 8)
        func bits(_ precision: KernelPrecision) -> [UInt64] {
          [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
            var nothing: UInt64 = 0
            withUnsafeMutablePointer(to: &nothing) {
              plumb_random_bits(precision, count, key, first, buffer.baseAddress ?? $0)
            }
            initialized = count
          }
        }
        let expected = KernelSuite.portable { bits(.single) }
        let threshold = cases.next() >> 11
        KernelSuite.onEveryInstructionSet { set in
          let note = "\(set), \(count) from \(first), KERNEL_TEST_SEED=\(seed)"
          #expect(bits(.single) == expected && bits(.double) == expected, "\(note)")
          let mask = Double.output(count) {
            plumb_mask(.double, count, key, first, threshold, 1, $0)
          }
          #expect(mask == expected.map { $0 >> 11 < threshold ? 1 : 0 }, "\(note)")
        }
      }
    }

    private func checkQuantiles<Scalar: KernelScalar>(_: Scalar.Type) {
      var cases = RandomCases()
      let seed = cases.seed
      for count in [0, 1, 7, 8, 17, 300] {
        // Both tails down to the smallest numbers, and the middle.
        let probabilities = (0..<count).map { _ -> Scalar in
          let unit = Scalar(Double(cases.next() >> 11 | 1) * 0x1p-53)
          switch cases.next() % 4 {
          case 0: return unit * unit * unit * unit * unit * unit
          case 1: return 1 - unit * 0x1p-9
          default: return unit
          }
        }
        func quantiles() -> [Scalar] {
          Scalar.output(count) { plumb_normal_quantile(Scalar.precision, count, probabilities, $0) }
        }
        let expected = KernelSuite.portable(quantiles)
        KernelSuite.onEveryInstructionSet { set in
          #expect(
            quantiles().map { "\($0)" } == expected.map { "\($0)" },
            "\(set), \(count) values, KERNEL_TEST_SEED=\(seed)")
        }
      }
    }

    @Test func everyInstructionSetHasTheSameQuantiles() {
      checkQuantiles(Float.self)
      checkQuantiles(Double.self)
    }

    @Test func quantilesInvertTheDistributionFunction() {
      let values = stride(from: -8.0, through: 5, by: 0.0625).map { $0 }
      let probabilities = Double.output(values.count) {
        plumb_unary(.double, .normalCDF, values.count, 0, 0, values, $0)
      }
      let found = Double.output(values.count) {
        plumb_normal_quantile(.double, values.count, probabilities, $0)
      }
      for (value, inverse) in zip(values, found) {
        // Above 0 the probability itself is rounded near 1.
        #expect(abs(inverse - value) < (value < 1 ? 4e-15 : 1e-10) * max(1, abs(value)))
      }
    }

    @Test func noneAndAllAreKeptAtTheEnds() {
      KernelSuite.onEveryInstructionSet { set in
        let none = Float.output(100) { plumb_mask(.single, 100, 7, 0, 0, 2, $0) }
        let all = Float.output(100) { plumb_mask(.single, 100, 7, 0, 1 << 53, 2, $0) }
        #expect(none.allSatisfy { $0 == 0 } && all.allSatisfy { $0 == 2 }, "\(set)")
      }
    }
  }
}
