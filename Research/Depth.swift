import Experiments

/// Does training error rise with depth? Plain against residual nets and their controls.
let depth = Experiment(
  "depth", claim: "plain training error rises with depth, residual training error does not",
  source: "He et al. 2016 (arXiv:1512.03385), on dense nets",
  cost: (quick: "under 1 min", full: "about 10 min"), arms: Arm.library,
  depths: [2, 4, 8, 16, 32, 64, 128], reference: "plain",
  predictions: [.rises("plain"), .isBelow("residual", "plain")],
  // No more than what the claim's two intervals show: neither is for the error, nor for how residual nets change.
  finding: "Training loss rises with depth in plain nets, and deep residual nets stay below",
  full: { $0.arms = Arm.allCases }, quick: { $0 = .quick })
