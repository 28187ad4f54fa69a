import Testing

/// Checks that the process of an exit test stopped with a message that has all these parts.
package func expectMessage(
  _ result: ExitTest.Result?, contains parts: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  for part in parts {
    #expect(message.contains(part), "the message was: \(message)", sourceLocation: sourceLocation)
  }
}
