"""optimizers.json: update rules, gradient clipping, learning-rate schedules.

The gradients are data, independent of the parameters, so that an optimizer is tested alone. Their
sizes differ from coordinate to coordinate: a misplaced epsilon shows in the small ones, a missing
guard in the one that is always 0, a moment that does not decay in the sparse one.
"""

import math

import numpy
import torch

from . import checks, document
from .source import Source

STEPS = 100
RECORDED_STEPS = [1, 2, 3, 10, 50, 100]
SIZE = 12

# The size of each coordinate's gradient. Coordinate 10 is 0 but for every seventh step.
SIZES = [1.0, 1.0, 1.0, 1.0, 0.1, 10.0, 1e3, 1e-4, 1e-8, 1e-10, 1.0, 0.0]
SPARSE, PERIOD = 10, 7


def initial_parameters():
    return Source("optimizers/parameters").tensor([SIZE])


def gradient_sequence():
    """100 x 12 gradients with a drift, so that momentum builds up."""
    rows = []
    source = Source("optimizers/gradients")
    for step in range(STEPS):
        row = []
        for i, size in enumerate(SIZES):
            value = source.number(-1.0, 1.0) + 0.5 * math.copysign(1, (-1) ** i)
            if i == SPARSE and step % PERIOD != 0:
                value = 0.0
            row.append(float(f"{value * size:.4g}") + 0.0)
        rows.append(row)
    return rows


# Name: PyTorch class, its arguments, factor on the learning rate after every step or None.
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}, None),
    "sgd weight_decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}, None),
    "momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}, None),
    "momentum decaying learning rate":
        (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}, 0.97),
    "momentum dampening": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "dampening": 0.3}, None),
    "momentum weight_decay":
        (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.05}, None),
    "nesterov": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True}, None),
    "nesterov decaying learning rate, weight_decay":
        (torch.optim.SGD,
         {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05}, 0.97),
    "rmsprop": (torch.optim.RMSprop, {}, None),
    "rmsprop centered": (torch.optim.RMSprop, {"centered": True}, None),
    "rmsprop momentum": (torch.optim.RMSprop, {"momentum": 0.9}, None),
    "rmsprop centered, momentum, weight_decay, decaying learning rate":
        (torch.optim.RMSprop,
         {"lr": 0.005, "alpha": 0.95, "momentum": 0.8, "centered": True, "weight_decay": 0.05},
         0.97),
    "adagrad": (torch.optim.Adagrad, {}, None),
    "adagrad lr_decay": (torch.optim.Adagrad, {"lr_decay": 0.05}, None),
    "adagrad initial accumulator, weight_decay":
        (torch.optim.Adagrad, {"initial_accumulator_value": 0.1, "weight_decay": 0.05}, None),
    "adam": (torch.optim.Adam, {}, None),
    "adam weight_decay": (torch.optim.Adam, {"weight_decay": 0.05}, None),
    "adam betas, eps, decaying learning rate":
        (torch.optim.Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4}, 0.97),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.01}, None),
    "adamw decaying learning rate":
        (torch.optim.AdamW, {"lr": 0.02, "weight_decay": 0.1}, 0.97),
}

# What is reported of PyTorch's settings, under which name.
SETTING_NAMES = {
    "lr": "learning_rate", "momentum": "momentum", "dampening": "dampening",
    "nesterov": "nesterov", "weight_decay": "weight_decay", "alpha": "decay", "eps": "epsilon",
    "centered": "centered", "lr_decay": "learning_rate_decay",
    "initial_accumulator_value": "initial_accumulator", "betas": "betas",
}


def optimizer_cases():
    result = []
    for name, (kind, arguments, factor) in OPTIMIZERS.items():
        parameters = torch.nn.Parameter(initial_parameters())
        optimizer = kind([parameters], foreach=False, **arguments)
        settings = settings_of(optimizer)
        recorded, expected = [], reference(kind.__name__, settings, factor)
        for step, row in enumerate(gradient_sequence(), start=1):
            parameters.grad = torch.tensor(row, dtype=torch.float64)
            optimizer.step()
            if factor is not None:
                for group in optimizer.param_groups:
                    group["lr"] *= factor
            checks.check_equal("optimizer against formula", parameters.detach(), next(expected),
                               f"{name}, step {step}", 1e-12)
            if step in RECORDED_STEPS:
                recorded.append({"step": step, "values": parameters.tolist()})
        result.append({"name": name, "optimizer": kind.__name__.lower(),
                       "attributes": {**settings, "learning_rate_factor": factor},
                       "parameters": recorded})
    return result


def settings_of(optimizer):
    """Every setting that matters, defaults included, under Plumbline's names."""
    group = optimizer.param_groups[0]
    settings = {ours: group[theirs] for theirs, ours in SETTING_NAMES.items() if theirs in group}
    if "betas" in settings:
        settings["beta1"], settings["beta2"] = settings.pop("betas")
    return {key: value if isinstance(value, bool) else float(value)
            for key, value in settings.items()}


def reference(kind, settings, factor):
    """The update rules of README.md in NumPy, as an independent check of PyTorch and of them."""
    x = numpy.array(initial_parameters().tolist())
    rate = settings["learning_rate"]
    decay = settings["weight_decay"]
    state = {}
    for step, row in enumerate(gradient_sequence(), start=1):
        g = numpy.array(row)
        if kind == "AdamW":
            x = x * (1 - rate * decay)
        else:
            g = g + decay * x
        x = x - rate * UPDATES[kind](g, step, settings, state)
        yield x.tolist()
        rate *= 1.0 if factor is None else factor


