import Console
import Testing

@Suite struct ValueFormTests {
  private enum Arm: String, CaseIterable {
    case plain, residual
  }

  @Test func readsWholeNumbersInTheRange() {
    let form = ValueForm.integer(in: 1...64)
    #expect(form.read("1") == 1)
    #expect(form.read("64") == 64)
    for text in ["0", "65", "-1", "1.5", "", " 3", "3 ", "1e3", "0x10", "99999999999999999999"] {
      #expect(form.read(text) == nil, "\(text)")
    }
    let large = ValueForm.integer(in: 1...5000)
    #expect(large.read("1e3") == 1000 && large.read("1.5E3") == 1500 && large.read("2e+0") == 2)
    for text in ["1e4", "1e-3", "1.55e1", "e3", "1e", "1e99999", "1.2.3e4"] {
      #expect(large.read(text) == nil, "\(text)")
    }
    #expect(form.accepted == "a whole number from 1 to 64")
    #expect(ValueForm.integer(atLeast: 0).accepted == "a whole number of at least 0")
  }

  @Test func readsPositiveNumbers() {
    let form = ValueForm.positive
    #expect(form.read("1e-3") == 0.001)
    #expect(form.read(".5") == 0.5)
    for text in ["0", "-1", "nan", "inf", "infinity", "0x1p3", "1e400", "", "1,5", "ten"] {
      #expect(form.read(text) == nil, "\(text)")
    }
  }

  @Test func readsNumbersInARange() {
    let form = ValueForm.number(in: 0...0.5)
    #expect(form.read("0") == 0)
    #expect(form.read("0.5") == 0.5)
    #expect(form.read("0.50001") == nil)
    #expect(form.accepted == "a number from 0 to 0.5")
    #expect(ValueForm.number(in: 0 ... .infinity).accepted == "a number of at least 0")
  }

  @Test func readsLists() {
    let form = ValueForm.list(of: ValueForm.integer(atLeast: 1), isDistinct: true)
    #expect(form.read("2,4,8") == [2, 4, 8])
    #expect(form.read("2, 4 ,8") == [2, 4, 8])
    #expect(form.read("2") == [2])
    for text in ["", "2,,4", "2,4,", ",2", "2;4", "2,0", "2,2"] {
      #expect(form.read(text) == nil, "\(text)")
    }
    #expect(ValueForm.list(of: ValueForm.positive).read("1e-4,3e-4") == [1e-4, 3e-4])
    #expect(ValueForm.list(of: ValueForm.positive).read("1,1") == [1, 1])
  }

  @Test func readsNames() {
    #expect(ValueForm.choice(["sgd", "adam"]).read("adam") == "adam")
    #expect(ValueForm.choice(["sgd", "adam"]).read("Adam") == nil)
    #expect(ValueForm<Arm>.choice.read("plain") == .plain)
    #expect(ValueForm<Arm>.choice.accepted == "one of plain, residual")
  }

  @Test func readsPaths() {
    #expect(ValueForm.input("a file").read("a/b c") == "a/b c")
    #expect(ValueForm.input("a file").read("") == nil)
    #expect(ValueForm.input("a file").read("a\0b") == nil)
    #expect(ValueForm.input("a file").read("~/x")?.hasPrefix("~") == false)
    #expect(ValueForm.input("a file").read("~x") == "~x")
  }
}
