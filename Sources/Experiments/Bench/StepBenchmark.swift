import CKernels

/// The measured speed of one case.
public struct StepTiming: Codable, Sendable {
  /// The case's five numbers.
  public let name: String
  /// The time of one step: the smallest mean of several rounds.
  public let milliseconds: Double
  /// Operations of the matrix products by that time.
  public let gflops: Double
  /// That as a share of the machine's peak, measured in the same run.
  public let percentOfPeak: Double
  /// The threads that took part.
  public let threads: Int

  private enum CodingKeys: String, CodingKey {
    case name = "case"
    case milliseconds, gflops, percentOfPeak, threads
  }
}

/// Measures this machine's peak and the time of training steps, in one run.
public enum StepBenchmark {
  /// What a run measured.
  public struct Result: Codable, Sendable {
    /// Fused multiply-adds in registers, single precision, one thread; an addition and a multiplication each.
    public let peakGflops: Double
    /// The cases in the order asked.
    public let cases: [StepTiming]
  }

  /// Measures the peak before and after the cases, and takes the larger: a machine that slows down in between does
  /// not flatter the shares.
  public static func run(_ cases: [StepCase], each: (StepTiming) -> Void = { _ in }) -> Result {
    let before = peakGflops()
    let timings = cases.map { shape in
      let seconds = secondsPerStep(shape)
      let gflops = shape.operations / seconds / 1e9
      let timing = StepTiming(
        name: shape.name, milliseconds: seconds * 1e3, gflops: gflops,
        percentOfPeak: 100 * gflops / before, threads: 1)
      each(timing)
      return timing
    }
    let peak = max(before, peakGflops())
    return Result(
      peakGflops: peak,
      cases: timings.map {
        StepTiming(
          name: $0.name, milliseconds: $0.milliseconds, gflops: $0.gflops,
          percentOfPeak: 100 * $0.gflops / peak, threads: $0.threads)
      })
  }

  /// The least time of several rounds of a quarter of a second, as for the peers.
  private static func secondsPerStep(_ shape: StepCase) -> Double {
    var workload = StepCase.Workload(shape)
    for _ in 0..<5 { workload.run() }
    let clock = ContinuousClock()
    let one = clock.measure { workload.run() } / .seconds(1)
    let count = max(5, Int(0.25 / one))
    return (0..<5).map { _ in
      clock.measure { for _ in 0..<count { workload.run() } } / .seconds(1) / Double(count)
    }.min() ?? .infinity
  }

  /// The fused multiply-adds that one core does in registers.
  private static func peakGflops() -> Double {
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<20 {
      var operations = 0.0
      let seconds = clock.measure { operations = plumb_peak_f32(200_000) } / .seconds(1)
      best = max(best, operations / seconds / 1e9)
    }
    return best
  }
}
