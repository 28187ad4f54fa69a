extension LayerDescription {
  /// The forms of the library's layers: what JSON knows, in the order in which messages name them.
  public static let libraryForms: [any LayerForm] =
    [
      DenseForm(),
      TransposedDenseForm(),
      AgainForm(),
      BatchNormForm(),
      LayerNormForm(),
      RMSNormForm(),
      DropoutForm(),
      StochasticDepthForm(),
      ScalarBiasForm(),
      ScalarMultiplierForm(),
      HighwayForm(),
      ConvolutionForm(),
      MaxPoolForm(),
      AveragePoolForm(),
      GlobalAveragePoolForm(),
      FlattenForm(),
      PaddedShortcutForm(),
      ResidualForm(),
      ConcatenatingForm(),
      ReversibleForm(),
      SequenceForm(),
      EmbeddingForm(),
      SimpleRecurrenceForm(),
      LSTMForm(),
      GRUForm(),
      DynamicTanhForm(),
    ] + Activation.all
}
