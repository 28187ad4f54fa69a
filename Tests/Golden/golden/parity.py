"""parity.json: 200 steps with every optimizer and every layer, mini-batches in order, a smaller last one.

Only the losses are stored. Inputs, targets and initial parameters are numbers k / 512 of a `Source`'s stream, exact
in float32 too, which the tests make again by the same rule (`numbers`).
"""

import json

import torch
import torch.nn.functional as functional

from .keys import Key, check as check_keys
from .optimizers import settings_of
from .parity_layers import LAYER_NETWORKS, dense_network
from .source import Source, element_count

STEPS, EXAMPLES, BATCH = 200, 22, 8
CLASSES = 3
MASK_SEED = 11

# A relative change of the initial parameters, and what it may at most become in a loss. Runs that let it grow more are
# chaotic: float32, which rounds at 6e-8, could not follow them to 1e-4.
PERTURBATION = 1e-12
LARGEST_GROWTH = 100.0
# Losses near 0 are differences of large numbers and have no relative accuracy.
SMALLEST_LOSS = 0.01


def numbers(source, shape, scale=1.0, offset=0.0):
    """offset + scale * k / 512 with k in -512 ..< 512: exact for scales and offsets that are powers of two."""
    values = [(source.bits() >> 54) / 512 - 1 for _ in range(element_count(shape))]
    return offset + scale * torch.tensor(values, dtype=torch.float64).reshape(shape)


def initial(name, shapes):
    """Parameters in the order of the network's layout; a shape marked as a scale starts around 1."""
    source = Source(f"parity/{name}/parameters")
    return [numbers(source, shape, scale=0.25, offset=1.0) if is_scale
            else numbers(source, shape, scale=0.5) for shape, is_scale in shapes]


def batches():
    """The rows of every step."""
    starts = range(0, EXAMPLES, BATCH)
    rounds = [list(range(start, min(start + BATCH, EXAMPLES))) for start in starts]
    return [rounds[step % len(rounds)] for step in range(STEPS)]


def loss_function(kind, source):
    """The loss of logits for given rows, with targets by a rule or from the stream."""
    if kind == "cross-entropy":
        classes = torch.tensor([source.bits() >> 54 for _ in range(EXAMPLES)]) % CLASSES
        return lambda y, rows: functional.cross_entropy(y, classes[rows])
    if kind == "binary-cross-entropy":
        labels = (numbers(source, [EXAMPLES, CLASSES]) > 0).to(torch.float64)
        return lambda y, rows: functional.binary_cross_entropy_with_logits(y, labels[rows])
    targets = numbers(source, [EXAMPLES, CLASSES])
    return lambda y, rows: functional.mse_loss(y, targets[rows])


