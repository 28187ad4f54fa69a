// swift-tools-version: 6.3
import PackageDescription

// Experiments as they are written in a separate package: `swift run -c release layer-scale --quick`.
let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],
  // From another location: .package(url: "https://.../plumbline.git", from: "1.0.0")
  dependencies: [.package(name: "Plumbline", path: "../..")],
  targets: [
    example("layer-scale", "LayerScale"), example("hyper-connections", "HyperConnections"),
  ]
)

func example(_ name: String, _ folder: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      .product(name: "Experiments", package: "Plumbline"),
      .product(name: "Plumbline", package: "Plumbline"),
    ], path: "Sources/\(folder)")
}
