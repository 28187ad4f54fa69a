import Diagnosis
import Foundation
import Plumbline
import Training

/// A completed training run, as a line of a journal keeps it: all of it, to the bit.
struct KeptRun<Scalar: TrainableScalar>: Codable, Sendable {
  private let losses: [Double]
  private let epochs: [TrainingEpoch]
  private let train: Evaluation, dev: Evaluation?, test: Evaluation?
  private let stepsPerEpoch: Int
  /// The epoch that early stopping chose; `nil` if the run took all its steps.
  private let bestEpoch: Int?
  private let seconds: Double
  /// The bytes of the values, of parameters and of running statistics.
  private let parameters: Data, statistics: Data
  /// The diagnosis as in `diagnosis.json`.
  private let diagnosis: Data

  /// `nil` for a run that was stopped, or whose loss was not finite.
  init?(_ run: DiagnosedResult<Scalar>) throws {
    let result = run.result
    switch result.ending {
    case .finished: bestEpoch = nil
    case .stoppedEarly(let epoch): bestEpoch = epoch
    case .nonFinite, .stopped: return nil
    }
    guard result.divergedAtStep == nil else { return nil }
    losses = result.losses
    epochs = result.epochs
    (train, dev, test) = (result.train, result.dev, result.test)
    stepsPerEpoch = result.stepsPerEpoch
    seconds = result.seconds
    parameters = Self.bytes(result.parameters.vector)
    statistics = Self.bytes(result.parameters.statistics)
    diagnosis = try run.diagnosis.json()
  }

  /// The run, restored.
  func result(_ layout: ParameterLayout) throws -> DiagnosedResult<Scalar> {
    let values = Parameters<Scalar>(
      layout: layout, vector: Self.tensor(parameters), statistics: Self.tensor(statistics))
    return DiagnosedResult(
      result: TrainingResult(
        parameters: values, losses: losses, epochs: epochs,
        ending: bestEpoch.map { .stoppedEarly(bestEpoch: $0) } ?? .finished, train: train, dev: dev,
        test: test, stepsPerEpoch: stepsPerEpoch, bestEpoch: bestEpoch, seconds: seconds),
      diagnosis: try Diagnosis(json: diagnosis))
  }

  private static func bytes(_ tensor: Tensor<Scalar>) -> Data {
    tensor.scalars.withUnsafeBytes { Data($0) }
  }

  private static func tensor(_ bytes: Data) -> Tensor<Scalar> {
    var values = [Scalar](repeating: 0, count: bytes.count / MemoryLayout<Scalar>.stride)
    values.withUnsafeMutableBytes { _ = bytes.copyBytes(to: $0) }
    return Tensor([values.count], values)
  }
}
