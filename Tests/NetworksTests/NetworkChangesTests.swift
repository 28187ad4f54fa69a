import Networks
import Plumbline
import Testing

@Suite("A change of a network's layers")
struct NetworkChangesTests {
  private static let inside = [
    LayerDescription(.dense(outputs: 4)), LayerDescription(.relu),
    LayerDescription(.dense(outputs: 4)),
  ]

  /// Each layer of the library that holds others, with two dense layers in each list.
  private static let holders: [any LayerForm] = LayerDescription.libraryForms.compactMap { form in
    var form = form
    // Forms of one list have it from the start, those of any number of lists have none.
    if form.inner.isEmpty { form.inner = [inside, inside] }
    form.inner = form.inner.map { _ in inside }
    return form.inner.isEmpty ? nil : form
  }

  private static func network(_ form: any LayerForm) -> NetworkDescription {
    var holder = LayerDescription(.linear)
    holder.form = form
    return NetworkDescription(
      input: [4],
      layers: [LayerDescription(.dense(outputs: 4)), holder, LayerDescription(.dense(outputs: 3))])
  }

  @Test("of initial weights reaches every layer that has them")
  func initialWeights() {
    let network = NetworkDescription(
      input: [4],
      layers: LayerDescription.libraryForms.map { form in
        var layer = LayerDescription(.linear)
        layer.form = form
        return layer
      }
    ).withWeights(.fixed(.constant(0.5)))
    for form in network.layers.map(\.form) {
      if let weighted = form as? any WeightedForm {
        #expect(weighted.initializer == .constant(0.5), "\(form.title)")
      }
      if let recurrent = form as? any RecurrentForm {
        #expect(recurrent.initializer == .constant(0.5), "\(form.title)")
      }
    }
  }

  @Test("knows all layers that hold others")
  func count() {
    let titles = Set(Self.holders.map(\.title))
    let expected: Set = [
      "residual", "concatenating", "reversible", "sequence", "normalized-residual",
      "hyper-connections", "depth-weighted-average", "attention-residuals",
      "value-residuals",
    ]
    #expect(titles.isSuperset(of: expected), "\(titles)")
  }

  @Test("reaches the layers inside others", arguments: holders.indices)
  func reach(holder: Int) throws {
    let form = Self.holders[holder]
    let network = Self.network(form)
    let lists = form.inner.count
    func count<Form: LayerForm>(_ type: Form.Type, in network: NetworkDescription) -> Int {
      network.layers.flatMap(\.forms).count { $0 is Form }
    }
    #expect(count(DenseForm.self, in: network) == 2 + 2 * lists)
    let dropped = network.withDropout(0.25)
    #expect(count(DropoutForm.self, in: dropped) == lists)
    #expect(
      dropped.withDropout(0.5).layers.flatMap(\.forms).allSatisfy {
        ($0 as? DropoutForm)?.rate ?? 0.5 == 0.5
      })
    #expect(count(LayerNormForm.self, in: network.normalized(by: .layer)) == lists)
    let exchanged = network.normalized(by: .layer).normalized(by: .rms)
    #expect(count(LayerNormForm.self, in: exchanged) == 0)
    #expect(count(RMSNormForm.self, in: exchanged) == lists)
    let activations = network.withActivation(.tanh).layers.flatMap(\.forms)
    #expect(activations.allSatisfy { !($0 is Activation) || $0 as? Activation == .tanh })
    let block = NetworkDescription(
      input: [4], layers: [LayerDescription(.residual(branch: Self.inside, after: .relu))])
    let changed = block.withActivation(.tanh).layers[0].form as? ResidualForm
    #expect(changed?.after == .tanh && changed?.before == .linear)
    let weights = network.withWeights(.fixed(.constant(0.5))).layers.flatMap(\.forms)
    #expect(
      weights.allSatisfy { ($0 as? DenseForm)?.initializer ?? .constant(0.5) == .constant(0.5) })
    let wide = try #require(network.widened(times: 2))
    #expect(
      wide.layers.flatMap(\.forms).compactMap { ($0 as? DenseForm)?.outputs }
        == Array(repeating: 8, count: 1 + 2 * lists) + [3])
  }

  @Test(
    "weights that have a rule for matrices leave the biases of recurrences at zero",
    arguments: ["glorot", "lecun", "orthogonal"])
  func weightsOfRecurrences(scheme: String) throws {
    for layer in ["recurrent", "lstm", "gru"] {
      let json = """
        {"input": [5, 3], "layers": [{"layer": "\(layer)", "units": 4}, {"layer": "dense", "outputs": 2}]}
        """
      let network = try NetworkDescription(json: json)
        .withWeights(DenseNetworkOptions.Scheme(parsing: scheme)).network()
      let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
      for name in parameters.names where name.hasPrefix("0.") {
        let isZero = parameters[name].scalars.allSatisfy { $0 == 0 }
        #expect(isZero == name.lowercased().contains("bias"), "\(layer): \(name)")
      }
    }
  }
}
