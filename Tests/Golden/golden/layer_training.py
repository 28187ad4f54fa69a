"""layer_training.json: networks with normalization, convolution and skips, trained 200 full-batch steps."""

import json

import torch
import torch.nn.functional as functional

from . import checks, document
from .convolution import torch_weight
from .layers import affine
from .source import Source

STEPS = 200
EPSILON = 1e-5


def runs(report):
    result = []
    for name, make in {"images": images, "features": features}.items():
        run = train(name, *make())
        result.append(run)
        report(f"layer training, {name}: loss {run['losses'][0]:.4f} to {run['losses'][-1]:.2e}")
    return result


def norm(h, scale, shift, running):
    """Batch normalization in training; `running` is a pair that is updated in place."""
    return functional.batch_norm(h, *running, scale, shift, True, 0.1, EPSILON)


def images():
    """Convolution, a block that halves the image with both kinds of skip, pooling."""
    network = {"input": [1, 6, 6], "output": "softmax", "layers": [
        {"layer": "convolution", "outputs": 2, "kernel": 3, "padding": 1, "bias": False},
        {"layer": "batch-norm"}, {"layer": "relu"},
        {"layer": "residual", "after": "relu", "branch": [
            {"layer": "convolution", "outputs": 3, "kernel": 3, "stride": 2, "padding": 1},
            {"layer": "batch-norm"}],
         "projection": [{"layer": "padded-shortcut", "channels": 3, "stride": 2}]},
        {"layer": "max-pool", "kernel": 2, "stride": 1}, {"layer": "global-average-pool"},
        {"layer": "dense", "outputs": 3}]}
    shapes = [[1, 3, 3, 2], [2], [2], [2, 3, 3, 3], [3], [3], [3], [3, 3], [3]]
    statistics = [torch.zeros(2), torch.ones(2), torch.zeros(3), torch.ones(3)]

    def apply(x, p, s):
        h = functional.relu(norm(functional.conv2d(x, torch_weight(p[0]), None, 1, 1), p[1], p[2],
                                 s[:2]))
        branch = norm(functional.conv2d(h, torch_weight(p[3]), p[4], 2, 1), p[5], p[6], s[2:])
        h = functional.relu(functional.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, 0, 1)) + branch)
        return affine(functional.max_pool2d(h, 2, 1).mean((2, 3)), p[7], p[8])

    source = Source("layer_training/images")
    return network, source.tensor([6, 1, 6, 6], -1.5, 1.5), shapes, statistics, apply, source


def features():
    """Learned scales, a normalization by the root mean square, a tied weight, a concatenating skip."""
    network = {"input": [4], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 3, "name": "code"}, {"layer": "tanh"},
        {"layer": "transposed-dense", "of": "code"},
        {"layer": "residual", "learned_scale": 0, "before": "silu", "branch": [
            {"layer": "dense", "outputs": 4}, {"layer": "gelu"}, {"layer": "dense", "outputs": 4}]},
        {"layer": "rms-norm"},
        {"layer": "concatenating", "branch": [{"layer": "dense", "outputs": 2}, {"layer": "tanh"}]},
        {"layer": "batch-norm"}, {"layer": "dense", "outputs": 3}]}
    shapes = [[4, 3], [3], [4], [4, 4], [4], [4, 4], [4], [], [4], [4, 2], [2], [6], [6], [6, 3],
              [3]]
    statistics = [torch.zeros(6), torch.ones(6)]

    def apply(x, p, s):
        h = affine(torch.tanh(affine(x, p[0], p[1])), p[0].T, p[2])
        branch = affine(functional.gelu(affine(functional.silu(h), p[3], p[4])), p[5], p[6])
        h = functional.rms_norm(h + p[7] * branch, [4], p[8], EPSILON)
        h = torch.cat([h, torch.tanh(affine(h, p[9], p[10]))], 1)
        return affine(norm(h, p[11], p[12], s), p[13], p[14])

    source = Source("layer_training/features")
    return network, source.tensor([6, 4], -1.5, 1.5), shapes, statistics, apply, source


def train(name, network, inputs, shapes, statistics, apply, source):
    parameters = [source.tensor(shape, -1.0, 1.0) for shape in shapes]
    initial = [p.clone() for p in parameters]
    statistics = [s.to(torch.float64) for s in statistics]
    classes = torch.arange(len(inputs)) % 3
    leaves = [p.requires_grad_() for p in parameters]

    def loss_of(tensors, running):
        return functional.cross_entropy(apply(inputs, tensors, running), classes)

    first = torch.autograd.grad(loss_of(leaves, [s.clone() for s in statistics]), leaves)
    checks.check_gradients(lambda *p: loss_of(p, [s.clone() for s in statistics]), initial,
                           [g.detach() for g in first], f"layer training, {name}")
    optimizer = torch.optim.SGD(leaves, lr=0.05, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(leaves, statistics)
        losses.append(float(loss.detach()))
        loss.backward()
        optimizer.step()
    return {"name": name, "network": json.dumps(network), "learning_rate": 0.05, "momentum": 0.9,
            "inputs": document.tensor(inputs), "classes": classes.tolist(),
            "parameters": [document.tensor(p) for p in initial], "losses": losses,
            "final_statistics": [document.tensor(s) for s in statistics]}
