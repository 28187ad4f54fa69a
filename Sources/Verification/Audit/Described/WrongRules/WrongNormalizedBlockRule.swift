import Findings
import Plumbline

/// The gradient of a residual block with a norm that lacks one of its parts, counts it twice, or takes it along another path than the
/// forward pass.
enum WrongNormalizedBlockRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let block = site.form as? NormalizedResidualForm else { return [] }
    func wrong(
      _ id: CauseID, _ words: String, _ change: (inout MistakenBlockForm) -> Void
    ) -> WrongLayers {
      var form = MistakenBlockForm(block)
      change(&form)
      return WrongLayers(id: id, words: words, layers: [LayerDescription(form)])
    }
    let sum =
      "the gradient at the input of a residual block is that through its branch plus that through its skip"
    var all = [
      wrong(SkipGradientDropped.id, "lacks the skip's part: \(sum).") { $0.skip = .factor(0) },
      wrong(SkipGradientCountedTwice.id, "contains the skip's part twice: \(sum).") {
        $0.skip = .factor(2)
      },
      wrong(ZeroGradient.id, "lacks the branch's part: \(sum).") { $0.branchFactor = 0 },
      wrong(
        MissingActivationDerivative.id,
        "is not carried back through the block's norm, as if its derivative were 1."
      ) { $0.skipsNorm = true },
    ]
    switch block.position {
    case .pre, .peri:
      all.append(
        wrong(
          SkipGradientDropped.id,
          "carries the skip's part back through the norm, which the skip goes past: \(sum)."
        ) { $0.skip = .throughNorm })
    case .post:
      all.append(
        wrong(
          SkipGradientDropped.id,
          "takes the skip's part from the gradient after the norm: the norm is on the sum, so both parts come back through it."
        ) { $0.skip = .pastNorm })
    case .output: break
    }
    let factors: [(Double, String, (inout MistakenBlockForm, Double) -> Void)] = [
      (block.scale, "on the block's branch", { $0.branchFactor = $1 }),
      (block.skipScale, "on the block's skip", { $0.skip = .factor($1) }),
      (block.inputScale, "on what the block's branch is given", { $0.inputFactor = $1 }),
    ]
    for (scale, words, change) in factors where scale != 1 && scale != 0 {
      all.append(
        wrong(ConstantFactor.id, "lacks the factor \(words), \(scale.text).") {
          change(&$0, 1 / scale)
        })
    }
    if block.scale != 1, block.scale != 0 {
      all.append(
        wrong(
          ConstantFactor.id,
          "lacks the factor on the block's branch, \(block.scale.text), in all of the branch."
        ) { $0.outputFactor = 1 / block.scale })
    }
    return all
  }
}

/// A ``NormalizedResidual`` with mistakes on the way back.
struct MistakenBlockForm: LayerForm {
  /// How the skip's part of the gradient comes back.
  enum Skip: Hashable {
    /// As it should, times a factor.
    case factor(Double)
    /// Through the norm at the branch's input.
    case throughNorm
    /// From the output, past the norm on the sum.
    case pastNorm
  }

  private var block = NormalizedResidualForm()
  var skip = Skip.factor(1)
  /// The factors on the gradient that leaves the branch for the block's input, that leaves the branch itself, and that enters it.
  var branchFactor = 1.0, inputFactor = 1.0, outputFactor = 1.0
  /// Whether the gradient passes the norms as if they were not there.
  var skipsNorm = false
  let title = "mistaken-block"

  init() {}
  init(_ block: NormalizedResidualForm) { self.block = block }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let built = try block.build(&builder)
    guard let layer = built.layer as? NormalizedResidual else { return built }
    return builder.layer(MistakenBlock(form: self, block: layer), output: built.output)
  }

  private struct MistakenBlock: Layer {
    let form: MistakenBlockForm
    let block: NormalizedResidual

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      func scaled(_ x: T, _ factor: Double) -> T {
        factor == 1 ? x : x * factor + (x * (1 - factor)).detached()
      }
      func normalized(_ norm: any Layer, _ x: T) -> T {
        let value = norm(x, pass)
        guard form.skipsNorm else { return value }
        // The norm's own parameters get their gradient.
        let own = norm(x.detached(), pass)
        return own + (x - x.detached())
      }
      let normalizesInput = block.position == .pre || block.position == .peri
      let entering = scaled(input, form.branchFactor)
      let first = normalizesInput ? normalized(block.norm, entering) : entering
      var change = block.branch(scaled(first * block.inputScale, form.inputFactor), pass)
      if let norm = block.outputNorm { change = normalized(norm, change) }
      if block.position == .output { change = normalized(block.norm, change) }
      change = scaled(change * block.scale, form.outputFactor)
      switch form.skip {
      case .factor(let factor):
        let sum = scaled(input * block.skipScale, factor) + change
        return block.position == .post ? normalized(block.norm, sum) : sum
      case .throughNorm:
        let carried = first * block.skipScale
        return (input * block.skipScale).detached() + change + (carried - carried.detached())
      case .pastNorm:
        let sum = normalized(block.norm, (input * block.skipScale).detached() + change)
        let carried = input * block.skipScale
        return sum + (carried - carried.detached())
      }
    }
  }
}
