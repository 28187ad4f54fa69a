import Plumbline

// A network of any layers with one thing changed: what the options of a command say of a network in a file, and what remedies try.
extension NetworkDescription {
  /// The network with each layer, and those inside other layers, changed; a layer that becomes `nil` is left out.
  package func changingLayers(
    _ change: (any LayerForm) -> (any LayerForm)?
  ) -> NetworkDescription {
    changingLists { layers in
      layers.compactMap { layer in
        guard let form = change(layer.form) else { return nil }
        var layer = layer
        layer.form = form
        return layer
      }
    }
  }

  /// The network with each list of layers changed: its own, and those inside other layers before it.
  private func changingLists(
    _ change: ([LayerDescription]) -> [LayerDescription]
  ) -> NetworkDescription {
    var network = self
    network.layers = Self.changed(layers, change)
    return network
  }

  private static func changed(
    _ layers: [LayerDescription], _ change: ([LayerDescription]) -> [LayerDescription]
  ) -> [LayerDescription] {
    change(
      layers.map { layer in
        var layer = layer
        layer.form.inner = layer.form.inner.map { changed($0, change) }
        return layer
      })
  }

  /// The network without the functions and masks after its last weights.
  package func withoutEnding() -> NetworkDescription {
    var network = self
    while let last = network.layers.last, last.form is Activation || last.form is DropoutForm {
      network.layers.removeLast()
    }
    return network
  }

  /// The network with other functions between its layers, and the initial weights that are customary before those.
  package func withActivation(_ activation: Activation) -> NetworkDescription {
    let body = withoutEnding()
    var network = body.changingLayers { form in
      if var own = form as? any ActivatedForm {
        own.activation = activation
        return own
      }
      guard var block = form as? ResidualForm else { return form is Activation ? activation : form }
      if block.before != .linear { block.before = activation }
      if block.after != .linear { block.after = activation }
      return block
    }.withWeights(.he)
    network.layers += layers.dropFirst(body.layers.count)
    return network
  }

  /// The network with other initial weights, and with biases of zero in its dense layers and convolutions.
  package func withWeights(_ scheme: DenseNetworkOptions.Scheme) -> NetworkDescription {
    changingLists { layers in
      layers.enumerated().map { index, layer in
        var layer = layer
        // The function behind the weights, with at most a normalization between.
        let activation = layers[(index + 1)...].prefix(2).compactMap { $0.form as? Activation }
          .first
        let initializer = scheme.initializer(before: activation ?? .linear)
        if var dense = layer.form as? DenseForm {
          dense.initializer = initializer
          if dense.bias != nil { dense.bias = .zero }
          layer.form = dense
        } else if var convolution = layer.form as? ConvolutionForm {
          convolution.initializer = initializer
          if convolution.bias != nil { convolution.bias = .zero }
          layer.form = convolution
        } else if case .fixed = scheme, var weighted = layer.form as? any WeightedForm {
          // Others have the initial weights that suit them, unless one is requested for all.
          weighted.initializer = initializer
          layer.form = weighted
        } else if case .fixed = scheme, var recurrent = layer.form as? any RecurrentForm {
          recurrent.initializer = initializer
          layer.form = recurrent
        }
        return layer
      }
    }
  }

  /// The network with another factor on the branches of its residual blocks.
  package func withBranchScale(_ scale: Double) -> NetworkDescription {
    changingBlocks { $0.scale = scale }
  }

  /// The network with residual blocks whose branches and steps follow their number; see ``DenseNetworkOptions/depthScaling``.
  package func withDepthScaling(
    _ scaling: DepthScaling?, branchScale: Double? = nil
  ) -> NetworkDescription {
    let blocks = residualBlockCount
    return changingBlocks { block in
      if let scaling { block.scale = scaling.branchScale(blocks: blocks, base: branchScale) }
      block.updates = scaling?.updates(blocks: blocks) ?? .one
    }
  }

  private func changingBlocks(
    _ change: (_ block: inout any ResidualBlockForm) -> Void
  ) -> NetworkDescription {
    changingLayers { form in
      guard var block = form as? any ResidualBlockForm else { return form }
      change(&block)
      return block
    }
  }

  /// The network with its dense layers, but the last, of at least `width` units, or so many times as wide; `nil` if that changes nothing.
  package func widened(to width: Int = 0, times factor: Int = 1) -> NetworkDescription? {
    guard let last = layers.lastIndex(where: { $0.form is DenseForm }), last > 0 else { return nil }
    var network = self
    network.layers = Array(layers[..<last])
    network = network.changingLayers { form in
      guard var dense = form as? DenseForm else { return form }
      dense.outputs = max(width, dense.outputs * factor)
      return dense
    }
    network.layers += layers[last...]
    return network == self ? nil : network
  }

  /// The network with a hidden layer of `width` ReLUs before its last dense layer.
  package func withHiddenLayer(_ width: Int) -> NetworkDescription? {
    guard let last = layers.lastIndex(where: { $0.form is DenseForm }) else { return nil }
    var network = self
    network.layers.insert(LayerDescription(.relu), at: last)
    network.layers.insert(
      LayerDescription(.dense(outputs: width, initializer: .he(for: .relu))), at: last)
    return network
  }

  /// The network with this normalization in place of those that it has, or else before every function between its layers.
  package func normalized(
    by normalization: DenseNetworkOptions.Normalization
  ) -> NetworkDescription {
    let hasOwn = layers.flatMap(\.forms).contains { $0 is any NormalizationForm }
    return changingLists { layers in
      layers.flatMap { layer -> [LayerDescription] in
        if hasOwn { return [layer.form is any NormalizationForm ? normalization.layer : layer] }
        return layer.form is Activation ? [normalization.layer, layer] : [layer]
      }
    }
  }

  /// The network that drops units with this probability, where it has dropout already, or else after every function between its
  /// layers.
  package func withDropout(_ rate: Double) -> NetworkDescription {
    let hasOwn = layers.flatMap(\.forms).contains { $0 is DropoutForm }
    // Layers that do nothing would change the names of those after them, and with these the initial weights.
    if rate == 0, !hasOwn { return self }
    return changingLists { layers in
      layers.flatMap { layer -> [LayerDescription] in
        if hasOwn {
          return [layer.form is DropoutForm ? LayerDescription(.dropout(rate: rate)) : layer]
        }
        return layer.form is Activation ? [layer, LayerDescription(.dropout(rate: rate))] : [layer]
      }
    }
  }

  /// The same widths in residual blocks whose branches are multiplied by 1/√blocks; `nil` if the network has other
  /// layers than dense ones, activations and such blocks, or no two hidden layers of equal width.
  package var residualVariant: NetworkDescription? {
    guard input.rank == 1, let (widths, activation) = denseWidths(of: layers) else { return nil }
    var options = DenseNetworkOptions()
    options.isResidual = true
    options.activation = activation ?? .relu
    options.output = output
    return try? NetworkDescription(widths: [input[0]] + widths, options: options)
  }

  private func denseWidths(
    of layers: [LayerDescription]
  ) -> (widths: [Int], activation: Activation?)? {
    var widths: [Int] = []
    var activation: Activation?
    for layer in layers {
      switch layer.form {
      case let dense as DenseForm: widths.append(dense.outputs)
      case let function as Activation: activation = activation ?? function
      case let block as ResidualForm where block.projection.isEmpty:
        guard let inside = denseWidths(of: block.branch) else { return nil }
        widths += inside.widths
        activation = activation ?? inside.activation
      default: return nil
      }
    }
    return (widths, activation)
  }
}
