// A call through `any Layer` cannot specialize a generic function. These requirements are the same function on variables of the
// scalars of training, so that the compiler makes a concrete version of each layer; the function below takes the concrete
// version where there is one.

/// What the compiler makes for every ``Layer`` by itself. Not to be implemented.
public protocol SpecializedLayer: Sendable {
  /// ``Layer/callAsFunction(_:_:)`` recorded in single precision.
  func _call(_ input: Variable<Float>, _ pass: Pass<Variable<Float>>) -> Variable<Float>
  /// ``Layer/callAsFunction(_:_:)`` recorded in double precision.
  func _call(_ input: Variable<Double>, _ pass: Pass<Variable<Double>>) -> Variable<Double>
}

extension Layer {
  /// ``callAsFunction(_:_:)`` recorded in single precision.
  @inlinable
  public func _call(
    _ input: Variable<Float>, _ pass: Pass<Variable<Float>>
  ) -> Variable<Float> {
    callAsFunction(input, pass)
  }
  /// ``callAsFunction(_:_:)`` recorded in double precision.
  @inlinable
  public func _call(
    _ input: Variable<Double>, _ pass: Pass<Variable<Double>>
  ) -> Variable<Double> {
    callAsFunction(input, pass)
  }
}

extension Pass {
  /// The output of a layer of unknown type, by its concrete version for this kind of value where there is one.
  @specialized(where T == Variable<Float>)
  @specialized(where T == Variable<Double>)
  public func output(of layer: any Layer, _ input: T) -> T {
    if T.self == Variable<Float>.self, let input = input as? Variable<Float>,
      let pass = self as? Pass<Variable<Float>>, let output = layer._call(input, pass) as? T
    {
      return output
    }
    if T.self == Variable<Double>.self, let input = input as? Variable<Double>,
      let pass = self as? Pass<Variable<Double>>, let output = layer._call(input, pass) as? T
    {
      return output
    }
    return layer(input, self)
  }
}
