import Datasets
import Findings
import Plumbline

/// An array that somebody's program has saved.
struct SavedArray: Sendable {
  /// Its name in the file.
  let name: String
  let value: Tensor<Double>
  /// Whether the type is an integer type.
  var isInteger = false
  /// The relative distance within which values of its type differ by rounding alone.
  var tolerance = 1e-5
}

/// The arrays of a file, or in memory.
public struct SavedArrays: Sendable {
  /// The path of the file; empty for memory.
  let path: String
  private(set) var arrays: [SavedArray]
  /// Arrays that hold no numbers, with the reason.
  let unreadable: [(name: String, reason: Problem)]

  /// Reads an NPZ file.
  ///
  /// - Throws: What is wrong with the file. An array of text or of objects is not an error until it is needed.
  public init(contentsOfFile path: String) throws(Problem) {
    let file: NPZFile
    do {
      file = try NPZFile(contentsOfFile: path)
    } catch {
      throw Self.withLine(error, path)
    }
    var arrays: [SavedArray] = []
    var unreadable: [(name: String, reason: Problem)] = []
    var objects: [PickledObject] = []
    for name in file.names {
      do {
        let array = try file.array(named: name)
        arrays.append(
          SavedArray(
            name: name, value: array.tensor(), isInteger: !array.elementType.isFloatingPoint,
            tolerance: Self.tolerance(array.elementType)))
      } catch {
        guard error.kind == .unsupported || error.kind == .wrongFormat else { throw error }
        if error.problem.contains("object") {
          objects.append(PickledObject(name: name, shape: try file.shape(named: name) ?? []))
          continue
        }
        unreadable.append(
          (
            name,
            Problem(
              "unsupported", subject: path, location: error.location ?? "array \(name)",
              problem: error.problem,
              remedy: error.problem.contains("complex")
                ? "save its real part: \(name)=\(name).real" : Self.numbering(name))
          ))
      }
    }
    unreadable += objects.map { object in
      (
        object.name,
        Problem(
          "unsupported", subject: path, location: "array \(object.name)", problem: object.problem,
          remedy: PickledObject.flattening(objects, besides: arrays.map(\.name)))
      )
    }
    self.path = path
    self.arrays = arrays
    self.unreadable = unreadable
  }

  /// Arrays in memory.
  package init(_ arrays: [String: Tensor<Double>], cost: Double?, keep: Double?, tolerance: Double)
  {
    path = ""
    var all = arrays.sorted { $0.key < $1.key }.map {
      SavedArray(
        name: $0.key, value: $0.value, tolerance: $0.key.hasPrefix("d") ? tolerance : 1e-5)
    }
    if let cost { all.append(SavedArray(name: "cost", value: Tensor(cost))) }
    if let keep { all.append(SavedArray(name: "keep_prob", value: Tensor(keep))) }
    self.arrays = all
    unreadable = []
  }

  private static func numbering(_ name: String) -> String {
    "turn it into numbers before saving: classes, \(name) = np.unique(\(name), return_inverse=True)"
  }

  /// The error for a file that is not an NPZ file, with the line that writes one.
  private static func withLine(_ error: Problem, _ path: String) -> Problem {
    guard error.kind == .wrongFormat, !error.remedy.contains("torch.load") else { return error }
    return Problem(
      "wrongFormat", subject: path, location: error.location, problem: error.problem,
      remedy:
        "make the file with np.savez(\"run.npz\", X=X, Y=Y, cost=cost, **parameters, **gradients)")
  }

  private static func tolerance(_ type: NumericArray.ElementType) -> Double {
    switch type {
    case .float32: 2e-4
    case .float16: 5e-3
    case .bfloat16: 3e-2
    default: 1e-5
    }
  }

  /// The same file with different values under some of its names.
  func with(_ change: (SavedArray) -> SavedArray) -> SavedArrays {
    var result = self
    result.arrays = arrays.map(change)
    return result
  }

  /// The same file without the arrays of these names.
  func without(_ names: Set<String>) -> SavedArrays {
    var result = self
    result.arrays.removeAll { names.contains($0.name) }
    return result
  }

  /// The same file without the arrays that the user has named `none`.
  func withoutNone(_ names: [String: String]) -> SavedArrays {
    without(Set(names.filter { $0.value.lowercased() == "none" }.keys))
  }

  /// A problem with these arrays.
  func problem(_ location: String, _ problem: String, _ remedy: String) -> Problem {
    Problem(
      subject: path.isEmpty ? nil : path, location: location, problem: problem, remedy: remedy)
  }
}
