import Experiments

// The studies of this folder as commands: a line each.

StudyProgram.main(
  "research", summary: "studies of depth: training error, signals and gradients of deep networks",
  [
    depth, Claim<SecondMoment>(), Claim<JacobianSpread>(), constructedSolution,
    Claim<LearningRateRules>(), Claim<PathLengths>(),
  ])
