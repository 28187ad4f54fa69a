import Console
import Networks
import Plumbline

extension HelpTopic {
  /// How a network is written in JSON.
  static let networks = HelpTopic(
    "networks", summary: "how --network FILE.json describes a network: layers and their settings"
  ) {
    [
      .paragraph(
        "A file is an object with the fields input (the shape of an example), output (how it is interpreted, by default "
          + "linear) and layers, in their order:"),
      .lines(example),
      .list(
        "Layers, with their settings (and defaults)",
        LayerDescription.libraryForms.filter { !($0 is Activation) }.map {
          ($0.title, settings(of: $0))
        }),
      .list(
        "Activations, which are layers too", Activation.all.map { ($0.title, settings(of: $0)) }),
      .list(
        "Interpretations of the output",
        OutputFunction.allCases.map { ($0.rawValue, $0.meaning) }),
      .paragraph(
        "Initializers are \(Initializer.names.map(\.usage).joined(separator: ", ")). A layer with a name can be used again: {\"layer\": \"again\", \"of\": NAME} shares its parameters. plumb train "
          + "--data FILE --network net.json --steps 0 prints the table of a network without training it."
      ),
    ]
  }

  /// A residual network.
  static let example = """
    {"input": [784], "output": "softmax", "layers": [
      {"layer": "dense", "outputs": 64},
      {"layer": "relu"},
      {"layer": "residual", "scale": 0.7, "branch": [
        {"layer": "dense", "outputs": 64},
        {"layer": "relu"},
        {"layer": "dense", "outputs": 64}]},
      {"layer": "dense", "outputs": 10, "initializer": "lecun"}]}
    """
}

/// The settings of a form in words: `outputs, a whole number of 1 or more; bias (zero)`.
func settings(of form: some Form) -> String {
  let activations = "one of \(Activation.allCases.map(\.rawValue).joined(separator: ", "))"
  return form.explainedSettings.map { setting in
    let hasDefault = !["", "null", "[]"].contains(setting.standard)
    return setting.name + (hasDefault ? " (\(setting.standard))" : "")
      + (setting.meaning.isEmpty ? "" : ", ")
      + setting.meaning.replacing(activations, with: "an activation")
  }.joined(separator: "; ")
}
