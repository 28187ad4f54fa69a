import Console
import Datasets
import Findings
import Networks
import Plumbline
import Verification

/// The options that describe a network, for every command that takes one.
enum NetworkOptions {
  /// What --network holds.
  enum Source: Sendable, Hashable {
    /// The widths of dense layers, from inputs to outputs.
    case widths([Int])
    /// The path of a description in JSON.
    case file(String)
  }

  static let network = Option(
    "network", "WIDTHS|FILE.json", source,
    help:
      "the widths from inputs to outputs, such as 6,5,3,1, or a file that describes any network, which other options of train and draw override"
  )
  static let hidden = Option(
    "hidden", "WIDTHS", .list(of: ValueForm<Int>.integer(in: 1...10_000_000)),
    help: "the widths of the hidden layers, such as 16,16; inputs and outputs come from the data")
  static let widths = Option(
    "network", "WIDTHS", ValueForm<[Int]>.widths,
    help: "the widths from inputs to outputs, such as 6,5,3,1")
  static let activation = Option(
    "activation", "NAME", ValueForm<Activation>.choice, default: .relu,
    help: "the activation of all hidden layers")
  static let activations = Option(
    "activations", "NAMES", .list(of: ValueForm<Activation>.choice),
    defaultText: "relu, and for the output what the loss requires",
    help: "one for all hidden layers, one per hidden layer, or one per layer")
  /// How the result is read, where the network itself outputs logits.
  static let reading = Option(
    "output", "NAME", ValueForm<OutputFunction>.choice,
    defaultText: "sigmoid for one output, softmax for more", help: "how the output is interpreted")
  static let output = Option(
    "output", "NAME", ValueForm<Activation>.choice,
    defaultText: "sigmoid for one output, softmax for more", help: "the output's activation")
  static let loss = Option(
    "loss", "NAME", ValueForm<LossFunction>.choice,
    defaultText: "the usual one for the output",
    help: "a mean over the examples")
  static let residual = Option(
    flag: "residual", help: "hidden layers of equal width form residual blocks of two")
  static let branchScale = Option(
    "branch-scale", "S", .positive, defaultText: "1/√blocks",
    help: "the factor on each block's branch")
  static let depthScaling = Option(
    "depth-scaling", "NAME", scaling, default: nil, defaultText: "standard",
    help:
      "how branches, and the steps of the optimizer in them, follow the number of blocks: \(scalingNames.joined(separator: ", ")); the last "
      + "two from a base net of \(DepthScaling.completeP.baseBlocks) blocks, or as many as follow a colon (complete-p:8), for which "
      + "\(Setting.branchScale) and the rate are meant")
  static let initialization = Option(
    "init", "NAME", scheme, default: .he, defaultText: "he",
    help: "how weights are initialized: \(initializers.joined(separator: ", ")); biases are zero")
  /// Batch, as the option lists it, or batch-norm, as files of networks have it.
  private static let normalizations = {
    let choice = ValueForm<DenseNetworkOptions.Normalization>.choice
    return ValueForm<DenseNetworkOptions.Normalization>(
      accepted: choice.accepted, names: choice.names
    ) { text in
      choice.read(text) ?? choice.read(text.lowercased().replacing(/[-_ ]?norm$/, with: ""))
    }
  }()
  static let normalization = Option(
    "normalization", "NAME", normalizations,
    defaultText: "none", help: "between each hidden layer and its activation")
  static let dropout = Option(
    "dropout", "P", rate, default: 0,
    help: "the probability of dropping a unit, after every hidden activation")
  static let l1 = Option(setting: .l1, default: 0)
  static let l2 = Option(setting: .l2, default: 0)

  /// What ``description(_:output:)`` reads: a command that uses it declares all of them.
  static let described: [any OptionDeclaration] = [
    network, activation, reading, residual, branchScale, depthScaling, initialization,
    normalization,
    dropout,
  ]

  private static let file = ValueForm<String>.input("the description of the network")
  private static let source = ValueForm<Source>(
    accepted: "two or more comma-separated whole numbers of at least 1, nor a path that "
      + "ends in .json", files: files(of:)
  ) { text in
    if text.lowercased().hasSuffix(".json") { return file.read(text).map(Source.file) }
    return ValueForm<[Int]>.widths.read(text).map(Source.widths)
  }

