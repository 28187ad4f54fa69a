import Findings
import Plumbline

/// Any other wrong rule, at one of the layers inside a block.
enum WrongInnerLayerRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let block = site.form as? any OpenBlock else { return [] }
    return zip(block.roles, site.inner).enumerated().flatMap { list, one in
      one.1.enumerated().flatMap { index, inner -> [WrongLayers] in
        guard inner.input.shape.rank > 0, inner.output.shape.rank > 0 else { return [] }
        return wrongRules.flatMap { $0.layers(inner) }.map { wrong in
          var form: any LayerForm = block
          form.inner[list].replaceSubrange(index...index, with: wrong.layers)
          return WrongLayers(
            id: wrong.id,
            words: wrong.words + " This is about the \(inner.form.title) \(one.0.words).",
            layers: [LayerDescription(form)])
        }
      }
    }
  }
}
