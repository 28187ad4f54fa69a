import Console
import Findings
import Plumbline
import Training

/// What --scale-targets shifts and scales by.
struct TargetScale<Scalar: TrainableScalar> {
  private let mean: Tensor<Scalar>, deviation: Tensor<Scalar>

  /// The scale of the training examples; `nil` where the option was not given.
  init?(_ options: ParsedOptions, _ train: Examples<Scalar>, _ loss: LossFunction) throws {
    guard options[TrainCommand.scaleTargets] else { return nil }
    guard loss.targets == .reals else {
      throw Problem(
        setting: "--scale-targets", problem: "the targets are classes, which have no scale",
        remedy: "leave the option out")
    }
    mean = train.targets.mean(alongAxes: [0], keepingAxes: true)
    let square = (train.targets - mean).squared().mean(alongAxes: [0], keepingAxes: true)
    deviation = Tensor(square.shape, square.scalars.map { $0 > 0 ? $0.squareRoot() : 1 })
  }

  func applied(to examples: Examples<Scalar>) -> Examples<Scalar> {
    Examples(
      features: examples.features, targets: (examples.targets - mean) / deviation,
      pictures: examples.pictures)
  }

  var text: String {
    func numbers(_ values: Tensor<Scalar>) -> String {
      values.scalars.prefix(4).map { NumberFormat.significant($0.real, digits: 4) }
        .joined(separator: ", ") + (values.count > 4 ? ", ..." : "")
    }
    return
      "targets scaled: mean \(numbers(mean)) and deviation \(numbers(deviation)) of the training set"
  }
}

extension Examples {
  /// The examples with those of rare classes repeated, so that all classes have about as many; at most fifty times.
  func balanced(_ loss: LossFunction) throws -> Examples {
    guard loss.targets == .classes || loss.targets == .shares, targets.count == count else {
      throw Problem(
        setting: "--class-weights", problem: "there is not one class to an example",
        remedy: "leave the option out")
    }
    let labels = targets.scalars.map { Int($0.real) }
    let counts = labels.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    let most = counts.values.max() ?? 1
    let rows = labels.indices.flatMap { row -> [Int] in
      let own = counts[labels[row]] ?? most
      return Array(repeating: row, count: min(50, max(1, (most + own / 2) / own)))
    }
    return Examples(
      features: features.selectingRows(rows), targets: targets.selectingRows(rows),
      pictures: pictures)
  }
}
