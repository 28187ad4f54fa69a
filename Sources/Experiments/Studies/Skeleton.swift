/// The source of a study that runs as it is, for its author to change.
struct Skeleton {
  /// The name of the command.
  let name: String
  /// Whether it is a ``ClaimStudy``; otherwise it is an ``Experiment``.
  let isClaim: Bool

  /// The name of its type, and of its file.
  var typeName: String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// The study in the list of a program.
  var expression: String {
    isClaim
      ? "Claim<\(typeName)>()"
      : typeName.prefix(1).lowercased() + typeName.dropFirst() + "Experiment"
  }

  /// `main.swift` of a package of its own.
  var main: String {
    isClaim ? "import Experiments\n\n\(expression).main()\n" : "\(expression).main()\n"
  }

  /// `Package.swift` of a package of its own.
  ///
  /// - Parameter library: The folder of Plumbline.
  func manifest(library: String) -> String {
    let path = library.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return """
      // swift-tools-version: 6.3
      import PackageDescription

      let package = Package(
        name: "\(typeName)",
        platforms: [.macOS(.v15)],
        dependencies: [.package(name: "Plumbline", path: "\(path)")],
        targets: [
          .executableTarget(
            name: "\(name)",
            dependencies: [
              .product(name: "Experiments", package: "Plumbline"),
              .product(name: "Plots", package: "Plumbline"),
              .product(name: "Plumbline", package: "Plumbline"),
            ], path: "Sources/\(typeName)")
        ]
      )

      """
  }

  /// The study.
  var source: String { isClaim ? claim : experiment }

  private var claim: String {
    #"""
    import Experiments
    import Foundation
    import Plots
    import Plumbline

    /// How the energy of a signal grows in a residual net: change it into your own law.
    struct \#(typeName): ClaimStudy {
      static let name = "\#(name)"
      static let claim = "branches of variance η² multiply the energy of a signal by 1 + η² per block"
      static let source = "derived here"
      static let derivation = """
        A branch that ends in a weight of mean 0 is unrelated to the skip, so that their energies add up: a branch of η times the signal's \
        root mean square multiplies it by 1 + η² per block, and L blocks by (1 + η²)^L.
        """
      static let control = "branches of twice the energy"
      static let topic = StudyTopic.signal
      static let cost = (quick: "1 s", full: "2 s")

      let conditions: ClaimConditions

      func result(in session: StudySession) throws -> CheckedClaim {
        let (width, scale) = (32, 0.5)
        let excess = isControl ? 2.0.squareRoot() : 1
        func law(_ depth: Double) -> Double { pow(1 + scale * scale, depth) }
        // The means over networks, with their standard errors; the checks allow for no more than these.
        let energies = try MeasuredLaw("width \(width)", at: [2, 4, 8], law: law) { depth in
          try session.mean(
            "energy after \(depth) blocks", draws: effort.choose(quick: 2000, full: 8000), key["networks"]
          ) { key in
            let network = Sequential(residualBlocks(depth, width: width, scale: scale * excess))
            let parameters = Parameters<Double>(of: network, key: key["weights"])
            let x: Tensor<Double> = key["input"].normalTensor([1, width])
            let y = network(x, parameters.pass())
            return y.squared().sum().scalar / x.squared().sum().scalar
          }
        }
        let checks = energies.checks { "energy after \($0) blocks, over the input's" }
        let chart = Chart(
          title: "The energy of a signal grows with every block", subtitle: "dashed: the law",
          x: Axis("blocks", ticks: energies.depths.map(Double.init)),
          y: Axis("energy over the input's"), series: energies.series)
        return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
      }
    }

    """#
  }

  private var experiment: String {
    """
    import Experiments
    import Plumbline

    /// A block of two layers, h + strength (relu(h W1 + b1) W2 + b2): change it into your own.
    private struct \(typeName)Block: Layer {
      let first: Dense, second: Dense, strength: Double

      init(width: Int, strength: Double) {
        first = Dense(width, width)
        second = Dense(width, width)
        self.strength = strength
      }

      func callAsFunction<T>(_ h: T, _ pass: Pass<T>) -> T {
        h + second(relu(first(h, pass)), pass) * strength
      }
    }

    let \(expression) = Experiment(
      "\(name)", claim: "the new blocks stay below plain nets",
      arms: [
        .plain, .residual,
        Arm("new", summary: "the new blocks", layersOfABlock: 2) { point in
          BlockNetwork(
            point,
            blocks: (0..<point.depth / 2).map { _ in
              \(typeName)Block(width: point.width, strength: point["strength", default: 0.25])
            })
        },
      ],
      depths: [4, 16, 64],
      // Further settings to vary; the arm reads them from its point.
      factors: [Factor("strength", [0.25])],
      predictions: [.isBelow("new", "plain")])

    """
  }
}
