import Plumbline
import TestSupport
import Testing

@Suite("The reverse pass")
struct ReversePassTests {
  private let tape = Tape<Double>()

  @Test("adds up the gradients of a value that is used more than once")
  func fanOut() {
    let x = tape.variable([2, -3])
    #expect(tape.gradients(of: (x + x).sum())[x] == [2, 2])
    #expect(tape.gradients(of: (x * x).sum())[x] == [4, -6])
    #expect(tape.gradients(of: (x + x * x + x).sum())[x] == [6, -4])
    #expect(tape.gradients(of: (x - x).sum())[x] == [0, 0])
    #expect(tape.gradients(of: Variable.concatenate([x, x, x]).sum())[x] == [3, 3])
  }

  @Test("follows both arms of a diamond")
  func diamond() {
    let x = tape.variable([0.5])
    let top = tanh(x)
    let (left, right) = (exp(top), top * top)
    let y = (left * right).sum()
    let t = tanh(Tensor<Double>([0.5])).scalar
    let slope = (exp(Tensor(t)).scalar * (t * t + 2 * t)) * (1 - t * t)
    #expect(tape.gradients(of: y)[x].isClose(to: Tensor([slope]), relativeTolerance: 1e-14))
  }

  @Test("gives a value that is not used the gradient zero, and says that nothing reaches it")
  func unused() {
    let x = tape.variable([1, 2])
    let unused = tape.variable([[3, 4]])
    _ = exp(unused)
    let y = x.sum()
    let later = tape.variable([5])
    let gradients = tape.gradients(of: y)
    #expect(gradients[unused] == [[0, 0]])
    #expect(gradients[later] == [0])
    #expect(gradients.reaches(x))
    #expect(!gradients.reaches(unused))
    #expect(!gradients.reaches(later))
  }

  @Test("stops at constants, at detached values and at what was not recorded")
  func stops() {
    let x = tape.variable([3])
    let c = tape.constant([5])
    #expect(!c.requiresGradient)
    #expect(!(c * c).requiresGradient)
    let y = (c * x).sum()
    #expect(tape.gradients(of: y)[x] == [5])
    #expect(tape.gradients(of: y)[c] == [0])
    #expect(!tape.gradients(of: y).reaches(c))

    #expect(tape.gradients(of: (x * x.detached()).sum())[x] == [3])
    let stopped = tape.gradients(of: x.detached().sum())
    #expect(stopped[x] == [0])
    #expect(!stopped.reaches(x))

    let square = tape.withoutRecording { x * x }
    #expect(square.value == [9])
    #expect(!square.requiresGradient)
    #expect(tape.gradients(of: (square * x).sum())[x] == [9])
    #expect((x * x).requiresGradient)
  }

  @Test("resumes recording after a body that throws, and after nested ones")
  func recordingResumes() throws {
    struct Interruption: Error {}
    let x = tape.variable([3])
    #expect(throws: Interruption.self) {
      try tape.withoutRecording { throw Interruption() }
    }
    tape.withoutRecording {
      tape.withoutRecording { #expect(!(x + x).requiresGradient) }
      #expect(!(x + x).requiresGradient)
    }
    #expect((x + x).requiresGradient)
  }

  @Test("reaches every input of an operation of a hundred inputs, and skips the constant ones")
  func manyInputs() {
    let variables = (0..<100).map { index in
      index % 3 == 2 ? tape.constant([1]) : tape.variable(Tensor([Double(index)]))
    }
    let weights = Tensor<Double>.indices(100) + 1
    let y = (Variable.concatenate(variables) * tape.constant(weights)).sum()
    let gradients = tape.gradients(of: y)
    for (index, variable) in variables.enumerated() {
      #expect(gradients.reaches(variable) == variable.requiresGradient)
      #expect(gradients[variable].scalar == (variable.requiresGradient ? weights[index] : 0))
    }
    let recorded = tape.gradients(of: y, withRespectTo: [variables[1], variables[99]])
    #expect(recorded.map(\.scalar) == [2, 100])
  }

  @Test("weights the elements of the output by the seed")
  func seed() {
    let x = tape.variable([1, 2, 3])
    let y = x * x
    #expect(tape.gradients(of: y, seed: [1, 0, -2])[x] == [2, 0, -12])
    #expect(tape.gradients(of: y.sum(), seed: Tensor(3))[x] == [6, 12, 18])
    let total = tape.gradients(of: (y * tape.constant([1, 0, -2])).sum())
    #expect(tape.gradients(of: y, seed: [1, 0, -2])[x] == total[x])
    #expect(tape.gradients(of: x, seed: [4, 5, 6])[x] == [4, 5, 6])
  }

