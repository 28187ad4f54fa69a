"""The networks of parity.json: Plumbline's description of each next to the same in torch operations.

`shapes` are those of the parameters in the order of Plumbline's layout, marked True for the scale of a normalization;
`statistics` the channels of each batch normalization. `apply` takes the inputs, the parameters, running means and
variances in turn, and the key of the step. `rate` is a learning rate below the usual one, for networks that would
be unsteady at it: normalized by small batches, or where the mean square of an example comes near 0.
"""

import torch
import torch.nn.functional as functional

from .convolution import torch_weight
from .layers import affine

EPSILON = 1e-5

ACTIVATIONS = {
    "linear": lambda x: x, "relu": functional.relu,
    "leaky-relu": lambda x: functional.leaky_relu(x, 0.01), "elu": functional.elu,
    "gelu": functional.gelu, "silu": functional.silu, "softplus": functional.softplus,
    "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def dense(inputs, outputs, bias=True):
    return [([inputs, outputs], False)] + ([([outputs], False)] if bias else [])


def convolution(inputs, outputs, kernel, bias=True):
    return [([inputs, kernel, kernel, outputs], False)] + ([([outputs], False)] if bias else [])


def normalization(channels):
    return [([channels], True), ([channels], False)]


def layer(kind, **settings):
    return {"layer": kind, **settings}


def dense_layer(outputs, **settings):
    return layer("dense", outputs=outputs, **settings)


def network(name, inputs, layers, shapes, apply, **rest):
    return {"name": name, "description": {"input": inputs, "layers": layers}, "shapes": shapes,
            "apply": apply, **rest}


def conv(x, weight, bias=None, stride=1, padding=0):
    return functional.conv2d(x, torch_weight(weight), bias, stride, padding)


def norm(h, scale, shift, running):
    """Batch normalization in training; `running` is a pair that is updated in place."""
    return functional.batch_norm(h, *running, scale, shift, True, 0.1, EPSILON)


def dense_network():
    """The network of the optimizers."""
    def apply(x, p, s, key):
        return affine(torch.tanh(affine(functional.relu(affine(x, *p[:2])), *p[2:4])), *p[4:])

    return network("dense", [5], [dense_layer(8), layer("relu"), dense_layer(6), layer("tanh"),
                                  dense_layer(3)],
                   dense(5, 8) + dense(8, 6) + dense(6, 3), apply)


def activation_network(name):
    act = ACTIVATIONS[name]

    def apply(x, p, s, key):
        return affine(act(affine(act(affine(x, *p[:2])), *p[2:4])), *p[4:])

    return network(f"activation {name}", [5], [dense_layer(6), layer(name), dense_layer(6),
                                               layer(name), dense_layer(3)],
                   dense(5, 6) + dense(6, 6) + dense(6, 3), apply)


def batch_norm():
    def apply(x, p, s, key):
        return affine(torch.tanh(norm(affine(x, p[0], None), p[1], p[2], s)), *p[3:])

    return network("batch norm", [5], [dense_layer(6, bias=False), layer("batch-norm"),
                                       layer("tanh"), dense_layer(3)],
                   dense(5, 6, bias=False) + normalization(6) + dense(6, 3), apply, statistics=[6],
                   rate=0.0078125)


def layer_norm():
    def apply(x, p, s, key):
        h = functional.layer_norm(affine(x, *p[:2]), [6], p[2], p[3], EPSILON)
        return affine(functional.relu(h), *p[4:])

    return network("layer norm", [5], [dense_layer(6), layer("layer-norm"), layer("relu"),
                                       dense_layer(3)],
                   dense(5, 6) + normalization(6) + dense(6, 3), apply, loss="mse")


def rms_norm():
    def apply(x, p, s, key):
        h = functional.rms_norm(affine(x, *p[:2]), [6], p[2], EPSILON)
        return affine(functional.silu(h), *p[3:])

    return network("rms norm", [5], [dense_layer(6), layer("rms-norm"), layer("silu"),
                                     dense_layer(3)],
                   dense(5, 6) + [([6], True)] + dense(6, 3), apply, loss="binary-cross-entropy",
                   rate=0.015625)


def max_pooling():
    def apply(x, p, s, key):
        h = functional.max_pool2d(functional.relu(conv(x, *p[:2], padding=1)), 2)
        h = functional.max_pool2d(torch.tanh(conv(h, *p[2:4])), 2, 1, 1)
        return affine(h.flatten(1), *p[4:])

    return network(
        "convolution and max pooling", [2, 4, 4],
        [layer("convolution", outputs=3, kernel=3, padding=1), layer("relu"),
         layer("max-pool", kernel=2), layer("convolution", outputs=3, kernel=2), layer("tanh"),
         layer("max-pool", kernel=2, stride=1, padding=1), layer("flatten"), dense_layer(3)],
        convolution(2, 3, 3) + convolution(3, 3, 2) + dense(12, 3), apply, rate=0.0078125)


def average_pooling():
    def apply(x, p, s, key):
        h = functional.gelu(conv(x, *p[:2], stride=2, padding=1))
        h = functional.avg_pool2d(h, 2, 1, 1)
        return affine(h.mean((2, 3)), *p[2:])

    return network(
        "convolution and average pooling", [2, 5, 5],
        [layer("convolution", outputs=3, kernel=3, stride=2, padding=1), layer("gelu"),
         layer("average-pool", kernel=2, stride=1, padding=1), layer("global-average-pool"),
         dense_layer(3)],
        convolution(2, 3, 3) + dense(3, 3), apply, loss="mse")


def projection():
    def apply(x, p, s, key):
        h = torch.tanh(affine(x, *p[:2]))
        branch = affine(functional.relu(affine(h, *p[2:4])), *p[4:6])
        return affine(functional.relu(affine(h, *p[6:8]) + 0.5 * branch), *p[8:])

    return network(
        "residual with projection", [5],
        [dense_layer(6), layer("tanh"),
         layer("residual", scale=0.5, after="relu", projection=[dense_layer(4)],
               branch=[dense_layer(5), layer("relu"), dense_layer(4)]), dense_layer(3)],
        dense(5, 6) + dense(6, 5) + dense(5, 4) + dense(6, 4) + dense(4, 3), apply)


def plain_convolution(outputs, **settings):
    return layer("convolution", outputs=outputs, bias=False, **settings)


def post_activation():
    """The block of He et al. with a projection by convolution."""
    def apply(x, p, s, key):
        h = functional.relu(norm(conv(x, p[0], padding=1), *p[1:3], s[:2]))
        branch = functional.relu(norm(conv(h, p[3], stride=2, padding=1), *p[4:6], s[2:4]))
        branch = norm(conv(branch, p[6], padding=1), *p[7:9], s[4:6])
        skip = norm(conv(h, p[9], stride=2), *p[10:12], s[6:])
        return affine(functional.relu(skip + branch).mean((2, 3)), *p[12:])

    three = {"kernel": 3, "padding": 1}
    return network(
        "post-activation block", [1, 4, 4],
        [plain_convolution(2, **three), layer("batch-norm"), layer("relu"),
         layer("residual", after="relu", branch=[
             plain_convolution(3, stride=2, **three), layer("batch-norm"), layer("relu"),
             plain_convolution(3, **three), layer("batch-norm")],
               projection=[plain_convolution(3, kernel=1, stride=2), layer("batch-norm")]),
         layer("global-average-pool"), dense_layer(3)],
        convolution(1, 2, 3, bias=False) + normalization(2)
        + convolution(2, 3, 3, bias=False) + normalization(3)
        + convolution(3, 3, 3, bias=False) + normalization(3)
        + convolution(2, 3, 1, bias=False) + normalization(3) + dense(3, 3),
        apply, statistics=[2, 3, 3, 3], rate=0.0078125)


def pre_activation():
    """Batch normalization and ReLU before each convolution, and then a skip of zeros for new channels."""
    def apply(x, p, s, key):
        h = conv(x, p[0], padding=1)
        branch = conv(functional.relu(norm(h, *p[1:3], s[:2])), p[3], padding=1)
        branch = conv(functional.relu(norm(branch, *p[4:6], s[2:4])), p[6], padding=1)
        h = h + 0.5 * branch
        branch = conv(functional.relu(norm(h, *p[7:9], s[4:])), p[9], stride=2, padding=1)
        h = functional.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, 0, 1)) + branch
        return affine(torch.tanh(h).mean((2, 3)), *p[10:])

    three = {"kernel": 3, "padding": 1}
    before = [layer("batch-norm"), layer("relu")]
    return network(
        "pre-activation block", [1, 4, 4],
        [plain_convolution(2, **three),
         layer("residual", scale=0.5, branch=before + [plain_convolution(2, **three)]
               + before + [plain_convolution(2, **three)]),
         layer("residual", branch=before + [plain_convolution(3, stride=2, **three)],
               projection=[layer("padded-shortcut", channels=3, stride=2)]),
         layer("tanh"), layer("global-average-pool"), dense_layer(3)],
        convolution(1, 2, 3, bias=False) + normalization(2)
        + convolution(2, 2, 3, bias=False) + normalization(2)
        + convolution(2, 2, 3, bias=False) + normalization(2)
        + convolution(2, 3, 3, bias=False) + dense(3, 3),
        apply, statistics=[2, 2, 2], rate=0.0078125)


