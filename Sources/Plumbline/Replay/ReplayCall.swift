/// A kernel call of a replay with the addresses of its operands.
enum ReplayCall<Scalar: TensorScalar> {
  typealias Address = ReplayMemory.Address

  case unary(UnaryFunction, count: Int, Address, into: Address)
  case binary(BinaryFunction, count: Int, Address, Address, into: Address)
  case broadcastBinary(BinaryFunction, BroadcastRuns, Address, Address, into: Address)
  case binaryConstant(BinaryFunction, count: Int, Address, Scalar, into: Address)
  case select(count: Int, mask: Address, Address, Address, into: Address)
  case product(ProductCall)
  case sumRows(rows: Int, columns: Int, Address, rowStride: Int, into: Address)
  case sumRuns(runs: Int, length: Int, Address, into: Address)
  case gather(extents: [Int], strides: [Int], Address, into: Address)
  case activation(ActivationFunction, count: Int, Double, Double, Address, into: Address)
  case activationGradient(
    ActivationFunction, count: Int, Double, Address, input: Address?, output: Address?,
    into: Address)
  case rows(RowFunction, rows: Int, length: Int, Address, into: Address)
  case logLikelihood(
    Shape, Address, classes: Address, logProbabilities: Storage<Scalar>, into: Address)
  case logLikelihoodGradient(Shape, Address, logits: Address, classes: Address, into: Address)
  case draw(RandomValues<Scalar>, key: Int, from: Int, count: Int, into: Address)
  case convolution(ConvolutionSum, ConvolutionGeometry, Address, Address, into: Address)
  case patches(ImagePatches, padding: Scalar, Address, into: Address)
  case foldPatches(ImagePatches, Address, into: Address)
  case pad(count: Int, extents: [Int], strides: [Int], start: Int, Address, into: Address)
  case reduction(
    ReplayStep.Reduction, runs: Int, extents: [Int], strides: [Int], Address, into: Address)
  case operation(any Operation, [(Address, Shape)], Shape, into: Address)

  /// A product with the addresses of everything that is fused to it.
  struct ProductCall {
    var product: ReplayStep.Product
    var a: Address, b: Address, output: Address
    var bias: Address?, skip: Address?, gate: Address?
    var scaled: Address?, columnSums: Address?
  }

  /// The call of a step.
  ///
  /// - Parameter draws: How each draw is made, by its number.
  init(_ step: ReplayStep, _ memory: ReplayMemory, draws: [RandomValues<Scalar>]) {
    func address(_ place: ReplayPlace) -> Address { memory.address(place) }
    func address(_ root: Int) -> Address { memory.address(ReplayPlace(root: root)) }
    let output = address(step.output)
    switch step.kind {
    case .unary(let function, let count, let x):
      self = .unary(function, count: count, address(x), into: output)
    case .binary(let function, let count, let x, let y):
      self = .binary(function, count: count, address(x), address(y), into: output)
    case .broadcastBinary(let function, let runs, let x, let y):
      self = .broadcastBinary(function, runs, address(x), address(y), into: output)
    case .binaryConstant(let function, let count, let x, let constant):
      self = .binaryConstant(function, count: count, address(x), Scalar(constant), into: output)
    case .select(let count, let mask, let x, let y):
      self = .select(count: count, mask: address(mask), address(x), address(y), into: output)
    case .sumRows(let rows, let columns, let x):
      self = .sumRows(
        rows: rows, columns: columns, address(x), rowStride: columns, into: output)
    case .sumRuns(let runs, let length, let x):
      self = .sumRuns(runs: runs, length: length, address(x), into: output)
    case .gather(let extents, let strides, let x):
      self = .gather(extents: extents, strides: strides, address(x), into: output)
    case .activation(let function, let count, let a, let b, let x):
      self = .activation(function, count: count, a, b, address(x), into: output)
    case .activationGradient(let function, let count, let a, let d, let x, let y):
      self = .activationGradient(
        function, count: count, a, address(d), input: x.map(address), output: y.map(address),
        into: output)
    case .rows(let function, let rows, let length, let x):
      self = .rows(function, rows: rows, length: length, address(x), into: output)
    case .logLikelihood(let rows, let length, let x, let classes):
      self = .logLikelihood(
        [rows, length], address(x), classes: address(classes),
        logProbabilities: Storage(count: rows * length), into: output)
    case .logLikelihoodGradient(let rows, let length, let upstream, let logits, let classes):
      self = .logLikelihoodGradient(
        [rows, length], address(upstream), logits: address(logits), classes: address(classes),
        into: output)
    case .draw(let number, let count):
      self = .draw(draws[number], key: number, from: 0, count: count, into: output)
    case .convolution(let sum, let geometry, let x, let y):
      self = .convolution(sum, geometry, address(x), address(y), into: output)
    case .patches(let patches, let padding, let x):
      self = .patches(patches, padding: Scalar(padding), address(x), into: output)
    case .foldPatches(let patches, let x):
      self = .foldPatches(patches, address(x), into: output)
    case .pad(let count, let extents, let strides, let start, let x):
      self = .pad(
        count: count, extents: extents, strides: strides, start: start, address(x), into: output)
    case .reduction(let function, let runs, let extents, let strides, let x):
      self = .reduction(
        function, runs: runs, extents: extents, strides: strides, address(x), into: output)
    case .operation(let operation, let inputs, let shape):
      self = .operation(
        operation, inputs.map { (address($0.0), $0.1) }, shape, into: output)
    case .product(let product):
      self = .product(
        ProductCall(
          product: product, a: address(product.a), b: address(product.b), output: output,
          bias: product.bias.map(address), skip: product.skip.map(address),
          gate: product.gate.map(address), scaled: product.scaled.map { address($0.root) },
          columnSums: product.columnSums.map(address)))
    }
  }

