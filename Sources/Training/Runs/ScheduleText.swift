extension ScheduleChoice.Form {
  /// How the texts that ``init(parsing:)`` reads are written.
  public static let accepted =
    "constant, cosine, cosine:FLOOR with a floor from 0 to 1, step:EVERY,FACTOR or exponential:FACTOR with factors above 0"

  /// The form that a text names: `constant`, `cosine`, `cosine:FLOOR` (a share of the rate), `step:EVERY,FACTOR` or
  /// `exponential:FACTOR`, counted in steps; `nil` for another text.
  public init?(parsing text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let numbers = parts.count == 2 ? parts[1].split(separator: ",").map { Double($0) } : []
    guard let name = parts.first, numbers.allSatisfy({ $0?.isFinite ?? false }) else { return nil }
    let values = numbers.compactMap { $0 }
    switch (name, values.count) {
    case ("constant", 0): self = .constant
    case ("cosine", 0): self = .cosine(floor: 0)
    case ("cosine", 1) where (0...1).contains(values[0]): self = .cosine(floor: values[0])
    case ("step", 1...2)
    where values[0] >= 1 && values[0] < 1e12 && values[0] == values[0].rounded():
      let factor = values.count == 2 ? values[1] : 0.1
      guard factor > 0 else { return nil }
      self = .step(every: Int(values[0]), factor: factor)
    case ("exponential", 1) where values[0] > 0: self = .exponential(factor: values[0])
    default: return nil
    }
  }
}
