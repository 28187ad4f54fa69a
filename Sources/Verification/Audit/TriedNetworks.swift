import Plumbline

/// The derivatives of the networks that a file was last tried to be of: another scale of the same loss needs no pass of its own.
final class TriedNetworks {
  private struct Tried {
    let network: ProgramNetwork
    let inputs: Tensor<Double>, targets: Tensor<Double>
    let masks: [Int: Tensor<Double>]
    let parameters: ProgramParameters
    let loss: ProgramLoss
    let derivatives: Derivatives
  }
  /// The last ones, the latest first.
  private var tried: [Tried] = []
  private static let limit = 4

  /// The derivatives of a network's cost, without its penalty, at the parameters of a run.
  func derivatives(_ run: ProgramRun, _ network: ProgramNetwork) -> Derivatives {
    var plain = network
    plain.loss.scale = 1
    plain.penalty = Penalty()
    let same = tried.first {
      $0.network == plain && $0.masks == run.masks && $0.parameters == run.parameters
        && $0.targets == run.targets && $0.inputs == run.inputs
    }
    if let same { return same.derivatives.scaled(from: same.loss, to: network.loss) }
    let derivatives = ProgramPass(
      network: network, inputs: run.inputs, targets: run.targets, masks: run.masks
    ).derivatives(at: run.parameters)
    let new = Tried(
      network: plain, inputs: run.inputs, targets: run.targets, masks: run.masks,
      parameters: run.parameters, loss: network.loss, derivatives: derivatives)
    tried = [new] + tried.prefix(Self.limit - 1)
    return derivatives
  }
}
