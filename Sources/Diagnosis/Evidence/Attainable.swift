import Plumbline
import Training

/// What could have been learned, according to other methods, compared with what was.
extension Evidence {
  /// The share of wrong answers, each counted with the weight of its class, or of the variance that is left, on the training examples.
  var share: Double { weightedShare ?? train.error ?? squareShare ?? 1 - progress }

  /// The share of the weight of all examples that is about wrong answers; `nil` if all classes count alike.
  private var weightedShare: Double? {
    guard weighsClasses, let recalls = answers?.recalls, answerWeight > 0 else { return nil }
    return recalls.reduce(0) { $0 + weight($1.label) * Double($1.count - $1.right) } / answerWeight
  }

  /// The same of an answer that ignores the features: the best class is the one with the largest weight in all.
  var baseShare: Double? {
    guard weighsClasses, let recalls = answers?.recalls, answerWeight > 0 else {
      return baseRate.error
    }
    return 1 - (recalls.map { weight($0.label) * Double($0.count) }.max() ?? 0) / answerWeight
  }

  private func weight(_ label: Int) -> Double {
    let weights = settings.loss.classWeights
    return weights.indices.contains(label) ? weights[label] : 1
  }

  private var answerWeight: Double {
    (answers?.recalls ?? []).reduce(0) { $0 + weight($1.label) * Double($1.count) }
  }

  /// How many examples of equal weight say as much as one example does, on average, if classes are weighted: (Σ w)² / Σ w² over the
  /// number of examples (L. Kish, Survey sampling, 1965).
  private var evenness: Double {
    guard weighsClasses, let recalls = answers?.recalls else { return 1 }
    let squares = recalls.reduce(0) {
      $0 + weight($1.label) * weight($1.label) * Double($1.count)
    }
    let count = recalls.reduce(0) { $0 + Double($1.count) }
    return squares > 0 ? answerWeight * answerWeight / (squares * max(count, 1)) : 1
  }

  /// The smallest share that another method leaves on examples that it has not seen; `nil` if none was tried.
  ///
  /// A few examples without a contradiction can be memorized, whatever they mean.
  var attainable: Double? {
    if isSmallWorld { return 0 }
    // Neighbors count every mistake alike.
    return [weighsClasses ? nil : neighbors?.share, fits?.best].compactMap { $0 }.min()
  }

  /// The number of examples behind the attainable error.
  private var referenceCount: Double {
    let neighbors = weighsClasses ? nil : neighbors?.queryCount
    return Double(max(1, min(neighbors ?? .max, fits?.exampleCount ?? .max, exampleCount)))
  }

  /// Whether a network could memorize every example, since there are few and none contradicts another.
  var isSmallWorld: Bool { targets.isFunction == true && exampleCount < 32 }

  /// Whether other methods do clearly better on examples that they have not seen than the network does on its own examples.
  ///
  /// Clearly means by three standard errors and 3 %, or by three tenths of what is left of a variance.
  var fallsShort: Bool { fallsShort(countedOn: referenceCount) }

  /// The same, if a closed-form fit leaves least, of which more examples are known than of neighbors: for a setting that is known to hold
  /// a network back.
  var fallsShortOfFits: Bool { fallsShortOfFits(by: 3) }

  /// Whether the loss still falls and a closed-form fit leaves less: two standard errors are enough where the run itself shows that it
  /// has not come to its end, which leaves one such run in forty that is told so by chance.
  var fallsShortWhileFalling: Bool {
    leavesError && (isFalling || fallsOn || fallsSteadily) && fallsShortOfFits(by: 2)
      && !isAtAffineLimit
  }

  /// Whether the network is an affine function and leaves no more than three points above the best one: its loss may still fall, but
  /// more steps hardly take it further.
  private var isAtAffineLimit: Bool {
    guard facts.isAffine, let best = fits?.linearTraining ?? targets.affineShare else {
      return false
    }
    return share - best < 0.03
  }

  /// Whether each quarter of the run has a lower loss than the one before, which happens by chance in one run of twenty-four, and the
  /// last a twentieth less than the second: batches of which a few examples count most swing too much to show more.
  private var fallsSteadily: Bool {
    let quarters = losses.quarterMedians.map(above)
    return quarters.count == 4 && zip(quarters, quarters.dropFirst()).allSatisfy(>)
      && quarters[3] < 0.95 * quarters[1]
  }

  private func fallsShortOfFits(by deviations: Double) -> Bool {
    guard let fits, fits.seesRelation, fits.best == attainable || deviations < 3 else {
      return false
    }
    return fallsShort(
      of: fits.best, countedOn: Double(max(1, min(fits.exampleCount, exampleCount))),
      by: deviations)
  }

  private func fallsShort(countedOn count: Double) -> Bool {
    attainable.map { fallsShort(of: $0, countedOn: count, by: 3) } ?? false
  }

  private func fallsShort(
    of attainable: Double, countedOn count: Double, by deviations: Double
  ) -> Bool {
    // A loss that weighs mistakes is compared by weighted mistakes, or not at all.
    guard !weighsClasses || weightedShare != nil else { return false }
    guard train.error != nil else {
      return attainable < 0.7 * share && share - attainable > 0.03
    }
    let certain = max(attainable, 1 / count)
    // Both are counts of mistakes: a reference's on other examples, and the network's on its own.
    let own = min(max(share, 1 / Double(exampleCount)), 0.5)
    let ownCount = Double(weighsClasses ? answers?.answerCount ?? exampleCount : exampleCount)
    let deviation =
      (certain * (1 - certain) / (count * evenness) + own * (1 - own) / (ownCount * evenness))
      .squareRoot()
    return share - attainable > max(0.03, exampleCount < 32 ? 0.03 : deviations * deviation)
  }

