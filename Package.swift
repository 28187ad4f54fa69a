// swift-tools-version: 6.3
import PackageDescription

// SwiftPM compiles C without optimization in debug builds, which makes the matrix product about thirty times slower and `swift test`
// with it. From tools version 6.2 on the flag is allowed in a dependency too, by version as well.
let kernelSettings: [CSetting] = [.unsafeFlags(["-O2"])]

// What computes is optimized in debug builds too: its generic code is more than twenty times slower otherwise, and so would be a
// user's program. Checks of bounds and overflow stay; programs, tests and everything else are built for the debugger.
let optimized: [SwiftSetting] = [
  .unsafeFlags(
    ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
    .when(configuration: .debug))
]

let package = Package(
  name: "Plumbline",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Plumbline", targets: ["Plumbline"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Diagnosis", targets: ["Diagnosis"]),
    .library(name: "Findings", targets: ["Findings"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Verification", targets: ["Verification"]),
    .library(name: "Plots", targets: ["Plots"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Experiments", targets: ["Experiments"]),
    .executable(name: "plumb", targets: ["plumb"]),
    .executable(name: "research", targets: ["research"]),
  ],
  dependencies: [],
  targets: [
    .target(
      name: "CKernels", exclude: ["coefficients.py"], cSettings: kernelSettings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(
      name: "Plumbline", dependencies: ["CKernels", "Findings"], swiftSettings: optimized),
    .target(name: "Findings"),
    .target(name: "Console", dependencies: ["Findings"]),
    .target(
      name: "Datasets", dependencies: ["Console", "Findings", "Plumbline"],
      swiftSettings: optimized),
    .target(name: "Networks", dependencies: ["Findings", "Plumbline"]),
    .target(name: "Notebooks", dependencies: ["Console", "Datasets", "Findings"]),
    .target(name: "Plots", dependencies: ["Plumbline"]),
    .target(
      name: "Verification", dependencies: ["Datasets", "Findings", "Networks", "Plumbline"],
      swiftSettings: optimized),
    .target(
      name: "Training", dependencies: ["Console", "Datasets", "Findings", "Networks", "Plumbline"],
      swiftSettings: optimized),
    .target(
      name: "Diagnosis",
      dependencies: ["Console", "Datasets", "Findings", "Networks", "Plumbline", "Training"],
      swiftSettings: optimized),
    .target(
      name: "Experiments",
      dependencies: [
        "CKernels", "Console", "Datasets", "Diagnosis", "Findings", "Networks", "Plots",
        "Plumbline", "Training",
      ]),
    .executableTarget(
      name: "plumb",
      dependencies: [
        "Console", "Datasets", "Diagnosis", "Experiments", "Findings", "Networks", "Notebooks",
        "Plots", "Plumbline", "Training", "Verification",
      ], resources: [.embedInCode("Python/plumbline.py")]),
    .executableTarget(
      name: "research",
      dependencies: [
        "Datasets", "Diagnosis", "Experiments", "Findings", "Plots", "Plumbline", "Training",
      ],
      path: "Research", exclude: ["Peers", "Examples"]),
    // The experiments of Research/Examples, which is a package of its own, so that they always compile here.
    .target(
      name: "ExampleExperiments", dependencies: ["Experiments", "Plumbline"],
      path: "Research/Examples/Sources",
      exclude: ["LayerScale/main.swift", "HyperConnections/main.swift"]),
    // Built here, and by a test for AArch64, together with the excluded program.
    .target(
      name: "KernelDigest", dependencies: ["CKernels"], path: "Tests/CKernelsTests/Cross",
      exclude: ["main.c"]),
    .testTarget(
      name: "CKernelsTests", dependencies: ["CKernels", "KernelDigest"],
      exclude: ["Cross"]),
    // What tests of several targets share: folders, small data, built programs, trials, messages of traps.
    .target(
      name: "TestSupport", dependencies: ["Datasets", "Plumbline"], path: "Tests/TestSupport"),
    // Kills, faults, limits and mutations; `PLUMB_ATTACKS=50 swift test --filter AttackTests` makes fifty times as many.
    .testTarget(
      name: "AttackTests", dependencies: ["Plumbline", "TestSupport", "plumb", "research"],
      exclude: ["faults.c"]),
    .testTarget(name: "ConsoleTests", dependencies: ["Console", "Findings", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Findings", "Networks", "Plumbline", "TestSupport"]),
    .testTarget(name: "FindingsTests", dependencies: ["Findings"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Console", "Datasets", "ExampleExperiments", "Experiments", "Findings", "Plots",
        "Plumbline", "TestSupport", "Training", "Verification",
      ]),
    .testTarget(
      name: "NetworksTests", dependencies: ["Findings", "Networks", "Plumbline", "TestSupport"]),
    .testTarget(
      name: "NotebooksTests",
      dependencies: ["Findings", "Notebooks", "Plumbline", "TestSupport", "plumb", "research"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots"]),
    // What the tools are measured on; `swift run -c release cases` prints their scores.
    .target(
      name: "AuditCases",
      dependencies: ["Datasets", "Findings", "Networks", "Plumbline", "Verification"],
      path: "Tests/Cases/AuditCases"),
    .target(
      name: "TrainingCases",
      dependencies: ["Datasets", "Diagnosis", "Findings", "Networks", "Plumbline", "Training"],
      path: "Tests/Cases/TrainingCases"),
    .executableTarget(
      name: "cases",
      dependencies: [
        "AuditCases", "Console", "Datasets", "Diagnosis", "Findings", "Plumbline", "TrainingCases",
        "Verification",
      ],
      path: "Tests/Cases/Program"),
    .testTarget(
      name: "PlumblineTests",
      dependencies: [
        "CKernels", "Findings", "Networks", "Plots", "Plumbline", "TestSupport", "Verification",
      ]),
    .testTarget(
      name: "PlumbTests",
      dependencies: [
        "AuditCases", "Datasets", "Networks", "Plumbline", "TestSupport", "Verification", "plumb",
      ]),
    .testTarget(
      name: "ResearchTests",
      dependencies: [
        "CKernels", "Datasets", "Experiments", "Plumbline", "TestSupport", "research",
      ]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Datasets", "Experiments", "Findings", "Networks", "Plumbline", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: [
        "Datasets", "Diagnosis", "Findings", "Networks", "Plumbline", "TestSupport", "Training",
        "TrainingCases", "Verification",
      ]),
    .testTarget(
      name: "VerificationTests",
      dependencies: [
        "AuditCases", "Datasets", "Findings", "Networks", "Plumbline", "TestSupport",
        "Verification",
      ],
      exclude: ["NumPyPasses"]),
  ],
  swiftLanguageModes: [.v6]
)

// The kernels and their tests alone, for builds with sanitizers.
if Context.environment["PLUMB_KERNELS_ONLY"] != nil {
  package.products = []
  package.targets.removeAll { !["CKernels", "KernelDigest", "CKernelsTests"].contains($0.name) }
}