# Name: class, its arguments; clipping by norm or value; the learning rate of a step.
SGD, Adam = torch.optim.SGD, torch.optim.Adam
RMSprop, Adagrad, AdamW = torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.AdamW
OPTIMIZERS = {
    "sgd": (SGD, {"lr": 0.125}),
    "sgd weight decay": (SGD, {"lr": 0.125, "weight_decay": 0.01}),
    "momentum": (SGD, {"lr": 0.03125, "momentum": 0.9}),
    "momentum dampening": (SGD, {"lr": 0.0625, "momentum": 0.9, "dampening": 0.5}),
    "momentum weight decay": (SGD, {"lr": 0.03125, "momentum": 0.9, "weight_decay": 0.01}),
    "nesterov": (SGD, {"lr": 0.03125, "momentum": 0.9, "nesterov": True}),
    "nesterov weight decay":
        (SGD, {"lr": 0.03125, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "rmsprop": (RMSprop, {"lr": 0.002}),
    "rmsprop momentum": (RMSprop, {"lr": 0.0005, "momentum": 0.9}),
    "rmsprop centered": (RMSprop, {"lr": 0.002, "alpha": 0.9, "centered": True}),
    "rmsprop centered momentum weight decay":
        (RMSprop, {"lr": 0.0005, "alpha": 0.95, "momentum": 0.8, "centered": True,
                   "weight_decay": 0.01}),
    "adagrad": (Adagrad, {"lr": 0.03}),
    "adagrad rate decay": (Adagrad, {"lr": 0.05, "lr_decay": 0.01}),
    "adagrad weight decay": (Adagrad, {"lr": 0.03, "weight_decay": 0.01}),
    "adam": (Adam, {"lr": 0.005}),
    "adam weight decay": (Adam, {"lr": 0.005, "weight_decay": 0.01}),
    "adam betas epsilon": (Adam, {"lr": 0.005, "betas": (0.8, 0.95), "eps": 1e-4}),
    "adamw": (AdamW, {"lr": 0.005, "weight_decay": 0.05}),
}
# Clipping and schedules, each with an optimizer from above.
CLIPPED = {"momentum clipped to norm": ("momentum", {"norm": 0.25}),
           "adam clipped to value": ("adam", {"value": 0.0625})}
SCHEDULERS = torch.optim.lr_scheduler


def warm_up_then_cosine(optimizer):
    return SCHEDULERS.SequentialLR(
        optimizer, [SCHEDULERS.LinearLR(optimizer, start_factor=0.125, total_iters=20),
                    SCHEDULERS.CosineAnnealingLR(optimizer, T_max=180, eta_min=0.001)], [20])


SCHEDULED = {
    "momentum step schedule":
        ("momentum", ("step", {"step_size": 60, "factor": 0.5}),
         lambda o: SCHEDULERS.StepLR(o, 60, 0.5)),
    "nesterov exponential schedule":
        ("nesterov", ("exponential", {"factor": 0.99}),
         lambda o: SCHEDULERS.ExponentialLR(o, 0.99)),
    "adam cosine schedule":
        ("adam", ("cosine", {"half_period": 200, "least": 0.0}),
         lambda o: SCHEDULERS.CosineAnnealingLR(o, 200)),
    "adamw warm-up then cosine":
        ("adamw", ("linear_warm_up_then_cosine", {"start_factor": 0.125,
                   "warm_up_steps": 20, "half_period": 180, "least": 0.001}), warm_up_then_cosine),
}


def train(network, parameters, kind, arguments, loss_kind, clipping=None, scheduler=None):
    """The loss before every step and the running statistics after the last."""
    source = Source(f"parity/{network['name']}/data")
    inputs = numbers(source, [EXAMPLES, *network["description"]["input"]])
    loss_of = loss_function(loss_kind, source)
    statistics = [torch.full([count], start, dtype=torch.float64)
                  for count in network.get("statistics", []) for start in (0.0, 1.0)]
    leaves = [torch.nn.Parameter(p.clone()) for p in parameters]
    optimizer = kind(leaves, foreach=False, **arguments)
    schedule = scheduler(optimizer) if scheduler else None
    losses = []
    for step, rows in enumerate(batches()):
        key = Key.of_seed(MASK_SEED).indexed(step)
        optimizer.zero_grad()
        loss = loss_of(network["apply"](inputs[rows], leaves, statistics, key), rows)
        loss.backward()
        losses.append(float(loss.detach()))
        if clipping and "norm" in clipping:
            torch.nn.utils.clip_grad_norm_(leaves, clipping["norm"], foreach=False)
        elif clipping:
            torch.nn.utils.clip_grad_value_(leaves, clipping["value"], foreach=False)
        optimizer.step()
        if schedule:
            schedule.step()
    return losses, statistics


def run(name, network, kind, arguments, settings, report, loss="cross-entropy", clipping=None,
        schedule=None, scheduler=None):
    parameters = initial(network["name"], network["shapes"])
    arguments_of_training = (kind, arguments, loss, clipping, scheduler)
    losses, statistics = train(network, parameters, *arguments_of_training)
    moved = [p * (1 + PERTURBATION * (-1) ** i) for i, p in enumerate(parameters)]
    moved_losses, _ = train(network, moved, *arguments_of_training)
    growth = max(abs(a - b) / a for a, b in zip(losses, moved_losses)) / PERTURBATION
    report(f"parity, {name}: loss {losses[0]:.4f} to {losses[-1]:.4f}, least {min(losses):.4f},"
           f" a relative change of the initial parameters grows {growth:.1f} times")
    assert growth <= LARGEST_GROWTH, f"{name}: chaotic"
    assert min(losses) >= SMALLEST_LOSS, f"{name}: loss {min(losses)}"
    assert sum(losses[-3:]) < 0.98 * sum(losses[:3]), f"{name}: does not learn"
    result = {"name": name, "network": network["name"], "loss": loss,
              "optimizer": kind.__name__.lower(), "attributes": settings}
    if clipping:
        result["clipping"] = clipping
    if schedule:
        result["schedule"] = schedule
    result["losses"] = [shortened(x) for x in losses]
    result["final_statistics"] = [shortened(x) for s in statistics for x in s.tolist()]
    return result


def shortened(number):
    """Twelve digits, a thousand times what the tests ask for."""
    return float(f"{number:.12g}")


def fields(report):
    check_keys()
    dense = dense_network()
    runs = []

    def add(name, network, key, rate=None, **rest):
        kind, arguments = OPTIMIZERS[key]
        if rate is not None:
            arguments = {**arguments, "lr": rate}
        fresh = kind([torch.nn.Parameter(torch.zeros(1))], **arguments)
        runs.append(run(name, network, kind, arguments, settings_of(fresh), report, **rest))

    for name in OPTIMIZERS:
        add(name, dense, name)
    for name, (key, clipping) in CLIPPED.items():
        add(name, dense, key, clipping=clipping)
    for name, (key, settings, scheduler) in SCHEDULED.items():
        schedule = {"schedule": settings[0], "attributes": {
            "base_learning_rate": OPTIMIZERS[key][1]["lr"], **settings[1]}}
        add(name, dense, key, schedule=schedule, scheduler=scheduler)
    for loss in ("binary-cross-entropy", "mse"):
        add(f"dense {loss}", dense, "momentum", loss=loss)
    networks = [dense]
    for make in LAYER_NETWORKS:
        network = make()
        networks.append(network)
        add(network["name"], network, "momentum", rate=network.get("rate"),
            loss=network.get("loss", "cross-entropy"))
    return {"data": {"examples": EXAMPLES, "batch": BATCH, "classes": CLASSES,
                     "mask_seed": MASK_SEED},
            "networks": [{"name": n["name"], "description": json.dumps(n["description"])}
                         for n in networks],
            "runs": runs}
