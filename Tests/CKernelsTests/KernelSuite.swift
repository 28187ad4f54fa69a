import CKernels
import Foundation
import Testing

/// All tests of kernels, one after another, since the instruction set is one for the process.
/// Other targets' tests may run meanwhile: it makes no difference to them, as these tests show.
@Suite(.serialized) enum KernelSuite {
  /// All that the library knows, the portable one first.
  static let allInstructionSets: [plumb_isa] = {
    var count = 0
    let sets = plumb_isa_all(&count)
    return UnsafeBufferPointer(start: sets, count: count).reversed()
  }()

  /// Those that this processor has.
  static let instructionSets = allInstructionSets.filter(plumb_isa_available)

  /// Runs `body` on every available instruction set and goes back to the one before.
  static func onEveryInstructionSet(_ body: (String) throws -> Void) rethrows {
    let before = plumb_isa_active()
    defer { plumb_isa_activate(before) }
    for set in instructionSets {
      plumb_isa_activate(set)
      try body(String(cString: plumb_isa_name(set)))
    }
  }

  /// What `body` gives on the portable set, whose loops are the plainest.
  static func portable<Result>(_ body: () -> Result) -> Result {
    let before = plumb_isa_active()
    defer { plumb_isa_activate(before) }
    plumb_isa_activate(PLUMB_ISA_PORTABLE)
    return body()
  }
}

/// Random cases from a seed that is new in every run and printed with every failure. The
/// environment variable KERNEL_TEST_SEED repeats one.
struct RandomCases: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init() {
    let environment = ProcessInfo.processInfo.environment["KERNEL_TEST_SEED"]
    seed = environment.flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    state = seed
  }

  /// SplitMix64, whose constants are Steele, Lea and Flood's (2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func values<Scalar: KernelScalar>(_ count: Int, within bound: Double = 1) -> [Scalar] {
    (0..<count).map { _ in
      Scalar((Double(next() >> 11) * 0x1p-52 - 1) * bound)
    }
  }

  /// Any bits: every magnitude, subnormal, infinite and NaN.
  mutating func anyValues<Scalar: KernelScalar>(_ count: Int) -> [Scalar] {
    (0..<count).map { _ in Scalar(bitPattern: Scalar.Bits(truncatingIfNeeded: next())) }
  }
}
