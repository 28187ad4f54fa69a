/// What can be done about values that are not finite.
enum NonFiniteValues {
  /// The line of Python that replaces them in an array. By default NumPy takes the largest number for infinity, with which no network can
  /// calculate.
  static func filling(_ name: String) -> String {
    "\(name) = np.nan_to_num(\(name), posinf=0, neginf=0)"
  }
}
