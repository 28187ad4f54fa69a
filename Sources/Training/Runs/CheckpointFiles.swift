import Console
import Datasets
import Findings
import Foundation
import Plumbline

/// Where a run that takes long keeps its state, so that it goes on from there after its process was killed.
///
/// The last two states are kept, in two files that take turns, each written whole, forced to the disk, and renamed. So at every moment
/// there is one that can be read, and one that is damaged is passed over. A state that cannot be written, on a full disk say, does
/// not end the run: it is only older then.
public struct CheckpointFiles: Sendable {
  /// How often a state is written.
  public struct Pace: Sendable {
    /// The seconds from one to the next, at least.
    public var seconds = 60.0
    /// The share of the time that writing may take.
    package var share = 0.02

    /// Every so many seconds, if that costs no more than 2 % of the time.
    public init(seconds: Double = 60) { self.seconds = seconds }

    /// At every step.
    package static var always: Pace {
      var pace = Pace(seconds: 0)
      pace.share = .infinity
      return pace
    }
  }

  private let folder: String, name: String, identity: String
  let pace: Pace

  /// Files of a folder, which is made when the first state is written.
  ///
  /// - Parameters:
  ///   - name: What the files are called, without their endings.
  ///   - identity: What the run is, to the bit: a state of another one is not taken.
  public init(in folder: String, named name: String, identity: String, pace: Pace = Pace()) {
    self.folder = folder
    self.name = name
    self.identity = identity
    self.pace = pace
  }

  /// What the names of all these files end with.
  private static let endings = ["-a.checkpoint", "-b.checkpoint"]

  private var paths: [String] { Self.endings.map { "\(folder)/\(name)\($0)" } }

  /// The names of the runs that a folder holds states of.
  public static func names(in folder: String) -> Set<String> {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Set(
      files.compactMap { file in
        endings.first { file.hasSuffix($0) }.map { String(file.dropLast($0.count)) }
      })
  }

  /// Removes the states, and the folder where it is empty then.
  public func remove() {
    for path in paths { unlink(path) }
    rmdir(folder)
  }

  /// Removes a folder of states with all that is in it.
  public static func removeAll(in folder: String) {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files where endings.contains(where: file.hasSuffix) || AtomicFile.isTemporary(file)
    { unlink("\(folder)/\(file)") }
    rmdir(folder)
  }

  /// The last state that can be read; `nil` for none.
  public func latest<Scalar>(_ layout: ParameterLayout) -> TrainingCheckpoint<Scalar>? {
    states(layout).map(\.state).max { $0.step < $1.step }
  }

  private func states<Scalar>(
    _ layout: ParameterLayout
  ) -> [(path: String, state: TrainingCheckpoint<Scalar>)] {
    paths.compactMap { path in
      RegularFile.contents(path).flatMap { StoredCheckpoint($0, identity: identity) }
        .flatMap { $0.state(layout) }.map { (path, $0) }
    }
  }

  /// Writes a state in place of the older one.
  ///
  /// - Returns: Whether it is on the disk.
  @discardableResult
  func write<Scalar>(_ state: TrainingCheckpoint<Scalar>, over path: String) -> Bool {
    guard let data = try? StoredCheckpoint(state, identity: identity).data() else { return false }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return (try? AtomicFile.write(data, to: path)) != nil
  }

  /// The files in the order in which they are written: the one that is newest comes last.
  func turns<Scalar>(_ layout: ParameterLayout, _ kind: Scalar.Type) -> [String]
  where Scalar: TrainableScalar {
    let held: [(path: String, state: TrainingCheckpoint<Scalar>)] = states(layout)
    guard let newest = held.max(by: { $0.state.step < $1.state.step })?.path else { return paths }
    return paths.filter { $0 != newest } + [newest]
  }
}

/// Decides when a state is written, and writes it.
struct CheckpointWriter<Scalar: TrainableScalar> {
  private let files: CheckpointFiles
  private var turns: [String]
  private let clock = ContinuousClock()
  private var due: ContinuousClock.Instant
  /// The seconds that it took to take the last state.
  private var cost = 0.0

  init(_ files: CheckpointFiles, _ layout: ParameterLayout) {
    self.files = files
    turns = files.turns(layout, Scalar.self)
    due = clock.now + .seconds(files.pace.seconds)
  }

  /// Whether a state is to be written now.
  var isDue: Bool { clock.now >= due }

