// The kernels as operations on tensors. Everything above this file is written in terms of these, and
// broadcasting happens here and nowhere else.

extension Tensor {
  /// f of each value.
  func mapped(_ function: UnaryFunction) -> Tensor {
    Tensor(shape) { target in
      withValues { Scalar.apply(function, count: count, $0, into: target) }
    }
  }

  /// f of each pair of values, after broadcasting.
  static func combined(_ function: BinaryFunction, _ left: Tensor, _ right: Tensor) -> Tensor {
    guard let shape = Shape.broadcast(left.shape, right.shape) else {
      fatalError("\(function) cannot broadcast shapes \(left.shape) and \(right.shape)")
    }
    return Tensor(shape) { target in
      left.withValues { x in
        right.withValues { y in
          if left.shape == right.shape {
            Scalar.apply(function, count: shape.elementCount, x, step: 1, y, step: 1, into: target)
            return
          }
          let loop = Loop(
            extents: shape.extents,
            strides: [
              left.shape.strides(broadcastTo: shape)!, right.shape.strides(broadcastTo: shape)!,
            ])
          let (xStep, yStep) = (loop.innerStrides[0], loop.innerStrides[1])
          var written = 0
          loop.forEachRun { offsets in
            Scalar.apply(
              function, count: loop.innerExtent, x + offsets[0], step: xStep, y + offsets[1],
              step: yStep, into: target + written)
            written += loop.innerExtent
          }
        }
      }
    }
  }

  /// f of each value and a constant.
  func combined(_ function: BinaryFunction, _ constant: Double) -> Tensor {
    Tensor(shape) { target in
      withValues { x in
        withUnsafePointer(to: Scalar(constant)) { y in
          Scalar.apply(function, count: count, x, step: 1, y, step: 0, into: target)
        }
      }
    }
  }

  /// `first` where `mask` is not 0, `second` elsewhere; the three have one shape.
  static func selected(_ mask: Tensor, _ first: Tensor, _ second: Tensor) -> Tensor {
    Tensor(mask.shape) { target in
      mask.withValues { m in
        first.withValues { x in
          second.withValues { Scalar.select(count: mask.count, mask: m, x, $0, into: target) }
        }
      }
    }
  }

  /// The values read with other strides under another shape: a copy.
  func gathered(shape: Shape, strides: [Int], from start: Int = 0) -> Tensor {
    Tensor(shape) { target in
      withValues {
        StridedCopy.gather($0 + start, strides: strides, extents: shape.extents, into: target)
      }
    }
  }

  /// Repeated to `target`, which the shape must broadcast to.
  func repeated(to target: Shape) -> Tensor {
    if shape == target { return self }
    guard let strides = shape.strides(broadcastTo: target) else {
      fatalError("shape \(shape) cannot be broadcast to \(target)")
    }
    return gathered(shape: target, strides: strides)
  }

  /// The axes in another order: axis i of the result is axis `permutation[i]`.
  func permuted(_ permutation: [Int]) -> Tensor {
    if permutation == Array(0..<shape.rank) { return self }
    let strides = shape.strides
    return gathered(
      shape: Shape(permutation.map { shape.extents[$0] }), strides: permutation.map { strides[$0] })
  }

  /// The sum over `axes` (normalized), which stay with extent 1.
  func summed(over axes: [Int]) -> Tensor {
    let result = shape.reduced(over: axes, keepingAxes: true)
    switch Summation(of: shape, over: axes) {
    case .view: return viewed(as: result)
    case .rows(let rows, let columns):
      return Tensor(result) { target in
        withValues {
          Scalar.sumRows(rows: rows, columns: columns, $0, rowStride: columns, into: target)
        }
      }
    case .runs, .permuted: return reduced(over: axes) { Scalar.sum(count: $0, $1) }
    }
  }

  /// The largest value over `axes` (normalized), which stay with extent 1.
  func maximum(over axes: [Int]) -> Tensor {
    require(
      axes.allSatisfy { shape.extents[$0] > 0 },
      "the maximum over an axis of extent 0 of shape \(shape) does not exist")
    return reduced(over: axes) { Scalar.maximum(count: $0, $1) }
  }

  private func reduced(
    over axes: [Int], _ reduce: (Int, UnsafePointer<Scalar>) -> Scalar
  ) -> Tensor {
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    let length = axes.map { shape.extents[$0] }.reduce(1, *)
    let result = shape.reduced(over: axes, keepingAxes: true)
    return Tensor(result) { target in
      permuted(kept + axes).withValues { values in
        for index in 0..<result.elementCount {
          target[index] = reduce(length, values + index * length)
        }
      }
    }
  }

  /// The rows (places along the first axis) with these numbers, which may repeat. Complexity: O(values copied).
  public func selectingRows(_ rows: some Collection<Int>) -> Tensor {
    Tensor(Shape([rows.count] + shape.extents.dropFirst())) { copyRows(Array(rows)[...], into: $0) }
  }

  /// Writes rows that follow each other.
  func copyRows(_ rows: Range<Int>, into target: UnsafeMutablePointer<Scalar>) {
    let length = rows.isEmpty ? 0 : count / (shape.extents.first ?? 1)
    withValues {
      target.update(from: $0 + rows.lowerBound * length, count: rows.count * length)
    }
  }

  /// Writes the rows with these numbers one after the other. Not generic over the numbers: a training step gathers its
  /// batch here, and an element of an unspecialized collection would cost more than a narrow row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func copyRows(_ rows: ArraySlice<Int>, into target: UnsafeMutablePointer<Scalar>) {
    require(shape.rank > 0, "a scalar has no rows")
    let height = shape.extents[0]
    let length = shape.extents.dropFirst().reduce(1, *)
    withValues { source in
      rows.withUnsafeBufferPointer { rows in
        for place in rows.indices {
          let row = rows[place]
          require(0 <= row && row < height, "row \(row) lies outside shape \(shape)")
          (target + place * length).update(from: source + row * length, count: length)
        }
      }
    }
  }
}
