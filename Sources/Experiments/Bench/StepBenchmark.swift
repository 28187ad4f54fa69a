import CKernels
import Plumbline

/// The measured speed of one case, and what would bound it on a perfect machine: its roofline.
public struct StepTiming: Codable, Sendable {
  /// The case's five numbers.
  public let name: String
  /// The time of one step: the smallest mean of several rounds.
  public let milliseconds: Double
  /// Operations of the matrix products divided by that time.
  public let gflops: Double
  /// The same as a share of the machine's peak, measured in the same run, times the number of threads.
  public internal(set) var percentOfPeak: Double
  /// The number of available threads.
  public let threads: Int
  /// The bytes held by the tensors of the step.
  public let bytes: Int
  /// The time of the products at the machine's peak, of all bytes read and written at the speed of a sum of two
  /// vectors in a working set of the same size, and of the kernel calls if they did nothing. On one thread.
  public internal(set) var computeMilliseconds: Double, memoryMilliseconds: Double,
    callMilliseconds: Double

  private enum CodingKeys: String, CodingKey {
    case name = "case"
    case milliseconds, gflops, percentOfPeak, threads, bytes, computeMilliseconds
    case memoryMilliseconds, callMilliseconds
  }
}

/// Measures this machine's peak and the time of training steps, in one run.
public enum StepBenchmark {
  /// The measurements of a run.
  public struct Result: Codable, Sendable {
    /// Fused multiply-adds in registers, single precision, one thread; an addition and a multiplication each.
    public let peakGflops: Double
    /// The time of an operation that computes almost nothing: a kernel call of a replay, and an operation on
    /// the tape, recorded or in the reverse pass. In microseconds.
    public let replayedCallMicroseconds: Double, eagerOperationMicroseconds: Double
    /// The cases in the requested order.
    public let cases: [StepTiming]
  }

  /// Measures the peak before and after the cases, and takes the larger, so that a machine that slows down in between does
  /// not flatter the shares.
  public static func run(_ cases: [StepCase], threads: Int = 1) -> Result {
    let before = peakGflops()
    let (secondsPerCall, secondsPerOperation) = overheads()
    var timings = cases.map { timing(of: $0, threads: threads, secondsPerCall: secondsPerCall) }
    let peak = max(before, peakGflops())
    for index in timings.indices {
      timings[index].percentOfPeak = 100 * timings[index].gflops / (peak * Double(threads))
      timings[index].computeMilliseconds = cases[index].operations / peak / 1e6
    }
    return Result(
      peakGflops: peak, replayedCallMicroseconds: secondsPerCall * 1e6,
      eagerOperationMicroseconds: secondsPerOperation * 1e6, cases: timings)
  }

  private static func timing(
    of shape: StepCase, threads: Int, secondsPerCall: Double
  ) -> StepTiming {
    var workload = shape.workload(threads: threads)
    // Enough runs for a step on several threads to have chosen their number.
    for _ in 0..<(threads == 1 ? 5 : 50) { workload.run() }
    let seconds = seconds { workload.run() }
    return StepTiming(
      name: shape.name, milliseconds: seconds * 1e3, gflops: shape.operations / seconds / 1e9,
      percentOfPeak: 0, threads: threads, bytes: workload.bytes, computeMilliseconds: 0,
      memoryMilliseconds: Double(workload.trafficBytes) / bandwidth(bytes: workload.bytes) * 1e3,
      callMilliseconds: Double(workload.callCount) * secondsPerCall * 1e3)
  }

  /// The smallest mean time of five rounds of a quarter of a second, as for the other frameworks.
  static func seconds(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let one = clock.measure(body) / .seconds(1)
    let count = max(5, Int(0.25 / one))
    return (0..<5).map { _ in
      clock.measure { for _ in 0..<count { body() } } / .seconds(1) / Double(count)
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

  /// The bytes a second that a sum of two vectors reads and writes if all three together take `bytes`: at the speed of the cache,
  /// or of the memory, that holds this many.
  private static func bandwidth(bytes: Int) -> Double {
    let count = max(bytes / 12, 1024)
    let x = [Float](repeating: 1, count: count)
    let y = x
    var z = x
    let clock = ContinuousClock()
    let rounds = max(2, (1 << 24) / count)
    var best = 0.0
    for _ in 0..<5 {
      let seconds =
        clock.measure {
          for _ in 0..<rounds { plumb_binary(.single, .add, count, x, 1, y, 1, &z) }
        } / .seconds(1)
      best = max(best, Double(12 * count * rounds) / seconds)
    }
    return best
  }

  /// The time of one kernel call of a replay and of one operation on the tape, from a net that computes next to nothing.
  private static func overheads() -> (replayedCall: Double, eagerOperation: Double) {
    var workload = StepCase(inputs: 1, classes: 1, width: 1, layers: 64, batch: 1).workload()
    for _ in 0..<5 { workload.run() }
    let replayed = seconds { workload.run() } / Double(workload.callCount)
    return (replayed, seconds { workload.eagerGradient() } / Double(workload.eagerOperationCount))
  }
}
