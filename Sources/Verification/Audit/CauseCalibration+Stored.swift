// Written by `cases audit --calibrate 200`: how often each cause was right, of how many claims.

extension CauseCalibration {
  /// The counts from which confidences are computed.
  public static let stored = CauseCalibration([
    .signFlipped: [
      .given: Count(105, 105), .givenOneOfSeveral: Count(2, 2), .inferred: Count(162, 162),
    ],
    .missingBatchAverage: [
      .given: Count(26, 26), .inferred: Count(8, 9),
    ],
    .extraBatchAverage: [
      .given: Count(11, 11), .givenOneOfSeveral: Count(1, 1), .inferred: Count(4, 4),
    ],
    .dropoutScaleMissing: [
      .given: Count(6, 6), .givenOneOfSeveral: Count(2, 2), .inferred: Count(1, 1),
    ],
    .maskMissing: [
      .given: Count(5, 5), .givenOneOfSeveral: Count(4, 4), .inferred: Count(1, 1),
      .inferredOneOfSeveral: Count(4, 4),
    ],
    .outputDerivativeMissing: [
      .givenOneOfSeveral: Count(6, 8), .inferredOneOfSeveral: Count(1, 2),
    ],
    .missingActivationDerivative: [
      .given: Count(10, 10), .givenOneOfSeveral: Count(14, 15), .inferred: Count(4, 4),
      .inferredOneOfSeveral: Count(5, 6),
    ],
    .extraActivationDerivative: [
      .given: Count(4, 4), .givenOneOfSeveral: Count(1, 1), .inferredOneOfSeveral: Count(4, 4),
    ],
    .diagonalJacobian: [
      .given: Count(10, 10), .inferred: Count(4, 4),
    ],
    .derivativeTakenAtActivation: [
      .given: Count(38, 38), .inferred: Count(24, 24), .inferredOneOfSeveral: Count(1, 1),
    ],
    .derivativeOfWrongActivation: [
      .given: Count(27, 27), .inferred: Count(19, 19),
    ],
    .activationAsDerivative: [
      .given: Count(7, 7), .inferred: Count(11, 11),
    ],
    .labelsBroadcast: [
      .given: Count(14, 14), .inferred: Count(1, 1),
    ],
    .gradientOfAnotherLoss: [
      .given: Count(12, 12), .inferred: Count(8, 8), .inferredOneOfSeveral: Count(1, 1),
    ],
    .statisticsHeldConstant: [
      .inferred: Count(90, 90)
    ],
    .normalizationScaleMissing: [
      .inferred: Count(37, 37)
    ],
    .skipGradientDropped: [
      .given: Count(8, 8), .givenOneOfSeveral: Count(1, 1), .inferred: Count(8, 8),
      .inferredOneOfSeveral: Count(0, 2),
    ],
    .skipGradientCountedTwice: [
      .given: Count(13, 13), .inferred: Count(3, 3),
    ],
    .weightsNotTransposed: [
      .given: Count(11, 11), .givenOneOfSeveral: Count(1, 1), .inferred: Count(11, 11),
      .inferredOneOfSeveral: Count(0, 1),
    ],
    .errorNotCarriedThroughWeights: [
      .given: Count(24, 24), .givenOneOfSeveral: Count(2, 2), .inferred: Count(13, 13),
      .inferredOneOfSeveral: Count(0, 2),
    ],
    .wrongLayerInput: [
      .given: Count(41, 41), .givenOneOfSeveral: Count(3, 3), .inferred: Count(22, 22),
      .inferredOneOfSeveral: Count(3, 3),
    ],
    .pathMissing: [
      .given: Count(140, 140)
    ],
    .factorMissing: [
      .given: Count(65, 65)
    ],
    .summedBeforeProduct: [
      .given: Count(14, 14), .givenOneOfSeveral: Count(12, 12), .inferred: Count(7, 7),
      .inferredOneOfSeveral: Count(9, 9),
    ],
    .rowsAssignedNotAdded: [
      .inferred: Count(143, 143)
    ],
    .biasNotSummed: [
      .given: Count(76, 81), .inferred: Count(38, 40), .inferredOneOfSeveral: Count(2, 2),
    ],
    .biasSummedOverWrongAxis: [
      .given: Count(26, 26), .inferred: Count(16, 16),
    ],
    .biasFromWrongQuantity: [
      .given: Count(33, 33), .inferred: Count(14, 14), .inferredOneOfSeveral: Count(0, 1),
    ],
    .biasAveragedTwice: [
      .given: Count(15, 15), .inferred: Count(6, 6),
    ],
    .regularizedBias: [
      .given: Count(22, 22), .inferred: Count(17, 17),
    ],
    .constantFactor: [
      .given: Count(97, 100), .inferred: Count(125, 127), .inferredOneOfSeveral: Count(1, 1),
    ],
    .zeroGradient: [
      .given: Count(21, 21), .inferred: Count(7, 9),
    ],
    .transposed: [
      .given: Count(15, 15), .givenOneOfSeveral: Count(2, 2), .inferred: Count(18, 18),
    ],
    .missingRegularization: [
      .given: Count(8, 8), .givenOneOfSeveral: Count(6, 6), .inferred: Count(14, 14),
      .inferredOneOfSeveral: Count(1, 1),
    ],
    .extraRegularization: [
      .given: Count(21, 21), .givenOneOfSeveral: Count(1, 1), .inferred: Count(15, 15),
      .inferredOneOfSeveral: Count(2, 2),
    ],
    .updatedWeights: [
      .given: Count(30, 30), .inferred: Count(6, 7),
    ],
    .stale: [
      .given: Count(524, 524)
    ],
    .nonFinite: [
      .given: Count(20, 20), .inferred: Count(17, 17),
    ],
    .timeStepsMissing: [
      .given: Count(508, 508)
    ],
    .examplesMissing: [
      .given: Count(328, 328), .inferred: Count(157, 157),
    ],
    .examplesNotSummed: [
      .given: Count(57, 57), .inferred: Count(44, 44),
    ],
    .changedAfterwards: [
      .inferred: Count(459, 459)
    ],
    .inherited: [
      .given: Count(1590, 1594), .inferred: Count(300, 304),
    ],
  ])
}
