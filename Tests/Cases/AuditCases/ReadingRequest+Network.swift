import Findings
import Networks
import Verification

extension ReadingRequest {
  /// What somebody says who tells everything about a network.
  public init(of network: HandWrittenNetwork) {
    self.init()
    functions = network.activations.compactMap { Nonlinearity(spelled: $0.rawValue) }
    loss = ProgramLoss.Kind(spelled: network.loss.rawValue)
    isResidual = network.isResidual
    branchScale = network.branchScale
    if network.l1 != 0 { absolutes = network.l1 }
    if network.l2 != 0 { squares = network.l2 }
  }
}

extension Audit {
  /// The judgement of a run of a network that is known.
  public static func report(
    on run: ManualRun, of network: HandWrittenNetwork
  ) throws(Problem) -> AuditReport {
    try report(on: run, ReadingRequest(of: network))
  }
}
