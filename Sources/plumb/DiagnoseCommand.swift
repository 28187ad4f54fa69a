import Console
import Diagnosis
import Findings
import Foundation

/// `plumb diagnose`: diagnoses a stored run again.
enum DiagnoseCommand {
  private static let folder = Argument(
    "DIR", StoredNetwork.run,
    help: "the folder written by `plumb train --out DIR`, or a diagnosis.json")
  private static let json = Option("json", "FILE", .output(), help: "writes the diagnosis as JSON")

  static let command = Command(
    "diagnose", summary: "explains why a stored run did not learn, or not well",
    discussion:
      "The findings are recomputed from the evidence that the run's instruments stored.",
    arguments: [folder], options: [json],
    examples: [
      Command.Example("plumb diagnose results/run", "the diagnosis of a stored run"),
      Command.Example(
        "plumb train --data moons --learning-rate 30 --optimizer sgd --out bad && plumb diagnose bad",
        "the diagnosis of a run with too large a learning rate"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let diagnosis = try stored(at: options[folder]).derivedAgain()
    let evidence = diagnosis.evidence
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 4) }
    print(
      "\(NumberFormat.count(evidence.stepCount)) steps on \(NumberFormat.count(evidence.exampleCount)) examples, "
        + "training loss \(number(evidence.train.loss)); an answer that ignores the input costs "
        + number(evidence.baseRate.loss))
    print("diagnosis: \(diagnosis)")
    if let path = options[json] { try AtomicFile.write(diagnosis.json(), to: path) }
    return .done
  }

  private static func stored(at path: String) throws -> Diagnosis {
    let file = path.hasSuffix(".json") ? path : path + "/diagnosis.json"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Problem(
        subject: file, problem: "cannot be read",
        remedy: "give the DIR that `plumb train ... --out DIR` wrote")
    }
    do {
      return try Diagnosis(json: data)
    } catch {
      throw Problem(
        subject: file, problem: "is not a diagnosis of this version (\(position(error)))",
        remedy: "train again to write a new one")
    }
  }

  /// The location in the JSON text at which something is missing or wrong.
  private static func position(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let (context, what): (DecodingError.Context, String) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(_, let context), .valueNotFound(_, let context):
        (context, context.debugDescription)
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? what : "\(path): \(what)"
  }
}
