extension Finding {
  /// Where a finding is, and since when: whichever of these apply.
  public struct Location: Sendable, Hashable {
    /// The set of examples: train, dev, test.
    public var set: String?
    /// The path of the layer.
    public var layer: String?
    /// The quantity: a parameter, a gradient, a feature.
    public var quantity: String?
    /// The units of the layer; empty for all.
    public var units: [Int]
    /// The step at which it began.
    public var step: Int?
    /// Anything more specific, in words: an example, a class.
    public var detail: String?

    /// A location of these parts; without any, the whole.
    public init(
      set: String? = nil, layer: String? = nil, quantity: String? = nil, units: [Int] = [],
      step: Int? = nil, detail: String? = nil
    ) {
      self.set = set
      self.layer = layer
      self.quantity = quantity
      self.units = units
      self.step = step
      self.detail = detail
    }
  }
}

extension Finding.Location: CustomStringConvertible {
  /// The parts with commas between them, without the units; empty for the whole.
  public var description: String {
    [set, layer.map { "layer \($0)" }, quantity, step.map { "step \($0)" }, detail]
      .compactMap(\.self).joined(separator: ", ")
  }
}

extension Finding.Location: Codable {
  private enum CodingKeys: String, CodingKey { case set, layer, quantity, units, step, detail }

  /// Reads the form that ``encode(to:)`` writes; any part may be missing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    set = try container.decodeIfPresent(String.self, forKey: .set)
    layer = try container.decodeIfPresent(String.self, forKey: .layer)
    quantity = try container.decodeIfPresent(String.self, forKey: .quantity)
    units = try container.decodeIfPresent([Int].self, forKey: .units) ?? []
    step = try container.decodeIfPresent(Int.self, forKey: .step)
    detail = try container.decodeIfPresent(String.self, forKey: .detail)
  }

  /// Writes the existing parts, and always the units.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(set, forKey: .set)
    try container.encodeIfPresent(layer, forKey: .layer)
    try container.encodeIfPresent(quantity, forKey: .quantity)
    try container.encode(units, forKey: .units)
    try container.encodeIfPresent(step, forKey: .step)
    try container.encodeIfPresent(detail, forKey: .detail)
  }
}