  @Sendable private static func files(of source: Source) -> [FileUse] {
    guard case .file(let path) = source else { return [] }
    return file.files?(path) ?? []
  }

  private static let initializers = Initializer.names.map(\.example)

  private static let scheme = ValueForm<DenseNetworkOptions.Scheme>(
    accepted: "one of \(Initializer.names.map(\.usage).joined(separator: ", "))",
    names: initializers
  ) { try? DenseNetworkOptions.Scheme(parsing: $0) }

  private static let scalingNames = DepthScaling.names

  private static let scaling = ValueForm<DepthScaling?>(
    accepted: "one of \(scalingNames.joined(separator: ", ")), such as complete-p:8",
    names: scalingNames
  ) { text in
    do { return .some(try DepthScaling.named(text)) } catch { return nil }
  }

  private static let rate = ValueForm<Double>(
    accepted: "a number from 0 up to but not including 1"
  ) { text in
    ValueForm<Double>.number(in: 0...1).read(text).flatMap { $0 < 1 ? $0 : nil }
  }

  // MARK: Networks of any layers

  /// The network of the options ``described``; `nil` if --network was not given.
  ///
  /// - Parameter output: How the result is read where --output was not given; `nil` for what is customary after so
  ///   many outputs. A file says it itself.
  ///   - inputs: The features of the data, and `outputs` what their targets ask for, where --hidden may leave both open.
  ///   - middle: The hidden layers where they do; `nil` for those of --network.
  static func description(
    _ options: ParsedOptions, output: OutputFunction? = nil, inputs: Int? = nil,
    outputs: Int? = nil, hidden middle: [Int]? = nil
  ) throws -> NetworkDescription? {
    if let inputs, let outputs, let middle {
      if case .file(let path) = options[network] {
        throw Problem(
          problem: "--hidden and --network \(path) both set the layers",
          remedy: "leave --network out to have dense layers of these widths")
      }
      return try described(options, widths: [inputs] + middle + [outputs], output: output)
    }
    switch options[network] {
    case nil: return nil
    case .file(let path):
      return try changed(described(inFile: path), options, path)
    case .widths(let widths): return try described(options, widths: widths, output: output)
    }
  }

  /// The network of a file with what the options say otherwise: a remedy that names an option works for it too.
  private static func changed(
    _ description: NetworkDescription, _ options: ParsedOptions, _ path: String
  ) throws -> NetworkDescription {
    var network = description
    if options.isGiven(reading), let output = options[reading] {
      // How the result is read is said once: what the file puts behind the last weights is left out.
      network = network.withoutEnding()
      network.output = output
    }
    if options[residual] {
      guard let variant = network.residualVariant else {
        throw Problem(
          subject: path,
          problem:
            "its layers cannot be paired into residual blocks: it has layers other than dense layers and activations, or no "
            + "two hidden layers of equal width",
          remedy: "leave --residual out and write the blocks in the file as "
            + "{\"layer\": \"residual\", \"branch\": [...]}")
      }
      network = variant
    }
    let forms = network.layers.flatMap(\.forms)
    func requireLayer(
      _ option: some OptionDeclaration, _ layers: String, _ isThere: (any LayerForm) -> Bool
    ) throws(Problem) {
      guard !forms.contains(where: isThere) else { return }
      throw Problem(
        setting: Setting(rawValue: option.description.name),
        problem: "the network in the file has no \(layers) for it to act on",
        remedy: "leave the option out, or write such a layer in the file")
    }
    func isBlock(_ form: any LayerForm) -> Bool { form is any ResidualBlockForm }
    if let scale = options[branchScale] {
      try requireLayer(branchScale, "residual block", isBlock)
      network = network.withBranchScale(scale)
    }
    if options.isGiven(depthScaling) {
      try requireLayer(depthScaling, "residual block", isBlock)
      network = network.withDepthScaling(options[depthScaling], branchScale: options[branchScale])
    }
    if options[normalization] != nil {
      try requireLayer(normalization, "activation or normalization") {
        $0 is Activation || $0 is any NormalizationForm
      }
    }
    if options.isGiven(dropout), options[dropout] > 0 {
      try requireLayer(dropout, "activation or dropout") { $0 is Activation || $0 is DropoutForm }
    }
    if options.isGiven(activation) { network = network.withActivation(options[activation]) }
    if options.isGiven(initialization) { network = network.withWeights(options[initialization]) }
    if let normalization = options[normalization] {
      network = network.normalized(by: normalization)
    }
    if options.isGiven(dropout) { network = network.withDropout(options[dropout]) }
    return network
  }