  /// Takes a state, and the time that this costs.
  mutating func taking(
    _ state: () -> TrainingCheckpoint<Scalar>?
  ) -> TrainingCheckpoint<Scalar>? {
    let start = clock.now
    defer { cost = (clock.now - start) / .seconds(1) }
    return state()
  }

  /// Writes a state; the next is due later the longer that takes.
  mutating func write(_ state: TrainingCheckpoint<Scalar>) {
    let start = clock.now
    if files.write(state, over: turns[0]) { turns.append(turns.removeFirst()) }
    let end = clock.now
    let whole = cost + (end - start) / .seconds(1)
    due = end + .seconds(max(files.pace.seconds, whole / files.pace.share))
  }
}

/// A state as a file holds it: a property list, and its checksum.
private struct StoredCheckpoint: Codable {
  private let identity: String
  private let parameters: Data, statistics: Data, slots: Data, losses: Data
  private let optimizerSteps: Int
  private let epochs: [TrainingEpoch]
  private let bestLoss: Double?, bestEpoch: Int?, bestParameters: Data?, bestStatistics: Data?
  private let seconds: Double
  private let observation: Data

  init<Scalar>(_ state: TrainingCheckpoint<Scalar>, identity: String) {
    self.identity = identity
    parameters = Self.bytes(state.parameters.vector)
    statistics = Self.bytes(state.parameters.statistics)
    slots = Self.bytes(state.optimizer.slots)
    optimizerSteps = state.optimizer.steps
    losses = state.losses.withUnsafeBytes { Data($0) }
    epochs = state.epochs
    bestLoss = state.best?.loss
    bestEpoch = state.best?.epoch
    bestParameters = state.best.map { Self.bytes($0.parameters.vector) }
    bestStatistics = state.best.map { Self.bytes($0.parameters.statistics) }
    seconds = state.seconds
    observation = Data(state.observation)
  }

  /// The state of a file's content; `nil` where it is damaged, or one of another run.
  init?(_ data: Data, identity: String) {
    let size = MemoryLayout<UInt32>.size
    guard data.count > size, case let content = data.dropLast(size),
      Self.checksum(of: content).elementsEqual(data.suffix(size)),
      let stored = try? PropertyListDecoder().decode(Self.self, from: Data(content)),
      stored.identity == identity
    else { return nil }
    self = stored
  }

  func data() throws -> Data {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let content = try encoder.encode(self)
    return content + Self.checksum(of: content)
  }

  /// The state; `nil` where it is not one of this layout.
  func state<Scalar>(_ layout: ParameterLayout) -> TrainingCheckpoint<Scalar>? {
    func values(_ vector: Data, _ statistics: Data) -> Parameters<Scalar>? {
      let (vector, statistics) = (Self.tensor(vector) as Tensor<Scalar>, Self.tensor(statistics) as Tensor<Scalar>)
      guard vector.count == layout.count, statistics.count == layout.statisticCount else { return nil }
      return Parameters(layout: layout, vector: vector, statistics: statistics)
    }
    guard let parameters = values(parameters, statistics) else { return nil }
    var best: TrainingCheckpoint<Scalar>.Best?
    if let bestLoss, let bestEpoch, let bestParameters, let bestStatistics {
      guard let parameters = values(bestParameters, bestStatistics) else { return nil }
      best = .init(loss: bestLoss, parameters: parameters, epoch: bestEpoch)
    }
    return TrainingCheckpoint(
      parameters: parameters,
      optimizer: OptimizerState(steps: optimizerSteps, slots: Self.tensor(slots)),
      losses: Self.numbers(losses), epochs: epochs, best: best, seconds: seconds,
      observation: Array(observation))
  }

  private static func checksum(of content: Data) -> [UInt8] {
    let value = Checksum.of(Array(content))
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func bytes<Scalar>(_ tensor: Tensor<Scalar>) -> Data {
    tensor.scalars.withUnsafeBytes { Data($0) }
  }

  private static func numbers<Number: ExpressibleByIntegerLiteral>(_ bytes: Data) -> [Number] {
    var values = [Number](repeating: 0, count: bytes.count / MemoryLayout<Number>.stride)
    values.withUnsafeMutableBytes { _ = bytes.copyBytes(to: $0) }
    return values
  }

  private static func tensor<Scalar: TrainableScalar>(_ bytes: Data) -> Tensor<Scalar> {
    let values: [Scalar] = numbers(bytes)
    return Tensor([values.count], values)
  }
}