  @Test("gives the same bits when asked twice, and leaves the tape as it was")
  func idempotence() {
    let key = Key(seed: 4)
    let x = tape.variable(key["x"].tensor([7, 5]))
    let w = tape.variable(key["w"].tensor([5, 3]))
    let y = softmax(tanh(matmul(x, w))).max(alongAxes: [1]).sum()
    let count = tape.count
    let first = tape.gradients(of: y)
    let second = tape.gradients(of: y)
    #expect(tape.count == count)
    for variable in [x, w] {
      #expect(
        first[variable].scalars.map(\.bitPattern) == second[variable].scalars.map(\.bitPattern))
    }
    // Recorded gradients are the same numbers, and do not disturb the earlier ones.
    let recorded = tape.gradients(of: y, withRespectTo: [x, w])
    #expect(tape.count > count)
    #expect(recorded[0].value == first[x])
    #expect(recorded[1].value == first[w])
    #expect(tape.gradients(of: y)[x] == first[x])
  }

  @Test("gives gradients as a value that later recording does not change")
  func gradientsAreValues() {
    var x = tape.variable([2])
    let start = x
    let gradients = tape.gradients(of: (x * x).sum())
    x += x
    _ = tape.gradients(of: (x * x * x).sum())
    #expect(gradients[start] == [4])
  }

  @Test("gives the gradients of values on the way, where they are kept")
  func keeping() {
    let x = tape.variable([1, 2])
    let square = x * x
    let y = (square * square).sum()
    let gradients = tape.gradients(of: y, keeping: [square, y])
    #expect(gradients[square] == [2, 8])
    #expect(gradients[y] == Tensor(1))
    #expect(gradients[x] == [4, 32])
    #expect(tape.gradients(of: y)[x] == gradients[x])
  }

  @Test("keeps gradients right where a name stands for a new value after +=")
  func compoundAssignment() {
    let x = tape.variable([1, 2])
    var h = x
    h += tanh(h)
    let middle = h
    h *= h
    h -= x
    h /= middle
    let gradient = tape.gradients(of: h.sum())[x]
    let plain = tape.variable([1, 2])
    let m = plain + tanh(plain)
    let expected = tape.gradients(of: ((m * m - plain) / m).sum())[plain]
    #expect(gradient == expected)
    #expect(x.value == [1, 2])
  }

  @Test("gives gradients of gradients of gradients")
  func higherOrders() {
    let x = tape.variable([0.5, -2])
    var derivative = (x * x * x * x).sum()
    let expected: [Tensor<Double>] = [
      4 * pow(x.value, 3), 12 * x.value.squared(), 24 * x.value, [24, 24], [0, 0],
    ]
    for value in expected {
      let gradient = tape.gradients(of: derivative, withRespectTo: [x])[0]
      #expect(gradient.value.isClose(to: value, absoluteTolerance: 1e-12, relativeTolerance: 1e-14))
      derivative = gradient.sum()
    }
  }

  @Test("gives second derivatives with respect to values on the way")
  func secondOrderOnTheWay() {
    let x = tape.variable([3])
    let square = x * x
    let y = (square * square * x).sum()
    let bySquare = tape.gradients(of: y, withRespectTo: [square])[0]
    #expect(bySquare.value == [54])
    // ∂y/∂s = 2 s x at s = x²; its derivative along x with s following x is 2 (2 x) x + 2 s = 6 x².
    #expect(tape.gradients(of: bySquare.sum())[x] == [54])
  }

  @Test("asked for a gradient of what does not depend on the input answers zeros")
  func independent() {
    let (x, z) = (tape.variable([3, 4]), tape.variable([[5]]))
    let gradients = tape.gradients(of: exp(x).sum(), withRespectTo: [z, x])
    #expect(gradients[0].value == [[0]])
    #expect(gradients[1].value == exp(x.value))
    let late = tape.variable([1])
    #expect(tape.gradients(of: x.sum(), withRespectTo: [late])[0].value == [0])
  }

  @Test("weights recorded gradients by a recorded seed, and is differentiable in it")
  func recordedSeed() {
    let x = tape.variable([1, 2])
    let seed = tape.variable([3, -1])
    let y = x * x
    let gradient = tape.gradients(of: y, withRespectTo: [x], seed: seed)[0]
    #expect(gradient.value == [6, -4])
    #expect(tape.gradients(of: gradient.sum())[seed] == [2, 4])
    #expect(tape.gradients(of: gradient.sum())[x] == [6, -2])
  }
}
