import Datasets
import Diagnosis
import Findings
import Networks
import Plumbline
import Testing
import Training

/// Runs that learn have no findings, whatever their seed and shape.
@Suite struct HealthyRunsTests {
  @Test(
    .enabled(if: CaseData.isOptimized, "these runs take long in a debug build"), arguments: 1...24)
  func nothingIsFound(seed: Int) throws {
    let key = Key(seed: seed)["healthy"]
    func choose<Value>(_ name: String, _ values: [Value]) -> Value {
      values[key[name].integer(at: 0, below: values.count)]
    }
    var options = DenseNetworkOptions()
    options.activation = choose("activation", [.relu, .tanh, .leakyRelu, .gelu])
    options.isResidual = choose("residual", [true, false])
    let depth = options.isResidual ? choose("depth", [5, 9, 17, 33]) : choose("depth", [1, 2, 3])
    let width = choose("width", [16, 24, 32, 48])
    let features = choose("features", [8, 12, 20])
    if !options.isResidual { options.normalization = choose("normalization", [nil, .layer]) }
    if options.isResidual, depth < 3 { options.isResidual = false }
    let network = try NetworkDescription(
      widths: [features] + Array(repeating: width, count: depth) + [3], options: options
    ).network()
    let teacher = TeacherNetwork(key: key["data"], widths: [features, 3], gain: 1)
    let examples = Examples<Float>(try teacher.dataset(count: 1024))
    var settings = TrainingSettings(loss: .crossEntropy)
    settings.learningRate = choose("rate", [2e-3, 4e-3])
    settings.batchSize = choose("batch", [32, 64, 128])
    settings.length = .steps(700)
    settings.seed = seed
    let diagnosis = try TrainingRun(network, on: examples, settings).diagnosed().diagnosis
    try #require(diagnosis.evidence.progress > 0.8, "the run is not a healthy one")
    #expect(diagnosis.findings == [], "\(diagnosis)")
  }
}
