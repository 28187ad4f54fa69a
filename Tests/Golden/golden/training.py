"""training.json: small networks trained 200 full-batch steps; the loss before every step."""

import torch
import torch.nn.functional as functional

from . import checks, document
from .case import named
from .layers import ACTIVATIONS, KinkRecorder, affine
from .source import Source

STEPS = 200
EXAMPLES = 12
BRANCH_SCALE = 0.5

# Architecture: widths, and what the hidden layers compute.
ARCHITECTURES = {
    "plain": ([5, 4, 4, 3], "h1 = act(x W1 + b1); h2 = act(h1 W2 + b2); logits = h2 W3 + b3"),
    "residual_one_layer":
        ([5, 4, 4, 3],
         "h1 = act(x W1 + b1); h2 = h1 + s * act(h1 W2 + b2); logits = h2 W3 + b3"),
    "residual":
        ([5, 4, 4, 4, 3],
         "h1 = act(x W1 + b1); h2 = h1 + s * (act(h1 W2 + b2) W3 + b3); logits = h2 W4 + b4"),
}

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}, {"learning_rate": 0.1}),
    "momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9},
                 {"learning_rate": 0.05, "momentum": 0.9}),
    "adam": (torch.optim.Adam, {"lr": 0.02}, {"learning_rate": 0.02}),
}

# The relative change of the initial parameters by which the growth of rounding is measured.
PERTURBATION = 1e-12


def data():
    """12 examples with 5 features, 3 classes by a rule that is not linear."""
    source = Source("training/data")
    inputs = source.tensor([EXAMPLES, 5], -1.5, 1.5)
    scores = torch.stack([inputs[:, 0] * inputs[:, 1], inputs[:, 2], -inputs[:, 3]], 1)
    return inputs, scores.argmax(1)


def initial_parameters(architecture):
    """W1, b1, W2, b2, ... with W stored in x out."""
    widths, _ = ARCHITECTURES[architecture]
    source = Source(f"training/{architecture}")
    parameters = {}
    for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:]), start=1):
        parameters[f"W{layer}"] = source.tensor([inputs, outputs], -1.0, 1.0)
        parameters[f"b{layer}"] = source.tensor([outputs], -0.25, 0.25)
    return parameters


def logits(architecture, act, x, parameters):
    layers = list(zip(parameters[::2], parameters[1::2]))
    h = act(affine(x, *layers[0]))
    if architecture == "plain":
        h = act(affine(h, *layers[1]))
    elif architecture == "residual_one_layer":
        h = h + BRANCH_SCALE * act(affine(h, *layers[1]))
    else:
        h = h + BRANCH_SCALE * affine(act(affine(h, *layers[1])), *layers[2])
    return affine(h, *layers[-1])


def train(architecture, act, optimizer, parameters):
    """The loss before every step, and after the last; the trained parameters; first gradients."""
    inputs, classes = data()
    kind, arguments, _ = OPTIMIZERS[optimizer]
    trained = [torch.nn.Parameter(value.clone()) for value in parameters]
    stepper = kind(trained, foreach=False, **arguments)
    losses, first_gradients = [], None
    for _ in range(STEPS):
        stepper.zero_grad()
        loss = functional.cross_entropy(logits(architecture, act, inputs, trained), classes)
        loss.backward()
        losses.append(float(loss.detach()))
        if first_gradients is None:
            first_gradients = [parameter.grad.clone() for parameter in trained]
        stepper.step()
    with torch.no_grad():
        last = functional.cross_entropy(logits(architecture, act, inputs, trained), classes)
    return losses, float(last), trained, first_gradients


def networks():
    return [{"architecture": name, "widths": widths, "formula": formula,
             "branch_scale": None if name == "plain" else BRANCH_SCALE,
             "parameters": named(parameters, parameters.values())}
            for name, (widths, formula) in ARCHITECTURES.items()
            for parameters in [initial_parameters(name)]]


def data_fields():
    inputs, classes = data()
    return {"inputs": document.tensor(inputs), "classes": classes.tolist()}


def runs(report):
    """Every architecture with every activation and optimizer. `report` prints a line."""
    result = []
    for architecture in ARCHITECTURES:
        for activation in ACTIVATIONS:
            for optimizer in OPTIMIZERS:
                result.append(run(architecture, activation, optimizer, report))
    return result


def run(architecture, activation, optimizer, report):
    name = f"{architecture} {activation} {optimizer}"
    parameters = initial_parameters(architecture)
    act = KinkRecorder(ACTIVATIONS[activation])
    losses, last, trained, gradients = train(architecture, act, optimizer,
                                             list(parameters.values()))
    check_run(name, architecture, ACTIVATIONS[activation], list(parameters.values()), gradients,
              losses, last)
    moved = [value * (1 + PERTURBATION * (-1) ** i)
             for i, value in enumerate(parameters.values())]
    moved_losses = train(architecture, act, optimizer, moved)[0]
    growth = max(abs(a - b) / a for a, b in zip(losses, moved_losses)) / PERTURBATION
    nearest = f", nearest kink {act.nearest:.1e}" if activation == "relu" else ""
    report(f"{name}: loss {losses[0]:.4f} to {last:.4f}, a relative change of the initial"
           f" parameters grows {growth:.1f} times{nearest}")
    return {"name": name, "architecture": architecture, "activation": activation,
            "optimizer": optimizer, "attributes": OPTIMIZERS[optimizer][2], "losses": losses,
            "final_loss": last,
            "first_gradients": named(parameters, gradients),
            "final_parameters": named(parameters, trained)}


def check_run(name, architecture, act, parameters, gradients, losses, last):
    """The first gradients by central differences; and the run learned something."""
    inputs, classes = data()

    def loss(*moved):
        return functional.cross_entropy(logits(architecture, act, inputs, list(moved)), classes)

    checks.check_gradients(loss, parameters, gradients, f"{name}, first gradients")
    assert last < 0.75 * losses[0], f"{name}: loss {losses[0]} to {last}"
