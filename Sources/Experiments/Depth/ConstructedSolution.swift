import Findings
import Plumbline

/// A trained shallow network inside a deeper one: a known solution of the deeper network.
///
/// The extra layers of the deeper network are the identity: W = I, b = 0 in a plain ReLU network, whose values are not
/// negative after a ReLU, so that relu(h I + 0) = h; a branch of zeros in a residual one, so that h + s · 0 = h. Both hold
/// bit for bit in floating-point arithmetic: a product with I sums one term h · 1 and zeros.
///
/// The argument is that of He et al., arXiv:1512.03385, section 1: a deeper network's best training error cannot be higher.
public struct ConstructedSolution: Sendable {
  /// The arm of both networks.
  public let arm: Arm
  /// The shallow and the deep network, with the same arm and width.
  public let shallow: DepthNetwork, deep: DepthNetwork

  /// The construction of a network inside another.
  ///
  /// A residual branch is scaled by 1/√blocks, which differs between the two; the shallow net's second layers are
  /// multiplied by the ratio. That is exact if the ratio is a power of 2, so the depths must differ by a power of 4.
  ///
  /// - Throws: ``/Findings/Problem`` if the arm has no layer that is exactly the identity, the deep network is not the
  ///   deeper one, or the ratio of the branches' scales is not a power of 2.
  public init(arm: Arm, inputs: Int, width: Int, classes: Int, shallow: Int, deep: Int)
    throws(Problem)
  {
    try self.init(
      arm: arm, shallow: shallow,
      in: GridPoint(inputs: inputs, width: width, classes: classes, depth: deep))
  }

  /// The construction of a network inside that of a point.
  ///
  /// - Throws: See ``init(arm:inputs:width:classes:shallow:deep:)``.
  public init(arm: Arm, shallow: Int, in point: GridPoint) throws(Problem) {
    let deep = point.depth
    let isIdentity =
      arm == .plain
      ? try point.activation(default: .relu) == .relu
      : [.residual, .zero, .unscaled].contains(arm)
    guard isIdentity,
      let shallowNetwork = try arm.network(point.atDepth(shallow)) as? DepthNetwork,
      let deepNetwork = try arm.network(point) as? DepthNetwork
    else {
      throw Problem(
        problem: "a layer of the arm \(arm.rawValue) is never exactly the identity",
        remedy: "use plain with relu, or a residual arm")
    }
    guard deep > shallow else {
      throw Problem(
        problem: "\(deep) layers are not more than \(shallow)", remedy: "use a deeper network")
    }
    let ratio = Self.branchRatio(arm, shallow: shallow, deep: deep)
    guard ratio.significand == 1 else {
      throw Problem(
        problem:
          "the branch scales for \(shallow) and \(deep) layers have the ratio \(ratio), whose product "
          + "with a weight is rounded", remedy: "use 4, 16 or 64 times as many layers")
    }
    self.arm = arm
    self.shallow = shallowNetwork
    self.deep = deepNetwork
  }

  /// The ratio by which the deep network's branches are scaled down.
  private static func branchRatio(_ arm: Arm, shallow: Int, deep: Int) -> Double {
    arm == .residual ? (Double(deep) / Double(shallow)).squareRoot() : 1
  }

  /// Values of the deep network with which it computes exactly, bit for bit, what the shallow one does.
  ///
  /// The extra layers come after the shallow network's. The first weights of a new residual block are drawn as
  /// at the start of training, so that it can learn: with both layers zero, no gradient would reach either.
  ///
  /// - Complexity: O(number of values).
  public func parameters<Scalar: TrainableScalar>(
    from trained: Parameters<Scalar>, key: Key
  ) -> Parameters<Scalar> {
    var result = Parameters<Scalar>(of: deep, key: key)
    for name in trained.names { result[name] = trained[name] }
    let ratio = Self.branchRatio(
      arm, shallow: shallow.hidden.count, deep: deep.hidden.count)
    let isResidual = arm.hasTwoLayerBlocks
    for position in deep.hidden.indices {
      let (weight, bias) = ("hidden.\(position).weight", "hidden.\(position).bias")
      let isNew = position >= shallow.hidden.count
      let width = result[weight].shape[0]
      switch (isNew, isResidual) {
      case (true, false):
        result[weight] = .identity(width)
        result[bias] = .zeros([width])
      case (true, true) where !position.isMultiple(of: 2):
        result[weight] = .zeros([width, width])
        result[bias] = .zeros([width])
      case (false, true) where !position.isMultiple(of: 2):
        result[weight] = result[weight] * ratio
        result[bias] = result[bias] * ratio
      default: break
      }
    }
    return result
  }
}
