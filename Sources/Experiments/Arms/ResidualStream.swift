import Findings
import Plumbline

/// A residual stream: what becomes of the branches of its blocks, whatever they hold. Branches of dense layers make it one of
/// ``Arm/blocks``; attention and dense layers in turn, a small transformer.
///
/// To add one, write a value in ResidualStream+Library.swift and name it there.
package struct ResidualStream: Sendable {
  /// The name of its arm.
  package let name: String
  /// What it does, as a formula or a few words.
  package let summary: String
  private let make: @Sendable (Parts) throws(Problem) -> Blocks

  package init(
    _ name: String, summary: String,
    _ make: @escaping @Sendable (Parts) throws(Problem) -> Blocks
  ) {
    (self.name, self.summary, self.make) = (name, summary, make)
  }

  /// The blocks of a net at a point.
  ///
  /// - Throws: If a factor of the point has a value that the stream does not know.
  package func blocks(_ parts: Parts) throws(Problem) -> Blocks { try make(parts) }

  /// Blocks one after another, and what stands between the last of them and the output.
  package struct Blocks {
    package let blocks: [any Layer]
    /// `nil` where the stream itself is normalized.
    package let norm: (any Layer)?

    package init(_ blocks: [any Layer], norm: (any Layer)? = nil) {
      (self.blocks, self.norm) = (blocks, norm)
    }
  }

  /// What the blocks of a net are made of.
  package struct Parts: Sendable {
    /// Provides the width and the factors.
    package let point: GridPoint
    /// The number of branches.
    package let count: Int
    /// Makes a norm of the stream.
    package let norm: @Sendable () -> any Layer
    /// Makes the branches, with a factor on all their weights.
    private let make: @Sendable (Double) throws(Problem) -> [Sequential]

    package init(
      _ point: GridPoint, count: Int, norm: @escaping @Sendable () -> any Layer,
      branches: @escaping @Sendable (_ gain: Double) throws(Problem) -> [Sequential]
    ) {
      (self.point, self.count, self.norm, make) = (point, count, norm, branches)
    }

    package func branches(gain: Double = 1) throws(Problem) -> [Sequential] { try make(gain) }

    /// The branches, each with a norm before it.
    package func normalizedBranches() throws(Problem) -> [Sequential] {
      try branches().map { Sequential([norm()] + $0.layers) }
    }
  }
}
