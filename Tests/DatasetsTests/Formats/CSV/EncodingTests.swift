import Foundation
import TestSupport
import Testing

@testable import Datasets

private let gb18030: UInt = 0x8000_0632
private let big5: UInt = 0x8000_0A03
private let cp949: UInt = 0x8000_0422
private let cp932: UInt = 0x8000_0420

/// Texts that are not UTF-8.
@Suite("Encodings of texts")
struct EncodingTests {
  /// A text in an encoding by the number that CoreFoundation gives it.
  private func bytes(_ text: String, _ encoding: UInt) throws -> [UInt8] {
    Array(try #require(text.data(using: String.Encoding(rawValue: encoding))))
  }

  @Test(
    "Chinese, Japanese and Korean tables are read, and it is said in which encoding",
    arguments: [
      ("年龄,身高,体重,是否患病", "否", "是", gb18030, "Chinese in GB18030"),
      ("年齡,身高,體重,是否患病", "否", "是", big5, "Chinese in BIG5"),
      ("名前,年齢,都市,ラーメン", "はい", "いいえ", cp932, "Japanese in CP932"),
      ("이름,나이,도시,결과", "아니오", "예", cp949, "Korean in CP949"),
    ])
  func eastAsian(
    header: String, no: String, yes: String, encoding: UInt, note: String
  ) throws {
    let cells = (0..<20).map { "\($0),\($0 * 7 % 20).5,\($0 * 3 % 20),\($0 % 2 == 0 ? no : yes)\n" }
    let sets = try TextTables.read(bytes(header + "\n" + cells.joined(), encoding))
    #expect(sets.summary.columns?.map(\.name).joined(separator: ",") == header, "\(sets.summary)")
    #expect(Set(sets.train.classNames ?? []) == [no, yes])
    let found = try #require(sets.summary.notes.first { $0.contains("not UTF-8") })
    #expect(found.contains(note) && !found.contains("CP1250"), "\(found)")
  }

  @Test("a compressed table is one all the same")
  func compressed() throws {
    let text =
      "年龄,身高,是否患病\n" + (0..<20).map { "\($0),\($0 * 7 % 20),\($0 % 2 == 0 ? "否" : "是")\n" }.joined()
    let sets = try TextTables.read(
      GzipWriter.stored(bytes(text, gb18030)), as: "test.csv.gz")
    #expect(sets.train.featureNames == ["年龄", "身高"], "\(sets.summary)")
    #expect(sets.summary.notes.contains { $0.contains("gunzip -c") }, "\(sets.summary)")
  }

  @Test("what may be two languages is refused with a line for each")
  func ambiguous() throws {
    // 남,여 and three other syllables.
    let text = "성별,점수\n" + (0..<20).map { "\($0 % 2 == 0 ? "남" : "여"),\($0)\n" }.joined()
    expectError(
      .wrongFormat, naming: ["row 1", "too short to tell", "iconv -f GB18030", "iconv -f CP949"]
    ) { try TextTables.read(bytes(text, cp949)) }
  }

  @Test(
    "texts of Europe and the Near East are none of these",
    arguments: [
      ("größe,straße\nMüller,Köln\nÄrzte,Öl\n", 0x8000_0500), ("GRÖßE,ÄÖÜ\nÄÜ,ÖL\n", 0x8000_0500),
      ("âge,créée\nnaïve,œuvre\nÂge,Évreux\n", 0x8000_0500),
      ("t,u\ndon’t,“it’s”\n20 °C,5 °F\n…–,€6\n", 0x8000_0500),
      ("namn,ort\nÅsa,Ängelholm\nÖ,Å\nÅke,Örebro\n", 0x8000_0500),
      ("imię,źdźbło\nŁukasz,Łódź\nżółć,Święty\n", 0x8000_0501),
      ("jméno,město\nJiří,Plzeň\npříliš,žluťoučký kůň\n", 0x8000_0501),
      ("имя,да\nИван,он\nПётр,мы\nОльга,годы\n", 0x8000_0502),
      ("да,он\nмы,вы\nгода,окно\nпять,семь\n", 0x8000_0502),
      ("да,он\nмы,вы\nгода,окно\nпять,семь\n", 0x8000_0A02),
      ("ДА,ОН\nМЫ,ГОРОДА\nОКНО,СЕМЬ\n", 0x8000_0502),
      ("όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Πάτρα\n", 0x8000_0503),
      ("şehir,yaş\nİstanbul,Muğla\nIğdır,Çanakkale\n", 0x8000_0504),
      ("שם,עיר\nדוד,חיפה\nשרה,ירושלים\n", 0x8000_0505),
    ])
  func european(text: String, encoding: UInt) throws {
    let found = EastAsianEncoding.candidates(for: try bytes(text, encoding))
    #expect(found.isEmpty, "\(found)")
  }
}
