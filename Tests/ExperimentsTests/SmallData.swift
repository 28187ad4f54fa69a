import Datasets
import Experiments
import Plumbline

/// A few glyphs, normalized: small enough that a test trains on them in a moment.
enum SmallData {
  static func glyphs(_ count: Int = 60) throws -> Dataset {
    let pictures = try Glyphs(key: Key(seed: 1)).dataset(count: count)
    return try Normalization(fitting: pictures, scope: .global).applied(to: pictures)
  }

  /// A depth study of a second or less in all.
  static var configuration: DepthStudy.Configuration {
    var configuration = DepthStudy.Configuration()
    configuration.depths = [2, 4]
    configuration.arms = [.plain, .residual]
    configuration.width = 4
    configuration.batch = 16
    configuration.steps = 5
    configuration.learningRates = [1e-3, 3e-3]
    configuration.seeds = 1
    configuration.reportSeeds = 2
    return configuration
  }
}
