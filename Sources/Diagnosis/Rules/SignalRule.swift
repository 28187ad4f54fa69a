import Findings
import Foundation
import Networks

extension Finding.Cause {
  /// The initial weights are too small for the depth.
  public static let initialScaleTooSmall: Self = "initial-scale-too-small"
  /// The initial weights are too large for the depth.
  public static let initialScaleTooLarge: Self = "initial-scale-too-large"
  /// The branches of residual blocks are added without a factor that falls with the number of blocks.
  public static let branchesUnscaled: Self = "branches-unscaled"
  /// The depth makes the representations of different inputs alike.
  public static let depthCollapse: Self = "depth-collapse"
}

/// Family 2: the signal grows or shrinks from layer to layer, measured as a slope and compared with what theory predicts.
///
/// Considered only if the network has not learned: a slope by itself does no harm.
struct SignalRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .signal, .initialScaleTooSmall, "the initial weights are too small for the depth"),
    Finding.CauseMeaning(
      .signal, .initialScaleTooLarge, "the initial weights are too large for the depth"),
    Finding.CauseMeaning(
      .signal, .branchesUnscaled,
      "the branches of residual blocks are added without a factor that falls with the number of blocks"
    ),
    Finding.CauseMeaning(
      .signal, .depthCollapse, "the depth makes the representations of different inputs alike"),
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    if evidence.hasUnsuitableFunction,
      [.initialScaleTooSmall, .initialScaleTooLarge, .depthCollapse].contains(finding.cause)
    {
      return [
        Treatment(
          "ReLUs", options: "\(Setting.activation) relu", .network { $0.withActivation(.relu) })
      ]
    }
    return switch finding.cause {
    case .initialScaleTooSmall, .initialScaleTooLarge: evidence.weightTreatments
    case .branchesUnscaled:
      [
        Treatment(
          residual.change,
          options: SignalLaw(evidence)?.branchScaleOption ?? Setting.branchScale.option,
          residual.kind)
      ]
    case .depthCollapse:
      SignalLaw(evidence)?.isSquashed ?? false
        ? [
          Treatment(
            "tanh for sigmoids", options: "\(Setting.activation) tanh",
            .network { $0.withActivation(.tanh) }
          ),
          Treatment(
            "ReLUs for sigmoids", options: "\(Setting.activation) relu",
            .network { $0.withActivation(.relu) }),
        ]
        : [
          residual,
          Treatment(
            "layer normalization", options: "\(Setting.normalization) layer",
            .network { $0.normalized(by: .layer) }),
        ]
    default: []
    }
  }

  private var residual: Treatment {
    Treatment(
      "residual branches scaled by 1/√blocks", options: Setting.residual.option,
      .network { $0.residualVariant })
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // What dropout leaves is multiplied by 1/(1 - p), so that the signal grows and varies whatever the weights.
    guard let law = SignalLaw(evidence), (evidence.dropout ?? 0) <= 0.5 else { return [] }
    switch evidence.standing {
    case .stalled, .diverged, .nonFinite:
      guard evidence.isInTrouble, earlier.isEmpty || earlier.allSatisfy({ $0.family == .data })
      else {
        return []
      }
      // A signal that shrinks on the way does not make a loss rise.
      let grows = evidence.standing == .diverged
      return law.isExploding || !grows && (law.isVanishing || law.isCollapsing)
        ? [law.finding(evidence)] : []
    case .learned:
      // A deep plain network learns only a part, and slowly: skips help more than steps.
      return law.stations.count >= 12 && evidence.isInTrouble && evidence.underfits
        && law.isCollapsing && earlier.isEmpty
        ? [law.finding(evidence)] : []
    case .baseRate: return []
    }
  }
}

extension SignalRule {
  /// Initial weights far above the scale that keeps the signal, where they show: units saturated from the start, or answers so extreme
  /// that the loss began far above that of an answer that ignores the features. Training then has to undo them first.
  static func largeStart(_ evidence: Evidence) -> Finding? {
    guard !evidence.facts.isNormalized, let start = evidence.start,
      let factor = evidence.initialScale, factor > SignalLaw.largeScale
    else { return nil }
    let saturated = start.activations.map(\.saturatedShare).max() ?? 0
    // Units that are saturated to the end are reported as such.
    guard UnitsRule().findings(in: evidence, after: []).isEmpty else { return nil }
    guard
      saturated > 0.5 || evidence.above(start.loss) > 3 * evidence.above(evidence.baseRate.loss)
    else { return nil }
    let outcome =
      saturated > 0.5
      ? String(format: "%.0f %% of the outputs of a hidden layer are saturated", 100 * saturated)
      : String(
        format: "the loss begins at %.4g, while an answer that ignores the features costs %.4g",
        start.loss, evidence.baseRate.loss)
    return Finding(
      family: .signal, cause: .initialScaleTooLarge,
      symptom: String(
        format: "the weights start at %.2g times the size that keeps the signal, or more", factor),
      explanation: outcome + ", and training has to undo that before it can learn",
      location: Finding.Location(step: 0),
      evidence: [
        Finding.Number("initial scale", factor), Finding.Number("loss at the start", start.loss),
      ],
      remedy: "start from smaller weights (\(evidence.weightOption))")
  }
}

