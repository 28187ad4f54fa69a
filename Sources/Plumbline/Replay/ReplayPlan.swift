/// A value of a recorded step: the node that computed it, and where in that node's values it begins. Views
/// (reshapes, slices of rows) are parts of what they view.
struct PlannedValue: Hashable, KernelOperand {
  typealias Addition = ReplayKernel

  var root: Int
  var offset = 0

  static func + (value: Self, offset: Int) -> Self {
    Self(root: value.root, offset: value.offset + offset)
  }
}

/// A kernel call of a recorded step, on values that have no memory yet.
typealias PlannedCall = KernelCall<PlannedValue>

/// What a recorded step computes on whole tensors.
enum TensorComputation {
  /// An operation without kernel calls: a custom one.
  case operation(any TensorOperation)
  /// A random tensor that is a function of its key, both by number.
  case draw(Int)
}

/// A recorded step as kernel calls in order: views resolved, unused values left out, common chains fused.
struct ReplayPlan {
  private(set) var calls: [PlannedCall]
  /// The computations on tensors that calls refer to, by number.
  let computations: [TensorComputation]
  /// Where each node's value is found.
  let values: [PlannedValue]
  /// The number of values of each node.
  let counts: [Int]

  /// The plan that computes the nodes `results` of a tape.
  ///
  /// - Parameter draws: The leaves that are drawn anew in every replay, in the order of their keys.
  init<Scalar>(of tape: Tape<Scalar>, draws: [RandomDraw<Variable<Scalar>>], results: [Int]) {
    let nodes = tape.nodes
    var needed = [Bool](repeating: false, count: nodes.count)
    for result in results { needed[result] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input] = true }
    }
    var values = nodes.indices.map { PlannedValue(root: $0) }
    var calls: [PlannedCall] = []
    var computations: [TensorComputation] = []
    func compute(_ computation: TensorComputation, _ node: Tape<Scalar>.Node, into index: Int) {
      calls.append(
        PlannedCall(
          .addition(
            .computation(computations.count, node.inputs.map { nodes[$0].shape }, node.shape)),
          PlannedValue(root: index), node.inputs.map { values[$0] }))
      computations.append(computation)
    }
    let drawNumbers = Dictionary(
      uniqueKeysWithValues: draws.enumerated().map { ($1.constant.index, $0) })
    for index in nodes.indices where needed[index] {
      let node = nodes[index]
      if let number = drawNumbers[index] {
        switch draws[number].values {
        case .mask(let shape, let mask):
          calls.append(
            PlannedCall(
              .addition(.mask(mask, key: number, first: 0, count: shape.elementCount)),
              PlannedValue(root: index), []))
        case .function: compute(.draw(number), node, into: index)
        }
      }
      guard let operation = node.operation else { continue }
      guard let builtIn = operation as? any BuiltInOperation else {
        compute(.operation(operation), node, into: index)
        continue
      }
      let shapes = node.inputs.map { nodes[$0].shape }
      if let start = builtIn.viewOffset(shapes, node.shape) {
        values[index] = values[node.inputs[0]] + start
        continue
      }
      let site = CallSite(
        inputs: node.inputs.map { values[$0] }, shapes: shapes,
        output: PlannedValue(root: index), shape: node.shape)
      switch builtIn.kernelCalls(site) {
      case .one(let call): calls.append(call)
      case .several(let several): calls += several
      }
    }
    self.calls = calls
    self.computations = computations
    self.values = values
    counts = nodes.map(\.shape.elementCount)
    let pinned = Set(results.map { values[$0].root })
    joinBlocks(pinned: pinned)
    fuse(pinned: pinned)
  }

  // MARK: Sums of blocks

  /// Blocks that do not overlap, each of them among zeros, whose sum is computed in one place.
  private struct BlockSum {
    /// The call that writes zeros, and those that write the blocks.
    var fill: Int, copies: [Int]
    /// The first index of each block along each axis, and its extents.
    var blocks: [(start: [Int], extents: [Int])]

    /// Whether both lay out their blocks alike, so that indices along their axes can be compared.
    func isAlike(_ other: Self, in calls: [PlannedCall]) -> Bool {
      guard case .copy(_, _, let own) = calls[copies[0]].kernel,
        case .copy(_, _, let others) = calls[other.copies[0]].kernel
      else { return false }
      return own == others
    }

    func overlaps(_ other: Self) -> Bool {
      other.blocks.contains { block in
        blocks.contains { own in
          own.start.indices.allSatisfy {
            own.start[$0] < block.start[$0] + block.extents[$0]
              && block.start[$0] < own.start[$0] + own.extents[$0]
          }
        }
      }
    }
  }

  /// Puts blocks into their sum as they come, instead of adding a tensor with zeros around each: the gradient of a tensor that is read in
  /// slices, such as the steps of a sequence or the gates of a recurrence, then takes time in proportion to its size, and not to its size
  /// times the number of slices. The bits are those of the sum, in which −0 becomes 0.
  private mutating func joinBlocks(pinned: Set<Int>) {
    var uses: [Int: Int] = [:]
    for call in calls { for value in call.reads { uses[value.root, default: 0] += 1 } }
    for root in pinned { uses[root, default: 0] += 1 }
    var sums: [Int: BlockSum] = [:]
    var joined = calls.map { Optional($0) }
    for index in calls.indices {
      let call = calls[index]
      let result = call.operands[0]
      switch call.kernel {
      case .fill(let count, 0):
        guard index + 1 < calls.count, count == counts[result.root], result.offset == 0,
          case .copy(let extents, _, let strides) = calls[index + 1].kernel,
          calls[index + 1].operands[0].root == result.root, !extents.isEmpty,
          !extents.contains(0)
        else { continue }
        var rest = calls[index + 1].operands[0].offset
        let start = strides.map { stride in
          defer { rest %= stride }
          return rest / stride
        }
        sums[result.root] = BlockSum(
          fill: index, copies: [index + 1], blocks: [(start, extents)])
      case .binary(.add, let count):
        let (x, y) = (call.operands[1], call.operands[2])
        guard let first = sums[x.root], let second = sums[y.root], x.root != y.root,
          uses[x.root] == 1, uses[y.root] == 1,
          [x, y].allSatisfy({ $0.offset == 0 && counts[$0.root] == count }),
          result.offset == 0, counts[result.root] == count,
          first.isAlike(second, in: calls), !first.overlaps(second)
        else { continue }
        sums[result.root] = BlockSum(
          fill: min(first.fill, second.fill), copies: first.copies + second.copies,
          blocks: first.blocks + second.blocks)
        joined[max(first.fill, second.fill)] = nil
        joined[index] = nil
        (sums[x.root], sums[y.root]) = (nil, nil)
      default: continue
      }
    }
    for (root, sum) in sums where sum.copies.count > 1 {
      joined[sum.fill]!.operands[0].root = root
      for index in sum.copies {
        guard case .copy(let extents, let from, let to) = calls[index].kernel else { continue }
        joined[index]!.kernel = .addition(.block(extents: extents, from: from, to: to))
        joined[index]!.operands[0].root = root
      }
      let covered = sum.blocks.reduce(0) { $0 + $1.extents.reduce(1, *) }
      if covered == counts[root] { joined[sum.fill] = nil }
    }
    calls = joined.compactMap { $0 }
  }

  // MARK: Fusion

  /// Joins products with the calls that follow them: · scale, + skip, ReLU and gate into the pass that stores the
  /// product, a scaled copy as its second output, a bias gradient next to its weight gradient. A joined
  /// call takes the position of the last of its parts.
  private mutating func fuse(pinned: Set<Int>) {
    var uses: [Int: Int] = [:]
    for call in calls { for value in call.reads { uses[value.root, default: 0] += 1 } }
    for root in pinned { uses[root, default: 0] += 1 }
    var joined = calls.map { Optional($0) }
    /// The index of the product that computes a node's value.
    var producers: [Int: Int] = [:]

    func product(of value: PlannedValue, count: Int) -> (index: Int, FusedProduct)? {
      guard value.offset == 0, let index = producers[value.root],
        case .product(let product)? = joined[index]?.kernel, product.sizes.count == count
      else { return nil }
      return (index, product)
    }
    func isUsedOnce(_ value: PlannedValue) -> Bool { uses[value.root] == 1 }
    /// The product at `source` with other parts and one more operand; its result is that of the call at `index`, which it replaces.
    func move(
      _ source: Int, _ product: FusedProduct, to index: Int,
      with operand: (Int, PlannedValue)? = nil
    ) {
      var call = joined[source]!
      call.kernel = .product(product)
      call.operands[0] = joined[index]!.operands[0]
      if let (position, value) = operand { call.operands[position] = value }
      joined[source] = nil
      joined[index] = call
      for value in call.writes { producers[value.root] = index }
    }
    /// The product at `source` also computes the result of the call at `index`, which is removed.
    func absorb(_ index: Int, into source: Int, _ product: FusedProduct, at position: Int) {
      joined[source]!.kernel = .product(product)
      joined[source]!.operands[position] = joined[index]!.operands[0]
      uses[joined[index]!.operands[1].root]! -= 1
      joined[index] = nil
    }

    for index in joined.indices {
      guard let call = joined[index] else { continue }
      let (x, y) = (call.operands[1], call.operands[2])
      switch call.kernel {
      case .product: producers[call.operands[0].root] = index

      case .unary(.scale, let count, let factor, _):
        guard case (let source, var product)? = product(of: x, count: count) else { continue }
        if isUsedOnce(x), product.isOpen, !product.parts.contains(.skip), product.scale == 1 {
          product.scale = factor
          move(source, product, to: index)
        } else if !isUsedOnce(x), !product.parts.contains(.scaled) {
          product.parts.insert(.scaled)
          product.scaledFactor = factor
          absorb(index, into: source, product, at: FusedProduct.Position.scaled)
        }

      case .binary(.add, let count):
        // Of two products, the later one takes the other as its skip.
        let candidates = [(x, y), (y, x)].compactMap { own, other in
          product(of: own, count: count).map { (own, other, $0.index, $0.1) }
        }
        let usable = candidates.filter { own, other, _, product in
          isUsedOnce(own) && own.root != other.root && product.isOpen
            && !product.parts.contains(.skip)
        }
        guard case (_, let other, let source, var product)? = usable.max(by: { $0.2 < $1.2 })
        else { continue }
        product.parts.insert(.skip)
        move(source, product, to: index, with: (FusedProduct.Position.skip, other))

      case .unary(.relu, let count, _, _):
        guard case (let source, var product)? = product(of: x, count: count), isUsedOnce(x),
          product.isOpen
        else { continue }
        product.parts.insert(.relu)
        move(source, product, to: index)

      case .binary(.gate, let count):
        guard case (let source, var product)? = product(of: x, count: count), isUsedOnce(x),
          product.parts.isDisjoint(with: [.gate, .scaled, .columnSums])
        else { continue }
        product.parts.insert(.gate)
        move(source, product, to: index, with: (FusedProduct.Position.gate, y))

      case .sumRows(let rows, let columns, _):
        let weightGradient = joined[..<index].lastIndex { candidate in
          guard let candidate, case .product(let product) = candidate.kernel else { return false }
          let sizes = product.sizes
          return candidate.operands[2] == x && sizes.inner == rows && sizes.columns == columns
            && sizes.bRow == columns && sizes.bColumn == 1
            && !product.parts.contains(.columnSums)
        }
        guard let source = weightGradient, case .product(var product)? = joined[source]?.kernel
        else { continue }
        product.parts.insert(.columnSums)
        absorb(index, into: source, product, at: FusedProduct.Position.columnSums)

      default: continue
      }
    }
    calls = joined.compactMap { $0 }
  }
}

extension FusedProduct {
  /// Whether more can be fused after the existing parts: nothing else reads what the pass has computed so far.
  fileprivate var isOpen: Bool { parts.isDisjoint(with: [.relu, .gate, .scaled, .columnSums]) }
}
