import Datasets

/// The same examples in every format that holds tables or arrays.
struct FormatSample: Sendable {
  /// The format's name, as the summary has it.
  let format: String
  let file: String
  let bytes: [UInt8]

  /// The features of all samples, and the classes' names of their rows.
  static let features = [1.5, 2, 3, 4, -0.5, 6, 7, 8]
  let classes: [String]

  private init(_ format: String, _ file: String, _ text: String, classes: [String]? = nil) {
    (self.format, self.file, bytes) = (format, file, Array(text.utf8))
    self.classes = classes ?? ["rose", "lily", "rose", "lily"]
  }

  /// A sample for each format.
  static let all = [
    FormatSample(
      "separated values", "t.csv", "a,b,class\n1.5,2,rose\n3,4,lily\n-0.5,6,rose\n7,8,lily\n"),
    FormatSample(
      "ARFF", "t.arff",
      "% by hand\n@RELATION t\n@ATTRIBUTE 'a' REAL\n@ATTRIBUTE b NUMERIC\n@ATTRIBUTE class {rose, lily}\n"
        + "@DATA\n1.5,2,rose\n3,4,'lily'\n-0.5, 6, rose\n{0 7, 1 8, 2 lily}\n"),
    FormatSample(
      "JSON", "t.jsonl",
      "{\"a\":1.5,\"b\":2,\"class\":\"rose\"}\n{\"a\":3,\"b\":4.0,\"class\":\"l\\u0069ly\"}\n"
        + "{\"a\":-5e-1,\"b\":6,\"class\":\"rose\"}\n{\"a\":7,\"b\":8,\"class\":\"lily\"}\n"),
    FormatSample(
      "JSON", "t.json",
      "{\"a\":{\"0\":1.5,\"1\":3,\"2\":-0.5,\"3\":7},\"b\":[2,4,6,8],\"class\":[\"rose\",\"lily\",\"rose\",\"lily\"]}"
    ),
    FormatSample(
      "JSON", "split.json",
      "{\"columns\":[\"a\",\"b\",\"class\"],\"index\":[0,1,2,3],\"data\":[[1.5,2,\"rose\"],[3,4,\"lily\"],"
        + "[-0.5,6,\"rose\"],[7,8,\"lily\"]]}"),
    FormatSample(
      "LIBSVM", "t.libsvm", "+1 1:1.5 2:2\n-1 1:3 2:4 # lily\n+1 1:-0.5 2:6\n-1 2:8 1:7\n",
      classes: ["1", "-1", "1", "-1"]),
  ]
}
