import Datasets
import Diagnosis
import Plumbline
import Training
import Verification

/// x + scale · W2 relu(W1 x): a residual block whose scale is learned and starts at zero.
struct Block: Layer {
  let first: Dense, second: Dense
  let scale = Parameter([], .zero)

  init(width: Int) {
    first = Dense(width, width)
    second = Dense(width, width)
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    x + pass[scale] * second(relu(first(x, pass)), pass)
  }
}

func trainAndDiagnose() throws -> (run: DiagnosedResult<Float>, check: GradientCheck.Report) {
  let network = Sequential(
    [Dense(2, 32), Activation.relu] + (0..<4).map { _ in Block(width: 32) } + [Dense(32, 2)])
  let spirals = try LabelledSets(source: "two-spirals:count=400")
  var settings = TrainingSettings(loss: .crossEntropy)
  settings.learningRate = 3e-3
  settings.length = .steps(300)
  let run = try TrainingRun(
    network, on: Examples<Float>(spirals.train, input: [2], outputs: 2, loss: settings.loss),
    settings
  ).diagnosed()
  print(run.result.train.loss, run.diagnosis)
  let block = Block(width: 6)
  let check = GradientCheck().report(
    on: block, parameters: Parameters<Double>(of: block, key: Key(seed: 3)),
    input: Tensor([5, 6], Key(seed: 4).normal(30)))
  return (run, check)
}

/// The same by a loop of one's own, with the instruments looking on.
func trainByHand(_ network: some Layer, on data: Examples<Float>) -> Diagnosis {
  let settings = TrainingSettings(loss: .crossEntropy)
  var parameters = Parameters<Float>(of: network, key: Key(seed: 1))
  var optimizer = Adam<Float>(learningRate: settings.learningRate)
  var instruments = Instruments(network, on: data, settings, at: parameters)
  for _ in 0..<50 {
    let (loss, gradient) = parameters.valueWithGradient { pass in
      softmaxCrossEntropy(
        network(pass.constant(data.features), pass), labels: pass.constant(data.targets))
    }
    optimizer.update(&parameters, along: gradient)
    instruments.record(loss: Double(loss), gradient: gradient, parameters: parameters)
  }
  return Diagnosis(instruments.evidence(at: parameters))
}
