import Diagnosis
import Findings
import Training

/// The fixed thresholds that other tools use, as rules on the same evidence, to compare with.
///
/// They look at the probes instead of every step, which makes them miss nothing that lasts, and they are spared what is
/// over before the next probe. Sources: DIAGNOSES.md, the table of thresholds in use elsewhere.
public enum OtherToolsRules: String, Sendable, CaseIterable, DiagnosisRule {
  /// The tools.
  case sageMakerDebugger = "SageMaker Debugger"
  case autoTrainer = "AutoTrainer"
  case deepDiagnosis = "DeepDiagnosis"
  case neuroScope = "NeuroScope"
  case btTackler = "BTTackler"

  /// What the tool's rules find.
  public func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    let families: [Finding.Family] =
      switch self {
      case .sageMakerDebugger: sageMaker(evidence)
      case .autoTrainer: autoTrainer(evidence)
      case .deepDiagnosis: deepDiagnosis(evidence)
      case .neuroScope: neuroScope(evidence)
      case .btTackler: btTackler(evidence)
      }
    return families.map { family in
      Finding(
        family: family, cause: cause(family), symptom: "a threshold of \(rawValue) was passed",
        explanation: rawValue, remedy: "none given")
    }
  }

  /// A threshold names no cause: the one that its family mostly has.
  private func cause(_ family: Finding.Family) -> Finding.Cause {
    switch family {
    case .baseRate, .signal: .initialScaleTooSmall
    case .units: .updateKilledUnits
    case .fit: .highVariance
    default: .learningRateTooLarge
    }
  }

  /// Mean |gradient| < 1e-7; units on for < 1 % of the samples at > 50 % of a layer; saturation (at ±5 here, which the
  /// evidence holds, where the tool has 9.5) at > 50 %; update ratio outside 1e-8 ... 10; no decrease over ten steps; dev loss
  /// more than 10 % above the training loss.
  private func sageMaker(_ evidence: Evidence) -> [Finding.Family] {
    var found: [Finding.Family] = []
    let parameters = evidence.probes.flatMap(\.parameters)
    if weights(evidence.probes).contains(where: { $0.gradientMeanMagnitude < 1e-7 }) {
      found.append(.signal)
    }
    let activations = evidence.probes.flatMap(\.activations)
    if activations.contains(where: { $0.rarelyOnShare > 0.5 || $0.beyondFiveShare > 0.5 }) {
      found.append(.units)
    }
    if parameters.contains(where: { $0.updateRatio.map { $0 > 10 || $0 < 1e-8 } ?? false }) {
      found.append(.learningRate)
    }
    if evidence.losses.stalledShare > 0 { found.append(.baseRate) }
    if let dev = evidence.outcome.dev, dev.loss > 1.1 * evidence.train.loss { found.append(.fit) }
    return found
  }

  /// While the accuracy is below 0.7: first/last gradient norm < 1e-3 and first < 1e-4; ratio > 70 or not finite; 70 % of
  /// the gradients exactly zero; swings of more than 0.03 at a fifth of the curve's points.
  private func autoTrainer(_ evidence: Evidence) -> [Finding.Family] {
    if evidence.outcome.failure != nil { return [.numbers] }
    if let error = evidence.train.error, error <= 0.3 { return [] }
    var found: [Finding.Family] = []
    for probe in evidence.probes {
      let norms = weights([probe]).map(\.gradientRootMeanSquare)
      if let first = norms.first, let last = norms.last {
        if first < 1e-3 * last && first < 1e-4 || first > 70 * last { found.append(.signal) }
      }
      let zeros = probe.parameters.map(\.gradientZeroShare)
      if zeros.reduce(0, +) > 0.7 * Double(zeros.count) { found.append(.units) }
    }
    let means = evidence.losses.means
    let changes = zip(means.dropFirst(), means).map { $0 - $1 }
    let swings = zip(changes.dropFirst(), changes).count { $0 * $1 < 0 && abs($0) > 0.03 }
    if 5 * swings > means.count { found.append(.learningRate) }
    return unique(found)
  }

  /// 70 % of a layer's outputs ≤ 0; |z| ≥ 5 at > 50 %; mean |gradient| < 1e-7; output range > 10 times the labels'.
  private func deepDiagnosis(_ evidence: Evidence) -> [Finding.Family] {
    var found: [Finding.Family] = []
    for probe in evidence.probes {
      if probe.activations.contains(where: { $0.zeroShare > 0.7 || $0.beyondFiveShare > 0.5 }) {
        found.append(.units)
      }
      if weights([probe]).contains(where: { $0.gradientMeanMagnitude < 1e-7 }) {
        found.append(.signal)
      }
      let range = probe.outputRange[1] - probe.outputRange[0]
      // Labels of classes span 1; real ones about four standard deviations.
      let labels =
        evidence.baseRate.error == nil ? 4 * evidence.baseRate.loss.squareRoot() : 1
      if range > 10 * labels { found.append(.learningRate) }
    }
    return unique(found)
  }

  /// Units off for > 90 % of the samples at ≥ 30 % of a layer; gradient rms < 1e-5; weights outside 0.5 to 2 times He's
  /// deviation.
  private func neuroScope(_ evidence: Evidence) -> [Finding.Family] {
    var found: [Finding.Family] = []
    for probe in evidence.probes {
      if probe.activations.contains(where: { $0.seldomOnShare >= 0.3 }) { found.append(.units) }
      if weights([probe]).contains(where: { $0.gradientRootMeanSquare < 1e-5 }) {
        found.append(.signal)
      }
    }
    if let start = evidence.start {
      for (weight, record) in zip(start.parameters, evidence.gradients)
      where record.shape.count >= 2 {
        let he = (2 / Double(record.shape[0])).squareRoot()
        if weight.rootMeanSquare < 0.5 * he || weight.rootMeanSquare > 2 * he {
          found.append(.signal)
        }
      }
    }
    return unique(found)
  }

  /// Gradient norms of neighbouring layers more than 1000 apart; gradient < 1e-4; > 50 % of the gradients zero.
  private func btTackler(_ evidence: Evidence) -> [Finding.Family] {
    var found: [Finding.Family] = []
    for probe in evidence.probes {
      let norms = weights([probe]).map(\.gradientRootMeanSquare)
      if zip(norms, norms.dropFirst()).contains(where: { $0 > 1e3 * $1 || $1 > 1e3 * $0 })
        || norms.contains(where: { $0 < 1e-4 })
      {
        found.append(.signal)
      }
      let zeros = probe.parameters.map(\.gradientZeroShare)
      if zeros.contains(where: { $0 > 0.5 }) { found.append(.units) }
    }
    return unique(found)
  }

  /// The measurements of matrices: names that end in weight.
  private func weights(_ probes: [ProbeMeasurement]) -> [ProbeMeasurement.Parameter] {
    probes.flatMap { $0.parameters.filter { $0.name.hasSuffix("weight") } }
  }

  private func unique(_ families: [Finding.Family]) -> [Finding.Family] {
    families.enumerated().filter { !families[..<$0.offset].contains($0.element) }.map(\.element)
  }
}
