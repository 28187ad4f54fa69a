"""convolution.json: convolutions, pooling and a residual block of images; every gradient."""

import torch
import torch.nn.functional as functional

from .layers import KinkRecorder, layer_case
from .source import Source


def cases():
    return convolution_cases() + pooling_cases() + block_cases()


def torch_weight(weight):
    """A weight [in, height, width, out], as it is stored here, in PyTorch's order [out, in, height, width]."""
    return weight.permute(3, 0, 1, 2)


def convolution_cases():
    result = []
    for shape, outputs, kernel, stride, padding, bias in [
            ([2, 3, 4, 5], 2, (3, 3), 1, 1, True), ([1, 2, 5, 4], 3, (3, 3), 2, 1, False),
            ([2, 2, 4, 4], 2, (2, 2), 2, 0, True), ([2, 3, 3, 3], 2, (1, 1), 1, 0, True),
            ([1, 2, 5, 5], 2, (1, 1), 2, 0, False), ([1, 1, 4, 5], 2, (3, 2), 1, 0, True),
            ([1, 1, 2, 2], 1, (5, 5), 1, 2, True), ([1, 2, 6, 5], 1, (2, 2), 3, 1, True)]:
        label = f"{shape} to {outputs} by {kernel[0]}x{kernel[1]} stride {stride} padding {padding}"
        label = label.replace(", ", ",")
        source = Source(f"conv2d {label}")
        parameters = {"weight": source.tensor([shape[1], *kernel, outputs], -1.0, 1.0)}
        if bias:
            parameters["bias"] = source.tensor([outputs])
        attributes = {"kernel": list(kernel), "stride": stride, "padding": padding}
        result.append(layer_case(
            "conv2d", label, attributes, source.tensor(shape), parameters,
            lambda x, w, b=None: functional.conv2d(x, torch_weight(w), b, stride, padding)))
    return result


def pooling_cases():
    functions = {"max_pool2d": functional.max_pool2d, "avg_pool2d": functional.avg_pool2d}
    result = []
    for layer, apply in functions.items():
        for shape, kernel, stride, padding in [([2, 2, 4, 4], 2, 2, 0), ([1, 2, 5, 5], 3, 2, 1),
                                               ([1, 1, 4, 5], 2, 1, 0), ([1, 1, 3, 4], 2, 1, 1)]:
            label = f"{shape} by {kernel} stride {stride} padding {padding}".replace(", ", ",")
            # Distinct values: PyTorch breaks a maximum's ties by order.
            x = Source(f"{layer} {label}").distinct_tensor(shape)
            attributes = {"kernel": [kernel, kernel], "stride": stride, "padding": padding}
            result.append(layer_case(layer, label, attributes, x, {},
                                     lambda x: apply(x, kernel, stride, padding)))
    x = Source("global_avg_pool").tensor([2, 3, 2, 3])
    result.append(layer_case("global_avg_pool", "[2,3,2,3]", {}, x, {}, lambda x: x.mean((2, 3))))
    return result


def block_cases():
    """relu(skip(x) + norm(conv(relu(norm(conv(x)))))), stride 2, in training; the skip thins and pads with zeros."""
    def block(act, x, w1, s1, t1, w2, s2, t2):
        h = functional.conv2d(x, torch_weight(w1), None, 2, 1)
        h = act(functional.batch_norm(h, None, None, s1, t1, True))
        h = functional.conv2d(h, torch_weight(w2), None, 1, 1)
        h = functional.batch_norm(h, None, None, s2, t2, True)
        skip = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, h.shape[1] - x.shape[1]))
        return act(skip + h)

    kinks = KinkRecorder(functional.relu)
    attempt = 0
    while True:
        source = Source(f"convolution block {attempt}")
        x = source.tensor([2, 2, 4, 4])
        parameters = {"weight1": source.tensor([2, 3, 3, 3], -1.0, 1.0),
                      "scale1": source.tensor([3]), "shift1": source.tensor([3]),
                      "weight2": source.tensor([3, 3, 3, 3], -1.0, 1.0),
                      "scale2": source.tensor([3]), "shift2": source.tensor([3])}
        if kinks.clear(lambda: block(kinks, x, *parameters.values())):
            break
        attempt += 1
    return [layer_case("residual_block", "[2,2,4,4] to 3", {}, x, parameters,
                       lambda *t: block(functional.relu, *t))]
