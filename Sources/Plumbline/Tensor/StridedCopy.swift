/// Copies between contiguous memory and memory with any strides: the one mechanism underlying transposing,
/// broadcasting, slicing and concatenating.
///
/// Values are moved as words of their size, so that the loops are compiled for four and eight bytes
/// whatever generic code calls them.
enum StridedCopy {
  /// A block of shape `extents` read with some strides and written with others.
  static func copy<Scalar: TensorScalar>(
    _ source: UnsafePointer<Scalar>, _ sourceStrides: [Int], extents: [Int],
    into target: UnsafeMutablePointer<Scalar>, _ targetStrides: [Int]
  ) {
    let loop = Loop(extents: extents, strides: [sourceStrides, targetStrides])
    let (sourceStep, targetStep) = (loop.innerStrides[0], loop.innerStrides[1])
    loop.forEachRun { offsets in
      copy(
        loop.innerExtent, from: source + offsets[0], sourceStep, to: target + offsets[1],
        targetStep)
    }
  }

  private static func copy<Scalar: TensorScalar>(
    _ count: Int, from source: UnsafePointer<Scalar>, _ sourceStep: Int,
    to target: UnsafeMutablePointer<Scalar>, _ targetStep: Int
  ) {
    if sourceStep == 1 && targetStep == 1 {
      target.update(from: source, count: count)
      return
    }
    let (source, target) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    switch MemoryLayout<Scalar>.stride {
    case 4: copyWords(UInt32.self, count, source, sourceStep, target, targetStep)
    case 8: copyWords(UInt64.self, count, source, sourceStep, target, targetStep)
    default: copyWords(Scalar.self, count, source, sourceStep, target, targetStep)
    }
  }

  // Outside the generic function above, so that the two calls with known words become plain loops.
  @inline(__always)
  private static func copyWords<Word: BitwiseCopyable>(
    _ type: Word.Type, _ count: Int, _ source: UnsafeRawPointer, _ sourceStep: Int,
    _ target: UnsafeMutableRawPointer, _ targetStep: Int
  ) {
    let source = source.assumingMemoryBound(to: Word.self)
    let target = target.assumingMemoryBound(to: Word.self)
    for index in 0..<count { target[index * targetStep] = source[index * sourceStep] }
  }
}

/// A loop nest over several operands with their own strides: neighboring axes that every operand
/// crosses evenly are joined, and the innermost axis is left to a kernel.
struct Loop {
  /// The extent of the innermost axis, and each operand's step along it.
  let innerExtent: Int
  let innerStrides: [Int]

  private let outerExtents: [Int]
  private let outerStrides: [[Int]]

  /// A loop over `extents`; `strides` has a list for each operand.
  init(extents: [Int], strides: [[Int]]) {
    var joinedExtents: [Int] = []
    var joinedStrides = strides.map { _ in [Int]() }
    for axis in extents.indices where extents[axis] != 1 {
      let joins =
        !joinedExtents.isEmpty
        && strides.indices.allSatisfy {
          joinedStrides[$0].last! == strides[$0][axis] * extents[axis]
        }
      if joins {
        joinedExtents[joinedExtents.count - 1] *= extents[axis]
        for operand in strides.indices {
          joinedStrides[operand][joinedExtents.count - 1] = strides[operand][axis]
        }
      } else {
        joinedExtents.append(extents[axis])
        for operand in strides.indices { joinedStrides[operand].append(strides[operand][axis]) }
      }
    }
    innerExtent = joinedExtents.popLast() ?? 1
    innerStrides = joinedStrides.map { $0.last ?? 1 }
    outerExtents = joinedExtents
    outerStrides = joinedStrides.map { Array($0.dropLast()) }
  }

  /// How many values of memory a block crosses, from its first to its last.
  static func span(_ extents: [Int], _ strides: [Int]) -> Int {
    extents.contains(0) ? 0 : zip(extents, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
  }

  /// Calls `body` with each operand's offset at the start of every innermost run, in row-major order.
  func forEachRun(_ body: (UnsafeMutableBufferPointer<Int>) -> Void) {
    let operands = innerStrides.count
    guard innerExtent > 0, outerExtents.allSatisfy({ $0 > 0 }) else { return }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: operands) { offsets in
      offsets.initialize(repeating: 0)
      var index = [Int](repeating: 0, count: outerExtents.count)
      while true {
        body(offsets)
        var axis = outerExtents.count - 1
        while axis >= 0 {
          index[axis] += 1
          for operand in 0..<operands { offsets[operand] += outerStrides[operand][axis] }
          if index[axis] < outerExtents[axis] { break }
          for operand in 0..<operands {
            offsets[operand] -= outerStrides[operand][axis] * outerExtents[axis]
          }
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { return }
      }
    }
  }
}
