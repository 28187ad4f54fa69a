/// The part of a range in which a condition changes from true to false, found by halving the range this many times.
///
/// - Parameters:
///   - range: Where it is looked for; the condition should be true at its lower end and false at the upper one.
///   - halvings: Each costs one evaluation.
///   - isBelow: The condition.
public func bisection(
  _ range: ClosedRange<Double>, halvings: Int, where isBelow: (Double) -> Bool
) -> ClosedRange<Double> {
  var (low, high) = (range.lowerBound, range.upperBound)
  for _ in 0..<halvings {
    let middle = (low + high) / 2
    if isBelow(middle) { low = middle } else { high = middle }
  }
  return low...high
}
