import Datasets
import Foundation
import Plumbline
import Training

/// What can be learned from the examples, according to methods that have no initial scale, rate or luck: the best affine function,
/// an infinitely wide network, single features, and products of bits.
///
/// What a network has not learned can be its own fault or that of the data. It is its own if one of these does better on examples
/// that it has not seen; only if all of them see nothing, and permuted targets look the same to them, is it reported that there is
/// no relation.
public struct FitReference: Codable, Sendable, Hashable {
  /// The share of wrong answers (mean squared error over the variance, for values) of the affine function and of the wide network
  /// on examples that they have not seen.
  public let linear: Double, wideNetwork: Double
  /// The same for the best answer that ignores the features.
  public let base: Double
  /// The training error of the best affine function; `nil` if not requested.
  public let linearTraining: Double?
  /// How strongly each test sees a relation, in standard deviations under chance, least likely first.
  public let relations: [Relation]
  /// The product of features that is related most strongly to the targets, if it is so beyond reasonable doubt; `nil` if there is none, or
  /// none was compared.
  public let product: FeatureProduct?
  /// The smallest correlation of a feature with a target that would have been seen; `nil` in records of earlier versions.
  public let visibleCorrelation: Double?
  /// The largest correlation of a feature with the order of the classes, as of grades; `nil` for few classes, and in records of earlier
  /// versions.
  public let orderCorrelation: Double?
  /// The same for three classes or more; `nil` in records of earlier versions.
  public let classOrder: Double?
  /// The number of examples fitted, and of all.
  public let exampleCount: Int, allCount: Int
  /// Whether the targets are classes.
  public let areClasses: Bool

  /// The result of one test.
  public struct Relation: Codable, Sendable, Hashable {
    /// The test, in words.
    public let test: String
    /// The standard deviations by which the result exceeds what chance would give for the most extreme of this many comparisons.
    public let strength: Double
  }

  /// A product of features as the only thing that answers depend on.
  public struct FeatureProduct: Codable, Sendable, Hashable {
    /// The indices of the features, from 0.
    public let features: [Int]
    /// The mistakes of the best affine function of the product.
    public let share: Double
  }

  /// The strongest relation seen by any test.
  public var strength: Double { relations.map(\.strength).max() ?? 0 }

  /// Whether features and targets are related, beyond reasonable doubt.
  public var seesRelation: Bool { Self.isRelation(strength) }
  /// Whether there is no evidence at all for a relation.
  public var seesNothing: Bool { strength < Self.nothing }

  /// The best of the fits.
  public var best: Double { min(linear, wideNetwork, product?.share ?? .infinity) }

  /// How many examples are used: by the fits, and by the comparisons of single features.
  struct Limits: Sendable {
    let fit: Int, single: Int
    /// Whether products of two features are compared too.
    var arePairsCompared = false

    /// The same with at least this many examples for the fits: showing what an affine network cannot do takes more of them.
    func fit(atLeast count: Int) -> Limits { Limits(fit: max(fit, count), single: single) }

    /// As many examples as about a tenth of a second allows, whatever the run took: before it is said that nothing does better than a
    /// network that leaves errors.
    func thorough(features: Int) -> Limits {
      let features = Double(max(1, features))
      return Limits(
        fit: max(fit, Int(min(2048, (2e9 / features).squareRoot()))),
        single: max(single, Int(2e7 / features)), arePairsCompared: true)
    }
  }

  /// The references of at most `limits` examples; `nil` for fewer than 24, or targets that do not vary. All values have
  /// to be finite.
  ///
  /// - Parameter fitsAffine: Whether the best affine function is fitted to all chosen examples too.
  /// - Complexity: O(limits.fit³ + limits.single · features), and O(examples · features) where features are bits.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: TrainableScalar>(
    of examples: Examples<Scalar>, loss: LossFunction, limits: Limits, fitsAffine: Bool, key: Key
  ) {
    let count = min(limits.fit, examples.count)
    guard count >= 24 else { return nil }
    // At random rather than evenly spaced: a file in which every second example is of one class would give halves of one class
    // each.
    let chosen = Array(key["examples"].permutation(examples.count).prefix(count)).sorted()
    let table = FitTable(examples, loss: loss, rows: chosen)
    guard table.columns > 0 else { return nil }
    areClasses = table.areClasses
    exampleCount = count
    allCount = examples.count
    base = table.base
    let order = key["halves"].permutation(count)
    let products = KernelFit.products(of: Tensor([count, table.width], table.features))
    func fit(_ kernel: KernelFit.Kernel) -> KernelFit {
      KernelFit(
        kernel, products: products, targets: table.targets, columns: table.columns, order: order)
    }
    let (affine, wide) = (fit(.linear), fit(.wideNetwork))
    linear = table.mistakes(of: affine.predictions)
    wideNetwork = table.mistakes(of: wide.predictions)
    linearTraining = fitsAffine ? table.mistakes(of: table.affineFit()) : nil
    var relations = [
      Relation(test: "a linear fit", strength: Double(affine.strength)),
      Relation(test: "a wide network", strength: Double(wide.strength)),
    ]
    let whole = count == examples.count ? table : nil
    var comparison = FeatureComparison(
      Self.table(examples, loss, limits.single, whole, key))
    relations += comparison.singleFeatures()
    if let order = comparison.orderOfClasses() { relations.append(order) }
    if limits.arePairsCompared, let pairs = comparison.pairs() { relations.append(pairs) }
    if let bits = comparison.bits(of: examples, loss) { relations.append(bits) }
    self.relations = relations.sorted { $0.strength > $1.strength }
    product = comparison.product
    orderCorrelation = comparison.order
    classOrder = comparison.classOrder
    visibleCorrelation = comparison.correlation(ofStrength: Self.nothing)
  }

  /// Below this strength there is no evidence for a relation.
  private static let nothing = 2.5
  /// Whether a strength is one of a relation beyond reasonable doubt.
  static func isRelation(_ strength: Double) -> Bool { strength > relationStrength }
  /// The strength of a relation beyond reasonable doubt.
  static let relationStrength = 4.0

  /// The rows in which features are compared one by one.
  private static func table<Scalar: TrainableScalar>(
    _ examples: Examples<Scalar>, _ loss: LossFunction, _ most: Int, _ known: FitTable?, _ key: Key
  ) -> FitTable {
    if let known { return known }
    let rows =
      examples.count <= most
      ? Array(0..<examples.count)
      : Array(key["single"].permutation(examples.count).prefix(most)).sorted()
    return FitTable(examples, loss: loss, rows: rows)
  }
}

extension FitTable {
  /// The table of these examples, as a loss takes their targets.
  init<Scalar: TrainableScalar>(_ examples: Examples<Scalar>, loss: LossFunction, rows: [Int]) {
    self.init(
      features: examples.features, targets: examples.targets,
      areClasses: examples.targets.count == examples.count && loss.areClasses,
      // A loss that does not square errors is not dominated by targets that are far from the others.
      cuttingOff: loss != .meanSquaredError && loss.targets == .reals,
      classWeights: loss.classWeights, rows: rows)
  }
}
