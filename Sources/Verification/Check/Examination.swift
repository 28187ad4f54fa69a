import Plumbline

/// One check of one objective at one point: what ``GradientCheck`` does, step by step.
final class Examination<Goal: Objective> {
  private let check: GradientCheck
  private let objective: Goal
  /// The factor by which the slopes of the objective are multiplied in the report.
  private let unit: Double
  /// The inputs that are not judged.
  private let surrogates: Set<Int>
  private let shapes: [Shape]
  /// The point as vectors, of which single entries are moved in place and put back.
  private var vectors: [Tensor<Double>]
  private let gradient: [Tensor<Double>]
  private let magnitude: Double
  private let isPiecewise: Bool
  /// The size of the gradient's largest finite entry: an infinite one must not widen the allowance of all.
  private let scale: Double

  init(
    check: GradientCheck, objective: Goal, point: [Tensor<Double>], unit: Double,
    surrogates: Set<Int> = []
  ) {
    self.surrogates = surrogates
    self.check = check
    self.objective = objective
    self.unit = unit
    shapes = point.map(\.shape)
    vectors = point.map { $0.reshaped(to: [$0.count]) }
    gradient = objective.gradient(at: point)
    magnitude = objective.magnitude(at: point)
    isPiecewise = !objective.evaluation(at: point).decisions.isEmpty
    scale = gradient.reduce(0) { largest, tensor in
      tensor.scalars.reduce(largest) { $1.isFinite ? Swift.max($0, Swift.abs($1)) : $0 }
    }
  }

  private var point: [Tensor<Double>] { zip(vectors, shapes).map { $0.reshaped(to: $1) } }
  private var total: Int { vectors.reduce(0) { $0 + $1.count } }

  /// The inputs whose whole gradient is zero.
  var zeros: [Int] {
    gradient.indices.filter { index in
      !surrogates.contains(index) && gradient[index].count > 0
        && gradient[index].scalars.allSatisfy { $0 == 0 }
    }
  }

  /// What is found for one input alone.
  func report(of input: Int, name: String) -> GradientCheck.TensorReport {
    tensor(input, name: name, checksAll: total <= check.entryLimit)
  }

  // MARK: The course of a check

  func report(_ names: [String]) -> GradientCheck.Report {
    var direction = check.randomDirection(at: point, check.key["direction"])
    for input in surrogates { direction[input] = .zeros(shapes[input]) }
    var along = alongDirection(direction, input: nil)
    let checksAll = total <= check.entryLimit
    var (tensors, groupFailures) = self.tensors(names, checksAll: checksAll)
    if !along.projection.crossings.isEmpty {
      // The oracles are sharp where there is no kink: compare once more without the entries that are at one.
      for (input, report) in tensors.enumerated() {
        for kink in report.kinks { direction[input] = direction[input].without(kink.entry) }
      }
      along = alongDirection(direction, input: nil)
    }
    tensors = withNearbyChecks(tensors)
    return GradientCheck.Report(
      failures: along.failures + groupFailures + tensors.flatMap(\.failures),
      slope: along.projection.order,
      largestRelativeError: largestError(tensors), tensors: tensors, projection: along.projection)
  }

  /// What is found for every input. In a deep network, groups of inputs are compared along one direction each, so that the number
  /// of evaluations does not grow with the depth; a group that fails is taken apart.
  private func tensors(
    _ names: [String], checksAll: Bool
  ) -> (tensors: [GradientCheck.TensorReport], failures: [GradientCheck.Failure]) {
    let count = vectors.count
    let groupCount = GradientCheck.groupCount
    guard check.comparesGroups(of: vectors) else {
      return (
        vectors.indices.map { input in
          defer { check.progress?() }
          return tensor(input, name: names[input], checksAll: checksAll)
        }, []
      )
    }
    var tensors: [GradientCheck.TensorReport] = []
    var failures: [GradientCheck.Failure] = []
    for group in 0..<groupCount {
      defer { check.progress?() }
      let members = count * group / groupCount..<count * (group + 1) / groupCount
      var direction = shapes.map { Tensor<Double>.zeros($0) }
      for input in members where !surrogates.contains(input) {
        direction[input] = Tensor(
          shapes[input], check.key["direction of"][input].normal(vectors[input].count))
      }
      let along = alongDirection(direction, input: members.lowerBound)
      let isSuspect = !along.failures.isEmpty
      var found = 0
      for input in members {
        // Compared entry by entry: the middle input of each group, and every input of a group that fails.
        if isSuspect || surrogates.contains(input)
          || input == (members.lowerBound + members.upperBound) / 2
        {
          let report = tensor(input, name: names[input], checksAll: false)
          found += report.failures.count
          tensors.append(report)
        } else {
          tensors.append(
            GradientCheck.TensorReport(
              name: names[input], count: vectors[input].count, entries: [],
              projection: along.projection, kinks: [], failures: []))
        }
      }
      if isSuspect && found == 0 { failures += along.failures }
    }
    return (tensors, failures)
  }

