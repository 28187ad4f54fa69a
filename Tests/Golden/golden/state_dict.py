"""state_dict.json: a network's parameters under the names and in the layouts of PyTorch's modules."""

import json

import torch
from torch import nn

from . import document
from .source import Source

NETWORK = {"input": [2, 4, 4], "layers": [
    {"layer": "convolution", "outputs": 3, "kernel": 3, "padding": 1}, {"layer": "batch-norm"},
    {"layer": "relu"}, {"layer": "max-pool", "kernel": 2}, {"layer": "flatten"},
    {"layer": "dense", "outputs": 4}, {"layer": "layer-norm"}, {"layer": "dense", "outputs": 4},
    {"layer": "rms-norm"}, {"layer": "dense", "outputs": 3, "bias": False}]}


def fields():
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(12, 4), nn.LayerNorm(4), nn.Linear(4, 4), nn.RMSNorm(4, eps=1e-5),
        nn.Linear(4, 3, bias=False)).to(torch.float64)
    source = Source("state_dict")
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                value.fill_(7)
            else:
                low = 0.5 if name.endswith("running_var") else -1.0
                value.copy_(source.tensor(list(value.shape), low, 1.5))
    model.eval()
    x = source.tensor([2, 2, 4, 4])
    with torch.no_grad():
        output = model(x)
    arrays = [document.tensor(value.to(torch.float64), name)
              for name, value in model.state_dict().items()]
    return {"network": json.dumps(NETWORK), "arrays": arrays, "input": document.tensor(x),
            "output": document.tensor(output)}
