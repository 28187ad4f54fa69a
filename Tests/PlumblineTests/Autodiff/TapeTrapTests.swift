import Plumbline
import TestSupport
import Testing

@Suite("A mistake with a tape stops the program and says what it was")
struct TapeTrapTests {
  /// A mistake, and what the message has to say.
  enum Mistake: String, CaseIterable, Codable {
    case mixing, mixingCommuted, outputOfAnotherTape, inputOfAnotherTape, missingSeed, seedShape
    case recordedSeedShape, notKept, foreignGradients, tangentShape, vectorShape, noVariables
    case shapesOfVariables, gradientOfMany, missingRecordedSeed
    case gradientsOfALostTape, foreignReach

    func make() {
      let (tape, other) = (Tape<Double>(), Tape<Double>())
      let (x, y) = (tape.variable([1, 2]), other.variable([3, 4]))
      switch self {
      case .mixing: _ = x + y
      case .mixingCommuted: _ = Variable.concatenate([y, y, x])
      case .outputOfAnotherTape: _ = tape.gradients(of: y.sum())
      case .inputOfAnotherTape: _ = tape.gradients(of: x.sum(), withRespectTo: [x, y])
      case .missingSeed: _ = tape.gradients(of: x * x)
      case .missingRecordedSeed: _ = tape.gradients(of: x * x, withRespectTo: [x])
      case .seedShape: _ = tape.gradients(of: x * x, seed: [1, 2, 3])
      case .recordedSeedShape:
        _ = tape.gradients(of: x * x, withRespectTo: [x], seed: tape.constant([1, 2, 3]))
      case .notKept:
        let square = x * x
        _ = tape.gradients(of: square.sum())[square]
      case .foreignGradients: _ = tape.gradients(of: x.sum())[y]
      case .gradientsOfALostTape:
        func gradientsOfALostTape() -> Gradients<Double> {
          let tape = Tape<Double>()
          return tape.gradients(of: tape.variable([1, 2]).sum())
        }
        // The new tape is likely to stand where the old one stood in memory.
        let gradients = gradientsOfALostTape()
        _ = gradients[Tape<Double>().variable([3, 4])]
      case .foreignReach: _ = tape.gradients(of: x.sum()).reaches(y)
      case .tangentShape: _ = jvp(at: [1, 2], along: Tensor<Double>([1, 2, 3])) { $0 }
      case .vectorShape:
        _ = hessianVectorProduct(at: [1, 2], along: Tensor<Double>([1, 2, 3])) { $0.sum() }
      case .noVariables: _ = Variable<Double>.concatenate([])
      case .shapesOfVariables: _ = x * tape.constant([1, 2, 3])
      case .gradientOfMany: _ = gradient(at: Tensor<Double>([1, 2])) { $0 * $0 }
      }
    }

    var message: [String] {
      switch self {
      case .mixing: ["operation add was given variables from two tapes"]
      case .mixingCommuted: ["operation concatenate was given variables from two tapes"]
      case .outputOfAnotherTape: ["the output belongs to another tape"]
      case .inputOfAnotherTape: ["the output or an input belongs to another tape"]
      case .missingSeed, .missingRecordedSeed:
        ["the output has shape [2]", "seed", "sum() or mean()"]
      case .seedShape: ["a seed of shape [3] for an output of [2]"]
      case .recordedSeedShape: ["a seed of shape [3] for an output of [2]"]
      case .notKept: ["the gradient of %1 was not kept", "gradients(of:keeping:)"]
      case .foreignGradients, .gradientsOfALostTape, .foreignReach:
        ["these gradients belong to another tape"]
      case .tangentShape: ["a tangent of shape [3] at a point of shape [2]"]
      case .vectorShape: ["a vector of shape [3] at a point of [2]"]
      case .noVariables: ["at least one tensor"]
      case .shapesOfVariables: ["multiply cannot broadcast shapes [2] and [3]"]
      case .gradientOfMany: ["single value", "[2]"]
      }
    }
  }

  @Test("of tapes", arguments: Mistake.allCases)
  func message(mistake: Mistake) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake] in
      mistake.make()
    }
    expectMessage(result, contains: mistake.message)
  }
}
