"""batch_norm.json: batch normalization in training and inference, and what its running statistics become."""

import torch
import torch.nn.functional as functional

from . import checks, document
from .case import differentiate, named
from .source import Source

EPSILON = 1e-5


def cases():
    result = []
    for shape in ([5, 3], [4, 3, 2], [2, 3, 2, 2]):
        label = str(shape).replace(" ", "")
        result.append(case(f"training {label}", shape, True))
        result.append(case(f"inference {label}", shape, False))
    result.append(case("training [5,3], momentum 0.3", [5, 3], True, momentum=0.3))
    result.append(case("training [4,3], variance near epsilon", [4, 3], True, scale=2.0**-8))
    return result


def case(name, shape, training, momentum=0.1, scale=1.0):
    source = Source(f"batch_norm {name}")
    channels = shape[1]
    parameters = {"scale": source.tensor([channels]), "shift": source.tensor([channels])}
    mean, variance = source.tensor([channels]), source.tensor([channels], 0.2, 3.0)
    x = source.tensor(shape) * scale
    tensors = [x, *parameters.values()]

    def apply(x, w, b):
        # Copies: batch_norm writes into the running statistics.
        return functional.batch_norm(x, mean.clone(), variance.clone(), w, b, training, momentum,
                                     EPSILON)

    upstream = Source(f"batch_norm {name}/upstream").upstream(shape)
    output, gradients = differentiate(apply, tensors, upstream)
    checks.check_gradients(lambda *t: (upstream * apply(*t)).sum(), tensors, gradients, name,
                           checks.STEP * scale)
    new_mean, new_variance = mean.clone(), variance.clone()
    functional.batch_norm(x, new_mean, new_variance, *parameters.values(), training, momentum,
                          EPSILON)
    check_statistics(name, x, training, momentum, mean, variance, new_mean, new_variance)
    return {"name": name, "training": training, "momentum": momentum, "epsilon": EPSILON,
            "parameters": named(parameters, parameters.values()),
            "running": named(["mean", "variance"], [mean, variance]),
            "input": document.tensor(x), "upstream": document.tensor(upstream),
            "output": document.tensor(output), "input_gradient": document.tensor(gradients[0]),
            "parameter_gradients": named(parameters, gradients[1:]),
            "new_running": named(["mean", "variance"], [new_mean, new_variance])}


def check_statistics(name, x, training, momentum, mean, variance, new_mean, new_variance):
    """The running statistics by their formula: unbiased variance, weight `momentum`."""
    if not training:
        momentum = 0
    axes = [axis for axis in range(x.dim()) if axis != 1]
    expected_mean = (1 - momentum) * mean + momentum * x.mean(axes)
    expected_variance = (1 - momentum) * variance + momentum * x.var(axes, correction=1)
    checks.check_equal("running statistic against formula", new_mean, expected_mean, name)
    checks.check_equal("running statistic against formula", new_variance, expected_variance, name)
