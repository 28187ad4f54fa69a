/// The values of a network's parameters: one contiguous vector, read and written by name; and those of its
/// running statistics, a second one, which optimizers do not see.
///
/// Gradients have the same type and layout, so an optimizer is one loop over two vectors. A gradient's
/// statistics are meaningless.
public struct Parameters<Scalar: TensorScalar>: Sendable {
  /// The position of each parameter.
  public let layout: ParameterLayout

  /// All values, in the order of the layout.
  public var vector: Tensor<Scalar> {
    didSet {
      require(
        vector.shape == [layout.count],
        "these parameters are a vector of \(layout.count) values, not a tensor of \(vector.shape)")
    }
  }

  /// The values of the running statistics, in the order of the layout; empty for networks without any.
  public var statistics: Tensor<Scalar> {
    didSet { Self.checkStatistics(statistics, layout) }
  }

  private static func checkStatistics(_ statistics: Tensor<Scalar>, _ layout: ParameterLayout) {
    require(
      statistics.shape == [layout.statisticCount],
      "these running statistics are a vector of \(layout.statisticCount) values, not a tensor of "
        + "\(statistics.shape)")
  }

  /// The initial values of a network's parameters: each is drawn by its initializer under the child of
  /// `key` that has the parameter's name, so parameters of the same name and shape in two networks start
  /// equal.
  public init(of network: some Layer, key: Key) {
    let layout = ParameterLayout(of: network)
    self.layout = layout
    let values = layout.entries.flatMap { entry in
      entry.initializer.values(shape: entry.shape, key: key[entry.name])
    }
    vector = Tensor([layout.count], nearestTo: values)
    statistics = layout.initialStatistics()
  }

  /// A vector in a known layout, and a vector of running statistics: their initial values if none is given.
  public init(layout: ParameterLayout, vector: Tensor<Scalar>, statistics: Tensor<Scalar>? = nil) {
    require(
      vector.shape == [layout.count],
      "a layout of \(layout.count) values for a vector of shape \(vector.shape)")
    self.layout = layout
    self.vector = vector
    self.statistics = statistics ?? layout.initialStatistics()
    Self.checkStatistics(self.statistics, layout)
  }

  /// The same values in another scalar type.
  public init<Other>(converting other: Parameters<Other>) {
    self.init(
      layout: other.layout, vector: Tensor(converting: other.vector),
      statistics: Tensor(converting: other.statistics))
  }

  /// The names of the parameters in order.
  public var names: [String] { layout.entries.map(\.name) }

  /// The names of the running statistics in order.
  public var statisticNames: [String] { layout.statistics.map(\.name) }

  /// The number of values.
  public var count: Int { layout.count }

  /// The value of one parameter or running statistic; traps if there is none of this name or the shape
  /// differs.
  public subscript(name: String) -> Tensor<Scalar> {
    get {
      let (entry, isTrained) = entry(of: name)
      return (isTrained ? vector : statistics).viewed(from: entry.offset, as: entry.shape)
    }
    set {
      let (entry, isTrained) = entry(of: name)
      require(
        newValue.shape == entry.shape,
        "parameter \(name) has shape \(entry.shape), but was given \(newValue.shape)")
      func write(_ target: UnsafeMutablePointer<Scalar>) {
        newValue.withValues { (target + entry.offset).update(from: $0, count: newValue.count) }
      }
      if isTrained {
        vector.withMutableValues(write)
      } else {
        statistics.withMutableValues(write)
      }
    }
  }

  private func entry(of name: String) -> (entry: ParameterLayout.Entry, isTrained: Bool) {
    if let index = layout.index(named: name) { return (layout.entries[index], true) }
    if let entry = layout.statistics.first(where: { $0.name == name }) { return (entry, false) }
    fatalError(
      "there is no parameter \(name) among \((names + statisticNames).joined(separator: ", "))")
  }

  /// A view into the vector.
  func value(at index: Int) -> Tensor<Scalar> {
    let entry = layout.entries[index]
    return vector.viewed(from: entry.offset, as: entry.shape)
  }

  /// The values of the running statistics, in order.
  var statisticValues: [Tensor<Scalar>] {
    layout.statistics.map { statistics.viewed(from: $0.offset, as: $0.shape) }
  }

  // MARK: Evaluation

  /// A pass without a tape, for inference or with dual numbers.
  public func pass(
    mode: Mode = .inference, key: Key = Key(seed: 0), recordingActivations: Bool = false
  ) -> Pass<Tensor<Scalar>> {
    Pass(
      layout: layout, values: layout.entries.indices.map(value(at:)),
      statistics: statisticValues, mode: mode, key: key, scope: nil,
      recordsActivations: recordingActivations)
  }

