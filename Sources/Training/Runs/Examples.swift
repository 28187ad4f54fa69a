import Datasets
import Findings
import Plumbline

/// Examples in the form that a network and its loss take: features and targets, the examples first.
public struct Examples<Scalar: TrainableScalar>: Sendable {
  /// `[examples]` and the shape of one example.
  public let features: Tensor<Scalar>
  /// Class numbers `[examples]` for a cross-entropy, `[examples, outputs]` for the other losses.
  public let targets: Tensor<Scalar>
  /// How the features of an example form an image, if they do.
  public var pictures: PictureLayout?

  /// Examples; traps if the numbers of features and targets differ, or if there are none.
  public init(
    features: Tensor<Scalar>, targets: Tensor<Scalar>, pictures: PictureLayout? = nil
  ) {
    guard features.shape.rank > 0, targets.shape.rank > 0, features.shape[0] == targets.shape[0],
      features.shape[0] > 0
    else {
      fatalError("features of shape \(features.shape) do not fit targets \(targets.shape)")
    }
    self.features = features
    self.targets = targets
    self.pictures = pictures
  }

  /// The number of examples.
  public var count: Int { features.shape[0] }

  /// The first examples, at most `limit` of them.
  public func prefix(_ limit: Int) -> Examples {
    limit >= count
      ? self
      : Examples(
        features: features.sliced(axis: 0, 0..<limit),
        targets: targets.sliced(axis: 0, 0..<limit), pictures: pictures)
  }
}

extension Examples where Scalar == Float {
  /// The examples of a set as they are, each as a row of features.
  public init(_ set: LabelledSet) {
    self.init(features: set.featureMatrix(), targets: set.targetTensor())
  }
}

extension Examples {
  /// The examples with every feature shifted and scaled by statistics, which were fitted on the training set.
  ///
  /// - Complexity: O(number of features).
  public func normalized(by normalization: Normalization) -> Examples {
    Examples(
      features: normalization.applied(to: features), targets: targets, pictures: pictures)
  }

  /// The examples with every target shifted and scaled by statistics, which were fitted on the training set's.
  ///
  /// - Complexity: O(number of targets).
  public func scalingTargets(by scale: Normalization) -> Examples {
    Examples(features: features, targets: scale.applied(to: targets), pictures: pictures)
  }
}

extension Examples {
  /// A file's examples for a network that takes `input` and outputs `outputs` numbers for each.
  ///
  /// Features take the shape of the input: pictures whose channels come last, `[height, width, channels]`, are
  /// transposed for a network that takes `[channels, height, width]`. Classes become class numbers for a
  /// cross-entropy; for the other losses the number itself if there is one output (0 or 1 for the binary
  /// cross-entropy), and one-hot rows if there is an output for each class.
  ///
  /// - Throws: ``/Findings/Problem`` if features or targets do not fit the network, or if a target does not fit the loss.
  public init(
    _ data: LabelledSet, input: Shape, outputs: Int, loss: LossFunction
  ) throws(Problem) {
    func mismatch(_ position: String, _ problem: String, _ remedy: String) -> Problem {
      Problem(
        .inconsistent, subject: data.provenance, location: "\(data.name), \(position)",
        problem: problem,
        remedy: remedy)
    }
    guard data.featureCount == input.elementCount else {
      throw mismatch(
        "features",
        "an example has \(data.featureCount) features, but the network takes \(input.elementCount)",
        "give a network with \(data.featureCount) inputs")
    }
    guard data.exampleCount > 0 else {
      throw mismatch("examples", "there are none", "give data with at least one example")
    }
    var features: Tensor<Scalar> = data.featureMatrix()
    let shape = data.exampleShape
    var order: PictureLayout.Order?
    if input.rank == 3, shape.count == 3, shape != input.extents,
      [shape[2], shape[0], shape[1]] == input.extents
    {
      features = features.reshaped(to: Shape([data.exampleCount] + shape))
        .transposed(permutation: [0, 3, 1, 2])
      order = .channelsFirst
    } else {
      features = features.reshaped(to: Shape([data.exampleCount] + input.extents))
    }
    if !features.isFinite, let position = features.scalars.firstIndex(where: { !$0.isFinite }) {
      throw mismatch(
        "example \(position / input.elementCount) (counted from 0)",
        "\(data.featureName(position % input.elementCount)) is too large for the precision float32",
        "use \(Setting.precision) float64 \(Setting.normalize) per-feature")
    }
    let pictures = try? PictureLayout(order == nil ? shape : input.extents, order: order)
    self.init(
      features: features, targets: try Self.targets(of: data, outputs, loss, mismatch),
      pictures: pictures ?? (try? PictureLayout(input.extents, order: .channelsFirst)))
  }