def sgd_update(g, step, settings, state):
    momentum = settings["momentum"]
    if momentum == 0:
        return g
    # The first gradient enters whole, whatever the dampening.
    buffer = g if step == 1 else momentum * state["b"] + (1 - settings["dampening"]) * g
    state["b"] = buffer
    return g + momentum * buffer if settings["nesterov"] else buffer


def rmsprop_update(g, step, settings, state):
    a = settings["decay"]
    state["v"] = a * state.get("v", 0) + (1 - a) * g**2
    variance = state["v"]
    if settings["centered"]:
        state["m"] = a * state.get("m", 0) + (1 - a) * g
        variance = variance - state["m"] ** 2
    direction = g / (numpy.sqrt(variance) + settings["epsilon"])
    if settings["momentum"] == 0:
        return direction
    state["b"] = settings["momentum"] * state.get("b", 0) + direction
    return state["b"]


def adagrad_update(g, step, settings, state):
    state["v"] = state.get("v", settings["initial_accumulator"]) + g**2
    slowed = 1 + (step - 1) * settings["learning_rate_decay"]
    return g / (numpy.sqrt(state["v"]) + settings["epsilon"]) / slowed


def adam_update(g, step, settings, state):
    b1, b2 = settings["beta1"], settings["beta2"]
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
    mean, square = state["m"] / (1 - b1**step), state["v"] / (1 - b2**step)
    return mean / (numpy.sqrt(square) + settings["epsilon"])


UPDATES = {"SGD": sgd_update, "RMSprop": rmsprop_update, "Adagrad": adagrad_update,
           "Adam": adam_update, "AdamW": adam_update}


def clipping_cases():
    """By value: each element into [-limit, limit]. By global norm: see README.md."""
    source = Source("clipping")
    gradients = [source.tensor(shape, -3.0, 3.0) for shape in ([3, 4], [4], [])]
    cases = []
    for method, limit in [("value", 0.75), ("value", 10.0), ("global_norm", 1.5),
                          ("global_norm", 1e3)]:
        cases.append(clipping_case(method, limit, gradients))
    cases.append(clipping_case("global_norm", 1.5, [torch.zeros_like(g) for g in gradients],
                               ", zero gradients"))
    return cases


def clipping_case(method, limit, gradients, remark=""):
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.clone()
    norm = math.sqrt(sum(float((g * g).sum()) for g in gradients))
    if method == "value":
        torch.nn.utils.clip_grad_value_(parameters, limit, foreach=False)
        expected = [g.clamp(-limit, limit) for g in gradients]
    else:
        reported = torch.nn.utils.clip_grad_norm_(parameters, limit, foreach=False)
        checks.check_equal("global norm", reported, norm, method)
        expected = [g * min(1.0, limit / (norm + 1e-6)) for g in gradients]
    for parameter, wanted in zip(parameters, expected):
        checks.check_equal("clipping against formula", parameter.grad, wanted, method)
    return {"name": f"{method} limit={limit}{remark}", "method": method, "limit": limit,
            "norm": norm, "gradients": [document.tensor(g) for g in gradients],
            "clipped": [document.tensor(p.grad) for p in parameters]}


def schedule_cases():
    """The learning rate that step t = 0 ... 30 uses, and the closed form it must agree with."""
    schedulers = torch.optim.lr_scheduler
    base = 0.2

    def cosine(t, half_period, least):
        return least + (base - least) * (1 + math.cos(math.pi * t / half_period)) / 2

    def warm_up(t, start, steps):
        return base * (start + (1 - start) * min(t, steps) / steps)

    def warm_up_then_cosine(optimizer):
        return schedulers.SequentialLR(
            optimizer,
            [schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=5),
             schedulers.CosineAnnealingLR(optimizer, T_max=25, eta_min=0.002)], [5])

    table = [
        ("step", {"step_size": 7, "factor": 0.5},
         lambda o: schedulers.StepLR(o, 7, 0.5), lambda t: base * 0.5 ** (t // 7)),
        ("exponential", {"factor": 0.9},
         lambda o: schedulers.ExponentialLR(o, 0.9), lambda t: base * 0.9**t),
        ("cosine", {"half_period": 30, "least": 0.0},
         lambda o: schedulers.CosineAnnealingLR(o, 30), lambda t: cosine(t, 30, 0.0)),
        # Beyond its half period the rate rises again.
        ("cosine", {"half_period": 12, "least": 0.002},
         lambda o: schedulers.CosineAnnealingLR(o, 12, 0.002), lambda t: cosine(t, 12, 0.002)),
        ("linear_warm_up", {"start_factor": 0.1, "warm_up_steps": 5},
         lambda o: schedulers.LinearLR(o, 0.1, total_iters=5), lambda t: warm_up(t, 0.1, 5)),
        ("linear_warm_up_then_cosine",
         {"start_factor": 0.1, "warm_up_steps": 5, "half_period": 25, "least": 0.002},
         warm_up_then_cosine,
         lambda t: warm_up(t, 0.1, 5) if t < 5 else cosine(t - 5, 25, 0.002)),
    ]
    result = []
    for schedule, attributes, make, closed_form in table:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
        scheduler = make(optimizer)
        rates = []
        for t in range(31):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            checks.check_equal("schedule against closed form", rates[-1], closed_form(t), schedule)
            optimizer.step()
            scheduler.step()
        label = " ".join(f"{key}={value}" for key, value in attributes.items())
        result.append({"name": f"{schedule} {label}", "schedule": schedule,
                       "attributes": {"base_learning_rate": base, **attributes},
                       "learning_rates": rates})
    return result
