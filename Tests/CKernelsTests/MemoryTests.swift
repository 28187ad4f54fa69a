import CKernels
import Foundation
import Testing

/// Memory that ends where the next page may not be touched: one value too far stops the process.
private final class LastPage<Scalar: KernelScalar> {
  private let memory: UnsafeMutableRawPointer
  private let pageSize: Int

  init() {
    pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #else
      let flags = MAP_PRIVATE | MAP_ANON
    #endif
    let mapped = mmap(nil, 2 * pageSize, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let mapped, mapped != MAP_FAILED, mprotect(mapped + pageSize, pageSize, PROT_NONE) == 0
    else { fatalError("no memory for two pages of \(pageSize) bytes") }
    memory = mapped
  }

  deinit { munmap(memory, 2 * pageSize) }

  /// The last `count` values before the end, all 1.
  func values(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    let bytes = count * MemoryLayout<Scalar>.stride
    let start = (memory + pageSize - bytes).assumingMemoryBound(to: Scalar.self)
    start.initialize(repeating: 1, count: count)
    return start
  }
}

extension KernelSuite {
  @Suite struct Memory {}
}

extension KernelSuite.Memory {
  private func checkProducts<Scalar: KernelScalar>(_: Scalar.Type) {
    let (aPage, bPage, cPage) = (LastPage<Scalar>(), LastPage<Scalar>(), LastPage<Scalar>())
    let biasPage = LastPage<Scalar>()
    KernelSuite.onEveryInstructionSet { set in
      for columns in 1...36 {
        for (rows, depth, isTransposed) in [
          (3, 5, false), (3, 5, true), (1, 1, true), (2, 9, true),
        ] {
          let a = aPage.values(rows * depth)
          let b = bPage.values(depth * columns)
          let c = cPage.values(rows * columns)
          Scalar.product(
            rows, columns, depth, a, isTransposed ? 1 : depth, isTransposed ? rows : 1, b,
            isTransposed ? 1 : columns, isTransposed ? depth : 1, biasPage.values(columns), c,
            columns)
          let all = UnsafeBufferPointer(start: c, count: rows * columns)
          #expect(all.allSatisfy { $0 == Scalar(depth + 1) }, "\(set): \(columns) columns")
        }
      }
    }
  }

  @Test func productsStayInside() {
    checkProducts(Float.self)
    checkProducts(Double.self)
  }

  private func checkFusedProducts<Scalar: KernelScalar>(_: Scalar.Type) {
    let (aPage, bPage, cPage) = (LastPage<Scalar>(), LastPage<Scalar>(), LastPage<Scalar>())
    let (skipPage, gatePage) = (LastPage<Scalar>(), LastPage<Scalar>())
    let (scaledPage, sumsPage) = (LastPage<Scalar>(), LastPage<Scalar>())
    KernelSuite.onEveryInstructionSet { set in
      for columns in 1...36 {
        let count = 3 * columns
        let (c, scaled, sums) = (
          cPage.values(count), scaledPage.values(count), sumsPage.values(columns)
        )
        var epilogue = ProductEpilogue<Scalar>(row: columns)
        epilogue.skip = UnsafePointer(skipPage.values(count))
        epilogue.gate = UnsafePointer(gatePage.values(count))
        epilogue.relu = true
        epilogue.scaled = scaled
        epilogue.scaledBy = 2
        epilogue.columnSums = sums
        Scalar.fusedProduct(
          (3, columns, 5), aPage.values(15), (5, 1), bPage.values(5 * columns), (columns, 1),
          epilogue, c, columns)
        for (name, values, expected) in [
          ("result", UnsafeBufferPointer(start: c, count: count), 6 as Scalar),
          ("scaled result", UnsafeBufferPointer(start: scaled, count: count), 12),
          ("sums", UnsafeBufferPointer(start: sums, count: columns), 5),
        ] {
          #expect(values.allSatisfy { $0 == expected }, "\(set): \(name), \(columns) columns")
        }
      }
    }
  }

  @Test func fusedProductsStayInside() {
    checkFusedProducts(Float.self)
    checkFusedProducts(Double.self)
  }

  private func checkRows<Scalar: KernelScalar>(_: Scalar.Type) {
    let (xPage, yPage, zPage) = (LastPage<Scalar>(), LastPage<Scalar>(), LastPage<Scalar>())
    let classes = [Scalar](repeating: 0, count: 20)
    KernelSuite.onEveryInstructionSet { set in
      for columns in 1...20 {
        for rows in [1, 3, 17] {
          let count = rows * columns
          let (x, y, z) = (xPage.values(count), yPage.values(count), zPage.values(rows))
          Scalar.rows(.logSumExp, rows, columns, x, z)
          Scalar.rows(.softmax, rows, columns, x, y)
          let all = UnsafeBufferPointer(start: y, count: count)
          #expect(all.allSatisfy { $0 == 1 / Scalar(columns) }, "\(set): \(columns) columns")
          let done = Scalar.crossEntropy(rows, columns, x, classes, y, z)
          #expect(done == rows && z[rows - 1] == y[count - 1], "\(set): \(columns) columns")
          #expect(
            Scalar.crossEntropyGradient(rows, columns, y, classes, z, 1, x) == rows,
            "\(set): \(columns) columns")
        }
      }
    }
  }

  @Test func rowsStayInside() {
    checkRows(Float.self)
    checkRows(Double.self)
  }

  private func checkOthers<Scalar: KernelScalar>(_: Scalar.Type) {
    let (xPage, yPage, zPage) = (LastPage<Scalar>(), LastPage<Scalar>(), LastPage<Scalar>())
    KernelSuite.onEveryInstructionSet { set in
      for count in 1...40 {
        let (x, y, z) = (xPage.values(count), yPage.values(count), zPage.values(count))
        let result = UnsafeBufferPointer(start: z, count: count)
        Scalar.unary(.negate, count, x, z)
        #expect(result.allSatisfy { $0 == -1 }, "\(set): \(count) values")
        Scalar.binary(.add, count, x, 1, y, 1, z)
        #expect(result.allSatisfy { $0 == 2 }, "\(set): \(count) values")
        Scalar.binary(.subtract, count, x + (count - 1), 0, y, 1, z)
        #expect(result.allSatisfy { $0 == 0 }, "\(set): \(count) values")
        Scalar.select(count, x, x + (count - 1), 0, y, 1, z)
        #expect(result.allSatisfy { $0 == 1 }, "\(set): \(count) values")
        Scalar.sumRows(1, count, x, count, z)
        #expect(result.allSatisfy { $0 == 1 }, "\(set): \(count) values")
        #expect(Scalar.sum(count, x) == Scalar(count), "\(set): \(count) values")
        #expect(Scalar.maximum(count, x) == 1, "\(set): \(count) values")
      }
    }
  }

  @Test func theOthersStayInside() {
    checkOthers(Float.self)
    checkOthers(Double.self)
  }
}
