import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// One option of a training, or one kind of layer, whose cost is the time of a step with it relative to that of a step without.
///
/// The step without: 784 inputs, five hidden layers of 64 with ReLU, 10 classes, a batch of 128, gradient descent, single
/// precision.
public struct OptionCase: Sendable {
  /// The option and its value, such as `clip-norm=1`.
  public let name: String
  private let change: @Sendable (inout Step) -> Void

  /// The measured cost of an option.
  public struct Timing: Codable, Sendable {
    /// The option's name and value.
    public let name: String
    /// The median times of a step with it, and of one without.
    public let milliseconds: Double, baseMilliseconds: Double
    /// The median over the rounds of the ratio of both, and its quartiles.
    public let ratio: Double, lower: Double, upper: Double

    private enum CodingKeys: String, CodingKey {
      case name = "case"
      case milliseconds, baseMilliseconds, ratio, lower, upper
    }
  }

  /// The measurements of a run.
  public struct Result: Codable, Sendable {
    /// The cases in the requested order.
    public let cases: [Timing]
  }

  /// What is trained, and how.
  private struct Step {
    static let classes = 10, count = 1280, width = 64

    /// Put after each hidden activation.
    var layer: LayerDescription?
    var options = DenseNetworkOptions()
    var settings = TrainingSettings(loss: .crossEntropy, learningRate: 1e-5)

    init() {
      settings.optimizer = .sgd
      settings.batchSize = 128
      settings.length = .steps(1 << 40)
    }

    mutating func changeClasses(_ change: (inout any ClassLossForm) -> Void) {
      guard var form = settings.loss.form as? any ClassLossForm else { return }
      change(&form)
      settings.loss = LossFunction(form)
    }

    func trainer() throws(Problem) -> Trainer<Float> {
      let widths = [784] + Array(repeating: Self.width, count: 5) + [Self.classes]
      var description = try NetworkDescription(widths: widths, options: options)
      if let layer {
        description.layers = description.layers.flatMap { own in
          own.form is Activation ? [own, layer] : [own]
        }
      }
      let key = Key(seed: 1)
      let features = Tensor<Float>(
        [Self.count, 784], nearestTo: key["x"].normal(Self.count * 784))
      let labels = (0..<Self.count).map { key["y"].integer(at: $0, below: Self.classes) }
      let targets = Tensor<Float>(classes: labels)
      return try Trainer(
        description.network(),
        on: Examples(
          features: features,
          targets: settings.loss.targets == .classes
            ? targets : targets.oneHot(classes: Self.classes),
          pictures: try PictureLayout([28, 28])), settings)
    }
  }

  private init(_ name: String, _ change: @escaping @Sendable (inout Step) -> Void) {
    self.name = name
    self.change = change
  }

  /// The options, in groups: a new optimizer, loss, activation or layer in the lists is included automatically.
  public static let all: [OptionCase] =
    optimizers + losses + settings + networks + layers

  private static let optimizers = OptimizerChoice.allCases.map { choice in
    OptionCase("optimizer=\(choice.rawValue)") { $0.settings.optimizer = choice }
  }

  private static let losses = LossFunction.allCases.map { loss in
    OptionCase("loss=\(loss.rawValue)") { $0.settings.loss = loss }
  }

  private static let settings = schedules + trainingSettings + augmentations

  private static let schedules: [OptionCase] = ScheduleForm.rules.compactMap { rule in
    guard let form = ScheduleForm(rule.text), form != .constant else { return nil }
    return OptionCase("schedule=\(form)") { $0.settings.schedule.form = form }
  }

  private static let trainingSettings = [
    OptionCase("warm-up=100") { $0.settings.schedule.warmUp = 100 },
    OptionCase("clip-norm=1") { $0.settings.clipNorm = 1 },
    OptionCase("l1=0.001") { $0.settings.l1 = 1e-3 },
    OptionCase("l2=0.001") { $0.settings.l2 = 1e-3 },
    OptionCase("order=sequential") { $0.settings.order = .sequential },
    OptionCase("label-smoothing=0.1") { $0.changeClasses { $0.labelSmoothing = 0.1 } },
    OptionCase("class-weights=balanced") { step in
      let weights = (0..<Step.classes).map { 0.75 + 0.5 * Double($0) / 9 }
      step.changeClasses { $0.classWeights = weights }
    },
  ]

