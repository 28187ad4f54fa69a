import Plumbline
import Testing

@Suite("Tensors print as aligned nested lists")
struct DescriptionTests {
  @Test("of rank 0, 1, 2 and 3")
  func ranks() {
    #expect("\(Tensor<Double>(2.5))" == "2.5")
    #expect("\(Tensor<Double>([1, -2.5, 1_000]))" == "[   1, -2.5, 1000]")
    #expect("\(Tensor<Float>([[1, 2], [3, 40]]))" == "[[ 1,  2],\n [ 3, 40]]")
    let cube = Tensor<Double>.indices(8).reshaped(to: [2, 2, 2])
    #expect(
      "\(cube)" == """
        [[[0, 1],
          [2, 3]],

         [[4, 5],
          [6, 7]]]
        """)
  }

  @Test("with five significant digits")
  func digits() {
    #expect(
      "\(Tensor<Double>([1.0 / 3, 2e-9, 123_456.7]))" == "[   0.33333,      2e-09, 1.2346e+05]")
    #expect("\(Tensor<Double>([0.5, 1_000_000, -0.0]))" == "[  0.5, 1e+06,    -0]")
    #expect("\(Tensor<Float>([Float.nan, .infinity, -.infinity]))" == "[ nan,  inf, -inf]")
  }

  @Test("large ones with three values from each end of an axis")
  func elision() {
    #expect("\(Tensor<Double>.indices(8))" == "[0, 1, 2, 3, 4, 5, 6, 7]")
    #expect("\(Tensor<Double>.indices(9))" == "[0, 1, 2, ..., 6, 7, 8]")
    #expect(
      "\(Tensor<Double>.indices(1000).reshaped(to: [10, 100]))" == """
        [[  0,   1,   2, ...,  97,  98,  99],
         [100, 101, 102, ..., 197, 198, 199],
         [200, 201, 202, ..., 297, 298, 299],
         ...,
         [700, 701, 702, ..., 797, 798, 799],
         [800, 801, 802, ..., 897, 898, 899],
         [900, 901, 902, ..., 997, 998, 999]]
        """)
  }

  @Test("in the debugger with type and shape before the values")
  func debugging() {
    #expect(String(reflecting: Tensor<Float>([[1], [2]])) == "Tensor<Float> [2, 1] [[1],\n [2]]")
  }

  @Test("dual numbers with their tangents")
  func duals() {
    let x = Tensor<Double>([1, 2]).dual(tangent: [0.5, 0])
    #expect("\(x)" == "[1.0 + 0.5ε, 2.0 + 0.0ε]")
  }

  @Test("shapes as lists of extents")
  func shapes() {
    #expect("\(Shape([2, 3]))" == "[2, 3]")
    #expect("\(Shape([]))" == "[]")
  }
}
