import Diagnosis
import Plumbline
import Synchronization
import Training

/// The norms of a run's layers at its start and its end, each computed when it is first needed.
final class RunNorms: Sendable {
  private let start = Mutex<SignalNorms?>(nil), end = Mutex<SignalNorms?>(nil)

  fileprivate func start(_ compute: () -> SignalNorms) -> SignalNorms {
    Self.value(start, compute)
  }

  fileprivate func end(_ compute: () -> SignalNorms) -> SignalNorms { Self.value(end, compute) }

  private static func value(
    _ kept: borrowing Mutex<SignalNorms?>, _ compute: () -> SignalNorms
  ) -> SignalNorms {
    kept.withLock { kept in
      if let kept { return kept }
      let computed = compute()
      kept = computed
      return computed
    }
  }
}

extension MeasuredRun {
  /// The norms of activations and gradients, layer by layer, at the start.
  var normsAtStart: SignalNorms { norms.start { signalNorms(at: initial) } }

  /// The same at the end.
  var normsAtEnd: SignalNorms { norms.end { signalNorms(at: result.parameters) } }

  private func signalNorms(at parameters: Parameters<Float>) -> SignalNorms {
    SignalNorms(
      of: network, at: parameters, on: train, loss: settings.loss, key: settings.key["measure"])
  }
}
