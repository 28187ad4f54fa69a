import Datasets
import Dispatch
import Plumbline
import Synchronization

/// Healthy and broken runs, carried out, and what diagnoses make of them.
public struct TrainingZoo: Sendable {
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
