import Networks
import Plumbline

extension Evidence {
  /// Other initial weights: Glorot's for sigmoids, which He's would drive to where they are flat; He's for the others, and where that is
  /// not enough a smaller rate with them.
  var weightTreatments: [Treatment] {
    let sigmoids = facts.activations.count { $0 == "sigmoid" || $0 == "tanh" }
    let isSmooth = 2 * sigmoids > facts.activations.count
    return isSmooth
      ? [Treatment("Glorot's weights", options: "--init glorot", .weights(gain: 1))]
      : [Treatment("He's weights", options: "--init he", .weights(gain: 2.0.squareRoot()))]
  }
}
