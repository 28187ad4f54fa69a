import Findings
import Networks
import Plumbline

/// Mistakes in the backward pass of any computation, whatever its layers: at each operation that the forward pass has recorded, a way
/// back left out, a derivative or a factor forgotten, a sign, or a value taken for another.
///
/// What a ``WrongRule`` knows of its layer in better words is tried before. In a recurrence a mistake is made at every step.
struct TapeMistakes {
  /// A mistake, and the gradients that it gives.
  struct Candidate {
    /// The index of its layer.
    let layer: Int
    let id: CauseID
    /// What is wrong, as in "lacks the derivative of tanh".
    let words: String
    let gradients: [Tensor<Double>]
  }

  /// An operation, at every step if it is in a recurrence.
  private struct Site {
    /// The positions of its nodes by step.
    let nodes: [Int]
    /// All operations of one step of its recurrence; only itself elsewhere.
    let block: Range<Int>

    /// The node by which it is described: of a step that has another before it.
    var sample: Int { nodes[min(1, nodes.count - 1)] }
  }

  /// A mistake that is made at every step.
  private struct Mistake {
    let id: CauseID
    let words: String
    /// What happens at nodes of a step.
    let at: (_ step: Int) -> [Int: ReverseMistake]
  }

  private let tape = Tape<Double>()
  private let cost: Variable<Double>
  private let variables: [Variable<Double>]
  private let nodes: [TapeEntry]
  /// The operations that read each node, and as which input.
  private let readers: [[(node: Int, input: Int)]]
  /// The layers of the description, and their titles.
  private let titles: [String]
  private var sites: [Site] = []
  private let formulas: TapeFormulas

  /// The number of operations that all passes together may go through, and of floating-point operations: a few seconds.
  private static let visitLimit = 1_500_000, floatingPointLimit = 5_000_000_000

  /// - Throws: ``/Findings/Problem`` if the network cannot be built with its recurrences step by step.
  init(_ described: DescribedCost, _ parameters: [Tensor<Double>]) throws(Problem) {
    var description = described.network.description
    for index in description.layers.indices { Self.unroll(&description.layers[index]) }
    titles = described.network.description.layers.map(\.form.title)
    let network = try description.network()
    let layout = ParameterLayout(of: network)
    variables = zip(parameters, layout.entries).map { [tape] in tape.variable($0, name: $1.name) }
    let pass = Pass(layout: layout, values: variables, mode: .training)
    cost = described.cost(of: network(tape.constant(described.inputs, name: "x"), pass))
    nodes = tape.entries
    formulas = TapeFormulas(nodes)
    var readers = [[(node: Int, input: Int)]](repeating: [], count: nodes.count)
    for node in nodes {
      for (input, read) in node.inputs.enumerated() { readers[read].append((node.index, input)) }
    }
    self.readers = readers
    sites = findSites(described.network.description)
  }

  /// Recurrences as cells, whose steps are all recorded in the same way.
  private static func unroll(_ layer: inout LayerDescription) {
    layer.form.inner = layer.form.inner.map { list in
      list.map {
        var inner = $0
        unroll(&inner)
        return inner
      }
    }
    guard let form = layer.form as? any RecurrentForm else { return }
    func cell<Cell: ProgramCell>(_: Cell.Type) -> (any LayerForm)? {
      Cell(form).map { CellForm($0, of: form) }
    }
    for type in programCells {
      if let cell = cell(type) {
        layer.form = cell
        return
      }
    }
  }

  /// The index of the layer of the description that a node belongs to.
  private func layer(of node: Int) -> Int? {
    nodes[node].layer.flatMap { Int($0.prefix { $0 != "." }) }
  }

  // MARK: Sites

  /// The operations through which gradients go back; those of a recurrence at all of its steps.
  private func findSites(_ description: NetworkDescription) -> [Site] {
    var found: [Site] = []
    var rest = nodes[...]
    while let first = rest.first {
      // The nodes of one layer.
      let own = rest.prefix { $0.layer == first.layer }
      rest = rest.dropFirst(own.count)
      let steps = steps(ofLayerOf: first.index, description)
      var single = Array(own.indices)
      if steps > 1, let block = firstStep(in: own.indices, of: steps) {
        let whole = block.lowerBound..<block.lowerBound + block.count * steps
        single.removeAll(where: whole.contains)
        found += block.map { node in
          Site(nodes: (0..<steps).map { node + $0 * block.count }, block: block)
        }
      }
      found += single.map { Site(nodes: [$0], block: $0..<$0 + 1) }
    }
    return found.sorted { $0.nodes[0] < $1.nodes[0] }.filter { site in
      !nodes[site.nodes[0]].inputs.isEmpty && site.nodes.contains { nodes[$0].requiresGradient }
    }
  }

