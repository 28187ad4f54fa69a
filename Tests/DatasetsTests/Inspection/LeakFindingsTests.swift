import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@testable import Datasets

/// Features that tell the target by themselves: each kind in data that have it, and in their next neighbours, which have not.
@Suite struct LeakFindingsTests {
  /// Normal features, changed row by row together with a target that the draw decides.
  private func leak(
    _ features: Int, areClasses: Bool, seed: Int, count: Int = 400,
    _ row: (_ features: inout [Double], _ draw: Double) -> Double
  ) -> TargetLeak? {
    let data = DrawnRows(features, count: count, seed: seed, row)
    return TargetLeak(
      LabelledSet(
        name: "train", data.features, targets: data.targets,
        labels: areClasses ? data.targets.scalars.map { Int($0) } : nil))
  }

  @Test("a feature that is the target in another unit, and not one that tells most of it")
  func copiedValues() {
    for seed in 1...3 {
      let copy = leak(5, areClasses: false, seed: seed) { x, draw in
        x[3] = 40 - 7 * draw
        return draw
      }
      #expect(copy?.features == [3] && copy?.kind == .copy)
      // In another currency, next to what the price is made of.
      let priced = leak(4, areClasses: false, seed: seed) { x, draw in
        let price = 3 * x[0] + x[1] + 0.2 * draw
        x[2] = (9200 * price).rounded()
        return price
      }
      #expect(priced?.features == [2] && priced?.kind == .copy)
      let near = leak(5, areClasses: false, seed: seed) { x, draw in x[3] + 0.3 * draw }
      #expect(near == nil)
    }
  }

  @Test(
    "a feature that was made of the target, with noise or along a curve, where the others tell little"
  )
  func valuesAlone() {
    for seed in 1...3 {
      let noisy = leak(5, areClasses: false, seed: seed) { x, draw in
        let target = x[0] + 0.5 * draw
        x[2] = 0.83 * target + 0.05 * x[2]
        x[0] += x[1]
        return target
      }
      #expect(noisy?.features == [2] && noisy?.kind != .copy)
      let curved = leak(4, areClasses: false, seed: seed) { x, draw in
        x[1] = exp(draw / 2)
        return draw
      }
      #expect(curved?.features == [1])
      // Yesterday's value tells today's, and so do those of the days before.
      let lags = leak(4, areClasses: false, seed: seed) { x, draw in
        let level = 5 * x[0]
        x = (0..<4).map { level + 0.3 * x[$0] }
        return level + 0.3 * draw
      }
      #expect(lags == nil)
    }
  }

  @Test("a label with a little noise, and not one of two heaps or of bits")
  func copiedLabels() {
    for seed in 1...3 {
      let copy = leak(4, areClasses: true, seed: seed) { x, draw in
        x[2] = (draw > 0.3 ? 5 : 2) + 0.1 * x[2]
        return draw > 0.3 ? 1 : 0
      }
      #expect(copy?.features == [2])
      let heaps = leak(4, areClasses: true, seed: seed) { x, draw in
        for feature in 0..<3 { x[feature] += draw > 0 ? 12 : 0 }
        return draw > 0 ? 1 : 0
      }
      #expect(heaps?.kind != .copy)
      let bits = leak(4, areClasses: true, seed: seed) { x, _ in
        x = x.map { $0 > 0 ? 1 : 0 }
        return x[1]
      }
      #expect(bits == nil)
    }
  }

  @Test("a column far apart for each class, even where the others tell the classes too")
  func apart() {
    for seed in 1...3 {
      let code = leak(5, areClasses: true, seed: seed) { x, draw in
        let isYes = draw > 0
        x = x.map { $0 + (isYes ? 4 : 0) }
        x[3] = (isYes ? 10 : 0) + 0.01 * x[3]
        return isYes ? 1 : 0
      }
      #expect(code?.features == [3] && code?.kind == .copy)
      let measured = leak(5, areClasses: true, seed: seed) { x, draw in
        let isYes = draw > 0
        x = x.map { $0 + (isYes ? 4 : 0) }
        x[3] += isYes ? 8 : 0
        return isYes ? 1 : 0
      }
      #expect(measured == nil)
    }
  }

  /// Features of which the first goes with a yes or no, and weakly.
  private func separation(
    _ features: Int, seed: Int, count: Int = 300,
    _ row: (_ features: inout [Double], _ isYes: Bool, _ draw: Double) -> Void
  ) -> TargetLeak? {
    let values = Key(seed: seed)["features"].normal(count * features)
    let draws = Key(seed: seed)["draws"].uniform(count)
    let labels = (0..<count).map { values[$0 * features] + 1.5 * (draws[$0] - 0.5) > 0.6 }
    var rows: [Double] = []
    for index in 0..<count {
      var own = Array(values[index * features..<(index + 1) * features])
      row(&own, labels[index], draws[(index * 7) % count])
      rows += own
    }
    return TargetLeak(
      LabelledSet(
        name: "train", Tensor<Double>([count, features], rows), labels: labels.map { $0 ? 1 : 0 }))
  }

  @Test("what tells two classes where no other does", arguments: [1, 2, 3])
  func separated(seed: Int) {
    let score = separation(5, seed: seed) { x, isYes, _ in x[3] = (isYes ? 0.6 : 0) + 0.08 * x[3] }
    #expect(score?.features == [3])
    let months = separation(4, seed: seed) { x, isYes, draw in
      x[2] = isYes ? (12 * draw).rounded(.up) : 0
    }
    #expect(months?.features == [2])
    let flag = separation(6, seed: seed) { x, isYes, draw in x[5] = isYes != (draw < 0.008) ? 1 : 0
    }
    #expect(flag?.features == [5])
    let texts = separation(6, seed: seed) { x, isYes, _ in (x[1], x[4]) = isYes ? (1, 0) : (0, 1) }
    #expect(texts?.features == [1, 4])
  }

  @Test(
    "nothing where others do as well, or where examples lie at the threshold", arguments: [1, 2])
  func notSeparated(seed: Int) {
    #expect(separation(5, seed: seed) { _, _, _ in } == nil)
    let heaps = separation(5, seed: seed) { x, isYes, _ in
      for feature in 0..<5 { x[feature] += isYes ? 7 : 0 }
    }
    #expect(heaps == nil)
    let values = Key(seed: seed).normal(1200)
    let sides = TargetLeak(
      LabelledSet(
        name: "train", Tensor<Double>([300, 4], values),
        labels: (0..<300).map { values[4 * $0] > 0 ? 1 : 0 }))
    #expect(sides == nil)
  }

  @Test("is a finding with the way to leave it out, of a table and of arrays")
  func wording() throws {
    let values = Key(seed: 5).normal(200)
    let targets = stride(from: 0, to: 200, by: 4).map { 3 * values[$0 + 1] }
    let set = LabelledSet(
      name: "train", Tensor<Double>([50, 4], values), targets: Tensor<Double>([50, 1], targets))
    let array = try #require(DataJudgement([set]).findings.first)
    #expect(array.cause == .targetLeak && array.remedy.contains("np.delete(X, 1, axis=1)"))
    let table = DataJudgement([set], columnNames: ["a", "tax base", "b", "c"]).findings
    #expect(table.first?.remedy.contains("--drop 'tax base'") ?? false)
    #expect(table.first?.symptom.contains("feature 1 (tax base), counted from 0") ?? false)
  }
}
