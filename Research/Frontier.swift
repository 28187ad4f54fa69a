import Experiments

/// The residual streams of 2023 to 2026 side by side. It claims nothing: it prints which differences the seeds support.
let frontier = Experiment(
  "frontier",
  claim:
    "explores: which blocks train at which depth, at what loss, rate, time and memory, under one protocol",
  source:
    "the papers of each block, from He et al. 2016 (arXiv:1512.03385) to arXiv:2603.15031, on dense nets",
  topic: .frontier,
  cost: (quick: "4 min", full: "about 90 min"),
  arms: [.plain, .residual] + Arm.blocks, depths: [4, 8, 16, 32, 64, 128], reference: "pre-norm",
  finding: "Residual streams side by side",
  full: { $0.measures = ["memory"] },
  quick: {
    $0.depths = [4, 32, 128]
    $0.steps = 60
    $0.learningRates = [1e-3, 3e-3, 1e-2]
    $0.measures = ["memory"]
  })