extension SignalLaw {
  fileprivate var branchScaleOption: String {
    "\(Setting.branchScale) \(String(format: "%.2g", 1 / Double(max(blocks, 1)).squareRoot()))"
  }

  func finding(_ evidence: Evidence) -> Finding {
    let depth = stations.count
    func factor(_ slope: Double) -> String { String(format: "%.3g", Foundation.exp(slope)) }
    let addition =
      predictedSlope.map { ", and theory predicts \(factor($0)) for these initial weights" } ?? ""
    let measured =
      "at the start the mean square of the signal changes by a factor of \(factor(slope)) per layer, over \(depth) "
      + "layers, and that of the gradient by \(factor(gradientSlope)) on the way back\(addition)"
    let numbers =
      [
        Finding.Number("log slope", slope), Finding.Number("gradient log slope", gradientSlope),
        Finding.Number("layers", Double(depth)),
        Finding.Number("distinguishing share", distinguishing),
      ] + (predictedSlope.map { [Finding.Number("predicted log slope", $0)] } ?? [])
    let cause: Finding.Cause
    let remedy: String
    if evidence.hasUnsuitableFunction, isVanishing || isExploding {
      cause = isVanishing ? .depthCollapse : .initialScaleTooLarge
      remedy =
        "use another activation (\(Setting.activation) relu): the weights already start at a customary scale, and the function makes the signal "
        + (isVanishing ? "shrink" : "grow") + " from layer to layer"
    } else if isVanishing, isSquashed {
      cause = .depthCollapse
      remedy =
        "use another activation, tanh or ReLU (\(Setting.activation) tanh): the slope of a sigmoid is at most 1/4, so gradients shrink from "
        + "layer to layer at any initial scale"
    } else if isVanishing, hasHeScale {
      cause = .depthCollapse
      remedy =
        "\(evidence.depthAdvice): the weights already have He's scale"
    } else if isVanishing {
      cause = .initialScaleTooSmall
      let rate = evidence.customaryRate.map { " \(Setting.learningRate) \($0)" } ?? ""
      remedy =
        (evidence.isMadeOfSigmoids
          ? "start from larger weights and use another activation (\(evidence.signalOptions)\(rate)): gradients shrink through this many sigmoids at "
            + "any scale"
          : "start from weights at another scale, He's for ReLUs and Glorot's for tanh and sigmoids (\(evidence.signalOptions)\(rate)): they preserve "
            + "the signal at any depth")
        + (rate.isEmpty ? "" : "; the rate is the customary one")
    } else if isExploding {
      // With weights that are far too large, branches explode at any factor.
      let areBranches = blocks > 0 && !hasLargeScale
      cause = areBranches ? .branchesUnscaled : .initialScaleTooLarge
      remedy =
        areBranches
        ? "multiply the branches by 1/√blocks (\(branchScaleOption)), so that \(blocks) of them grow "
          + "the signal to e rather than 2^\(blocks)"
        : "start from smaller weights, \(evidence.weightOption.hasSuffix("he") ? "of variance 2 / fan-in before ReLUs" : "of variance 1 / fan-in before tanh and sigmoids") (\(evidence.signalOptions))"
    } else if hasLargeScale {
      cause = .initialScaleTooLarge
      remedy =
        "start from smaller weights (\(evidence.signalOptions)): such large ones saturate the units"
    } else {
      cause = .depthCollapse
      remedy =
        "\(evidence.depthAdvice): the angle between inputs then does not depend on depth"
    }
    return Finding(
      family: .signal, cause: cause,
      symptom: symptom(of: cause),
      explanation: measured, location: Finding.Location(layer: outlier, step: 0), evidence: numbers,
      remedy: remedy
    )
  }

  private func symptom(of cause: Finding.Cause) -> String {
    switch cause {
    case .depthCollapse where isVanishing: return "the gradient vanishes along the depth"
    case .initialScaleTooSmall:
      return isSignalKept
        ? "the gradient vanishes on its way back" : "the signal vanishes along the depth"
    case .branchesUnscaled,
      .initialScaleTooLarge where isExploding:
      return isSignalBounded
        ? "the gradient explodes on its way back" : "the signal explodes along the depth"
    case .initialScaleTooLarge:
      return "the weights start several times as large as those that keep the signal's size"
    default:
      return
        "after \(stations.count) layers all inputs look alike: \(String(format: "%.2g", distinguishing)) of what distinguished them is left"
    }
  }
}
