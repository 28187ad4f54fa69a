import AuditCases
import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing
import Verification

@Suite("plumb audit")
struct AuditCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private typealias Object = [String: Any]

  /// Audits arrays, and reads the JSON result.
  private func audit(
    _ arrays: [String: ArrayBytes], _ compression: ZipWriter.Compression = .stored,
    options: [String] = ["--activations", "tanh"], status: Int32
  ) throws -> (result: Object, output: String) {
    try folder.write(archive(arrays, compression), as: "run.npz")
    let outcome = try PlumbProcess.run(
      ["audit", "run.npz", "--json", "audit.json"] + options, in: folder)
    #expect(outcome.status == status && !outcome.isKilled, "\(outcome.error)")
    #expect(outcome.error.isEmpty)
    let data = Data(try #require(folder.bytes("audit.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    return (object, outcome.output)
  }

  private func tensors(_ result: Object) throws -> [String: Object] {
    let list = try #require(result["tensors"] as? [Object])
    return Dictionary(uniqueKeysWithValues: list.map { ($0["name"] as? String ?? "", $0) })
  }

  @Test("a right run: status 0, every field of the result, no divergence")
  func right() throws {
    let (result, output) = try audit(AuditRuns.arrays(), status: 0)
    #expect(result["verdict"] as? String == "pass")
    #expect(result["first_divergence"] is NSNull)
    let cost = try #require(result["cost"] as? [String: Double])
    #expect(abs(try #require(cost["yours"]) - (try #require(cost["ours"]))) < 1e-9)
    let tensors = try tensors(result)
    #expect(Set(tensors.keys).isSuperset(of: ["dW2", "db2", "dZ2", "dA1", "dZ1", "dW1", "db1"]))
    for tensor in tensors.values {
      #expect(tensor["verdict"] as? String == "pass")
      #expect(try #require(tensor["relative_error"] as? Double) < 1e-9)
      #expect(tensor["cause"] is NSNull)
    }
    #expect(output.contains("Every gradient is right."))
  }

  @Test("a wrong run: status 1, the first divergence, causes with confidence, what is inherited")
  func wrong() throws {
    let (result, output) = try audit(
      AuditRuns.arrays([.factor(Quantity(.preactivationGradient, 2), -1)]), status: 1)
    #expect(result["verdict"] as? String == "fail")
    let first = try #require(result["first_divergence"] as? Object)
    #expect(first["quantity"] as? String == "dZ2" && first["layer"] as? Int == 2)
    let tensors = try tensors(result)
    let cause = try #require(tensors["dZ2"]?["cause"] as? Object)
    #expect(cause["id"] as? String == "sign-flipped" && cause["factor"] as? Double == -1)
    let confidence = try #require(cause["confidence"] as? Double)
    #expect(confidence > 0.5 && confidence <= 1)
    #expect((cause["explanation"] as? String)?.contains("dZ2") == true)
    let inherited = try #require(tensors["dW1"]?["cause"] as? Object)
    #expect(inherited["id"] as? String == "inherited")
    #expect(output.contains("Start with dZ2"))
  }

  @Test("a run at a kink: status 0")
  func kink() throws {
    let (result, output) = try audit(
      AuditRuns.arrays(
        [.otherSideOfKink(1)], [4, 3, 3, 1], .relu, zeroBiases: true, examples: 200),
      options: ["--activations", "relu"], status: 0)
    #expect(result["verdict"] as? String == "kink" && output.contains("The code is right."))
  }

  @Test("a gradient that is not a number: status 1, and null in the result")
  func notANumber() throws {
    let (result, _) = try audit(
      AuditRuns.arrays([.notANumber(Quantity(.weightGradient, 2))]), status: 1)
    let tensor = try #require(try tensors(result)["dW2"])
    #expect(tensor["relative_error"] is NSNull)
    #expect((tensor["cause"] as? Object)?["id"] as? String == "non-finite")
  }

  @Test("compressed, big-endian, in Fortran order, in single and half precision: read all the same")
  func forms() throws {
    let arrays = try AuditRuns.arrays()
    for changed in [arrays.mapValues(\.bigEndian), arrays.mapValues(\.fortran)] {
      let (result, _) = try audit(changed, status: 0)
      #expect(result["verdict"] as? String == "pass")
    }
    #expect(try audit(arrays, .deflated, status: 0).result["verdict"] as? String == "pass")
    for (type, bytes) in [
      ("<f4", { (x: Double) in withUnsafeBytes(of: Float(x).bitPattern.littleEndian, Array.init) }),
      ("<f2", { x in withUnsafeBytes(of: halfBits(x).littleEndian, Array.init) }),
    ] as [(String, (Double) -> [UInt8])] {
      var rounded = arrays
      for (name, array) in arrays where name.hasPrefix("d") {
        let values = array.data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
        rounded[name] = ArrayBytes(type: type, array.shape, data: values.flatMap(bytes))
      }
      #expect(try audit(rounded, status: 0).result["verdict"] as? String == "pass", "\(type)")
    }
  }

  @Test("the layouts of columns and of torch", arguments: [ArrayLayout.columns, .torch])
  func layouts(layout: ArrayLayout) throws {
    let (_, output) = try audit(AuditRuns.arrays(layout: layout), status: 0)
    #expect(output.contains("layout \(layout.rawValue)"))
  }

  @Test("what cannot be used is refused by status 2, and nothing is written", arguments: badInputs)
  func refusal(input: BadInput) throws {
    try input.prepare(folder)
    let before = folder.content()
    let outcome = try PlumbProcess.run(input.words + ["--json", "result.json"], in: folder)
    #expect(outcome.status == 2 && !outcome.isKilled)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("plumb"))
    for word in input.message { #expect(outcome.error.contains(word), "\(outcome.error)") }
    #expect(outcome.error.split(separator: "\n").count <= 3)
    #expect(folder.content() == before)
  }

  @Test("a result that cannot be written is told before the audit")
  func unwritable() throws {
    try folder.write(archive(AuditRuns.arrays()), as: "run.npz")
    let outcome = try PlumbProcess.run(
      ["audit", "run.npz", "--json", "nowhere/x.json"], in: folder)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error.contains("nowhere") && outcome.error.contains("mkdir -p"))
  }

  @Test("what a file claims takes no memory: 2 GB in a header, and a member that expands")
  func claims() throws {
    var arrays = try AuditRuns.arrays()
    arrays["X"] = ArrayBytes(type: "<f8", [1 << 28], data: [1, 2, 3])
    try folder.write(archive(arrays), as: "claim.npz")
    var bomb = try AuditRuns.arrays()
    bomb["X"] = ArrayBytes(type: "<f8", [2, 3], data: [UInt8](repeating: 0, count: 1 << 26))
    try folder.write(archive(bomb, .deflated), as: "bomb.npz")
    let program = try CommandProcess.executable(named: "plumb").path
    for (file, words) in [("claim.npz", ["cut off"]), ("bomb.npz", ["member X"])] {
      #if os(Linux)
        // 600 MB of addresses, of which the program itself takes a part.
        let script = "ulimit -v 600000; exec '\(program)' audit \(file)"
      #else
        let script = "exec '\(program)' audit \(file)"
      #endif
      let outcome = try CommandProcess.start(
        program: URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: folder.path
      ).outcome()
      #expect(outcome.status == 2 && !outcome.isKilled, "\(outcome.error)")
      for word in words + [file] { #expect(outcome.error.contains(word), "\(outcome.error)") }
    }
  }
}

/// The nearest half-precision number's bits, for values of ordinary size.
private func halfBits(_ x: Double) -> UInt16 {
  let bits = Float(x).bitPattern
  let sign = UInt16(bits >> 16) & 0x8000
  let exponent = Int((bits >> 23) & 255) - 127 + 15
  if exponent <= 0 {
    let steps = (Swift.abs(x) * 16_777_216).rounded()
    return sign | UInt16(steps)
  }
  let fraction = (bits & 0x7FFFFF) + 0x1000
  return sign | UInt16(truncatingIfNeeded: (exponent << 10) + Int(fraction >> 13))
}

private let badInputs: [BadInput] = {
  func file(
    _ name: String, _ message: String..., options: [String] = ["--activations", "tanh"],
    changes: @escaping @Sendable (inout [String: ArrayBytes]) -> Void
  ) -> BadInput {
    BadInput(
      name: name, words: ["audit", "run.npz"] + options, message: message,
      prepare: AuditRuns.file("run.npz", changes))
  }
  func bytes(
    _ name: String, _ message: String...,
    content: @escaping @Sendable ([UInt8]) throws -> [UInt8]
  ) -> BadInput {
    BadInput(name: name, words: ["audit", "run.npz"], message: message) { folder in
      try folder.write(content(archive(AuditRuns.arrays([], [3, 4, 5, 2]))), as: "run.npz")
    }
  }
  func only(_ name: String, _ words: [String], _ message: String...) -> BadInput {
    BadInput(name: name, words: ["audit"] + words, message: message)
  }

  return [
    only("no file", [], "plumb audit run.npz"),
    only("absent", ["absent.npz"], "absent.npz", "no such file"),
    only("unknown option", ["run.npz", "--layot", "rows"], "--layot", "did you mean --layout?"),
    only("unknown layout", ["run.npz", "--layout", "row"], "did you mean rows?"),
    only("unknown activation", ["run.npz", "--activations", "tan"], "did you mean tanh?"),
    only("a folder", ["."], "."),
    bytes("text", "run.npz", "text", "np.savez") { _ in Array("1,2,3\n".utf8) },
    bytes("one array", "NumPy array", "np.savez") { _ in ArrayBytes([3], [1, 2, 3]).npy },
    bytes("nothing", "run.npz", "cut off") { _ in [] },
    bytes("a picture", "PNG") { _ in [0x89] + Array("PNG\r\n\u{1a}\n".utf8) },
    bytes("an HDF5 file", "HDF5") { _ in [0x89] + Array("HDF\r\n\u{1a}\n".utf8) },
    bytes("cut off", "run.npz", "cut off") { $0.dropLast(200) },
    bytes("cut off early", "run.npz", "cut off") { Array($0.prefix(900)) },
    bytes("a flipped bit", "run.npz", "checksum") { bytes in
      var bytes = bytes
      bytes[150] ^= 4
      return bytes
    },
    file("a member cut off", "member W1", "cut off") { $0["W1"]?.data.removeLast(9) },
    file("objects", "array X", "object", "np.array(list(X), float)") {
      $0["X"] = ArrayBytes(type: "|O", [2], data: [0x80, 4, 0x4E, 0x2E])
    },
    file("strings", "member Y", "text") {
      $0["Y"] = ArrayBytes(type: "<U3", [2], data: [UInt8](repeating: 65, count: 24))
    },
    file("no W3", "array W3", "np.savez") { $0["W3"] = nil },
    file("no b2", "array b2") { $0["b2"] = nil },
    file("no Y", "array Y") { $0["Y"] = nil },
    file("no gradients", "there are no dW1") { arrays in
      arrays = arrays.filter { !$0.key.hasPrefix("d") }
    },
    file("twice", "X is there twice") { $0["x"] = $0["X"] },
    file("a cost of two numbers", "cost", "[2]") { $0["cost"] = ArrayBytes([2], [1, 2]) },
    file("shapes that do not chain", "has shape [9, 5]", "W1 has 4 outputs") {
      $0["W2"] = ArrayBytes([9, 5], [Double](repeating: 1, count: 45))
    },
    file("a vector of examples", "do not chain", "X [3]") {
      $0["X"] = ArrayBytes([3], [1, 2, 3])
    },
    file("no examples", "X") { $0["X"] = ArrayBytes([0, 3], []) },
    file("a gradient of another shape", "dW1", "[2, 2]") {
      $0["dW1"] = ArrayBytes([2, 2], [1, 2, 3, 4])
    },
    file("a label outside the output", "label 5", "0 to 1") {
      $0["Y"] = ArrayBytes([7], [0, 1, 5, 0, 1, 0, 1])
    },
    file("a weight that is not finite", "W2", "not finite") { arrays in
      arrays["W2"]?.data.replaceSubrange(0..<8, with: [0, 0, 0, 0, 0, 0, 0xF8, 0x7F])
    },
    file("another network", "3,4,5,2", "--network", options: ["--network", "3,4,2"]) { _ in },
    file("too many activations", "3 layers", options: ["--activations", "relu,relu,relu,relu"]) {
      _ in
    },
    file("another layout", "do not chain", "columns", options: ["--layout", "columns"]) { _ in },
    file("softmax inside", "softmax", options: ["--activations", "softmax,relu,relu"]) { _ in },
    BadInput(
      name: "two layouts", words: ["audit", "run.npz"], message: ["rows and torch", "--layout"]
    ) { folder in
      let parameters = ["X", "Y", "W1", "b1", "W2", "b2"]
      var arrays = try AuditRuns.arrays([], [3, 3, 3]).filter { parameters.contains($0.key) }
      // Nothing tells the layout: no cost, no value between the layers, and gradients that are wrong in both.
      for layer in 1...2 {
        arrays["dW\(layer)"] = ArrayBytes([3, 3], [Double](repeating: 0, count: 9))
        arrays["db\(layer)"] = ArrayBytes([3], [0, 0, 0])
      }
      try folder.write(archive(arrays), as: "run.npz")
    },
  ]
}()
