"""losses.json: mean losses, their gradients, and PyTorch's conventions at probability 0 and 1."""

import torch
import torch.nn.functional as functional
from mpmath import mp, mpf

from . import checks, document
from .case import differentiate, shape_label
from .source import Source, element_count


def cases():
    return (cross_entropy_cases() + binary_with_logits_cases() + binary_cases()
            + mean_squared_error_cases())


def loss_case(loss, label, input_name, prediction, targets, apply, exact, checked=True,
              convention=None):
    """A scalar loss times a scalar upstream gradient that is not 1.

    `targets` is a tensor, or a list of class indices; `exact` computes the loss with mpmath from
    nested lists.
    """
    name = f"{loss} {label}"
    upstream = Source(f"{name}/upstream").upstream([])
    output, gradients = differentiate(apply, [prediction], upstream)
    if checked:
        checks.check_gradients(lambda x: upstream * apply(x), [prediction], gradients, name)
        checks.check_against_mpmath("loss against mpmath", float(output),
                                    exact(prediction.tolist()), name, 1e-14)
    result = {"name": name, "loss": loss}
    if convention is not None:
        result["convention"] = convention
    if isinstance(targets, list):
        result["indices"] = targets
    else:
        result["targets"] = document.tensor(targets)
    result["input"] = document.tensor(prediction, input_name)
    result["upstream"] = float(upstream)
    result["output"] = float(output)
    result["gradient"] = document.tensor(gradients[0], input_name)
    return result


def cross_entropy_cases():
    """The mean over the rows of logsumexp(row) - row[class]."""
    result = []
    for shape in [[4, 3], [1, 5], [6, 10], [2, 2]]:
        source = Source(f"cross_entropy {shape}")
        logits = source.tensor(shape, -4.0, 4.0)
        indices = source.indices(shape[0], shape[1])

        def exact(rows):
            return sum(mp.log(sum(mp.exp(mpf(x) - mpf(row[i])) for x in row))
                       for row, i in zip(rows, indices)) / len(rows)

        result.append(loss_case(
            "cross_entropy", shape_label(shape), "logits", logits, indices,
            lambda x: functional.cross_entropy(x, torch.tensor(indices)), exact))
    return result


def label_sets(source, shape):
    """Targets 0 and 1, and targets between."""
    hard = torch.tensor([float(i) for i in source.indices(element_count(shape), 2)],
                        dtype=torch.float64).reshape(shape)
    return {"hard": hard, "soft": source.tensor(shape, 0.0, 1.0)}


def mean_of(term, targets):
    """The mean of term(x, y) over two tensors of the same shape, by mpmath."""
    def exact(values):
        x = torch.tensor(values, dtype=torch.float64).reshape(-1).tolist()
        y = targets.reshape(-1).tolist()
        return sum(term(mpf(a), mpf(b)) for a, b in zip(x, y)) / len(x)
    return exact


def binary_with_logits_cases():
    """The mean of softplus(z) - y z."""
    result = []
    for shape in [[4, 1], [5], [3, 2]]:
        source = Source(f"binary_cross_entropy_with_logits {shape}")
        logits = source.tensor(shape, -4.0, 4.0)
        for kind, targets in label_sets(source, shape).items():
            result.append(loss_case(
                "binary_cross_entropy_with_logits", f"{shape_label(shape)} {kind}", "logits",
                logits, targets,
                lambda z: functional.binary_cross_entropy_with_logits(z, targets),
                mean_of(lambda z, y: mp.log1p(mp.exp(z)) - y * z, targets)))
    return result


def binary_cases():
    """The mean of -y log p - (1 - y) log(1 - p)."""
    result = []
    for shape in [[4, 1], [5], [3, 2]]:
        source = Source(f"binary_cross_entropy {shape}")
        probabilities = source.tensor(shape, 0.05, 0.95)
        for kind, targets in label_sets(source, shape).items():
            result.append(loss_case(
                "binary_cross_entropy", f"{shape_label(shape)} {kind}", "probabilities",
                probabilities, targets, lambda p: functional.binary_cross_entropy(p, targets),
                mean_of(lambda p, y: -y * mp.log(p) - (1 - y) * mp.log(1 - p), targets)))
    return result


def mean_squared_error_cases():
    """The mean over all elements of (x - y)^2, without a factor 1/2."""
    result = []
    for shape in [[4, 3], [5], [], [2, 3, 2]]:
        source = Source(f"mean_squared_error {shape}")
        prediction, targets = source.tensor(shape), source.tensor(shape)
        result.append(loss_case(
            "mean_squared_error", shape_label(shape), "predictions", prediction, targets,
            lambda x: functional.mse_loss(x, targets),
            mean_of(lambda x, y: (x - y) ** 2, targets)))
    return result


def conventions():
    """Binary cross-entropy at probabilities 0 and 1, for information."""
    probabilities = torch.tensor([0.0, 0.0, 1.0, 1.0, 1e-30, 0.5], dtype=torch.float64)
    targets = torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 1.0], dtype=torch.float64)
    return [loss_case(
        "binary_cross_entropy", f"{row} target {int(target)}", "probabilities",
        probabilities[i:i + 1], targets[i:i + 1],
        lambda p: functional.binary_cross_entropy(p, targets[i:i + 1]), None, checked=False,
        convention="logarithms not below -100; slope (p - y) / max(p (1 - p), 1e-12), where"
        " PyTorch keeps 1e-12 as a float32")
        for i, (row, target) in enumerate(zip(probabilities.tolist(), targets.tolist()))]
