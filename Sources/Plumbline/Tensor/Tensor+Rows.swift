extension Tensor {
  /// The rows (positions along the first axis) with these numbers, which may repeat. Complexity: O(values copied).
  public func selectingRows(_ rows: some Collection<Int>) -> Tensor {
    Tensor(Shape([rows.count] + shape.extents.dropFirst())) { copyRows(Array(rows)[...], into: $0) }
  }

  /// Writes consecutive rows.
  func copyRows(_ rows: Range<Int>, into target: UnsafeMutablePointer<Scalar>) {
    let length = rows.isEmpty ? 0 : count / (shape.extents.first ?? 1)
    withValues {
      target.update(from: $0 + rows.lowerBound * length, count: rows.count * length)
    }
  }

  /// Writes the rows with these numbers one after another. Not generic over the numbers: a training step gathers its
  /// batch here, and an element of an unspecialized collection would cost more than a narrow row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func copyRows(_ rows: ArraySlice<Int>, into target: UnsafeMutablePointer<Scalar>) {
    require(shape.rank > 0, "a scalar has no rows")
    let height = shape.extents[0]
    let length = shape.extents.dropFirst().reduce(1, *)
    withValues { source in
      rows.withUnsafeBufferPointer { rows in
        for index in rows.indices {
          let row = rows[index]
          require(0 <= row && row < height, "row \(row) lies outside shape \(shape)")
          (target + index * length).update(from: source + row * length, count: length)
        }
      }
    }
  }
}
