import Foundation

/// A library of the system, found when it is first needed, so that building needs none of its headers.
enum SystemLibrary {
  /// The addresses of these functions in the first of these libraries that has all of them; `nil` if none has.
  ///
  /// The library stays loaded for the life of the process: the addresses point into it.
  static func functions(
    _ functions: [String], inFirstOf names: [String]
  ) -> [UnsafeMutableRawPointer]? {
    for name in names {
      guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      let found = functions.compactMap { dlsym(library, $0) }
      if found.count == functions.count { return found }
      dlclose(library)
    }
    return nil
  }
}