  /// A pass for `input`, with the parameters as constants: recorded on its tape, if it has one.
  public func pass<T: TensorProtocol>(
    like input: T, mode: Mode = .inference, key: Key = Key(seed: 0)
  ) -> Pass<T> where T.Scalar == Scalar {
    Pass(
      layout: layout, values: layout.entries.indices.map { input.constant(value(at: $0)) },
      statistics: statisticValues, mode: mode, key: key, scope: nil, recordsActivations: false)
  }

  /// A pass recorded on `tape`, with the parameters as its variables.
  public func pass(
    on tape: Tape<Scalar>, mode: Mode = .training, key: Key = Key(seed: 0)
  ) -> Pass<Variable<Scalar>> {
    let values = layout.entries.indices.map {
      tape.variable(value(at: $0), name: layout.entries[$0].name)
    }
    return Pass(
      layout: layout, values: values, statistics: statisticValues, mode: mode, key: key,
      scope: LayerScope(tape, layout), recordsActivations: true)
  }

  /// The value of a loss and its gradient with respect to every parameter.
  ///
  /// - Parameters:
  ///   - mode: Whether layers behave as in training (masks are drawn, batches normalized by their own statistics) or as in
  ///     inference.
  ///   - key: The key from which masks and other random numbers of the pass are drawn.
  ///   - loss: Computes a single number from a pass; data enter as constants on `pass.tape`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func valueWithGradient(
    mode: Mode = .training, key: Key = Key(seed: 0),
    of loss: (Pass<Variable<Scalar>>) -> Variable<Scalar>
  ) -> (value: Scalar, gradient: Parameters) {
    let (value, gradient, _) = valueWithGradientAndStatistics(mode: mode, key: key, of: loss)
    return (value, gradient)
  }

  /// The value of a loss, its gradient with respect to every parameter, and the running statistics after the
  /// pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func valueWithGradientAndStatistics(
    mode: Mode = .training, key: Key = Key(seed: 0),
    of loss: (Pass<Variable<Scalar>>) -> Variable<Scalar>
  ) -> (value: Scalar, gradient: Parameters, statistics: Tensor<Scalar>) {
    let tape = Tape<Scalar>()
    let pass = pass(on: tape, mode: mode, key: key)
    let value = loss(pass)
    return (value.scalar, tape.gradients(of: value)[pass], pass.updatedStatistics())
  }
}

extension Gradients {
  /// The gradient with respect to every parameter of a pass, zero if the output does not depend on it.
  public subscript(pass: Pass<Variable<Scalar>>) -> Parameters<Scalar> {
    let layout = pass.layout
    let vector = Tensor<Scalar>([layout.count]) { target in
      for (entry, variable) in zip(layout.entries, pass.values) {
        let destination = target + entry.offset
        self[variable].withValues { destination.update(from: $0, count: entry.shape.elementCount) }
      }
    }
    return Parameters(layout: layout, vector: vector)
  }
}

extension Pass {
  /// The tape that this pass is recorded on.
  public func tape<Scalar>() -> Tape<Scalar> where T == Variable<Scalar> {
    require(!values.isEmpty, "a pass of a network without parameters has no tape")
    return values[0].tape
  }

  /// A tensor as a constant of this pass: recorded on its tape, if it has one.
  public func constant(_ tensor: Tensor<T.Scalar>) -> T {
    require(!values.isEmpty, "a pass of a network without parameters cannot hold constants")
    return values[0].constant(tensor)
  }
}

extension Parameters: CustomStringConvertible {
  /// One line per parameter and running statistic: its name, shape and root mean square.
  public var description: String {
    let lines = (names + statisticNames).map { name -> String in
      let value = self[name]
      let square = value.scalars.reduce(0) { $0 + $1.real * $1.real }
      let rms = (square / Double(Swift.max(value.count, 1))).squareRoot()
      return "\(name) \(value.shape) rms \(rms)"
    }
    let statistics =
      layout.statistics.isEmpty ? "" : ", \(layout.statisticCount) running statistics"
    return (lines + ["\(count) values\(statistics)"]).joined(separator: "\n")
  }
}

extension Parameters: Equatable {
  /// Whether names, shapes, values and running statistics are equal (NaN equals nothing).
  public static func == (left: Parameters, right: Parameters) -> Bool {
    left.layout == right.layout && left.vector == right.vector
      && left.statistics == right.statistics
  }
}