  private static func described(
    _ options: ParsedOptions, widths: [Int], output: OutputFunction?
  ) throws -> NetworkDescription {
    var dense = try denseOptions(options)
    dense.activation = options[activation]
    dense.output = options[reading] ?? output ?? (widths.last == 1 ? .sigmoid : .softmax)
    do {
      return try NetworkDescription(widths: widths, options: dense)
    } catch {
      throw error.preventing("the network cannot be built")
    }
  }

  /// What the options say about a network of widths, but for activations and output.
  static func denseOptions(_ options: ParsedOptions) throws -> DenseNetworkOptions {
    for (isGiven, setting) in [
      (options.isGiven(branchScale), Setting.branchScale),
      (options.isGiven(depthScaling), Setting.depthScaling),
    ] where isGiven && !options[residual] {
      throw Problem(
        setting: setting, problem: "there are no residual blocks without --residual",
        remedy: "add --residual, or leave this option out")
    }
    var dense = DenseNetworkOptions()
    dense.isResidual = options[residual]
    dense.branchScale = options[branchScale]
    dense.depthScaling = options[depthScaling]
    dense.scheme = options[initialization]
    dense.normalization = options[normalization]
    dense.dropout = options[dropout]
    return dense
  }

  /// Those of ``denseOptions(_:)``, and whether they were given.
  static func settings(_ options: ParsedOptions) -> [(isGiven: Bool, option: OptionDescription)] {
    [
      (options.isGiven(residual), residual.description),
      (options.isGiven(branchScale), branchScale.description),
      (options.isGiven(depthScaling), depthScaling.description),
      (options.isGiven(initialization), initialization.description),
      (options.isGiven(normalization), normalization.description),
      (options.isGiven(dropout), dropout.description),
    ]
  }

  /// A file says everything about its network: options that would say it once more are refused.
  static func refuseSettings(
    of path: String, _ settings: [(isGiven: Bool, option: OptionDescription)]
  ) throws {
    guard let contrary = settings.first(where: \.isGiven) else { return }
    throw Problem(
      subject: path,
      problem: "the file defines the network, and so does \(contrary.option.name)",
      remedy: "leave the "
        + "option out and change the file, or give --network widths")
  }

  /// The network that a JSON file describes.
  static func described(inFile path: String) throws -> NetworkDescription {
    let text = try ByteSource(contentsOfFile: path).text(
      megabytes: 16, remedy: "give a description of a network as shown by plumb check --help")
    do {
      return try NetworkDescription(json: text)
    } catch {
      throw error.inFile(path)
    }
  }

  // MARK: Dense networks with their numbered layers

  /// The network of these widths that the options complete, with the loss of its output.
  static func dense(
    _ options: ParsedOptions, widths: [Int]
  ) throws -> (network: NetworkDescription, loss: LossFunction) {
    var dense = try denseOptions(options)
    do {
      try dense.setFunctions(
        options[activations] ?? [.relu], output: options[output], loss: options[loss],
        widths: widths)
      return (
        try NetworkDescription(widths: widths, options: dense),
        options[loss] ?? .customary(for: dense.output)
      )
    } catch {
      throw error.preventing("the network cannot be built")
    }
  }
}

extension ValueForm where Value == [Int] {
  /// The widths of a network.
  static var widths: ValueForm {
    ValueForm(
      accepted: "two or more comma-separated whole numbers of at least 1", isList: true
    ) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Int($0) }
      guard numbers.count == parts.count, numbers.count >= 2,
        numbers.allSatisfy({ (1...10_000_000).contains($0) })
      else { return nil }
      return numbers
    }
  }
}
