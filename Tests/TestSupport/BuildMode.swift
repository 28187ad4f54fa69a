/// How the tests were built.
package enum BuildMode {
  #if DEBUG
    /// Whether the code is optimized: without it trainings take minutes.
    package static let isOptimized = false
  #else
    /// Whether the code is optimized: without it trainings take minutes.
    package static let isOptimized = true
  #endif
}
