import Console
import Datasets
import Plumbline

/// A setting of training that is an option of `plumb train` and a factor of an experiment: what it takes, what it means, and what
/// it sets. It is listed with the options and with the factors.
package struct TrainingSettingOption<Value: Sendable>: Sendable {
  /// The name without dashes, and the placeholder of a value in help.
  package let name: String, placeholder: String
  /// What is accepted.
  package let form: ValueForm<Value>
  /// What it does, in words.
  package let help: String
  /// Sets it.
  package let set: @Sendable (inout TrainingSettings, Value) -> Void
}

extension TrainingSettingOption where Value == ScheduleForm {
  /// How the learning rate changes.
  package static var schedule: Self {
    Self(
      name: "schedule", placeholder: "FORM",
      form: ValueForm(
        accepted: ScheduleForm.accepted,
        names: ScheduleForm.rules.map { ScheduleForm($0.title) == nil ? $0.text : $0.title }
      ) { ScheduleForm($0) },
      help:
        "how the learning rate changes: \(ScheduleForm.usages); counted in steps, FLOOR as a fraction of the rate"
    ) { $0.schedule.form = $1 }
  }
}

extension TrainingSettingOption where Value == Int {
  /// The steps of a linear rise of the rate.
  package static var warmUp: Self {
    Self(
      name: "warm-up", placeholder: "N", form: .integer(in: 0...TrainingSettings.mostSteps),
      help: "steps of linear warm-up of the rate from 0 before the schedule"
    ) { $0.schedule.warmUp = $1 }
  }
}

extension TrainingSettingOption where Value == Double {
  /// The penalty on absolute weights.
  package static var l1: Self {
    Self(
      name: "l1", placeholder: "X", form: .number(in: 0 ... .infinity),
      help: "adds X/m times the sum of absolute weights"
    ) { $0.l1 = $1 }
  }

  /// The penalty on squared weights.
  package static var l2: Self {
    Self(
      name: "l2", placeholder: "X", form: .number(in: 0 ... .infinity),
      help: "adds X/(2m) times the sum of squared weights"
    ) { $0.l2 = $1 }
  }

  /// The largest norm of a gradient.
  package static var clipNorm: Self {
    Self(
      name: "clip-norm", placeholder: "X", form: .positive,
      help: "scales gradients with a larger norm down to this norm"
    ) { $0.clipNorm = $1 }
  }
}

extension TrainingSettingOption where Value == TrainingSettings.Order {
  /// The order of the examples.
  package static var order: Self {
    Self(
      name: "order", placeholder: "NAME", form: .choice,
      help: "shuffled: reshuffled every epoch; sequential: in file order"
    ) { $0.order = $1 }
  }
}

extension TrainingSettingOption where Value == BatchOrder.Remainder {
  /// What happens to the examples left over at the end of an epoch.
  package static var remainder: Self {
    Self(
      name: "remainder", placeholder: "NAME", form: .choice,
      help:
        "whether the examples left over at the end of an epoch form a smaller batch: keep or drop"
    ) { $0.remainder = $1 }
  }
}
