import Datasets
import Experiments
import Findings
import Foundation
import Plumbline
import TestSupport
import Testing
import Training

@Suite struct ArmTests {
  private static let layerScale = """
    {"name": "mine", "summary": "two-layer blocks", "layers_of_a_block": 2, "layers": [
      {"layer": "dense", "outputs": "=width"}, {"layer": "relu"},
      {"repeat": "=depth / 2", "layers": [
        {"layer": "residual", "scale": "=sqrt(2 / depth)", "branch": [
          {"layer": "dense", "outputs": "=width"}, {"layer": "relu"}, {"layer": "dense", "outputs": "=width"}]}]},
      {"layer": "dense", "outputs": "=classes", "initializer": "lecun"}]}
    """

  @Test func aDescribedArmIsTheNetworkThatItDescribes() throws {
    let arm = try Arm(json: Self.layerScale)
    #expect(arm.rawValue == "mine" && arm.layersOfABlock == 2 && arm.summary == "two-layer blocks")
    let shape = GridPoint(inputs: 3, width: 5, classes: 2, depth: 6)
    let (one, other) = (try network(arm, shape), try network(.residual, shape))
    let own = Parameters<Double>(of: one, key: Key(seed: 3))
    let residual = Parameters<Double>(of: other, key: Key(seed: 3))
    #expect(own.count == residual.count)
    // With the same values both compute the same.
    let same = Parameters(layout: own.layout, vector: residual.vector)
    let x = Tensor<Double>([4, 3], Key(seed: 1).normal(12))
    #expect(one(x, same.pass()).scalars == other(x, residual.pass()).scalars)
  }

  @Test func theBlocksOfADescribedArmAreDeletedOneByOne() throws {
    var configuration = SmallData.configuration
    configuration.arms = [.residual, try Arm(json: Self.layerScale)]
    configuration.measures = ["effective-depth"]
    let study = try GridStudy(configuration, trainingSet: SmallData.glyphs())
    let results = try study.results(in: StudySession(of: study.sweepKey, jobs: 1))
    let depths = results.cells.map { Double($0.cell.depth) / 2 }
    for (cell, blocks) in zip(results.cells, depths) {
      let values = cell.outcomes.compactMap { $0.measures?["effective-depth"] }
      try #require(values.count == cell.outcomes.count, "\(cell.cell)")
      let measured = median(values)
      #expect((0...blocks + 0.01).contains(measured), "\(cell.cell): \(measured)")
    }
  }

  private struct Erased: Layer {
    let network: any Layer
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { network(input, pass) }
  }

  private func network(_ arm: Arm, _ shape: GridPoint) throws -> Erased {
    Erased(network: try arm.network(shape))
  }

  @Test func anArmOfOnesOwnIsSweptLikeThoseOfTheLibrary() throws {
    let arm = Arm("wide", summary: "one hidden layer", definition: "1") {
      shape throws(Problem) in
      Sequential(
        Dense(shape.inputs, shape.width), Activation.tanh, Dense(shape.width, shape.classes))
    }
    var configuration = SmallData.configuration
    configuration.arms = [.plain, arm, try Arm(json: Self.layerScale)]
    let study = try GridStudy(configuration, trainingSet: SmallData.glyphs())
    let results = try study.results(in: StudySession(of: study.sweepKey, jobs: 1))
    #expect(results.arms.map(\.rawValue) == ["plain", "wide", "mine"])
    #expect(results.cells.allSatisfy { $0.loss.median.isFinite })
    // Its definition is a part of what is asked, and of what a run is.
    let other = Arm("wide", summary: "one hidden layer", definition: "2") {
      shape throws(Problem) in
      Sequential(
        Dense(shape.inputs, shape.width), Activation.relu, Dense(shape.width, shape.classes))
    }
    var changed = configuration
    changed.arms = [.plain, other, configuration.arms[2]]
    let next = try GridStudy(changed, trainingSet: SmallData.glyphs())
    #expect(try next.sweepKey != study.sweepKey)
    #expect(try !next.grows(from: configuration, data: next.dataRecord))
    let text = try JSONText.encoder.encode(configuration)
    let stored = try JSONText.decoder.decode(GridConfiguration.self, from: text)
    #expect(stored.arms.map(\.rawValue) == ["plain", "wide", "mine"])
    #expect(stored.armDefinitions?["wide"] == "1")
  }

  /// What is recorded of the library's arms is what it was before there were others.
  @Test func theLibrarysArmsAreTheirNamesInRecords() throws {
    let text = String(decoding: try JSONText.encoder.encode(SmallData.configuration), as: UTF8.self)
    #expect(text.contains(#""arms":["plain","residual"]"#) && !text.contains("definition"))
    #expect(Arm.allCases.map(\.rawValue).allSatisfy { Arm(rawValue: $0)?.rawValue == $0 })
    #expect(Arm(rawValue: "mine") == nil)
  }

  @Test(arguments: [
    ("[", "JSON"), (#"{"layers": []}"#, "name"), (#"{"name": "plain", "layers": []}"#, "library"),
    (#"{"name": "a b", "layers": []}"#, "name"), (#"{"name": "a"}"#, "layers"),
    (#"{"name": "a", "layer": []}"#, "no such field"),
    (#"{"name": "a", "layers": [{"layer": "dense", "outputs": "=witdh"}]}"#, "witdh"),
    (#"{"name": "a", "layers": [{"layer": "dense", "outputs": "=width +"}]}"#, "missing"),
    (#"{"name": "a", "layers": [{"layer": "dense", "outputs": "=(width"}]}"#, "bracket"),
    (#"{"name": "a", "layers": [{"layer": "dense", "outputs": "=1/0"}]}"#, "inf"),
    (#"{"name": "a", "layers": [{"repeat": "=depth/4", "layers": []}]}"#, "whole number"),
    (#"{"name": "a", "layers": [{"layer": "dense", "outputs": "=width"}]}"#, "classes"),
    (#"{"name": "a", "layers_of_a_block": 0, "layers": []}"#, "whole number"),
  ])
  func aWrongDescriptionIsNamed(text: String, part: String) {
    do {
      _ = try Arm(json: text)
      Issue.record("\(text) is accepted")
    } catch {
      #expect(error.description.contains(part), "\(error)")
    }
  }
}
