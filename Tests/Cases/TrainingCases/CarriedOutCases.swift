import Datasets
import Diagnosis
import Dispatch
import Findings
import Plumbline
import Synchronization
import Training

/// Healthy and broken runs, carried out, and what diagnoses make of them.
public struct CarriedOutCases: Sendable {
  /// A run of the own cases and its evidence.
  public struct Specimen: Sendable {
    /// The name of the run, and what is wrong with it; `nil` for a healthy one.
    public let name: String, truth: TrainingCase.Truth?
    /// Whether the run learned, so that its trouble, if it should have prevented that, did not come about.
    public let escaped: Bool
    /// The first step of the trouble, where it is known.
    public let onset: Int?
    /// What the instruments saw.
    public let evidence: Evidence
  }

  /// The half.
  public let half: CaseHalf
  /// The runs, in the order of the recipes.
  public let specimens: [Specimen]

  /// The runs of a half, before they are carried out.
  ///
  /// - Throws: What is wrong with a recipe.
  public static func runs(of half: CaseHalf) throws -> [TrainingCase] {
    let ingredients = CaseIngredients(half: half)
    return try ingredients.healthyCases() + ingredients.brokenCases()
  }

  /// Carries out all runs of a half.
  ///
  /// - Parameter jobs: How many runs at a time.
  /// - Throws: What is wrong with a recipe.
  public init(_ half: CaseHalf, jobs: Int = 1) throws {
    self.half = half
    let runs = try Self.runs(of: half)
    let next = Mutex(0)
    let done = Mutex<[(Int, Result<Specimen, Problem>)]>([])
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let index = next.withLock { position in
          defer { position += 1 }
          return position
        }
        guard index < runs.count else { return }
        let result: Result<Specimen, Problem>
        do throws(Problem) {
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

  private static func specimen(_ run: TrainingCase) throws(Problem) -> Specimen {
    let evidence = try run.run.diagnosed(classesAsValues: run.classesAsValues).diagnosis.evidence
    return Specimen(
      name: run.name, truth: run.truth,
      escaped: run.truth != nil && run.preventsLearning && evidence.hasLearned,
      onset: try run.onset(), evidence: evidence)
  }
}
