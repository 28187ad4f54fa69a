import Datasets
import Findings
import Testing

/// Expects an error of this kind whose description names everything in `words`.
@discardableResult
func expectError<Result>(
  _ kind: Problem.Kind, naming words: [String] = [], _ note: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) -> Problem? {
  do {
    _ = try body()
    Issue.record("no error, but \(kind) was expected", sourceLocation: sourceLocation)
    return nil
  } catch let error as Problem {
    #expect(error.kind == kind, note ?? "\(error)", sourceLocation: sourceLocation)
    for word in words {
      #expect(
        error.description.contains(word), "\(error)", sourceLocation: sourceLocation)
    }
    for part in [error.subject ?? "", error.location ?? "", error.problem, error.remedy] {
      #expect(!part.isEmpty, "\(error)", sourceLocation: sourceLocation)
    }
    return error
  } catch {
    Issue.record("an error of another type: \(error)", sourceLocation: sourceLocation)
    return nil
  }
}
