import Experiments
import TestSupport

extension SmallData {
  /// A depth study of a second or less in all.
  static var configuration: GridConfiguration {
    var configuration = GridConfiguration()
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
