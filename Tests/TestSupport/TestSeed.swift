import Foundation

/// The seed of everything random in the tests: `PLUMB_TEST_SEED`, or a fixed one.
package enum TestSeed {
  package static let value =
    ProcessInfo.processInfo.environment["PLUMB_TEST_SEED"].flatMap { Int($0) } ?? 1512
}
