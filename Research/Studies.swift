import Experiments

/// The studies of this folder as commands, one line each.
let studies: [any Study] = [
  depth, frontier, transformer, convolutional, constructedSolution,
  Claim<SecondMoment>(), Claim<JacobianSpread>(), Claim<LearningRateRules>(),
  Claim<PathLengths>(), Claim<Fluctuations>(), Claim<BornDead>(), Claim<AngleCollapse>(),
  Claim<KeptLength>(), Claim<NormPosition>(), Claim<EulerLimit>(), Claim<ResidualTanh>(),
  Claim<TangentKernel>(), Claim<HessianConditioning>(), Claim<ShapedPlain>(),
  Claim<LinearRegions>(), Claim<DeadNetwork>(), Claim<DeepLinear>(), Claim<RandomStart>(),
  Claim<NegativeEigenvalue>(), Claim<OrthogonalStart>(),
  Claim<ShatteredGradients>(), Claim<DepthScale>(), Claim<StreamMixing>(),
  Claim<Lesion>(), Claim<EdgeOfStability>(), Claim<StochasticDepthLaw>(), Claim<TrainableDepth>(),
  Claim<LossLandscape>(), Claim<PublishedHighway>(),
  Claim<BlockLength>(), Claim<ReZeroTable>(), Claim<DyingLottery>(), Claim<ThousandLayers>(),
  Claim<LimitsCommute>(), Claim<RandomAngle>(), Claim<OneStep>(), Claim<JacobianSpectrum>(),
  Claim<ShortcutGradient>(), Claim<IdentityShortcuts>(),
  Claim<SurrogateGradient>(), Claim<AttentionOverDepth>(), Claim<DepthMovement>(),
  Claim<DepthTransfer>(),
  Claim<TrainedStreams>(), Claim<RankCollapse>(), Claim<HiddenWidth>(), Claim<RelativeDepth>(),
  Claim<BlockInfluence>(), Claim<NormFree>(), Claim<ResidualAlignment>(), Claim<MuonWidth>(),
  Claim<MuonDepth>(),
]
