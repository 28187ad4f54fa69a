import Plumbline

/// Where to compare a gradient that is zero at the checked point, since zero against zero compares nothing.
///
/// A branch whose scale starts at 0 hides the gradients of everything inside it. So tensors that are zero throughout are moved off
/// zero; if there are none, as at a minimum, everything moves by a tenth.
enum OffZero {
  static func point(near point: [Tensor<Double>], _ key: Key) -> [Tensor<Double>] {
    func isZero(_ tensor: Tensor<Double>) -> Bool { tensor.scalars.allSatisfy { $0 == 0 } }
    let hasZeros = point.contains { $0.count > 0 && isZero($0) }
    return point.enumerated().map { index, tensor in
      let noise = Tensor(tensor.shape, key[index].normal(tensor.count))
      return isZero(tensor) ? noise * 0.5 : hasZeros ? tensor : tensor + noise * 0.1
    }
  }
}