  private func largestError(_ tensors: [GradientCheck.TensorReport]) -> Double {
    var largest = 0.0
    for entry in tensors.filter({ !$0.isSurrogate }).flatMap(\.entries)
    where entry.verdict != .kink {
      let error = Swift.abs(entry.claimed - entry.difference)
      largest = Swift.max(
        largest, error.isNaN ? .infinity : error / Swift.max(scale * unit, 1e-300))
    }
    return largest
  }

  /// The entries of one input, and a direction in it where not every entry is compared.
  private func tensor(_ input: Int, name: String, checksAll: Bool) -> GradientCheck.TensorReport {
    let count = vectors[input].count
    var kinks: [Kink] = []
    var failures: [GradientCheck.Failure] = []
    var entries: [GradientCheck.EntryReport] = []
    var projection: GradientCheck.Projection?
    var chosen = Array(0..<count)
    let isSurrogate = surrogates.contains(input)
    if !checksAll, isSurrogate { chosen = sample(of: input, isSuspect: false) }
    if !checksAll, !isSurrogate {
      var direction = shapes.map { Tensor<Double>.zeros($0) }
      direction[input] = Tensor(shapes[input], check.key["direction of"][input].normal(count))
      let along = alongDirection(direction, input: input)
      projection = along.projection
      failures += along.failures
      if let kink = along.kink { kinks.append(kink) }
      chosen = sample(of: input, isSuspect: !along.failures.isEmpty)
    }
    let values = gradient[input].reshaped(to: [count])
    for entry in chosen {
      let result = compare(entry, of: input, claimed: values[entry])
      entries.append(result.entry)
      if let kink = result.kink { kinks.append(kink) }
      if let failure = result.failure { failures.append(failure) }
    }
    return GradientCheck.TensorReport(
      name: name, count: count, entries: entries, projection: projection, kinks: kinks,
      failures: isSurrogate ? [] : failures, isSurrogate: isSurrogate)
  }

