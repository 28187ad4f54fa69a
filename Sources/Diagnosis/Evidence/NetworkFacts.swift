import Networks
import Plumbline

/// What is true of a network before its first step, whatever it is trained on.
public struct NetworkFacts: Codable, Sendable, Hashable {
  /// The functions applied after the last weights, innermost first.
  public var endings: [Activation]
  /// The path of the layer with the last weights.
  public var lastLayer: String?
  /// Whether values after the last weights are dropped at random in training.
  public var dropsOutputs: Bool
  /// The number of outputs.
  public var outputCount: Int
  /// Whether the result is an affine function of the features, so that more such layers add nothing.
  public var isAffine: Bool
  /// The narrowest value between input and output that the whole signal goes through, and its layer; `nil` if there is no
  /// hidden layer.
  public var narrowest: Int?, narrowestLayer: String?
  /// The weights whose columns are all the same at the start, so that the units of their layer are one unit.
  public var equalWeights: [String]
  /// Whether the network normalizes with batch statistics.
  public var usesBatchStatistics: Bool
  /// Whether the signal is normalized along the way.
  public var isNormalized: Bool
  /// The activation functions between the layers, without those of ``endings``.
  public var activations: [Activation]
  /// Which other layers there are; `nil` for a network of dense layers, their activations, norms and skips, and for one without a
  /// description.
  public var otherLayers: OtherLayers?

  /// Layers that widths cannot describe.
  public struct OtherLayers: Codable, Sendable, Hashable {
    /// Whether there are gated recurrent ones, whose sigmoids let the signal through rather than stand in its way.
    public var areGated: Bool
    /// Whether the network takes class numbers.
    public var takeClasses: Bool

    init?(_ network: any Layer) {
      guard let network = network as? Network else { return nil }
      let forms = network.description.layers.flatMap(\.forms)
      let areDense = forms.allSatisfy { form in
        form is DenseForm || form is Activation || form is any NormalizationForm
          || form is DropoutForm || form is ResidualForm || form is FlattenForm
          || form is SequenceForm
      }
      if areDense { return nil }
      areGated = forms.contains { $0 is LSTMForm || $0 is GRUForm }
      takeClasses = network.classesTaken != nil
    }
  }
}

extension NetworkFacts {
  /// The smallest and the largest value that a function of an output can have; `nil` if it has no bound.
  struct Reach: Hashable {
    let lower: Double, upper: Double
    /// Whether the outputs of an example sum to one.
    let isDistribution: Bool
  }

  /// The range of the last bounded function; `nil` if the result is unbounded.
  var reach: Reach? {
    guard let last = endings.last, last.range.lowerBound.isFinite || last.range.upperBound.isFinite
    else { return nil }
    // Outputs that sum to one over the units are 1 if there is only one unit.
    let isDistribution = !last.isElementwise
    return Reach(
      lower: isDistribution && outputCount == 1 ? 1 : last.range.lowerBound,
      upper: last.range.upperBound, isDistribution: isDistribution)
  }
}
