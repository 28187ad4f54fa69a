import Datasets
import Dispatch
import Plumbline
import Synchronization

/// Healthy and broken runs, carried out, and what diagnoses make of them.
public struct Zoo: Sendable {
  /// A run of the zoo and its evidence.
  public struct Specimen: Sendable {
    /// The name of the run, and what is wrong with it; `nil` for a healthy one.
    public let name: String, truth: ZooRun.Truth?
    /// Whether the run learned, so that its trouble, if it should have prevented that, did not come about.
    public let escaped: Bool
    /// The first step of the trouble, where it is known.
    public let onset: Int?
    /// What the instruments saw.
    public let evidence: Evidence
  }

  /// The half.
  public let half: ZooHalf
  /// The runs, in the order of the recipes.
  public let specimens: [Specimen]

  /// The runs of a half, before they are carried out.
  ///
  /// - Throws: What is wrong with a recipe.
  public static func runs(of half: ZooHalf) throws -> [ZooRun] {
    let ingredients = ZooIngredients(half: half)
    return try ingredients.healthyRuns() + ingredients.brokenRuns()
  }

  /// Carries out all runs of a half.
  ///
  /// - Parameter jobs: How many runs at a time.
  /// - Throws: What is wrong with a recipe.
  public init(_ half: ZooHalf, jobs: Int = 1) throws {
    self.half = half
    let runs = try Self.runs(of: half)
    let next = Mutex(0)
    let done = Mutex<[(Int, Result<Specimen, DatasetError>)]>([])
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let index = next.withLock { place in
          defer { place += 1 }
          return place
        }
        guard index < runs.count else { return }
        let result: Result<Specimen, DatasetError>
        do throws(DatasetError) {
          result = .success(try Self.specimen(runs[index]))
        } catch {
          result = .failure(error)
        }
        done.withLock { $0.append((index, result)) }
      }
    }
    specimens = try done.withLock { results in
      try results.sorted { $0.0 < $1.0 }.map { try $0.1.get() }
    }
  }

  private static func specimen(_ run: ZooRun) throws(DatasetError) -> Specimen {
    let result = try run.run.result()
    guard let evidence = result.diagnosis?.evidence else {
      fatalError("the run \(run.name) of the zoo has no instruments")
    }
    return Specimen(
      name: run.name, truth: run.truth,
      escaped: run.truth != nil && run.preventsLearning && evidence.standing == .learned,
      onset: try run.onset(), evidence: evidence)
  }
}

/// How well rules do in a zoo.
public struct ZooScore: Sendable {
  /// What was said of one run.
  public struct Row: Sendable {
    /// The run.
    public let specimen: Zoo.Specimen
    /// What was found.
    public let findings: [Finding]

    /// Whether the run has something wrong with it, and that came about.
    public var isBroken: Bool { specimen.truth != nil && !specimen.escaped }
    /// Whether a run was found to be broken.
    public var isDetected: Bool { !findings.isEmpty }
    /// Whether the first finding names what was done to the run.
    public var isCauseRight: Bool {
      guard let truth = specimen.truth, let first = findings.first else { return false }
      return truth.causes.contains(first.cause)
    }
    /// Whether the layer and the step are known, and told right.
    public var isLocalized: Bool? {
      guard let truth = specimen.truth, truth.layer != nil || specimen.onset != nil else {
        return nil
      }
      guard let finding = findings.first(where: { truth.causes.contains($0.cause) }) else {
        return false
      }
      return (truth.layer == nil || finding.layer == truth.layer)
        && (specimen.onset == nil || finding.step == specimen.onset)
    }
  }

  /// The name of the rules.
  public let name: String
  /// The runs.
  public let rows: [Row]

  /// What these rules make of a zoo.
  public init(_ name: String, _ rules: [any DiagnosisRule], on zoo: Zoo) {
    self.name = name
    rows = zoo.specimens.map {
      Row(specimen: $0, findings: Diagnosis($0.evidence, rules: rules).findings)
    }
  }

  /// All rules on a zoo: the diagnosis first, then those of other tools.
  public static func all(on zoo: Zoo) -> [ZooScore] {
    [ZooScore("Plumbline", Diagnosis.standardRules, on: zoo)]
      + BaselineRules.allCases.map { ZooScore($0.rawValue, [$0], on: zoo) }
  }

  /// A number out of a number.
  public struct Share: Sendable, Hashable, CustomStringConvertible {
    /// How many, and of how many.
    public let count: Int, total: Int
    /// The share; 1 of none.
    public var value: Double { total == 0 ? 1 : Double(count) / Double(total) }
    /// As in "12/14".
    public var description: String { "\(count)/\(total)" }
  }

  private func share(_ rows: [Row], _ condition: (Row) -> Bool) -> Share {
    Share(count: rows.count(where: condition), total: rows.count)
  }

  /// The broken runs in which anything was found.
  public var detection: Share { share(rows.filter(\.isBroken), \.isDetected) }
  /// The broken runs of which the first finding names the right cause.
  public var cause: Share { share(rows.filter(\.isBroken), \.isCauseRight) }
  /// The broken runs with a known place that was told right.
  public var localization: Share {
    share(rows.filter { $0.isBroken && $0.isLocalized != nil }) { $0.isLocalized == true }
  }
  /// The healthy runs in which something was found.
  public var falseAlarms: Share { share(rows.filter { $0.specimen.truth == nil }, \.isDetected) }
}