  /// The steps of a recurrence that a node belongs to; 1 for other layers.
  private func steps(ofLayerOf node: Int, _ description: NetworkDescription) -> Int {
    guard let index = layer(of: node), description.layers.indices.contains(index),
      description.layers[index].form is any RecurrentForm
    else { return 1 }
    return description.input.extents.first ?? 1
  }

  /// The operations of the first step, which are repeated once for each of the others; `nil` if there are no such.
  private func firstStep(in range: Range<Int>, of steps: Int) -> Range<Int>? {
    for length in stride(from: range.count / steps, to: 0, by: -1) {
      for start in range.lowerBound...range.upperBound - length * steps {
        let isRepeated = (start..<start + length * (steps - 1)).allSatisfy {
          nodes[$0].title == nodes[$0 + length].title
            && nodes[$0].shape == nodes[$0 + length].shape
        }
        if isRepeated { return start..<start + length }
      }
    }
    return nil
  }

  // MARK: Candidates

  /// The mistakes in these layers, the plainest first, as far as there is time.
  func candidates(in layers: ClosedRange<Int>) -> some Sequence<Candidate> {
    let chosen = sites.filter { layer(of: $0.nodes[0]).map(layers.contains) ?? false }.reversed()
    let plain = chosen.lazy.flatMap { site in plainMistakes(at: site).map { (site, $0) } }
    let pairs = chosen.lazy.flatMap { site in pairsOfWays(from: site).map { (site, $0) } }
    let misread = chosen.lazy.flatMap { site in misreadings(at: site).map { (site, $0) } }
    return [AnySequence(plain), AnySequence(pairs), AnySequence(misread)].lazy.joined()
      .prefix(
        min(
          Self.visitLimit / max(nodes.count, 1),
          // A reverse pass takes twice as many as the forward pass.
          Self.floatingPointLimit / max(2 * tape.floatingPointOperations, 1))
      )
      .map { site, mistake in candidate(site, mistake) }
  }

  private func candidate(_ site: Site, _ mistake: Mistake) -> Candidate {
    var mistakes: [Int: ReverseMistake] = [:]
    for step in site.nodes.indices { mistakes.merge(mistake.at(step)) { first, _ in first } }
    let gradients = tape.gradients(of: cost, with: mistakes)
    let index = layer(of: site.nodes[0]) ?? 0
    let title = titles.indices.contains(index) ? titles[index] : "network"
    return Candidate(
      layer: index, id: mistake.id,
      words: "\(mistake.words). This is about the \(title) (layer \(index)).",
      gradients: variables.map { gradients[$0] })
  }

  private func text(_ node: Int, _ site: Site) -> String {
    formulas.text(node, at: site.sample, from: site.nodes.count > 1 ? site.block.upperBound : 0)
  }

  /// A value that is taken for another one; by its layer where both read the same.
  private func text(_ node: Int, _ site: Site, unlike right: Int) -> String {
    let own = text(node, site)
    guard own == text(right, site), let index = layer(of: node), titles.indices.contains(index)
    else { return own }
    return "what the \(titles[index]) (layer \(index)) outputs"
  }

  /// Ways, derivatives and factors left out, signs and multiples.
  private func plainMistakes(at site: Site) -> [Mistake] {
    let node = nodes[site.sample]
    let whole = text(node.index, site)
    let ways = node.inputs.indices.filter { nodes[node.inputs[$0]].requiresGradient }
    var all: [Mistake] = []
    for input in ways {
      let operand = text(node.inputs[input], site)
      func add(_ id: CauseID, _ words: String, _ mistake: ReverseMistake) {
        all.append(Mistake(id: id, words: words) { [site.nodes[$0]: mistake] })
      }
      if node.inputs.count == 1, node.shape == nodes[node.inputs[0]].shape {
        add(
          .missingActivationDerivative, "lacks the derivative of \(node.title) in \(whole)",
          .passedOn(input: input))
      } else if node.shape == nodes[node.inputs[input]].shape, Self.products.contains(node.title) {
        let factor = text(node.inputs[input == 0 ? 1 : 0], site)
        add(
          .factorMissing, "lacks the factor \(factor) on the way back through \(whole)",
          .passedOn(input: input))
      }
      guard ways.count > 1 || readers[node.inputs[input]].count > 1 else { continue }
      add(
        .pathMissing, "lacks the part that comes back to \(operand) from \(whole)",
        .omitted(input: input))
      add(
        .signFlipped, "has the wrong sign in the part that comes back to \(operand) from \(whole)",
        .multiplied(input: input, by: -1))
      add(
        .constantFactor, "has the part that comes back to \(operand) from \(whole) twice",
        .multiplied(input: input, by: 2))
    }
    return all
  }

