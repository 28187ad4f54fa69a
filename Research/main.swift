import Experiments

// The studies of this folder as commands: a line each.

StudyProgram.main(
  "research", summary: "studies of depth: training error, signals and gradients of deep networks",
  [
    Depth.self, SecondMoment.self, JacobianSpread.self, IdentityInsertion.self,
    LearningRateRules.self, PathLengths.self,
  ])
