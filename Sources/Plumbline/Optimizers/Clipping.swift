extension Parameters where Scalar: TrainableScalar {
  /// The Euclidean norm of all values together.
  public var norm: Double {
    // Specialized, since a generic loop would call functions for each value.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      vector.withValues { pointer in
        // In Double, so that the square of a large Float gradient does not overflow.
        let end = vector.count
        var (index, sum) = (0, 0.0)
        while index < end {
          let value = pointer[index].real
          sum += value * value
          index &+= 1
        }
        return sum.squareRoot()
      }
    }
  }

  /// Every value clipped to the interval from -bound to bound.
  public func clipped(toValue bound: Double) -> Parameters {
    require(bound > 0, "gradients are clipped to a bound above 0, not \(bound)")
    return Parameters(layout: layout, vector: clip(vector, to: -bound...bound))
  }

  /// The whole vector scaled down to norm `bound` if it is longer, by the factor
  /// bound / (norm + 1e-6), as in PyTorch. Source: Pascanu et al., arXiv:1211.5063.
  public func clipped(toNorm bound: Double) -> Parameters {
    require(bound > 0, "gradients are clipped to a norm above 0, not \(bound)")
    let factor = bound / (norm + 1e-6)
    return factor < 1 ? Parameters(layout: layout, vector: vector * factor) : self
  }
}