  private static let augmentations: [OptionCase] =
    ["noise=0.05", "shift=2", "rotate=15", "zoom=0.1", "flip"].compactMap { text in
      guard let augmentation = try? Augmentation(parsing: text) else { return nil }
      return OptionCase("augment=\(text)") { $0.settings.augmentation = augmentation }
    }

  private static let networks =
    activations + normalizations + [
      OptionCase("dropout=0.1") { $0.options.dropout = 0.1 },
      OptionCase("residual") { $0.options.isResidual = true },
    ]

  private static let activations: [OptionCase] = Activation.elementwise.compactMap { activation in
    guard activation != .relu, activation != .linear else { return nil }
    return OptionCase("activation=\(activation.rawValue)") { $0.options.activation = activation }
  }

  private static let normalizations = DenseNetworkOptions.Normalization.allCases.map { choice in
    OptionCase("normalization=\(choice.rawValue)") { $0.options.normalization = choice }
  }

  /// Every layer of the list that, at its default settings, takes 64 features and outputs as many.
  private static let layers: [OptionCase] = LayerDescription.libraryForms.compactMap { form in
    let text = #"{"layer": "\#(form.title)"}"#
    guard !(form is Activation || form is any NormalizationForm || form is DropoutForm),
      let layer = try? JSONDecoder().decode(LayerDescription.self, from: Data(text.utf8))
    else { return nil }
    let alone = NetworkDescription(input: [Step.width], layers: [layer])
    guard let network = try? alone.network(), network.outputShape == alone.input,
      network.classesTaken == nil
    else { return nil }
    return OptionCase("layer=\(form.title)") { $0.layer = layer }
  }

  /// Measures each case alternately with the step without it.
  ///
  /// - Parameters:
  ///   - cases: The options.
  ///   - rounds: The number of times that both are measured.
  /// - Throws: ``/Findings/Problem`` if a loss is not finite.
  public static func run(_ cases: [OptionCase], rounds: Int = 7) throws(Problem) -> Result {
    var timings: [Timing] = []
    for option in cases { timings.append(try option.timing(rounds)) }
    return Result(cases: timings)
  }

  private func timing(_ rounds: Int) throws(Problem) -> Timing {
    var changed = Step()
    change(&changed)
    var (with, without) = (try changed.trainer(), try Step().trainer())
    let clock = ContinuousClock()
    func milliseconds(_ trainer: inout Trainer<Float>, _ steps: Int) throws(Problem) -> Double {
      let start = clock.now
      for _ in 0..<steps {
        do {
          _ = try trainer.step()
        } catch {
          throw Problem(
            subject: name, location: "step \(trainer.stepsDone)", problem: error.description,
            remedy: "leave this option out")
        }
      }
      return (clock.now - start) / .milliseconds(1) / Double(steps)
    }
    // One epoch each, so that both have their buffers.
    _ = try milliseconds(&without, 10)
    _ = try milliseconds(&with, 10)
    let steps = max(5, Int(20 / (try milliseconds(&without, 20))))
    var times: [(with: Double, without: Double)] = []
    for round in 0..<rounds {
      // Alternately, so that a machine that slows down favors neither.
      if round.isMultiple(of: 2) {
        let first = try milliseconds(&with, steps)
        times.append((first, try milliseconds(&without, steps)))
      } else {
        let first = try milliseconds(&without, steps)
        times.append((try milliseconds(&with, steps), first))
      }
    }
    let ratios = times.map { $0.with / $0.without }.sorted()
    return Timing(
      name: name, milliseconds: times.map(\.with).sorted()[rounds / 2],
      baseMilliseconds: times.map(\.without).sorted()[rounds / 2], ratio: ratios[rounds / 2],
      lower: ratios[rounds / 4], upper: ratios[3 * rounds / 4])
  }
}
