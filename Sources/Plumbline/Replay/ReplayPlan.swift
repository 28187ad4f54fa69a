/// A recorded step as kernel calls in order: views resolved, unused values left out, common chains fused.
struct ReplayPlan {
  private(set) var steps: [ReplayStep]
  /// Where each node's value lies; `nil` for values that no step needs.
  let places: [ReplayPlace]
  /// The number of values of each node that is the root of a place.
  let counts: [Int]

  /// The plan that computes the nodes `results` of a tape.
  ///
  /// - Parameter draws: The leaves that are drawn anew in every replay, with their numbers.
  init<Scalar>(of tape: Tape<Scalar>, draws: [Int: Int], results: [Int]) {
    let nodes = tape.nodes
    var needed = [Bool](repeating: false, count: nodes.count)
    for result in results { needed[result] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input] = true }
    }
    var places = nodes.indices.map { ReplayPlace(root: $0) }
    var steps: [ReplayStep] = []
    for index in nodes.indices where needed[index] {
      let node = nodes[index]
      if let number = draws[index] {
        let kind = ReplayStep.Kind.draw(number: number, count: node.shape.elementCount)
        steps.append(ReplayStep(kind: kind, output: index))
      }
      guard let operation = node.operation else { continue }
      let lowered = lower(
        operation, node.inputs.map { places[$0] }, node.inputs.map { nodes[$0].shape },
        output: node.shape)
      switch lowered {
      case .view(let offset):
        places[index] = places[node.inputs[0]]
        places[index].offset += offset
      case .call(let kind): steps.append(ReplayStep(kind: kind, output: index))
      }
    }
    self.steps = steps
    self.places = places
    counts = nodes.map(\.shape.elementCount)
    fuse(pinned: Set(results.map { places[$0].root }))
  }

  // MARK: Fusion

  /// Joins products with what follows them: · scale, + skip, ReLU and gate into the pass that stores the
  /// product, a scaled copy as its second output, a bias gradient beside its weight gradient. A joined
  /// call stands where the last of its parts stood.
  private mutating func fuse(pinned: Set<Int>) {
    var uses: [Int: Int] = [:]
    for step in steps { for place in step.inputs { uses[place.root, default: 0] += 1 } }
    for root in pinned { uses[root, default: 0] += 1 }
    var joined = steps.map { Optional($0) }
    /// Where the product stands that computes a node's value.
    var producers: [Int: Int] = [:]

    func product(at place: ReplayPlace, count: Int) -> (step: Int, Product)? {
      guard place.offset == 0, let index = producers[place.root],
        case .product(let product)? = joined[index]?.kind, product.count == count
      else { return nil }
      return (index, product)
    }
    func isUsedOnce(_ place: ReplayPlace) -> Bool { uses[place.root] == 1 }
    func move(_ source: Int, _ product: Product, to index: Int, output: Int) {
      joined[source] = nil
      joined[index] = ReplayStep(kind: .product(product), output: output)
      for root in joined[index]!.outputs { producers[root] = index }
    }

    for index in joined.indices {
      guard let step = joined[index] else { continue }
      switch step.kind {
      case .product:
        producers[step.output] = index

      case .binaryConstant(.multiply, let count, let x, let factor):
        guard case (let source, var product)? = product(at: x, count: count) else { continue }
        if isUsedOnce(x), product.isOpen, product.skip == nil, product.scale == 1 {
          product.scale = factor
          move(source, product, to: index, output: step.output)
        } else if !isUsedOnce(x), product.scaled == nil {
          product.scaled = (factor, step.output)
          joined[source]?.kind = .product(product)
          joined[index] = nil
          uses[x.root]! -= 1
        }

      case .binary(.add, let count, let x, let y):
        // Of two products the later one takes the other as its skip.
        let candidates = [(x, y), (y, x)].compactMap { own, other in
          product(at: own, count: count).map { (own, other, $0.step, $0.1) }
        }
        let usable = candidates.filter { own, other, _, product in
          isUsedOnce(own) && own.root != other.root && product.isOpen && product.skip == nil
        }
        guard case (_, let other, let source, var product)? = usable.max(by: { $0.2 < $1.2 })
        else { continue }
        product.skip = other
        move(source, product, to: index, output: step.output)

      case .unary(.relu, let count, let x):
        guard case (let source, var product)? = product(at: x, count: count), isUsedOnce(x),
          product.isOpen
        else { continue }
        product.appliesRelu = true
        move(source, product, to: index, output: step.output)

      case .binary(.gate, let count, let x, let gate):
        guard case (let source, var product)? = product(at: x, count: count), isUsedOnce(x),
          product.gate == nil, product.scaled == nil, product.columnSums == nil
        else { continue }
        product.gate = gate
        move(source, product, to: index, output: step.output)

      case .sumRows(let rows, let columns, let x):
        let weightGradient = joined[..<index].lastIndex { candidate in
          guard case .product(let product)? = candidate?.kind else { return false }
          return product.b == x && product.inner == rows && product.columns == columns
            && product.bStrides == (columns, 1) && product.columnSums == nil
        }
        guard let source = weightGradient, case .product(var product)? = joined[source]?.kind else {
          continue
        }
        product.columnSums = step.output
        joined[source]?.kind = .product(product)
        joined[index] = nil
        uses[x.root]! -= 1

      default: continue
      }
    }
    steps = joined.compactMap { $0 }
  }

  private typealias Product = ReplayStep.Product
}
