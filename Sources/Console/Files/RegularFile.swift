import Foundation

/// Reads regular files only. Opening a pipe waits for its other end, and a device may have no end.
package enum RegularFile {
  /// The content of a regular file; `nil` if there is none that can be read.
  package static func contents(_ path: String) -> Data? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    do { return try handle.readToEnd() ?? Data() } catch { return nil }
  }

  /// The number of bytes of a regular file; `nil` if there is none.
  package static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
