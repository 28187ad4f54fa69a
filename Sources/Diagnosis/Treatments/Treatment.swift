import Datasets
import Findings
import Networks
import Plumbline
import Training

/// A remedy as the change of a run: what a rule proposes, and what an explanation carries out.
public struct Treatment: Sendable {
  /// What is changed, in words that follow "same run, ".
  public let change: String
  /// What to type for it; empty where it is a change of a file.
  public let options: String
  let kind: Kind

  /// What is changed.
  enum Kind: Sendable {
    /// Something that is set about the training.
    case settings(@Sendable (inout TrainingSettings) -> Void)
    /// The layers; `nil` where they cannot be changed so.
    case network(@Sendable (NetworkDescription) -> NetworkDescription?)
    /// The initial values of all weights, by the variance over fan-in that they get.
    case weights(gain: Double)
    /// The features: shifted and scaled by the training set's.
    case features
    /// The targets: shifted and scaled to mean 0 and variance 1.
    case targets
    /// The rate: smaller ones, or larger ones, of which the best is kept.
    case smallerRates, largerRates
    /// So many times as many steps.
    case moreSteps(Int)
  }

  init(_ change: String, options: String = "", _ kind: Kind) {
    self.change = change
    self.options = options
    self.kind = kind
  }
}

extension NetworkDescription {
  /// The network with each layer, and those inside residual branches, changed; a layer that becomes `nil` is left out.
  func changingLayers(
    _ change: (any LayerForm) -> (any LayerForm)?
  ) -> NetworkDescription {
    func changed(_ layers: [LayerDescription]) -> [LayerDescription] {
      layers.compactMap { layer in
        guard var form = change(layer.form) else { return nil }
        if var block = form as? ResidualForm {
          block.branch = changed(block.branch)
          form = block
        }
        var layer = layer
        layer.form = form
        return layer
      }
    }
    var network = self
    network.layers = changed(layers)
    return network
  }

  /// The network without the functions and masks behind its last weights.
  func withoutEnding() -> NetworkDescription {
    var network = self
    while let last = network.layers.last, last.form is Activation || last.form is DropoutForm {
      network.layers.removeLast()
    }
    return network
  }

  /// The network with other functions between its layers.
  func withActivation(_ activation: Activation) -> NetworkDescription {
    changingLayers { form in
      if var dense = form as? DenseForm {
        dense.initializer = .he(for: activation)
        return dense
      }
      return form is Activation ? activation : form
    }
  }

  /// The network with its dense layers, but the last, of at least `width` units, or so many times as wide.
  func widened(to width: Int = 0, times factor: Int = 1) -> NetworkDescription? {
    guard let last = layers.lastIndex(where: { $0.form is DenseForm }), last > 0 else { return nil }
    var network = self
    for index in 0..<last {
      guard var dense = layers[index].form as? DenseForm else { continue }
      dense.outputs = max(width, dense.outputs * factor)
      network.layers[index].form = dense
    }
    return network
  }

  /// The network with a hidden layer of `width` ReLUs before its last dense layer.
  func withHiddenLayer(_ width: Int) -> NetworkDescription? {
    guard let last = layers.lastIndex(where: { $0.form is DenseForm }) else { return nil }
    var network = self
    network.layers.insert(LayerDescription(.relu), at: last)
    network.layers.insert(
      LayerDescription(.dense(outputs: width, initializer: .he(for: .relu))), at: last)
    return network
  }

  /// The network with layer normalization before every function between its layers.
  func normalized() -> NetworkDescription {
    var network = self
    network.layers = layers.flatMap { layer -> [LayerDescription] in
      layer.form is Activation
        ? [LayerDescription(LayerNormForm()), layer] : [layer]
    }
    return network
  }
}
