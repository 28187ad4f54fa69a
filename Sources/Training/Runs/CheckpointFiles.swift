import Console
import Datasets
import Findings
import Foundation
import Plumbline

/// Where a long run saves its state, so that it can resume from there after its process was killed.
///
/// The last two states are kept, in two alternating files, each written whole, synced to disk, and renamed. So there is always
/// one that can be read, and a damaged one is skipped. A state that cannot be written, for example on a full disk, does
/// not end the run: the saved state is then just older.
public struct CheckpointFiles: Sendable {
  /// How often a state is written.
  public struct Pace: Sendable {
    /// The minimum number of seconds between states.
    public var seconds = 60.0
    /// The share of the time that writing may take.
    package var share = 0.02

    /// Writes at this interval in seconds, if that costs no more than 2 % of the time.
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

  /// Files in a folder, which is created when the first state is written.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - name: The files' names, without their extensions.
  ///   - identity: The identity of the run: a state of another one is not used.
  ///   - pace: How often a state is written.
  public init(in folder: String, named name: String, identity: String, pace: Pace = Pace()) {
    self.folder = folder
    self.name = name
    self.identity = identity
    self.pace = pace
  }

  /// The files of one of several runs that are distinguished by a name.
  package func part(_ part: String) -> CheckpointFiles {
    CheckpointFiles(
      in: folder, named: "\(name)-\(part)", identity: "\(identity) \(part)", pace: pace)
  }

  /// The endings of the names of these files.
  private static let endings = ["-a.checkpoint", "-b.checkpoint"]

  private var paths: [String] { Self.endings.map { "\(folder)/\(name)\($0)" } }

  /// The names of the runs whose states a folder contains.
  public static func names(in folder: String) -> Set<String> {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Set(
      files.compactMap { file in
        endings.first { file.hasSuffix($0) }.map { String(file.dropLast($0.count)) }
      })
  }

  /// Removes the states, and the folder if it is then empty.
  public func remove() {
    for path in paths { unlink(path) }
    rmdir(folder)
  }

  /// Removes a folder of states with all its contents.
  public static func removeAll(in folder: String) {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files where endings.contains(where: file.hasSuffix) || AtomicFile.isTemporary(file)
    { unlink("\(folder)/\(file)") }
    rmdir(folder)
  }

  /// The last readable state; `nil` for none.
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
  /// - Returns: Whether it was written to disk.
  @discardableResult
  func write<Scalar>(_ state: TrainingCheckpoint<Scalar>, over path: String) -> Bool {
    guard let data = try? StoredCheckpoint(state, identity: identity).data() else { return false }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return (try? AtomicFile.write(data, to: path)) != nil
  }

  /// The files in the order in which they are written: the newest comes last.
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

  /// Whether a state is due to be written now.
  var isDue: Bool { clock.now >= due }

  /// Takes a state, and measures the time that this costs.
  mutating func taking(
    _ state: () -> TrainingCheckpoint<Scalar>
  ) -> TrainingCheckpoint<Scalar> {
    let start = clock.now
    defer { cost = (clock.now - start) / .seconds(1) }
    return state()
  }

  /// Writes a state; the longer that takes, the later the next is due.
  mutating func write(_ state: TrainingCheckpoint<Scalar>) {
    let start = clock.now
    if files.write(state, over: turns[0]) { turns.append(turns.removeFirst()) }
    let end = clock.now
    let whole = cost + (end - start) / .seconds(1)
    due = end + .seconds(max(files.pace.seconds, whole / files.pace.share))
  }
}

/// A state as stored in a file: an object in JSON, the vectors as they are in memory, and a checksum of all.
///
/// The length of the object, as its own line, comes first.
private struct StoredCheckpoint {
  /// Everything except the vectors.
  private struct Facts: Codable {
    let identity: String
    let optimizerSteps: Int, epochs: [TrainingEpoch]
    let bestLoss: Double?, bestEpoch: Int?
    let seconds: Double
    /// The numbers of bytes of the vectors, in their order.
    let lengths: [Int]
  }

  private let facts: Facts
  /// Losses, what was observed, values, statistics, slots, and the best values and statistics if they exist.
  private let vectors: [Data]

  init<Scalar>(_ state: TrainingCheckpoint<Scalar>, identity: String) {
    var tensors = [
      state.parameters.vector, state.parameters.statistics, state.optimizer.slots,
    ]
    if let best = state.best { tensors += [best.parameters.vector, best.parameters.statistics] }
    vectors =
      [state.losses.withUnsafeBytes { Data($0) }, Data(state.observation)]
      + tensors.map { tensor in tensor.scalars.withUnsafeBytes { Data($0) } }
    facts = Facts(
      identity: identity, optimizerSteps: state.optimizer.steps, epochs: state.epochs,
      bestLoss: state.best?.loss, bestEpoch: state.best?.epoch, seconds: state.seconds,
      lengths: vectors.map(\.count))
  }

  /// The state in a file's content; `nil` if it is damaged, or belongs to another run.
  init?(_ data: Data, identity: String) {
    let size = MemoryLayout<UInt32>.size
    guard data.count > size, case let content = Data(data.dropLast(size)),
      Self.checksum(of: content).elementsEqual(data.suffix(size)),
      let newline = content.firstIndex(of: 10),
      let length = Int(String(decoding: content[..<newline], as: UTF8.self)),
      case var rest = content[(newline + 1)...], (0...rest.count).contains(length),
      let facts = try? JSONDecoder.withNonFiniteNumbers().decode(
        Facts.self, from: Data(rest.prefix(length))),
      facts.identity == identity, [5, 7].contains(facts.lengths.count)
    else { return nil }
    rest = rest.dropFirst(length)
    var vectors: [Data] = []
    for length in facts.lengths {
      guard (0...rest.count).contains(length) else { return nil }
      vectors.append(Data(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    self.facts = facts
    self.vectors = vectors
  }

  func data() throws -> Data {
    let text = try JSONEncoder.withNonFiniteNumbers().encode(facts)
    var content = Data("\(text.count)\n".utf8) + text
    for vector in vectors { content += vector }
    return content + Self.checksum(of: content)
  }

  /// The state; `nil` if it does not have this layout.
  func state<Scalar>(_ layout: ParameterLayout) -> TrainingCheckpoint<Scalar>? {
    func values(_ index: Int) -> Parameters<Scalar>? {
      let vector: Tensor<Scalar> = Self.tensor(vectors[index])
      let statistics: Tensor<Scalar> = Self.tensor(vectors[index + 1])
      guard vector.count == layout.count, statistics.count == layout.statisticCount else {
        return nil
      }
      return Parameters(layout: layout, vector: vector, statistics: statistics)
    }
    guard let parameters = values(2) else { return nil }
    var best: TrainingCheckpoint<Scalar>.Best?
    if let loss = facts.bestLoss, let epoch = facts.bestEpoch, vectors.count == 7 {
      guard let parameters = values(5) else { return nil }
      best = .init(loss: loss, parameters: parameters, epoch: epoch)
    }
    return TrainingCheckpoint(
      parameters: parameters,
      optimizer: OptimizerState(steps: facts.optimizerSteps, slots: Self.tensor(vectors[4])),
      losses: Self.numbers(vectors[0]), epochs: facts.epochs, best: best, seconds: facts.seconds,
      observation: Array(vectors[1]))
  }

  private static func checksum(of content: Data) -> [UInt8] {
    let value = Checksum.of(Array(content))
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
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