  @inline(__always)
  func run(_ bases: ReplayBases<Scalar>) {
    switch self {
    case .unary(let function, let count, let x, let output):
      Scalar.apply(function, count: count, bases[x], into: bases[output])
    case .binary(let function, let count, let x, let y, let output):
      Scalar.apply(
        function, count: count, bases[x], step: 1, bases[y], step: 1, into: bases[output])
    case .broadcastBinary(let function, let runs, let x, let y, let output):
      var target = bases[output]
      let (x, y) = (bases[x], bases[y])
      for (xStart, yStart) in runs.starts {
        Scalar.apply(
          function, count: runs.length, x + xStart, step: runs.steps.0, y + yStart,
          step: runs.steps.1, into: target)
        target += runs.length
      }
    case .binaryConstant(let function, let count, let x, let constant, let output):
      withUnsafePointer(to: constant) {
        Scalar.apply(
          function, count: count, bases[x], step: 1, $0, step: 0, into: bases[output])
      }
    case .select(let count, let mask, let x, let y, let output):
      Scalar.select(count: count, mask: bases[mask], bases[x], bases[y], into: bases[output])
    case .sumRows(let rows, let columns, let x, let rowStride, let output):
      Scalar.sumRows(
        rows: rows, columns: columns, bases[x], rowStride: rowStride, into: bases[output])
    case .sumRuns(let runs, let length, let x, let output):
      let (x, output) = (bases[x], bases[output])
      for run in 0..<runs { output[run] = Scalar.sum(count: length, x + run * length) }
    case .gather(let extents, let strides, let x, let output):
      StridedCopy.gather(bases[x], strides: strides, extents: extents, into: bases[output])
    case .activation(let function, let count, let a, let b, let x, let output):
      Scalar.apply(function, count: count, a, b, bases[x], into: bases[output])
    case .activationGradient(let function, let count, let a, let d, let x, let y, let output):
      Scalar.applyGradient(
        of: function, count: count, a, bases[d], input: x.map { UnsafePointer(bases[$0]) },
        output: y.map { UnsafePointer(bases[$0]) }, into: bases[output])
    case .rows(let function, let rows, let length, let x, let output):
      Scalar.apply(function, rows: rows, length: length, bases[x], into: bases[output])
    case .logLikelihood(let shape, let x, let classes, let logProbabilities, let output):
      let row = Scalar.logLikelihood(
        rows: shape.extents[0], length: shape.extents[1], bases[x], classes: bases[classes],
        logProbabilities: logProbabilities.pointer, into: bases[output])
      LogLikelihood.requireClass(row, bases[classes], shape)
    case .logLikelihoodGradient(let shape, let upstream, let logits, let classes, let output):
      let (rows, length) = (shape.extents[0], shape.extents[1])
      Scalar.apply(.logSoftmax, rows: rows, length: length, bases[logits], into: bases[output])
      let row = Scalar.logLikelihoodGradient(
        rows: rows, length: length, classes: bases[classes], upstream: bases[upstream],
        into: bases[output])
      LogLikelihood.requireClass(row, bases[classes], shape)
    case .draw(let values, let key, let first, let count, let output):
      Self.draw(values, Key(bits: bases.keys[key]), first, count, into: bases[output])
    case .convolution(let sum, let geometry, let x, let y, let output):
      let (x, y, output) = (bases[x], bases[y], bases[output])
      switch sum {
      case .result: geometry.computeResult(x, y, into: output, memory: bases.memory)
      case .images: geometry.computeImages(x, y, into: output, memory: bases.memory)
      case .weight: geometry.computeWeight(x, y, into: output, memory: bases.memory)
      }
    case .patches(let patches, let padding, let x, let output):
      patches.takeAll(bases[x], into: bases[output], padding: padding)
    case .foldPatches(let patches, let x, let output):
      patches.foldAll(bases[x], into: bases[output], memory: bases.memory)
    case .pad(let count, let extents, let strides, let start, let x, let output):
      let output = bases[output]
      output.update(repeating: Scalar(0), count: count)
      StridedCopy.scatter(bases[x], extents: extents, into: output + start, strides: strides)
    case .reduction(let function, let runs, let extents, let strides, let x, let output):
      let (memory, output) = (bases.memory, bases[output])
      StridedCopy.gather(bases[x], strides: strides, extents: extents, into: memory)
      let length = runs == 0 ? 0 : extents.reduce(1, *) / runs
      for run in 0..<runs {
        let values = memory + run * length
        output[run] =
          switch function {
          case .sum: Scalar.sum(count: length, values)
          case .maximum: Scalar.maximum(count: length, values)
          }
      }
    case .operation(let operation, let inputs, let shape, let output):
      Self.run(operation, inputs, shape, into: output, bases)
    case .product(let call):
      let product = call.product
      var epilogue = ProductEpilogue<Scalar>()
      epilogue.bias = call.bias.map { UnsafePointer(bases[$0]) }
      epilogue.scale = product.scale
      epilogue.skip = call.skip.map { UnsafePointer(bases[$0]) }
      epilogue.appliesRelu = product.appliesRelu
      epilogue.gate = call.gate.map { UnsafePointer(bases[$0]) }
      if let scaled = product.scaled { epilogue.scaledFactor = scaled.factor }
      epilogue.scaled = call.scaled.map { bases[$0] }
      epilogue.columnSums = call.columnSums.map { bases[$0] }
      Scalar.product(
        rows: product.rows, columns: product.columns, inner: product.inner, bases[call.a],
        rowStride: product.aStrides.row, columnStride: product.aStrides.column, bases[call.b],
        rowStride: product.bStrides.row, columnStride: product.bStrides.column,
        epilogue: epilogue, into: bases[call.output])
    }
  }

  private static func draw(
    _ values: RandomValues<Scalar>, _ key: Key, _ first: Int, _ count: Int,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    switch values {
    case .mask(_, let mask): mask.write(count, from: first, key, into: target)
    case .function(let values):
      let drawn = values(key)
      require(
        drawn.count == count,
        "a random tensor of \(count) values has become one of shape \(drawn.shape) with another key; its "
          + "shape may not depend on the key")
      drawn.withValues { target.update(from: $0, count: count) }
    }
  }

  /// An operation without kernels of its own, through tensors: copies in and out, and allocates.
  private static func run(
    _ operation: any Operation, _ inputs: [(Address, Shape)], _ shape: Shape, into output: Address,
    _ bases: ReplayBases<Scalar>
  ) {
    let tensors = inputs.map { address, shape in
      Tensor<Scalar>(shape) { $0.update(from: bases[address], count: shape.elementCount) }
    }
    let result = Scalar.forward(operation, tensors)
    require(
      result.shape == shape,
      "operation \(operation.name) promised shape \(shape) and computed \(result.shape)")
    result.withValues { bases[output].update(from: $0, count: shape.elementCount) }
  }
}
