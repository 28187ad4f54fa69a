import Datasets
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Generated data by name")
struct GeneratedDataTests {
  @Test("every name makes data, by itself and with settings", arguments: GeneratedData.names)
  func names(name: String) throws {
    let sets = try LabelledSets(source: "\(name):count=40,test=10,seed=3")
    #expect(sets.train.exampleCount == 40 && sets.test?.exampleCount == 10 && sets.dev == nil)
    #expect(sets.train.name == "train" && sets.test?.name == "test")
    #expect(sets.train.provenance.contains("generated"))
    #expect(try LabelledSets(source: "\(name):count=40,test=0").test == nil)
    // Test examples are those that follow.
    let longer = try LabelledSets(source: "\(name):count=50,test=0,seed=3").train
    #expect(try sets.test?.floats() == longer.selecting(40..<50).floats())
    let other = try LabelledSets(source: "\(name):count=40,test=0,seed=4").train
    #expect(other.features != sets.train.features)
    let written = try GeneratedData(parsing: name)
    #expect(try GeneratedData(parsing: written.text) == written)
    #expect(
      try JSONDecoder().decode(GeneratedData.self, from: JSONEncoder().encode(written)) == written)
    #expect(written.settings["test"] == written.settings["count"].map { ($0 / 5).rounded(.down) })
  }

  @Test("the settings reach the generator")
  func settings() throws {
    let key = Key(seed: 1)["data"]
    func same(_ text: String, _ expected: LabelledSet) throws -> Bool {
      try LabelledSets(source: text).train.contentHash == expected.contentHash
    }
    #expect(
      try same(
        "two-spirals:count=30,turns=2.5,noise=0.1",
        TwoSpirals(key: key, turns: 2.5, noise: 0.1).dataset(count: 30)))
    #expect(try same("moons:count=30,noise=0", Moons(key: key, noise: 0).dataset(count: 30)))
    #expect(
      try same(
        "rings:count=30,classes=4,noise=0.01",
        Rings(key: key, classCount: 4, noise: 0.01).dataset(count: 30)))
    #expect(
      try same(
        "teacher:count=30,features=3,width=5,layers=3,classes=4,gain=1",
        TeacherNetwork(key: key, widths: [3, 5, 5, 5, 4], gain: 1).dataset(count: 30)))
    #expect(
      try same(
        "random-labels:count=30,features=6,classes=3",
        RandomLabels(key: key, featureCount: 6, classCount: 3).dataset(count: 30)))
    #expect(
      try same(
        "parity:count=30,features=9,relevant=4",
        Parity(key: key, featureCount: 9, relevantCount: 4).dataset(count: 30)))
    var variation = Glyphs.Variation.standard
    (variation.noise, variation.clutter, variation.rotation) = (0.1, 0, 5)
    #expect(
      try same(
        "glyphs:count=20,noise=0.1,clutter=0,rotation=5",
        Glyphs(key: key, variation: variation).dataset(count: 20)))
  }

  @Test(
    "what cannot be read",
    arguments: [
      ("two-spiral", ["no such file", "did you mean two-spirals?"]),
      ("pinwheel:count=40", ["no data set of this name", "moons"]),
      ("glyph:count=3", ["did you mean glyphs?"]), ("mnits", ["did you mean mnist?"]),
      ("moons:", ["\"\" is not of the form key=value"]),
      ("moons:noise", ["\"noise\" is not of the form", "moons:count=500"]),
      ("moons:noise=0.1=2", ["key=value"]), ("moons:=2", ["key=value"]),
      ("moons:nose=1", ["no setting nose", "did you mean noise?"]),
      ("moons:zzzz=1", ["the settings are count, test, seed, random-labels, noise"]),
      ("moons:noise=x", ["noise: \"x\" is not a number from 0 to 10"]),
      ("moons:noise=-1", ["is not a number from 0 to 10"]), ("moons:noise=nan", ["not a number"]),
      ("moons:count=0", ["count", "a whole number from 1"]),
      ("moons:count=2.5", ["a whole number"]), ("moons:count=1,count=2", ["count is given twice"]),
      ("parity:features=3,relevant=4", ["4 of 3 features"]),
    ])
  func refusals(text: String, words: [String]) throws {
    do throws(Problem) {
      _ = try LabelledSets(source: text)
      Issue.record("\(text) was read")
    } catch {
      for word in words { #expect(error.description.contains(word), "\(error)") }
    }
  }

  @Test("a file is meant where the text is a path")
  func paths() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("a,b,label\n1,2,0\n3,4,1\n5,6,1\n".utf8), as: "moons")
    #expect(try LabelledSets(source: path).train.exampleCount == 3)
    #expect(try LabelledSets(source: "moons:count=7").train.exampleCount == 7)
    expectError(.notFound, naming: ["nowhere.npz"]) {
      try LabelledSets(source: "\(folder.path)/nowhere.npz")
    }
    expectError(.notFound, naming: ["unheard.npz"]) { try LabelledSets(source: "unheard.npz") }
  }
}
