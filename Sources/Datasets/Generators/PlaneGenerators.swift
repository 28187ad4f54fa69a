import Plumbline

/// Two spirals in the plane, wound into each other: the classic task that a shallow, narrow network
/// finds hard.
///
/// Even examples lie on one arm, (r cos φ, r sin φ) with φ = 2π · `turns` · r and 0 < r < 1, odd ones
/// opposite. Points are spread evenly over the radius.
///
/// Source: K. Lang and M. Witbrock, "Learning to tell two spirals apart", 1988.
public struct TwoSpirals: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "two-spirals"
  /// The number of features of an example.
  public let featureCount = 2
  /// The number of classes.
  public let classCount = 2
  /// The key from which every example is drawn.
  public let key: Key
  /// The number of turns of each arm around the center.
  public let turns: Double
  /// The standard deviation of the noise of each coordinate.
  public let noise: Double

  /// The generator with this key; 3 turns as in the source.
  public init(key: Key, turns: Double = 3, noise: Double = 0) {
    self.key = key
    self.turns = turns
    self.noise = noise
    requireSetting(turns > 0 && turns < 1000 && noise >= 0, "\(turns) turns, noise \(noise)")
  }

  /// The settings in words, for records and messages.
  public var settings: String { "\(turns) turns, noise \(noise)" }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let label = index % 2
    let radius = key["place"].uniform(at: index)
    let direction = UnitCircle.point(atTurns: turns * radius)
    let side = label == 0 ? radius : -radius
    return (point(side * direction.x, side * direction.y, noise: noise, at: index), label)
  }
}

/// Two interleaved half circles.
///
/// Even examples lie on (cos φ, sin φ), odd ones on (1 - cos φ, 1/2 - sin φ), φ between 0 and π.
public struct Moons: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "moons"
  /// The number of features of an example.
  public let featureCount = 2
  /// The number of classes.
  public let classCount = 2
  /// The key from which every example is drawn.
  public let key: Key
  /// The standard deviation of the noise of each coordinate.
  public let noise: Double

  /// The generator with this key.
  public init(key: Key, noise: Double = 0.1) {
    self.key = key
    self.noise = noise
    requireSetting(noise >= 0, "noise \(noise)")
  }

  /// The settings in words, for records and messages.
  public var settings: String { "noise \(noise)" }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let label = index % 2
    let direction = UnitCircle.point(atTurns: key["place"].uniform(at: index) / 2)
    let (x, y) = (direction.x, direction.y)
    return label == 0
      ? (point(x, y, noise: noise, at: index), label)
      : (point(1 - x, 0.5 - y, noise: noise, at: index), label)
  }
}

/// Concentric rings, one for each class: class c has the radius (c + 1) / `classCount`.
public struct Rings: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "rings"
  /// The number of features of an example.
  public let featureCount = 2
  /// The key from which every example is drawn.
  public let key: Key
  /// The number of classes.
  public let classCount: Int
  /// The standard deviation of the noise of each coordinate.
  public let noise: Double

  /// The generator with this key.
  public init(key: Key, classCount: Int = 2, noise: Double = 0.05) {
    self.key = key
    self.classCount = classCount
    self.noise = noise
    requireSetting(classCount >= 2 && noise >= 0, "\(classCount) classes, noise \(noise)")
  }

  /// The settings in words, for records and messages.
  public var settings: String { "\(classCount) classes, noise \(noise)" }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let label = index % classCount
    let direction = UnitCircle.point(atTurns: key["place"].uniform(at: index))
    let radius = Double(label + 1) / Double(classCount)
    return (point(radius * direction.x, radius * direction.y, noise: noise, at: index), label)
  }
}