  /// Entries to compare one by one: the one with the largest gradient, and a random choice, which is the smaller the more an
  /// evaluation costs.
  private func sample(of input: Int, isSuspect: Bool) -> [Int] {
    let count = vectors[input].count
    let inAll = Swift.min(400, Swift.max(24, 100_000_000 / total))
    let wanted = Swift.max(2, inAll / vectors.count) * (isSuspect ? 4 : 1)
    if wanted >= count { return Array(0..<count) }
    let key = check.key["entries"][input]
    var chosen = Set((0..<wanted).map { key.integer(at: $0, below: count) })
    let sizes = gradient[input].scalars.map(Swift.abs)
    if let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) { chosen.insert(largest) }
    return chosen.sorted()
  }

  // MARK: One direction

  private func alongDirection(
    _ direction: [Tensor<Double>], input: Int?
  ) -> (projection: GradientCheck.Projection, failures: [GradientCheck.Failure], kink: Kink?) {
    let terms = zip(gradient, direction).map {
      (($0 * $1).sum().scalar, Plumbline.abs($0 * $1).sum().scalar)
    }
    let claimed = terms.reduce(0) { $0 + $1.0 }
    let size = terms.reduce(0) { $0 + $1.1 }
    let line = line(along: direction)
    let exact = objective.tangent(at: point, along: direction)
    // Where terms cancel to 0, as for a bias before a batch normalization, the rounding of the largest terms remains.
    let dualAllowance = 1e-10 * size + 1e-14 * scale + 1e-300
    let agreesWithDual =
      dualAllowance.isFinite && Swift.abs(claimed - exact) <= dualAllowance
    func failure(
      _ oracle: GradientCheck.Oracle, _ claimed: Double, _ found: Double, _ allowance: Double
    ) -> GradientCheck.Failure {
      GradientCheck.Failure(
        oracle: oracle, position: nil, input: input, claimed: claimed, found: found,
        allowance: allowance)
    }
    var failures: [GradientCheck.Failure] = []
    var order: Double?
    var difference = Double.nan
    var crossings: [Crossing] = []
    var kink: Kink?
    switch line.examined(gradientScale: size) {
    case .smooth(let slope, let error):
      difference = slope
      // Where entries are compared, they say more than the direction.
      let allowance = 4 * error + 1e-12 * size
      if input != nil, !(Swift.abs(slope - claimed) <= allowance) || !allowance.isFinite {
        failures.append(failure(.difference, claimed * unit, slope * unit, allowance * unit))
      }
    case .besideKink(let slope): difference = slope
    case .kinked(let left, let right, let switches):
      crossings = switches
      difference = (left + right) / 2
      // Several kinks of opposite orientation can have both slopes on one side of the gradient; then the value that the operations'
      // conventions give decides.
      if lies(claimed, between: left, right, 1e-10 * size) || agreesWithDual {
        guard Swift.abs(left - right) > 1e-10 * size else { break }
        kink = Kink(
          entry: nil, claimed: claimed * unit, leftSlope: left * unit, rightSlope: right * unit,
          byConvention: exact * unit, crossings: switches)
      } else {
        failures.append(failure(.dual, claimed * unit, exact * unit, dualAllowance * unit))
      }
    }
    if crossings.isEmpty {
      if !agreesWithDual {
        failures.append(failure(.dual, claimed * unit, exact * unit, dualAllowance * unit))
      }
      if let taylor = line.taylorSlope(derivative: claimed) {
        order = taylor.order
        if !taylor.isRight { failures.append(failure(.taylorSlope, 2, order ?? .nan, 0.5)) }
      }
    }
    let projection = GradientCheck.Projection(
      claimed: claimed * unit, difference: difference * unit, dual: exact * unit, order: order,
      crossings: crossings)
    return (projection, failures, kink)
  }

  private func line(along direction: [Tensor<Double>]) -> Line {
    let point = point
    func moved(_ step: Double) -> [Tensor<Double>] { zip(point, direction).map { $0 + $1 * step } }
    return Line(
      isPiecewise: isPiecewise, magnitude: magnitude, smallest: 0x1p-36,
      value: { self.objective.value(at: moved($0)) },
      decisions: { self.objective.evaluation(at: moved($0)) },
      slope: { self.objective.tangent(at: moved($0), along: direction) })
  }

  // MARK: One entry

  private func line(of entry: Int, in input: Int) -> Line {
    let start = vectors[input][entry]
    func moved<Result>(_ step: Double, _ body: ([Tensor<Double>]) -> Result) -> Result {
      vectors[input][entry] = start + step
      let result = body(point)
      vectors[input][entry] = start
      return result
    }
    return Line(
      isPiecewise: isPiecewise, magnitude: magnitude,
      smallest: 0x1p-36 * Swift.max(1, Swift.abs(start)),
      value: { moved($0) { self.objective.value(at: $0) } },
      decisions: { moved($0) { self.objective.evaluation(at: $0) } },
      slope: { step in
        let direction = self.unitDirection(entry, of: input)
        return moved(step) { self.objective.tangent(at: $0, along: direction) }
      })
  }

  private func compare(
    _ entry: Int, of input: Int, claimed: Double
  ) -> (entry: GradientCheck.EntryReport, kink: Kink?, failure: GradientCheck.Failure?) {
    let line = line(of: entry, in: input)
    var (difference, allowance) = (Double.nan, 0.0)
    var kink: Kink?
    var remark = ""
    let isRight: Bool
    switch line.examined(gradientScale: scale) {
    case .smooth(let slope, let error):
      (difference, allowance) = (slope, 4 * error + 1e-14 * scale)
      // A difference with an infinite error confirms nothing.
      isRight = allowance.isFinite && Swift.abs(slope - claimed) <= allowance
      if !isRight && !isPiecewise { remark = undeclaredKink(line, claimed) }
    case .besideKink(let slope):
      (difference, allowance) = (slope, 1e-9 * Swift.abs(slope) + 1e-12 * scale)
      isRight = allowance.isFinite && Swift.abs(slope - claimed) <= allowance
    case .kinked(let left, let right, let crossings):
      difference = (left + right) / 2
      allowance = 1e-9 * Swift.max(Swift.abs(left), Swift.abs(right)) + 1e-12 * scale
      let isOneSlope = Swift.abs(left - right) <= allowance
      let convention = line.slope(0)
      let isConvention = Swift.abs(claimed - convention) <= allowance
      isRight = isConvention || lies(claimed, between: left, right, allowance)
      if isRight && !isOneSlope {
        kink = Kink(
          entry: entry, claimed: claimed * unit, leftSlope: left * unit, rightSlope: right * unit,
          byConvention: convention * unit, crossings: crossings)
      } else if !isRight {
        remark =
          "at a kink with slopes \(left * unit) and \(right * unit): "
          + (crossings.first?.description ?? "")
      }
    }
    let result = GradientCheck.EntryReport(
      entry: entry, claimed: claimed * unit, difference: reported(difference * unit, line),
      verdict: isRight ? (kink == nil ? .pass : .kink) : .fail)
    guard !isRight else { return (result, kink, nil) }
    return (
      result, nil,
      GradientCheck.Failure(
        oracle: .difference, position: GradientCheck.Position(input: input, entry: entry),
        claimed: claimed * unit, found: difference * unit, allowance: allowance * unit,
        remark: remark)
    )
  }

  /// The central difference by the step that was asked for.
  private func reported(_ difference: Double, _ line: Line) -> Double {
    guard let step = check.step else { return difference }
    return (line.value(step) - line.value(-step)) / (2 * step) * unit
  }

  /// What to say where the two sides differ and no operation reports a kink.
  private func undeclaredKink(_ line: Line, _ claimed: Double) -> String {
    let left = OneSidedDifference(.left, magnitude: magnitude, of: line.value)
    let right = OneSidedDifference(.right, magnitude: magnitude, of: line.value)
    let error = 4 * (left.predictedError + right.predictedError)
    guard Swift.abs(left.derivative - right.derivative) > error + 1e-6 * scale else { return "" }
    return
      "the slopes are \(left.derivative * unit) on the left and \(right.derivative * unit) on the "
      + "right: a kink that no operation declares (TensorOperation.decisions)"
  }

  private func lies(
    _ claimed: Double, between left: Double, _ right: Double, _ allowance: Double
  ) -> Bool {
    claimed >= Swift.min(left, right) - allowance && claimed <= Swift.max(left, right) + allowance
  }

  private func unitDirection(_ entry: Int, of input: Int) -> [Tensor<Double>] {
    shapes.enumerated().map { index, shape in
      var direction = Tensor<Double>.zeros([shape.elementCount])
      if index == input { direction[entry] = 1 }
      return direction.reshaped(to: shape)
    }
  }

  // MARK: Next to a kink

  /// At a kink a wrong gradient may lie between the slopes by chance. So entries that are at one are compared
  /// once more at a point nearby, where the function is smooth.
  private func withNearbyChecks(
    _ tensors: [GradientCheck.TensorReport]
  ) -> [GradientCheck.TensorReport] {
    guard tensors.contains(where: { !$0.kinks.isEmpty }) else { return tensors }
    let key = check.key["nearby"]
    let nearby = point.enumerated().map { index, tensor in
      let size = Plumbline.sqrt(tensor.squared().mean()).scalar
      let noise = Tensor(tensor.shape, key[index].normal(tensor.count)) * 0.01
      // Zeros of a tensor that has other values move too, and a tensor of zeros moves as if its values were 1.
      return tensor + noise * (size == 0 || size.isNaN ? 1 : size)
    }
    guard objective.value(at: nearby).isFinite else { return tensors }
    let examination = Examination(check: check, objective: objective, point: nearby, unit: unit)
    return tensors.enumerated().map { input, report in
      let values = examination.gradient[input].scalars
      let kinks = report.isSurrogate ? [] : report.kinks
      let failures = kinks.prefix(32).compactMap { kink -> GradientCheck.Failure? in
        guard let entry = kink.entry else { return nil }
        var failure = examination.compare(entry, of: input, claimed: values[entry]).failure
        failure?.remark = "near the requested point, where this entry is not at a kink"
        return failure
      }
      return GradientCheck.TensorReport(
        name: report.name, count: report.count, entries: report.entries,
        projection: report.projection, kinks: report.kinks, failures: report.failures + failures,
        isSurrogate: report.isSurrogate)
    }
  }
}

extension Tensor<Double> {
  /// The tensor with a zero at one entry; zeros everywhere for `nil`.
  fileprivate func without(_ entry: Int?) -> Tensor {
    guard let entry else { return .zeros(shape) }
    var vector = reshaped(to: [count])
    vector[entry] = 0
    return vector.reshaped(to: shape)
  }
}