  private static func targets(
    of data: LabelledSet, _ outputs: Int, _ loss: LossFunction,
    _ mismatch: (String, String, String) -> Problem
  ) throws(Problem) -> Tensor<Scalar> {
    let values: Tensor<Scalar> = data.targetTensor()
    guard case .classes(let labels, let count, _) = data.targets else {
      return try checkedValues(values, outputs, loss, mismatch)
    }
    if loss.targets == .classes {
      try data.requireLabels(below: outputs)
      return values
    }
    if outputs == 1 {
      // One output for several classes is compared with the numbers in their names, not with their index.
      let numbers = count > 2 ? data.classValues.map { own in labels.map { own[$0] } } : nil
      let column: Tensor<Scalar> =
        if let numbers {
          Tensor([data.exampleCount, 1], nearestTo: numbers)
        } else {
          values.reshaped(to: [data.exampleCount, 1])
        }
      return try checkedValues(column, outputs, loss, mismatch)
    }
    guard count <= outputs else {
      throw mismatch(
        "targets", "there are \(count) classes, but the network has \(outputs) outputs",
        "give the network \(count) outputs")
    }
    return Tensor<Scalar>(classes: labels).oneHot(classes: outputs)
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)" + (count == 1 ? "" : "s")
  }

  private static func checkedValues(
    _ values: Tensor<Scalar>, _ outputs: Int, _ loss: LossFunction,
    _ mismatch: (String, String, String) -> Problem
  ) throws(Problem) -> Tensor<Scalar> {
    // Rows of shares are distributions over the classes.
    guard
      loss.targets != .classes
        || outputs > 1 && values.shape[1] == outputs
          && values.scalars.allSatisfy({ $0 >= 0 && $0 <= 1 })
    else {
      throw mismatch(
        "targets", "they are real values, but the loss is cross-entropy, which needs classes",
        "give class numbers starting at 0, or a regression loss (\(Setting.output) linear \(Setting.loss) mse)"
      )
    }
    guard values.shape[1] == outputs else {
      // If classes were meant, a single non-class label turns all of them into values.
      if values.shape[1] == 1,
        let position = values.scalars.firstIndex(where: { $0 < 0 || $0 != $0.rounded() })
      {
        throw mismatch(
          "example \(position) (counted from 0)",
          "the label is \(values.scalars[position]), which is not a non-negative whole number, so all are treated as real values, but "
            + "the network has \(outputs) outputs",
          "number the classes from 0 and correct the label, or give the network one output")
      }
      throw mismatch(
        "targets",
        "an example has \(counted(values.shape[1], "target value")) and the network "
          + counted(outputs, "output"),
        "give the network \(counted(values.shape[1], "output"))")
    }
    if loss.targets == .counts, let index = values.scalars.firstIndex(where: { !($0 >= 0) }) {
      throw mismatch(
        "example \(index / outputs) (counted from 0)",
        "the target is \(values.scalars[index]), but the loss \(loss.rawValue) needs counts of 0 or more",
        "give counts, or a regression loss (\(Setting.output) linear \(Setting.loss) mse)")
    }
    if loss.targets == .shares,
      let position = values.scalars.firstIndex(where: { !($0 >= 0 && $0 <= 1) })
    {
      throw mismatch(
        "example \(position / outputs) (counted from 0)",
        "the target is \(values.scalars[position]), but the loss \(loss.rawValue) needs values from 0 to 1",
        "give labels of 0 and 1, or a regression loss (\(Setting.output) linear \(Setting.loss) mse)"
      )
    }
    return values
  }
}

extension Tensor where Scalar: TrainableScalar {
  /// Whether each row holds shares of several classes that sum to one.
  package var areDistributions: Bool {
    guard shape.rank == 2, shape[1] > 1 else { return false }
    let width = shape[1]
    return withValues { values in
      (0..<shape[0]).allSatisfy { row in
        let own = UnsafeBufferPointer(start: values + row * width, count: width)
        return own.allSatisfy { $0 >= 0 && $0 <= 1 }
          && Swift.abs(own.reduce(0) { $0 + $1.real } - 1) < 1e-3
      }
    }
  }
}
