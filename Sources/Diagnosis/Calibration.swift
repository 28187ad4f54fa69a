import Findings

/// What this project's cases say about each cause: how often it was named, and how often correctly.
package enum Calibration {
  /// A number out of a number.
  package struct Count: Sendable, Hashable {
    /// How often the cause was the right one, and how often it was named.
    package var right: Int, named: Int

    package init(right: Int, named: Int) {
      self.right = right
      self.named = named
    }

    package mutating func add(_ isRight: Bool) {
      named += 1
      if isRight { right += 1 }
    }
  }

  /// The share of right answers with one right and one wrong added (Laplace's rule of succession), so that a cause that was never
  /// named has 1/2, and one that was named twice and correctly has 3/4.
  static func confidence(in cause: Finding.Cause) -> Double {
    let count = counts[cause] ?? Count(right: 0, named: 0)
    return Double(count.right + 1) / Double(count.named + 2)
  }

  /// As measured on the held-out half of this project's cases; a test compares.
  package static let counts: [Finding.Cause: Count] = [
    .augmentationTooStrong: Count(right: 1, named: 1),
    .batchStatistics: Count(right: 1, named: 1),
    .bornDead: Count(right: 1, named: 1),
    .branchesUnscaled: Count(right: 1, named: 1),
    .cannotRepresent: Count(right: 1, named: 1),
    .constantInputs: Count(right: 1, named: 1),
    .depthCollapse: Count(right: 1, named: 1),
    .differentDistributions: Count(right: 2, named: 2),
    .dropoutMisplaced: Count(right: 1, named: 1),
    .duplicates: Count(right: 1, named: 1),
    .epsilonTooLarge: Count(right: 1, named: 1),
    .equalInitialWeights: Count(right: 1, named: 1),
    .gradientClipped: Count(right: 1, named: 1),
    .highVariance: Count(right: 2, named: 2),
    .imbalance: Count(right: 1, named: 1),
    .initialScaleTooLarge: Count(right: 2, named: 2),
    .initialScaleTooSmall: Count(right: 5, named: 5),
    .labelNoise: Count(right: 1, named: 1),
    .labelsReadAsValues: Count(right: 1, named: 1),
    .learningRateTooLarge: Count(right: 4, named: 4),
    .learningRateTooSmall: Count(right: 4, named: 4),
    .momentumTooLarge: Count(right: 1, named: 1),
    .noSignalInInputs: Count(right: 1, named: 1),
    .outputLossMismatch: Count(right: 1, named: 1),
    .overflow: Count(right: 1, named: 1),
    .saturation: Count(right: 1, named: 1),
    .scheduleTooFast: Count(right: 1, named: 1),
    .singleClass: Count(right: 1, named: 1),
    .sortedBatches: Count(right: 1, named: 1),
    .smoothingTooStrong: Count(right: 1, named: 1),
    .targetLeak: Count(right: 1, named: 1),
    .targetOutliers: Count(right: 1, named: 1),
    .tooFewSteps: Count(right: 1, named: 1),
    .tooMuchRegularization: Count(right: 2, named: 2),
    .unscaledInputs: Count(right: 1, named: 1),
    .unscaledTargets: Count(right: 1, named: 1),
    .updateKilledUnits: Count(right: 4, named: 4),
  ]
}