def highway():
    def apply(x, p, s, key):
        h = torch.tanh(affine(x, *p[:2]))
        for act, q in ((functional.relu, p[2:6]), (torch.tanh, p[6:10])):
            gate = torch.sigmoid(affine(h, *q[2:]))
            h = gate * act(affine(h, *q[:2])) + (1 - gate) * h
        return affine(h, *p[10:])

    return network("highway", [5], [dense_layer(4), layer("tanh"), layer("highway"),
                                    layer("highway", activation="tanh"), dense_layer(3)],
                   dense(5, 4) + dense(4, 4) * 4 + dense(4, 3), apply)


def concatenating():
    def apply(x, p, s, key):
        h = functional.relu(affine(x, *p[:2]))
        h = torch.cat([h, torch.tanh(affine(h, *p[2:4]))], 1)
        h = torch.cat([h, functional.relu(affine(h, *p[4:6]))], 1)
        return affine(h, *p[6:])

    return network(
        "concatenating skip", [5],
        [dense_layer(4), layer("relu"),
         layer("concatenating", branch=[dense_layer(3), layer("tanh")]),
         layer("concatenating", branch=[dense_layer(2), layer("relu")]), dense_layer(3)],
        dense(5, 4) + dense(4, 3) + dense(7, 2) + dense(9, 3), apply)


