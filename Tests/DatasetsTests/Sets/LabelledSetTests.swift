import Datasets
import Findings
import Testing

@Suite("Labelled sets: parts, selections, hash")
struct LabelledSetTests {
  private func make(
    features: [Float] = [0, 0.5, 1, -2, 1e-3, 3.25], shape: [Int] = [1, 3], labels: [Int] = [3, 0],
    classCount: Int = 4
  ) throws -> LabelledSet {
    try LabelledSet(
      name: "tiny", features: features, exampleShape: shape, labels: labels,
      classCount: classCount, provenance: "made here")
  }

  @Test("the parts are kept and counted")
  func parts() throws {
    let data = try make()
    #expect(data.exampleCount == 2)
    #expect(data.featureCount == 3)
    #expect(data.selecting([1]).floats() == [-2, 1e-3, 3.25])
    #expect(data.classCounts == [1, 0, 0, 1])
    let single = try make(features: [1, 2], shape: [])
    #expect(single.featureCount == 1)
    let empty = try make(features: [], labels: [])
    #expect(empty.exampleCount == 0)
  }

  @Test("labels outside the classes", arguments: [-1, 4, 11, Int.max, Int.min])
  func labelRange(label: Int) {
    expectError(.outOfRange, naming: ["tiny", "example 1", "\(label)", "0 ... 3"]) {
      try make(labels: [0, label])
    }
  }

  @Test("features that are not finite", arguments: [Float.nan, .infinity, -.infinity])
  func finiteness(value: Float) {
    expectError(.outOfRange, naming: ["example 1, feature 2"]) {
      try make(features: [0, 0, 0, 0, 0, value])
    }
  }

  @Test("counts that do not fit")
  func counts() {
    expectError(.inconsistent, naming: ["5 values", "2 labels"]) {
      try make(features: [0, 0, 0, 0, 0])
    }
    expectError(.inconsistent) { try make(labels: [0]) }
    expectError(.inconsistent) { try make(features: []) }
    for shape in [[0], [3, -1], [Int.max, 2], [1 << 40, 1 << 40]] {
      expectError(.outOfRange, naming: ["shape"]) { try make(shape: shape) }
    }
    expectError(.inconsistent) { try make(shape: [Int.max]) }
    expectError(.outOfRange, naming: ["class count"]) { try make(labels: [], classCount: 0) }
  }

  @Test("a selection repeats, reorders and keeps the shape")
  func selection() throws {
    let data = try make()
    let chosen = data.selecting([1, 0, 1])
    #expect(chosen.floats() == [-2, 1e-3, 3.25, 0, 0.5, 1, -2, 1e-3, 3.25])
    #expect(chosen.labels == [0, 3, 0])
    #expect(chosen.exampleShape == [1, 3])
    #expect(chosen.classCount == 4)
    #expect(chosen.provenance.contains("made here"))
    #expect(data.selecting([]).exampleCount == 0)
  }

  @Test("an example that is not there traps")
  func missingExample() async {
    await #expect(processExitsWith: .failure) {
      let data = try LabelledSet(
        name: "tiny", features: [1], exampleShape: [], labels: [0], classCount: 1,
        provenance: "made here")
      _ = data.selecting([1])
    }
  }

  @Test("the hash is FNV-1a over shape, classes, labels and features")
  func hash() throws {
    // Computed with another program from the definition in the documentation.
    #expect(try make().contentHash == "b5ea952776ca9b20")
    var hash = ContentHash()
    #expect(hash.hexadecimal == "cbf29ce484222325")
    for byte in "foobar".utf8 { hash.combine(byte) }
    #expect(hash.hexadecimal == "85944171f73967e8")
  }

  @Test("the hash tells every part of the content, and nothing else")
  func hashSensitivity() throws {
    let variants = [
      try make(), try make(features: [0, 0.5, 1, -2, 1e-3, Float(3.25).nextUp]),
      try make(features: [-0.0, 0.5, 1, -2, 1e-3, 3.25]), try make(shape: [3]),
      try make(shape: [3, 1]), try make(labels: [3, 1]), try make(labels: [0, 3]),
      try make(classCount: 5), try make(features: [], labels: []),
      try make().selecting([0]), try make().selecting([1, 0]),
    ]
    #expect(Set(variants.map(\.contentHash)).count == variants.count)
    #expect(try make().selecting([0, 1]).contentHash == variants[0].contentHash)
  }

  @Test("an error reads file: position: problem; remedy")
  func errorDescription() {
    let error = Problem(
      .truncated, subject: "a/b.gz", location: "byte 3", problem: "it ends", remedy: "get it again")
    #expect("\(error)" == "a/b.gz: byte 3: it ends; get it again")
  }
}
