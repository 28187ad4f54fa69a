// Written by `cases audit --calibrate 200`: how often each cause was right, of how many claims.

extension CauseCalibration {
  /// The counts that confidences come from.
  public static let stored = CauseCalibration([
    .signFlipped: [
      .given: Count(44, 44), .givenOneOfSeveral: Count(1, 1), .inferred: Count(22, 22),
      .inferredOneOfSeveral: Count(1, 1),
    ],
    .missingBatchAverage: [
      .given: Count(33, 33), .inferred: Count(10, 10),
    ],
    .extraBatchAverage: [
      .given: Count(16, 16), .givenOneOfSeveral: Count(1, 1), .inferred: Count(11, 12),
    ],
    .missingActivationDerivative: [
      .given: Count(22, 22), .givenOneOfSeveral: Count(5, 6), .inferred: Count(11, 12),
      .inferredOneOfSeveral: Count(6, 6),
    ],
    .extraActivationDerivative: [
      .given: Count(7, 7), .inferred: Count(4, 4),
    ],
    .derivativeOfWrongActivation: [
      .given: Count(26, 26), .inferred: Count(17, 17), .inferredOneOfSeveral: Count(0, 1),
    ],
    .derivativeTakenAtActivation: [
      .given: Count(41, 41), .givenOneOfSeveral: Count(2, 2), .inferred: Count(27, 27),
    ],
    .outputDerivativeMissing: [
      .givenOneOfSeveral: Count(3, 4), .inferredOneOfSeveral: Count(0, 1),
    ],
    .transposed: [
      .given: Count(23, 23), .givenOneOfSeveral: Count(2, 2), .inferred: Count(24, 24),
      .inferredOneOfSeveral: Count(1, 1),
    ],
    .missingRegularization: [
      .given: Count(17, 17), .givenOneOfSeveral: Count(5, 5), .inferred: Count(7, 7),
      .inferredOneOfSeveral: Count(1, 1),
    ],
    .extraRegularization: [
      .given: Count(27, 27), .givenOneOfSeveral: Count(3, 3), .inferred: Count(23, 23),
      .inferredOneOfSeveral: Count(2, 2),
    ],
    .regularizedBias: [
      .given: Count(36, 36), .inferred: Count(17, 17),
    ],
    .biasNotSummed: [
      .given: Count(87, 87), .inferred: Count(68, 68), .inferredOneOfSeveral: Count(2, 2),
    ],
    .biasAveragedTwice: [
      .given: Count(8, 8), .inferred: Count(10, 10),
    ],
    .wrongLayerInput: [
      .given: Count(58, 58), .givenOneOfSeveral: Count(6, 6), .inferred: Count(27, 27),
      .inferredOneOfSeveral: Count(1, 1),
    ],
    .weightsNotTransposed: [
      .given: Count(18, 18), .givenOneOfSeveral: Count(1, 1), .inferred: Count(13, 13),
      .inferredOneOfSeveral: Count(0, 1),
    ],
    .skipGradientDropped: [
      .given: Count(10, 10), .inferred: Count(7, 7), .inferredOneOfSeveral: Count(1, 2),
    ],
    .skipGradientCountedTwice: [
      .given: Count(12, 12), .givenOneOfSeveral: Count(1, 1), .inferred: Count(8, 8),
      .inferredOneOfSeveral: Count(1, 4),
    ],
    .maskMissing: [
      .given: Count(8, 8), .givenOneOfSeveral: Count(7, 9), .inferred: Count(2, 2),
      .inferredOneOfSeveral: Count(3, 3),
    ],
    .dropoutScaleMissing: [
      .given: Count(8, 8), .inferred: Count(2, 2),
    ],
    .constantFactor: [
      .given: Count(27, 30), .inferred: Count(18, 20), .inferredOneOfSeveral: Count(1, 1),
    ],
    .zeroGradient: [
      .given: Count(41, 46), .inferred: Count(16, 16),
    ],
    .stale: [
      .given: Count(37, 37), .inferred: Count(8, 8),
    ],
    .nonFinite: [
      .given: Count(14, 15), .inferred: Count(11, 11),
    ],
    .inherited: [
      .given: Count(1375, 1391), .inferred: Count(231, 241),
    ],
  ])
}