def shared():
    """A weight that maps back as its transpose, and a layer that is used twice."""
    def apply(x, p, s, key):
        h = affine(torch.tanh(affine(x, p[0], p[1])), p[0].T, p[2])
        for _ in range(2):
            h = torch.tanh(affine(h, p[3], p[4]))
        return affine(h, *p[5:])

    return network(
        "shared weights", [5],
        [dense_layer(4, name="code"), layer("tanh"), layer("transposed-dense", of="code"),
         dense_layer(5, name="twice"), layer("tanh"), layer("again", of="twice"), layer("tanh"),
         dense_layer(3)],
        dense(5, 4) + [([5], False)] + dense(5, 5) + dense(5, 3), apply)


def learned_scalars():
    """Scales and biases of a single number, as in ReZero and Fixup."""
    def apply(x, p, s, key):
        h = affine(x, *p[:2])
        h = h + p[4] * affine(functional.silu(h), *p[2:4])
        h = functional.relu((h + p[5]) * p[6])
        return affine(h, *p[7:])

    return network(
        "learned scalars", [5],
        [dense_layer(4),
         layer("residual", learned_scale=0, before="silu", branch=[dense_layer(4)]),
         layer("scalar-bias"), layer("scalar-multiplier"), layer("relu"), dense_layer(3)],
        dense(5, 4) + dense(4, 4) + [([], False)] * 3 + dense(4, 3), apply)


def reversible():
    def apply(x, p, s, key):
        first, second = affine(x, *p[:2]).chunk(2, 1)
        first = first + 0.5 * torch.tanh(affine(second, *p[2:4]))
        second = second + 0.5 * functional.relu(affine(first, *p[4:6]))
        return affine(torch.cat([first, second], 1), *p[6:])

    return network(
        "reversible blocks", [5],
        [dense_layer(6),
         layer("reversible", scale=0.5,
               branches=[[dense_layer(3), layer("tanh")], [dense_layer(3), layer("relu")]]),
         dense_layer(3)],
        dense(5, 6) + dense(3, 3) + dense(3, 3) + dense(6, 3), apply)


def dropout():
    def apply(x, p, s, key):
        h = functional.relu(affine(x, *p[:2]))
        h = torch.tanh(affine(h * key.named("2").mask(h.shape, 0.75), *p[2:4]))
        return affine(h * key.named("5").mask(h.shape, 0.5), *p[4:])

    return network(
        "dropout", [5],
        [dense_layer(8), layer("relu"), layer("dropout", rate=0.25), dense_layer(6), layer("tanh"),
         layer("dropout", rate=0.5), dense_layer(3)],
        dense(5, 8) + dense(8, 6) + dense(6, 3), apply)


def stochastic_depth():
    def apply(x, p, s, key):
        h = torch.tanh(affine(x, *p[:2]))
        branch = affine(functional.relu(affine(h, *p[2:4])), *p[4:6])
        h = h + branch * key.named("2.branch.3").mask([], 0.75)
        branch = torch.tanh(affine(h, *p[6:8]))
        h = h + branch * key.named("3.branch.2").mask([len(x), 1], 0.5)
        return affine(h, *p[8:])

    return network(
        "stochastic depth", [5],
        [dense_layer(4), layer("tanh"),
         layer("residual", branch=[dense_layer(4), layer("relu"), dense_layer(4),
                                   layer("stochastic-depth", survival=0.75)]),
         layer("residual", branch=[dense_layer(4), layer("tanh"),
                                   layer("stochastic-depth", survival=0.5, unit="example")]),
         dense_layer(3)],
        dense(5, 4) + dense(4, 4) * 3 + dense(4, 3), apply)


LAYER_NETWORKS = [lambda name=name: activation_network(name) for name in ACTIVATIONS] + [
    batch_norm, layer_norm, rms_norm, max_pooling, average_pooling, projection, post_activation,
    pre_activation, highway, concatenating, shared, learned_scalars, reversible, dropout,
    stochastic_depth]
