/// A data set that anyone may download, with what identifies its files.
public struct PublicDataSet: Sendable, Hashable {
  /// A file with its published size and checksum.
  public struct File: Sendable, Hashable {
    /// The name, the last part of its addresses.
    public let name: String
    /// The size in bytes.
    public let byteCount: Int
    /// The SHA-256 checksum as 64 hexadecimal digits.
    public let checksum: String

    /// A file of these properties.
    package init(_ name: String, byteCount: Int, checksum: String) {
      self.name = name
      self.byteCount = byteCount
      self.checksum = checksum
    }
  }

  /// A member extracted from a downloaded archive.
  public struct Member: Sendable, Hashable {
    /// The name, without folders.
    public let name: String
    /// The size in bytes.
    public let byteCount: Int

    /// A member of these properties.
    package init(_ name: String, byteCount: Int) {
      self.name = name
      self.byteCount = byteCount
    }
  }

  /// The name by which it is requested.
  public let name: String
  /// The folder in the data folder that its files go to; empty for the data folder itself.
  public let folder: String
  /// The addresses of its files, in the order in which they are tried.
  public let addresses: [String]
  /// The files to download.
  public let files: [File]
  /// The members extracted from the file, if it is an archive (tar, compressed with gzip).
  public let members: [Member]

  /// A data set of these files.
  package init(
    name: String, folder: String, addresses: [String], files: [File], members: [Member] = []
  ) {
    self.name = name
    self.folder = folder
    self.addresses = addresses
    self.files = files
    self.members = members
  }

  /// The known sets.
  public static let all = [mnist, fashionMNIST, cifar10]

  /// The handwritten digits of Y. LeCun, C. Cortes and C. Burges, in the four original files.
  public static let mnist = PublicDataSet(
    name: "mnist", folder: "",
    addresses: [
      "https://ossci-datasets.s3.amazonaws.com/mnist",
      "https://storage.googleapis.com/cvdf-datasets/mnist",
    ],
    files: [
      File(
        "train-images-idx3-ubyte.gz", byteCount: 9_912_422,
        checksum: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      File(
        "train-labels-idx1-ubyte.gz", byteCount: 28_881,
        checksum: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
      File(
        "t10k-images-idx3-ubyte.gz", byteCount: 1_648_877,
        checksum: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      File(
        "t10k-labels-idx1-ubyte.gz", byteCount: 4542,
        checksum: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ])

  /// Pictures of clothing in MNIST's format: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST",
  /// arXiv:1708.07747.
  public static let fashionMNIST = PublicDataSet(
    name: "fashion-mnist", folder: "fashion-mnist",
    addresses: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ],
    files: [
      File(
        "train-images-idx3-ubyte.gz", byteCount: 26_421_880,
        checksum: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      File(
        "train-labels-idx1-ubyte.gz", byteCount: 29_515,
        checksum: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
      File(
        "t10k-images-idx3-ubyte.gz", byteCount: 4_422_102,
        checksum: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      File(
        "t10k-labels-idx1-ubyte.gz", byteCount: 5148,
        checksum: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ])

  /// The binary version of CIFAR-10: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny
  /// Images", 2009.
  public static let cifar10 = PublicDataSet(
    name: "cifar-10", folder: "cifar-10",
    addresses: ["https://www.cs.toronto.edu/~kriz"],
    files: [
      File(
        "cifar-10-binary.tar.gz", byteCount: 170_052_171,
        checksum: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
    ],
    members: ((1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]).map {
      Member($0, byteCount: 10_000 * CIFARFormat.recordSize)
    })
}
