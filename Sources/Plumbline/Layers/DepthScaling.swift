import Findings
import Foundation

/// How the branches of a residual net, and the steps of the parameters in them, follow the number of blocks, so that what was tuned at
/// one depth serves at another.
///
/// With m the number of blocks divided by that of the base net, whose settings were tuned, branches are multiplied by m^-branch,
/// and a step of Adam in a block is m^-step times as long. Adam moves every weight by its rate, whatever the size of the gradient,
/// and the changes of L blocks add up in line, so that a step moves the output by a multiple of L^(1 - branch - step). Depth-µP and
/// CompleteP make the exponent 0. Gradients in a block are m^-branch times as large, which the epsilon of Adam follows; steps that are
/// proportional to the gradient, like those of SGD, are lengthened by as much (see ``UpdateScale``). Initial weights do not depend on depth.
///
/// Sources: depth-µP: Yang et al., arXiv:2310.02244; CompleteP: Dey et al., arXiv:2505.01618. The exponents are derived, and measured, by
/// the study `depth-movement`.
public struct DepthScaling: Sendable, Hashable {
  /// The exponents of 1/m in the factor on a branch, and on the steps of its parameters.
  public var branch: Double, step: Double
  /// The number of blocks of the net whose settings were tuned.
  public var baseBlocks: Int

  /// A scaling.
  ///
  /// - Precondition: `baseBlocks` is positive.
  public init(branch: Double, step: Double, baseBlocks: Int = 4) {
    require(baseBlocks > 0, "a base net of \(baseBlocks) blocks")
    (self.branch, self.step, self.baseBlocks) = (branch, step, baseBlocks)
  }

  /// Branches and the steps in them divided by the root of the depth.
  public static let depthMuP = DepthScaling(branch: 0.5, step: 0.5)
  /// Branches divided by the depth, and steps that do not follow it.
  public static let completeP = DepthScaling(branch: 1, step: 0)

  /// The factor on the branches of a net of so many blocks; `base` is that of the base net, with which its branches by default add up
  /// to about the energy of the stream.
  public func branchScale(blocks: Int, base: Double? = nil) -> Double {
    (base ?? 1 / Double(baseBlocks).squareRoot()) * power(branch, blocks)
  }

  /// How far an optimizer moves the parameters in the blocks of a net of so many.
  public func updates(blocks: Int) -> UpdateScale {
    UpdateScale(step: power(step, blocks), gradient: power(branch, blocks))
  }

  /// m^-exponent, by quotients and roots where these do, so that named scalings have the same bits on every platform.
  private func power(_ exponent: Double, _ blocks: Int) -> Double {
    let m = Double(max(blocks, 1)) / Double(baseBlocks)
    return switch exponent {
    case 0: 1
    case 0.5: 1 / m.squareRoot()
    case 1: 1 / m
    default: pow(m, -exponent)
    }
  }
}

extension DepthScaling {
  /// The scalings by name; `standard` is none.
  private static let known: [(name: String, scaling: DepthScaling?)] = [
    ("standard", nil), ("depth-mup", .depthMuP), ("complete-p", .completeP),
  ]

  /// The names of the scalings, as ``named(_:)`` takes them; `standard` is none.
  public static let names = known.map(\.name)

  /// What text means: a name, and after a colon the number of blocks of the base net, such as `complete-p:8`. `standard` gives no scaling.
  ///
  /// - Throws: ``/Findings/Problem`` for any other text.
  public static func named(_ text: String) throws(Problem) -> DepthScaling? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if let found = known.first(where: { $0.name == parts[0] }) {
      if parts.count == 1 { return found.scaling }
      if var scaling = found.scaling, let base = Int(parts[1]), (1...1_000_000).contains(base) {
        scaling.baseBlocks = base
        return scaling
      }
    }
    throw Problem(
      setting: .depthScaling, problem: "there is no scaling \"\(text)\"",
      remedy:
        "give one of \(names.joined(separator: ", ")), the last two with the blocks of the base net if these are not "
        + "\(completeP.baseBlocks), such as complete-p:8")
  }
}
