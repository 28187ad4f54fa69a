import Experiments

StudyProgram.main(
  "research", summary: "studies of depth: training error, signals and gradients of deep networks",
  studies)
