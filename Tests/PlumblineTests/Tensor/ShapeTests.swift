import Foundation
import Plumbline
import Testing

@Suite("A shape")
struct ShapeTests {
  @Test("has a rank, extents and as many elements as their product")
  func basics() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.rank == 3)
    #expect(shape.elementCount == 24)
    #expect(shape[0] == 2)
    #expect(shape[-1] == 4)
    #expect(shape[-3] == 2)
    #expect(Shape([]).elementCount == 1)
    #expect(Shape([5, 0, 7]).elementCount == 0)
    #expect(Shape([2, 3]) == [2, 3])
    #expect(Shape([2, 3]) != [3, 2])
  }

  @Test("is written to a file as a list, and a list with a negative extent is refused")
  func coding() throws {
    let shapes: [Shape] = [[], [3], [2, 0, 4]]
    let data = try JSONEncoder().encode(shapes)
    #expect(String(decoding: data, as: UTF8.self) == "[[],[3],[2,0,4]]")
    #expect(try JSONDecoder().decode([Shape].self, from: data) == shapes)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Shape.self, from: Data("[2,-1]".utf8))
    }
  }
}
