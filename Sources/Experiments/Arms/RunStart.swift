import Findings
import Plumbline
import Training

/// The start of a run: its point of the grid, its training settings, and its examples.
public struct RunStart: Sendable {
  /// The point of the grid.
  public let point: GridPoint
  /// How the run is trained: learning rate, seed and steps.
  public let settings: TrainingSettings
  /// The training examples.
  public let train: Examples<Float>
  /// What ends the sweep early.
  let limits: SweepLimits?

  /// The values of another network trained like this run: with its learning rate, seed, steps and examples.
  ///
  /// - Throws: What ends the run: a limit of the sweep.
  public func trained(_ network: any Layer) throws -> Parameters<Float> {
    let result = try TrainingRun(network, on: train, settings, evaluationInterval: 0).result {
      _ in limits?.isTimeOver ?? false
    }
    if result.ending == .stopped { throw RunStopped() }
    return result.parameters
  }
}

extension Arm {
  /// The values that a run starts from, for its own network; `nil` for the draws of its seed.
  ///
  /// - Throws: ``/Findings/Problem`` if they do not fit the network.
  func initial(_ start: RunStart, of network: any Layer) throws -> Parameters<Float>? {
    guard let values = try self.start?(start) else { return nil }
    let layout = ParameterLayout(of: network)
    func names(_ layout: ParameterLayout) -> [String] {
      layout.entries.map { "\($0.name) \($0.shape)" }
    }
    guard names(layout) == names(values.layout), layout.statisticCount == values.statistics.count
    else {
      throw Problem(
        subject: rawValue,
        problem:
          "the starting values do not fit its network (\(values.count) of \(layout.count))",
        remedy: "return parameters with the network's names and shapes")
    }
    return Parameters(layout: layout, vector: values.vector, statistics: values.statistics)
  }

  /// The same networks, started from values other than the seed's draws, such as those of a previously trained network.
  ///
  /// ```swift
  /// Arm.plain.starting("grown", summary: "starts from a trained net of half its depth", definition: "1") { start in
  ///   try grown(start.trained(network(depth: start.point.depth / 2)))
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - name: The name of the new arm, which must be unique.
  ///   - summary: What it starts from, as a phrase for help and reports.
  ///   - definition: A text that changes whenever the start does, such as a version.
  ///   - values: The values to start from. They must depend only on the start.
  public func starting(
    _ name: String, summary: String, definition: String,
    from values: @escaping @Sendable (RunStart) throws -> Parameters<Float>
  ) -> Arm {
    var arm = Arm(
      name, summary: summary, layersOfABlock: layersOfABlock,
      definition: "\(rawValue) \(self.definition ?? "") \(definition)"
    ) { point throws(Problem) in try self.network(point) }
    arm.start = values
    return arm
  }
}
