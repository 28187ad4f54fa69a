/// Whether a computation that is repeated many times is faster alone or together: determined by trials, and monitored,
/// since other programs come and go. A thread that loses its core keeps the others waiting, so if cores are contended, one thread
/// is the faster choice.
struct ThreadChoice {
  private var alone = Estimate(), together = Estimate()
  /// The repetitions that are left of a trial, and which choice it tries.
  private var trial = (left: 0, usesAllThreads: false)
  private var untilTrial = 0
  private var interval = Self.shortestInterval

  /// All threads together must be faster by this factor: they use more cores.
  private static var clearlyFaster: Double { 0.95 }
  private static var trialLength: Int { 4 }
  private static var shortestInterval: Int { 32 }
  private static var longestInterval: Int { 4096 }

  /// Whether the next repetition uses all threads: whichever was faster lately, with an occasional trial of the other choice,
  /// less and less often while trials confirm the choice.
  mutating func usesAllThreads() -> Bool {
    if trial.left > 0 { return trial.usesAllThreads }
    if alone.seconds == nil { return beginTrial(usesAllThreads: false) }
    guard let seconds = together.seconds else { return beginTrial(usesAllThreads: true) }
    let isTogetherFaster = seconds < Self.clearlyFaster * alone.seconds!
    untilTrial -= 1
    if untilTrial > 0 { return isTogetherFaster }
    return beginTrial(usesAllThreads: !isTogetherFaster)
  }

  private mutating func beginTrial(usesAllThreads: Bool) -> Bool {
    trial = (Self.trialLength, usesAllThreads)
    // What was known about it is outdated.
    if usesAllThreads { together = Estimate() } else { alone = Estimate() }
    return usesAllThreads
  }

  /// Takes note of the time of a repetition.
  mutating func record(usedAllThreads: Bool, seconds: Double) {
    let wasTogetherFaster = isTogetherFaster
    // The first repetition after a change wakes threads and fills caches.
    if trial.left != Self.trialLength {
      if usedAllThreads { together.add(seconds) } else { alone.add(seconds) }
    }
    if trial.left > 0 {
      trial.left -= 1
      if trial.left > 0 { return }
      interval = min(2 * interval, Self.longestInterval)
      untilTrial = interval
    }
    guard let wasTogetherFaster, let isTogetherFaster else { return }
    if wasTogetherFaster != isTogetherFaster {
      interval = Self.shortestInterval
      untilTrial = interval
    }
  }

  private var isTogetherFaster: Bool? {
    guard let together = together.seconds, let alone = alone.seconds else { return nil }
    return together < Self.clearlyFaster * alone
  }

  /// A mean that forgets old values.
  private struct Estimate {
    private(set) var seconds: Double?

    mutating func add(_ value: Double) { seconds = seconds.map { $0 + (value - $0) / 4 } ?? value }
  }
}
