import Datasets
import Plumbline

/// A few glyphs, normalized: small enough that a test trains on them in a moment.
package enum SmallData {
  package static func glyphs(_ count: Int = 60) throws -> LabelledSet {
    let pictures = try Glyphs(key: Key(seed: 1)).dataset(count: count)
    return try Normalization(fitting: pictures, scope: .global).applied(to: pictures)
  }
}
