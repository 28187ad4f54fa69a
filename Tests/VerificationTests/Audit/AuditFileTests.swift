import Datasets
import Foundation
import Plumbline
import Testing
import Verification

/// The passes that `NumPyPasses/hand_written_passes.py` has written with NumPy.
private struct NumPyPass: Decodable, Sendable {
  let verdict: Verdict
  let quantity: String?
  let cause: String?
  let l2: Double?
  let activations: [Activation]?
  let output: Activation?
  let loss: LossFunction?
  let residual: Bool?
  let layout: ArrayLayout?

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("NumPyPasses")

  static let all: [String: NumPyPass] = {
    guard let data = try? Data(contentsOf: folder.appendingPathComponent("expectations.json")),
      let passes = try? JSONDecoder().decode([String: NumPyPass].self, from: data)
    else { return [:] }
    return passes
  }()

  func report(_ name: String) throws -> AuditReport {
    var request = ReadingRequest()
    request.functions = (activations ?? []).compactMap { Nonlinearity(spelled: $0.rawValue) }
    request.output = output.flatMap { Nonlinearity(spelled: $0.rawValue) }
    request.loss = loss.flatMap { ProgramLoss.Kind(spelled: $0.rawValue) }
    request.isResidual = residual ?? false
    request.layout = layout
    request.squares = l2
    let path = Self.folder.appendingPathComponent("passes/\(name).npz").path
    return try Audit.report(on: SavedArrays(contentsOfFile: path), request)
  }
}

@Suite("Audits of files that NumPy has written")
struct AuditFileTests {
  @Test("there are 59 of them")
  func count() { #expect(NumPyPass.all.count == 59) }

  @Test("verdict, first divergence and cause", arguments: NumPyPass.all.keys.sorted())
  func pass(name: String) throws {
    let expected = try #require(NumPyPass.all[name])
    let report = try expected.report(name)
    #expect(report.verdict.rawValue == expected.verdict.rawValue, "\(report.paragraph)")
    #expect(report.firstDivergence?.quantity.description == expected.quantity)
    #expect(report.firstDivergence?.cause?.id.rawValue == expected.cause)
    #expect(!report.paragraph.isEmpty)
  }

  @Test("the thread's four mistakes come to light one after the other")
  func thread() throws {
    let causes = try (0...4).map { fixed in
      try #require(NumPyPass.all["thread_\(fixed)_dZ"]).report("thread_\(fixed)_dZ")
        .firstDivergence?.cause?.id
    }
    #expect(
      causes == [
        .signFlipped, .derivativeOfWrongActivation, .derivativeOfWrongActivation,
        .derivativeTakenAtActivation, nil,
      ])
  }
}

@Suite("Files that an audit cannot use")
struct AuditFileErrorTests {
  /// A file with these arrays, in a folder of its own.
  private func withFile<Result>(
    _ arrays: [String: Tensor<Double>], _ body: (String) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("run.npz")
    let named = arrays.sorted { $0.key < $1.key }.map {
      (name: $0.key, array: NumericArray($0.value.shape.extents, $0.value.scalars))
    }
    try NPZFile.data(named).write(to: path)
    return try body(path.path)
  }

  private static let run: [String: Tensor<Double>] = [
    "X": [[1, 2], [3, 4], [5, 6]], "Y": [1, 0, 1], "W1": [[1, 2, 3], [4, 5, 6]], "b1": [0, 0, 0],
    "W2": [[1], [2], [3]], "b2": [0], "dW1": .zeros([2, 3]), "db1": .zeros([3]),
    "dW2": .zeros([3, 1]), "db2": .zeros([1]),
  ]

  private func message(
    _ arrays: [String: Tensor<Double>], _ request: ReadingRequest = ReadingRequest()
  ) throws -> String {
    try withFile(arrays) { path in
      do {
        _ = try Audit.report(on: SavedArrays(contentsOfFile: path), request)
        return ""
      } catch {
        return "\(error)"
      }
    }
  }

  @Test("the run itself is fine")
  func sound() throws { #expect(try message(Self.run) == "") }

  @Test("a missing array is named", arguments: ["X", "Y", "W1", "b1", "W2", "b2"])
  func missing(name: String) throws {
    var arrays = Self.run
    arrays[name] = nil
    let text = try message(arrays)
    #expect(text.contains("array \(name): there is no such array"), "\(text)")
    #expect(text.contains("np.savez"))
  }

  @Test("so is the absence of every gradient")
  func noGradients() throws {
    let text = try message(Self.run.filter { !$0.key.hasPrefix("d") })
    #expect(text.contains("there are no dW1, db1"))
  }

  @Test("shapes that do not chain are all shown")
  func shapes() throws {
    var arrays = Self.run
    arrays["W2"] = .zeros([4, 1])
    arrays["dW2"] = .zeros([4, 1])
    let text = try message(arrays)
    #expect(text.contains("do not chain") && text.contains("W2 [4, 1]"), "\(text)")
  }

  @Test("where two layouts fit, the layout is asked for")
  func ambiguity() throws {
    let square: [String: Tensor<Double>] = [
      "X": [[1, 2], [3, 4]], "Y": [[1, 0], [0, 1]], "W1": [[1, 2], [3, 4]], "b1": [0, 0],
      "dW1": .zeros([2, 2]), "db1": .zeros([2]),
    ]
    let text = try message(square)
    #expect(text.contains("rows and torch") && text.contains("--layout"), "\(text)")
  }

  @Test("a label outside the outputs, a parameter that is not finite, a gradient of another shape")
  func values() throws {
    var arrays: [String: Tensor<Double>] = [
      "X": [[1, 2], [3, 4], [5, 6]], "Y": [1, 0, 3], "W1": [[1, 2, 3], [4, 5, 6]],
      "b1": [0, 0, 0], "dW1": .zeros([2, 3]), "db1": .zeros([3]),
    ]
    #expect(try message(arrays).contains("label 3.0, outside 0 to 2"))
    arrays["Y"] = [[1, 0, 0], [0, 1, 0], [0, 0, 2]]
    var request = ReadingRequest()
    request.loss = .crossEntropy
    #expect(try message(arrays, request).contains("target 2.0, outside 0 to 1"))
    arrays["Y"] = [1, 0, 2]
    #expect(try message(arrays) == "")
    arrays["dW1"] = .zeros([2, 2])
    #expect(try message(arrays).contains("dW1: has shape [2, 2]"))
    arrays["dW1"] = .zeros([2, 3])
    arrays["b1"] = Tensor([0, .infinity, 0])
    #expect(try message(arrays).contains("b1: holds a value that is not finite"))
  }

  @Test("a gradient that is not finite is a finding and no error")
  func nonFinite() throws {
    var arrays = Self.run.filter { !$0.key.hasPrefix("d") }
    arrays["dW2"] = Tensor([3, 1], [0, .nan, 1])
    try withFile(arrays) { path in
      let report = try Audit.report(on: SavedArrays(contentsOfFile: path))
      #expect(report.firstDivergence?.cause?.id == .nonFinite)
      #expect(report.firstDivergence?.quantity == Quantity(.weightGradient, 2))
    }
  }
}
