import Foundation

/// The seed of the random points: `PLUMB_TEST_SEED`, or a fixed one.
enum VerificationSeed {
  static let value =
    ProcessInfo.processInfo.environment["PLUMB_TEST_SEED"].flatMap { Int($0) } ?? 1512
}