  /// Whether the mistakes of some classes count more than those of others.
  var weighsClasses: Bool { !settings.loss.classWeights.isEmpty }

  /// Whether answers depend on a product of more features than there are hidden units. A parity of n bits changes n times along the
  /// number of bits that are set, and each unit bends a function once.
  var isTooSmallForProduct: Bool {
    guard let product = fits?.product, product.share == attainable, fallsShort,
      !hiddenWidths.isEmpty
    else { return false }
    return product.features.count > hiddenWidths.reduce(0, +)
  }

  /// Whether nothing does better than the network, although there is something to learn.
  var hasAttained: Bool {
    guard let fits, fits.seesRelation, !fallsShort, exampleCount >= 32 else { return false }
    // If mistakes are weighted and it is not known how, all that is known is the cost of an answer that ignores the features.
    if weighsClasses, weightedShare == nil { return progress > 0.1 }
    // The mean square of a few examples is known only to two standard errors. Where one class has nearly all examples, an error
    // says little.
    guard let base = baseShare else {
      return share < (1 + 2 * (2 / referenceCount).squareRoot()) * (attainable ?? 0) + 0.02
    }
    let learnable = 1 - (attainable ?? 0) / base
    // Answers that are barely on the right side of one half have no error, and the loss of a network that has learned nothing.
    return base > 0.15 && share < base * (1 - 0.5 * learnable)
      && progress > 0.35 * learnable * learnable
  }

  /// Whether features and targets have nothing to do with each other, as far as any method shows: a linear fit, a wide network,
  /// single features, products of bits and neighbors find nothing that they would not find for permuted targets.
  var seesNoRelation: Bool {
    guard let fits, fits.allCount >= 50 else { return false }
    return fits.seesNothing && !(neighbors?.seesSignal ?? false)
  }

  /// Whether features and targets are known to be unrelated: nothing is seen of a relation, and one that matters would have been.
  ///
  /// Among a few examples with many features, one of them has to say nearly everything before it stands out from the others. A network
  /// that has learned nothing either adds to the evidence; one that has learned such examples by heart does not.
  var isWithoutRelation: Bool {
    guard seesNoRelation, let fits else { return false }
    let hasLearned = share < 0.7 * (baseRate.error ?? 1)
    return !hasLearned || (fits.visibleCorrelation ?? 0) < Self.telling
  }

  /// Whether the examples are too few to tell whether the features say anything of the targets.
  var isTooFewToTell: Bool {
    guard let fits, !fits.seesRelation, !isWithoutRelation, !(neighbors?.seesSignal ?? false),
      !isRightElsewhere
    else { return false }
    return fits.visibleCorrelation.map { $0 >= Self.telling } ?? false
  }

  /// Whether the network's answers to other examples show that features and targets are related: they are clearly better than one that ignores
  /// the features.
  private var isRightElsewhere: Bool {
    guard let other = outcome.dev ?? outcome.test else { return false }
    if let error = other.error, let base = baseRate.error { return error < 0.8 * base }
    return above(other.loss) < 0.8 * above(baseRate.loss)
  }

  /// A correlation that explains a tenth of a variance.
  private static var telling: Double { 0.316 }

  /// Whether any method shows that features and targets are related.
  var seesRelation: Bool {
    fits?.seesRelation ?? false || neighbors?.seesSignal ?? false || isSmallWorld
  }

  /// Whether labels of two classes may have been flipped: a good part of the answers are wrong, and not only where they are
  /// uncertain.
  var maySufferFromNoise: Bool {
    guard targets.classCount == 2, let own = train.error, let base = baseRate.error else {
      return false
    }
    let error = max(own, outcome.dev?.error ?? outcome.test?.error ?? 0)
    return error > 0.06 && error < 0.9 * base && seesRelation
  }

  /// Whether the network does so much worse on the dev set, or else on the test set, that it matters whether the sets agree.
  var leavesGap: Bool {
    guard let other = outcome.dev ?? outcome.test, train.loss.isFinite else { return false }
    let rest = other.error ?? 1 - progress(of: other)
    return rest - share > 0.1
  }

  /// Whether continuing would reduce the loss above its floor by another twelfth within three times as many steps, if the geometric
  /// fall over the last quarters of the run goes on.
  var fallsOn: Bool {
    let quarters = losses.quarterMedians
    guard quarters.count == 4 else { return false }
    let drops = zip(quarters, quarters.dropFirst()).map { $0 - $1 }
    let rest = above(quarters[3]) - (targets.lossFloor ?? 0)
    let noise =
      3 * losses.lastDeviation / (Double(max(stepCount, 4)) / 4).squareRoot()
    guard drops[2] > noise, drops[2] > 0, rest > 0 else { return false }
    let ratio = drops[1] > 0 ? min(1, drops[2] / drops[1]) : 1
    let more = Self.geometric(drops[2], ratio, 12)
    return more > 0.08 * rest
  }

  private static func geometric(_ first: Double, _ ratio: Double, _ count: Int) -> Double {
    var (sum, term) = (0.0, first)
    for _ in 0..<count {
      term *= ratio
      sum += term
    }
    return sum
  }

  /// Whether the run is not where it could be: it has not learned half of what there is to learn, or other methods do better.
  var isInTrouble: Bool {
    switch standing {
    case .learned: leavesError && fallsShort
    case .stalled, .baseRate: !hasAttained
    case .diverged, .nonFinite: true
    }
  }
}
