import Datasets

/// What the user says about their program in addition to the file; everything is optional.
public struct ReadingRequest: Sendable {
  /// Functions of the layers: one for all hidden layers, one for each of them, or one for each layer.
  public var functions: [Nonlinearity] = []
  /// The output's function.
  public var output: Nonlinearity?
  /// The loss.
  public var loss: ProgramLoss.Kind?
  /// The layout of the arrays.
  public var layout: ArrayLayout?
  /// Widths, if they were given.
  public var widths: [Int]?
  /// Whether hidden layers of equal width form residual blocks of two.
  public var isResidual = false
  /// The factor on the branches of such blocks; `nil` for 1/√blocks.
  public var branchScale: Double?
  /// λ of the penalties λ/2m Σw² and λ/m Σ|w|.
  public var squares: Double?, absolutes: Double?
  /// The given names, theirs by ours.
  public var names: [String: String] = [:]
  /// Whether the names are only a proposal, which the cost must confirm.
  var isProposal = false

  /// An empty request.
  public init() {}
}
