import Findings
import Training

extension GridStudy {
  /// Carries out the study.
  public func results(in session: StudySession) throws -> GridResults {
    try results(in: session, keeping: nil)
  }

  /// Carries out the study, and keeps something of each run of the report.
  func results(in session: StudySession, keeping kept: KeptRuns?) throws -> GridResults {
    try results(of: cells, in: session, keeping: kept)
  }

  /// The losses of the steps of all cells, as far as they are kept.
  func learningCurves(_ results: GridResults, _ kept: KeptRuns) throws -> LearningCurves {
    var curves = LearningCurves()
    for result in results.cells {
      let losses = try reportSeeds.compactMap { seed in
        try kept.losses(run(result.cell, rate: result.learningRate, seed: seed, .report).key)
      }
      curves.add(result.cell, losses)
    }
    return curves
  }

  /// Carries out the cells of a part: each with the search for its rate, so that parts are independent.
  func carryOut(_ part: Shard, in session: StudySession, keeping kept: KeptRuns?) throws {
    let own = self.cells(of: part)
    if !own.isEmpty { _ = try results(of: own, in: session, keeping: kept) }
  }

  /// Successive halving: all rates with a share of the steps, the better half with twice as many, and so on, up to two rates with
  /// half of the steps. The remaining rates are tried with all steps.
  ///
  /// Source: Jamieson and Talwalkar, arXiv:1502.07943.
  private func halve(
    _ searches: inout [LearningRateSearch], of cells: [GridCell],
    _ outcomes: ([GridRun]) throws -> [GridOutcome]
  ) throws {
    var round = 0
    while 1 << (round + 1) < configuration.learningRates.count { round += 1 }
    while round > 0 {
      let open = cells.indices.flatMap { index in searches[index].open.map { (index, $0) } }
      let runs = open.flatMap { index, rate in
        tuningSeeds.map { seed in
          var run = run(cells[index], rate: rate, seed: seed, .tuning)
          run.steps = max(1, run.steps >> round)
          return run
        }
      }
      let losses = try outcomes(runs).map(\.lossOrInfinity)
      var tried: [Int: [(rate: Double, loss: Double)]] = [:]
      for (slot, (index, rate)) in open.enumerated() {
        let start = slot * configuration.seeds
        tried[index, default: []].append(
          (rate, median(Array(losses[start..<start + configuration.seeds]))))
      }
      for (index, rates) in tried {
        for (rate, _) in rates.sorted(by: { ($0.loss, $0.rate) < ($1.loss, $1.rate) })
          .dropFirst((rates.count + 1) / 2)
        { searches[index].discard(rate) }
      }
      round -= 1
    }
  }

  /// The cells of a part, in the order of the table: dealt out back and forth from the largest to the smallest, so that parts
  /// take about the same time.
  func cells(of part: Shard) -> [GridCell] {
    let cells = cells
    let work = cells.map { run($0, rate: 1, seed: 1, .report).work }
    let bySize = cells.indices.sorted { (work[$0], $1) > (work[$1], $0) }
    let own = bySize.enumerated().filter { turn, _ in
      let (round, seat) = turn.quotientAndRemainder(dividingBy: part.count)
      return (round.isMultiple(of: 2) ? seat : part.count - 1 - seat) == part.index - 1
    }
    return own.map(\.element).sorted().map { cells[$0] }
  }

  private func results(
    of cells: [GridCell], in session: StudySession, keeping kept: KeptRuns?
  ) throws -> GridResults {
    let sweep = session.sweep(of: GridRun.self, GridOutcome.self)
    // Cells whose factors make no difference share their runs.
    func outcomes(_ runs: [GridRun], stage: String) throws -> [GridOutcome] {
      func isKept(_ run: GridRun) throws -> Bool {
        try run.phase == .tuning || kept?.holds(run.key) ?? true
      }
      let forgetState: @Sendable (GridRun) -> Void = { run in
        try? session.checkpoints(of: run)?.remove()
      }
      return try sweep.outcomes(
        of: runs, stage: stage, isKept: isKept, finished: forgetState,
        perform: { [sets, measures] run, workers, report in
          // Reported in hundredths, so that a short step does not pay for a lock.
          let interval = max(1, run.steps / 100)
          var steps = 0
          return try run.outcome(
            on: sets.data(of: run), measuring: run.measures == nil ? [] : measures,
            finished: { if run.phase == .report { try kept?.write($0, key: run.key) } },
            workers: workers,
            checkpoints: session.checkpoints(of: run), limits: session.policy.limits,
            stepDone: {
              steps += 1
              if steps.isMultiple(of: interval) { report(Double(interval) / Double(run.steps)) }
            })
        })
    }

    // Choose the rates.
    var searches = cells.map { _ in LearningRateSearch(grid: configuration.learningRates) }
    if configuration.learningRates.count > 1 {
      if configuration.halving == true {
        try halve(&searches, of: cells) { try outcomes($0, stage: "halving") }
      }
      var stage = "tuning"
      while case let open = cells.indices.flatMap({ index in
        searches[index].open.map { (index, $0) }
      }),
        !open.isEmpty
      {
        let runs = open.flatMap { index, rate in
          tuningSeeds.map { run(cells[index], rate: rate, seed: $0, .tuning) }
        }
        let losses = try outcomes(runs, stage: stage).map(\.lossOrInfinity)
        for (slot, (index, rate)) in open.enumerated() {
          let start = slot * configuration.seeds
          searches[index].note(
            rate, loss: median(Array(losses[start..<start + configuration.seeds])))
        }
        stage = "widening"
      }
    }

    // Report on fresh seeds.
    let seeds = reportSeeds
    let runs = cells.indices.flatMap { index in
      seeds.map { run(cells[index], rate: searches[index].best, seed: $0, .report) }
    }
    let reported = try outcomes(runs, stage: "report")
    return GridResults(
      cells: cells.indices.map { index in
        let start = index * seeds.count
        return GridResults.CellResult(
          cell: cells[index], search: searches[index],
          outcomes: Array(reported[start..<start + seeds.count]))
      })
  }
}
