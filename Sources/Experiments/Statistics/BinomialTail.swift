/// P(B ≤ k) for B binomial with n trials of ½, and k = 0, 1, 2, ... in turn.
struct BinomialTail {
  private let trials: Int
  private var successes = 0
  /// P(B = k) as significand · 2^exponent: 2⁻ⁿ underflows from 1,075 trials on.
  private var significand = 1.0, exponent: Int
  /// The probability of no more successes than so far.
  private(set) var sum: Double

  /// The tail at k = 0.
  init(trials: Int) {
    self.trials = trials
    exponent = -trials
    sum = Double(sign: .plus, exponent: -trials, significand: 1)
  }

  /// Goes on to the next k, below the number of trials.
  mutating func advance() {
    significand *= Double(trials - successes) / Double(successes + 1)
    exponent += Int(significand.exponent)
    significand = significand.significand
    successes += 1
    sum += Double(sign: .plus, exponent: exponent, significand: significand)
  }

  /// The probability between this tail and the equal tail at the other end.
  var coverage: Double { max(0, 1 - 2 * sum) }
}