  /// Two ways at once from the operations that read a value, as through (1 - g) where it is written as 1 and -g.
  private func pairsOfWays(from site: Site) -> [Mistake] {
    let last = site.sample
    let value = nodes[last].inputs.first { readers[$0].last?.node == last && readers[$0].count > 2 }
    guard let value, site.nodes.count == 1 else { return [] }
    let ways = readers[value].filter { nodes[$0.node].requiresGradient }
    return ways.indices.flatMap { first in
      ways[(first + 1)...].compactMap { other -> Mistake? in
        let one = ways[first]
        guard one.node != other.node else { return nil }
        return Mistake(
          id: .pathMissing,
          words:
            "lacks the parts that come back to \(text(value, site)) from \(text(one.node, site)) and from \(text(other.node, site))"
        ) { _ in
          [one.node: .omitted(input: one.input), other.node: .omitted(input: other.input)]
        }
      }
    }
  }

  /// Operations whose gradients are products with another operand.
  private static let products: Set<String> = [
    "multiply", "divide", "matmul", "linear", "convolution",
  ]

  /// Gradients that are computed with another value of the same shape: of the same layer, or of the step before.
  private func misreadings(at site: Site) -> [Mistake] {
    let node = nodes[site.sample]
    guard Self.products.contains(node.title) || node.inputs.count == 1 else { return [] }
    let whole = text(node.index, site)
    var all: [Mistake] = []
    /// - Parameter input: The position of the operand that is read wrongly; `nil` for the output.
    func add(_ input: Int?, right: Int) {
      for other in values(like: right, at: site) {
        all.append(
          Mistake(
            id: node.inputs.count == 1 ? .derivativeTakenAtActivation : .wrongLayerInput,
            words:
              "is computed with \(text(other.sample, site, unlike: right)) where \(text(right, site)) belongs, in \(whole)"
          ) { step in
            guard let value = other.node(step) else { return [:] }
            return [
              site.nodes[step]: input.map { .reading(node: value, inPlaceOf: $0) }
                ?? .readingAsOutput(node: value)
            ]
          })
      }
    }
    for input in node.inputs.indices { add(input, right: node.inputs[input]) }
    if node.inputs.count == 1, node.shape == nodes[node.inputs[0]].shape {
      add(nil, right: node.index)
    }
    return all
  }

  /// A value of every step.
  private struct Other {
    /// The node by which it is described.
    let sample: Int
    let node: (_ step: Int) -> Int?
  }

  /// Values of the shape of a node that may be taken for it at a site.
  private func values(like right: Int, at site: Site) -> [Other] {
    let shape = nodes[right].shape
    guard site.nodes.count > 1 else {
      guard let own = layer(of: site.sample) else { return [] }
      return nodes.indices.filter { other in
        other != right && nodes[other].shape == shape
          && (nodes[other].inputs.isEmpty || layer(of: other).map { abs($0 - own) <= 2 } ?? false)
      }.map { other in Other(sample: other, node: { _ in other }) }
    }
    let (start, length) = (site.block.lowerBound, site.block.count)
    return site.block.filter { nodes[$0].shape == shape && !nodes[$0].inputs.isEmpty }.flatMap {
      other -> [Other] in
      let same = Other(sample: other + length, node: { other + $0 * length })
      let before = initial(other + length - start, site.block).map { first in
        Other(sample: other, node: { $0 > 0 ? other + ($0 - 1) * length : first })
      }
      return [same, before].compactMap { $0 }.filter { $0.sample != right }
    }
  }

  /// What the first step has in place of a value of the step before, by the value's offset in a step.
  private func initial(_ offset: Int, _ block: Range<Int>) -> Int? {
    let node = block.lowerBound + offset % block.count
    return readers[node].first { block.contains($0.node - block.count) }.map {
      nodes[$0.node - block.count].inputs[$0.input]
    }
  }
}
