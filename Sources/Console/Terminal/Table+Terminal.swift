extension Table {
  /// The table fitted to the terminal: aligned columns, two blanks between them and a line under the headers. Every line ends
  /// with a newline and none with a blank.
  public func text() -> String { text(columns: Terminal.tableColumns) }
}
