import Datasets
import Diagnosis
import Plumbline
import Training

extension CaseIngredients {
  /// Runs that learn, among them some that fixed thresholds accuse: tiny initial weights that suffice, narrow layers with a
  /// dead unit or two, gradients that differ a thousandfold, full-batch descent at the edge of stability.
  func healthyCases() throws -> [TrainingCase] {
    let bce = LossFunction.binaryCrossEntropy
    let wide = either(32, 48)
    var runs: [TrainingCase] = []
    func add(_ name: String, _ run: TrainingRun<Float>) {
      runs.append(TrainingCase(name, nil, run))
    }
    add(
      "8-7-7-1, weights 0.01, full batch",
      run(
        try network(either([8, 7, 7, 1], [8, 9, 6, 1]), .relu, normal(0.01), output: .sigmoid),
        try yesNo(1), settings(bce, .sgd, either(1, 0.8), steps: 2500, 1)))
    add(
      "8-7-7-3-1, He, full batch",
      run(
        try network(either([8, 7, 7, 3, 1], [8, 7, 6, 4, 1]), output: .sigmoid), try yesNo(2),
        settings(bce, .sgd, 0.1, steps: 2500, 2)))
    add(
      "plain ReLU, Adam",
      run(
        try network(widths(16, wide, either(2, 3), 4)), try classes(3),
        settings(.crossEntropy, .adam, 3e-3, steps: 400, batch: 64, 3)))
    add(
      "residual, depth \(either(32, 24))",
      run(
        try network(widths(16, 32, either(33, 25), 4), residual: true), try classes(4),
        settings(.crossEntropy, .adam, 3e-3, steps: 200, batch: 64, 4)))
    add(
      "residual, depth 100",
      run(
        try network(widths(16, either(16, 20), 99, 4), residual: true), try classes(5),
        settings(.crossEntropy, .adam, 2e-3, steps: 200, batch: 64, 5)))
    add(
      "tanh, momentum",
      run(
        try network(widths(16, wide, 4, 4), .tanh, .fixed(.glorot())), try classes(6),
        settings(.crossEntropy, .momentum, 0.05, steps: 400, batch: 64, 6)))
    add(
      "batch norm, depth \(either(8, 10))",
      run(
        try network(widths(16, 24, either(7, 9), 4), normalization: .batch), try classes(7),
        settings(.crossEntropy, .sgd, 0.1, steps: 500, batch: 64, 7)))
    add(
      "layer norm",
      run(
        try network(widths(16, wide, 3, 4), normalization: .layer), try classes(8),
        settings(.crossEntropy, .adam, 3e-3, steps: 300, batch: 64, 8)))
    add(
      "sigmoid units",
      run(
        try network(widths(16, wide, 2, 4), .sigmoid, .fixed(.glorot())), try classes(9),
        settings(.crossEntropy, .adam, 1e-2, steps: 500, batch: 64, 9)))
    let moons = Examples<Float>(try Moons(key: Key(seed: seed(10))).dataset(count: 400))
    add(
      "moons, full batch",
      run(
        try network(widths(2, either(16, 24), 2, 2)), moons,
        settings(.crossEntropy, .sgd, 0.3, steps: 2000, 10)))
    add(
      "real targets",
      run(
        try network(widths(8, wide, 2, 1), output: .linear), try values(11),
        settings(.meanSquaredError, .adam, 3e-3, steps: 600, batch: 64, 11)))
    add(
      "at the edge of stability",
      run(
        try network(widths(16, 24, 2, 4), .tanh, .fixed(.glorot())), try classes(12),
        settings(.crossEntropy, .sgd, either(1.5, 1.2), steps: 1500, 12)))
    add(
      "dropout",
      run(
        try network(widths(16, wide, 2, 4), dropout: 0.2), try classes(13),
        settings(.crossEntropy, .adam, 5e-3, steps: 600, batch: 64, 13)))
    add(
      "with dev and test",
      run(
        try network(widths(16, wide, 2, 4)), try classes(14, count: 8192),
        settings(.crossEntropy, .adam, 5e-3, steps: 1500, batch: 64, 14),
        dev: try classes(14, count: 512, from: 8192), test: try classes(14, count: 512, from: 8704))
    )
    add(
      "noisy labels",
      run(
        try network(either([8, 8, 1], [8, 12, 1]), output: .sigmoid),
        noisy(try yesNo(15, count: 3000), share: either(0.15, 0.25), 15),
        settings(bce, .adam, 3e-3, steps: 1500, batch: either(64, 32), 15)))
    add(
      "table of bits",
      run(
        try network([8, either(16, 12), 1], output: .sigmoid), bits(16, count: 600),
        settings(bce, .adam, 1e-2, steps: 500, batch: 64, 16), dev: bits(17, count: 200)))
    return runs
  }
}
