"""One framework on the depth workload, driven line by line over standard input.

usage: worker.py torch|compile|jax THREADS

Each line names a case as five numbers, `inputs,classes,width,layers,batch`: the worker builds the net (the first time),
warms up, times steps for about a quarter of a second and answers with the milliseconds of one step. The net is that of
`plumb bench`: inputs -> width with ReLU, residual blocks of two dense layers with a ReLU after the sum, width ->
classes, softmax cross-entropy, gradient descent with momentum 0.9, single precision. PyTorch also knows the networks of
`plumb bench --network` by their names, and most options of `plumb bench --option`; for one that it does not have the answer
is nan.
"""

import os
import sys
import time

framework, threads = sys.argv[1], int(sys.argv[2])
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(threads)
if framework == "jax" and threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np


def initial_values(inputs, classes, width, layers, batch):
    """Data, labels and parameters: the scale of the branches is in their initial weights."""
    random = np.random.default_rng(0)
    data = random.standard_normal((batch, inputs), dtype=np.float32)
    labels = random.integers(0, classes, batch)

    def weight(rows, columns, deviation):
        return random.standard_normal((rows, columns), dtype=np.float32) * np.float32(deviation)

    weights = [weight(inputs, width, (2 / inputs) ** 0.5)]
    weights += [weight(width, width, (2 / width / max(layers, 1)) ** 0.5) for _ in range(layers)]
    weights += [weight(width, classes, (1 / width) ** 0.5)]
    return data, labels, weights, [np.zeros(w.shape[1], np.float32) for w in weights]


def torch_step(case, compiles):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    data, labels, weights, biases = initial_values(*case)
    x, y = torch.from_numpy(data), torch.from_numpy(labels)
    net = torch.nn.ModuleList(torch.nn.Linear(*w.shape) for w in weights)
    for layer, w, b in zip(net, weights, biases):
        layer.weight.data = torch.from_numpy(w.T.copy())
        layer.bias.data = torch.from_numpy(b)

    def loss():
        h = F.relu(net[0](x))
        for i in range(1, len(net) - 1, 2):
            h = F.relu(h + net[i + 1](F.relu(net[i](h))))
        return F.cross_entropy(net[-1](h), y)

    value = torch.compile(loss) if compiles else loss
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        value().backward()
        optimizer.step()

    return step


NETWORKS = ("dense-dropout", "dense-batchnorm", "resnet20", "transformer", "lstm", "gru")


def torch_network(name):
    """A network of `plumb bench --network` and its batch."""
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Block(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.stride = 1 if inputs == outputs else 2
            self.padding = (0, 0, 0, 0, 0, outputs - inputs)
            self.branch = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, self.stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            skip = x if self.stride == 1 else F.pad(x[:, :, ::2, ::2], self.padding)
            return F.relu(skip + self.branch(x))

    def dense(*after):
        layers = []
        for inputs in (784, 64, 64, 64, 64):
            layers += [nn.Linear(inputs, 64)] + [make() for make in after]
        return nn.Sequential(*layers, nn.Linear(64, 10)), torch.randn(128, 784)

    if name == "dense-dropout":
        return dense(nn.ReLU, lambda: nn.Dropout(0.1))
    if name == "dense-batchnorm":
        return dense(lambda: nn.BatchNorm1d(64), nn.ReLU)
    if name in ("lstm", "gru"):
        class Recurrent(nn.Module):
            def __init__(self):
                super().__init__()
                self.cells = {"lstm": nn.LSTM, "gru": nn.GRU}[name](64, 64, batch_first=True)
                self.output = nn.Linear(64, 10)

            def forward(self, x):
                return self.output(self.cells(x)[0][:, -1])

        return Recurrent(), torch.randn(32, 64, 64)
    if name == "transformer":
        class Attention(nn.Module):
            def __init__(self):
                super().__init__()
                self.input, self.output = nn.Linear(64, 192), nn.Linear(64, 64)

            def forward(self, x):
                q, k, v = (part.unflatten(2, (4, 16)).transpose(1, 2) for part in self.input(x).chunk(3, 2))
                y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                return self.output(y.transpose(1, 2).flatten(2))

        class Branches(nn.Module):
            def __init__(self):
                super().__init__()
                self.branches = nn.ModuleList(
                    nn.Sequential(nn.LayerNorm(64), *layers) for _ in range(12) for layers in (
                        [Attention()], [nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64)]))
                self.norm, self.output = nn.LayerNorm(64), nn.Linear(64, 10)

            def forward(self, x):
                for branch in self.branches:
                    x = x + branch(x)
                return self.output(self.norm(x).mean(1))

        return Branches(), torch.randn(32, 64, 64)
    if name != "resnet20":
        sys.exit(f"there is no network {name} here")
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    width = 16
    for stage in (16, 32, 64):
        for _ in range(3):
            layers.append(Block(width, stage))
            width = stage
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers), torch.randn(32, 3, 32, 32)


def torch_network_step(name, compiles):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net, x = torch_network(name)
    y = torch.randint(0, 10, (len(x),))
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    output = torch.compile(net) if compiles else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(output(x), y).backward()
        optimizer.step()

    return step


def torch_option_step(name, compiles):
    """The step of `plumb bench --option` with one option; None for what PyTorch does not have."""
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    option, _, value = name.partition("=")
    activations = {
        "leaky-relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU, "softplus": nn.Softplus,
        "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "hard-tanh": nn.Hardtanh}
    normalizations = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "rms": nn.RMSNorm}
    optimizers = {
        "sgd": (torch.optim.SGD, {}), "momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "rmsprop": (torch.optim.RMSprop, {}), "adagrad": (torch.optim.Adagrad, {}), "adam": (torch.optim.Adam, {}),
        "adamw": (torch.optim.AdamW, {}), "adamax": (torch.optim.Adamax, {})}
    y = torch.randint(0, 10, (128,))
    one_hot = F.one_hot(y, 10).float()
    losses = {
        "cross-entropy": lambda z: F.cross_entropy(z, y),
        "binary-cross-entropy": lambda z: F.binary_cross_entropy_with_logits(z, one_hot),
        "mse": lambda z: F.mse_loss(z, one_hot), "mae": lambda z: F.l1_loss(z, one_hot),
        "huber": lambda z: F.huber_loss(z, one_hot), "poisson": lambda z: F.poisson_nll_loss(z, one_hot)}
    pictures = torch.randn(128, 1, 28, 28)
    x = pictures.flatten(1)

    def moved(turn=0.0, shift=0.0, zoom=0.0):
        def random(bound):
            return (2 * torch.rand(128) - 1) * bound

        angle, factor = random(turn), 1 + random(zoom)
        rows = torch.stack([
            torch.stack([angle.cos() / factor, -angle.sin() / factor, random(shift / 14)], 1),
            torch.stack([angle.sin() / factor, angle.cos() / factor, random(shift / 14)], 1)], 1)
        grid = F.affine_grid(rows, pictures.shape, align_corners=False)
        return F.grid_sample(pictures, grid, align_corners=False).flatten(1)

    def mirrored():
        return torch.where(torch.rand(128, 1, 1, 1) < 0.5, pictures.flip(3), pictures).flatten(1)

    augmentations = {
        "noise=0.05": lambda: x + 0.05 * torch.randn_like(x), "shift=2": lambda: moved(shift=2),
        "rotate=15": lambda: moved(turn=0.26), "zoom=0.1": lambda: moved(zoom=0.1), "flip": mirrored}

    class Pointwise(nn.Module):
        """A function of values, and of parameters that all examples share."""

        def __init__(self, function, *values):
            super().__init__()
            self.function, self.values = function, nn.ParameterList(values)

        def forward(self, h):
            return self.function(h, *self.values)

    class Highway(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate, self.branch = nn.Linear(64, 64), nn.Linear(64, 64)

        def forward(self, h):
            gate = torch.sigmoid(self.gate(h))
            return gate * F.relu(self.branch(h)) + (1 - gate) * h

    def values(*shape):
        return torch.full(shape, 0.5)

    own_layers = {
        "scalar-bias": lambda: Pointwise(lambda h, b: h + b, values()),
        "scalar-multiplier": lambda: Pointwise(lambda h, m: h * m, values()),
        "layer-scale": lambda: Pointwise(lambda h, g: g * h, values(64)),
        "dynamic-tanh": lambda: Pointwise(
            lambda h, a, g, b: g * torch.tanh(a * h) + b, values(), values(64), values(64)),
        "dynamic-erf": lambda: Pointwise(
            lambda h, a, s, g, b: g * torch.erf(a * h + s) + b, values(), values(), values(64), values(64)),
        "gelu-tanh": lambda: nn.GELU("tanh"), "highway": Highway,
        "shaped-relu": lambda: Pointwise(lambda h: 0.5 * h + 0.5 * F.relu(h))}
    choices = {
        "layer": own_layers, "activation": activations, "normalization": normalizations, "optimizer": optimizers, "loss": losses,
        "augment": augmentations}
    if option not in ("clip-norm", "l1", "l2", "label-smoothing", "class-weights", "dropout", "residual"):
        if value not in choices.get(option, {}):
            return None

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))

        def forward(self, h):
            return h + 0.7 * self.branch(h)

    activation = activations[value] if option == "activation" else nn.ReLU
    layers = []
    for index, inputs in enumerate((784, 64, 64, 64, 64)):
        if option == "residual" and index > 0:
            layers += [Block()] if index % 2 else []
            continue
        layers.append(nn.Linear(inputs, 64))
        if option == "normalization":
            layers.append(normalizations[value](64))
        layers.append(activation())
        if option == "layer":
            layers.append(own_layers[value]())
        if option == "dropout":
            layers.append(nn.Dropout(float(value)))
    net = nn.Sequential(*layers, nn.Linear(64, 10))
    make, settings = optimizers[value if option == "optimizer" else "sgd"]
    optimizer = make(net.parameters(), lr=1e-5, **settings)
    output = torch.compile(net) if compiles else net
    loss = losses[value if option == "loss" else "cross-entropy"]
    if option == "label-smoothing":
        loss = lambda z: F.cross_entropy(z, y, label_smoothing=float(value))
    if option == "class-weights":
        weights = torch.linspace(0.75, 1.25, 10)
        loss = lambda z: F.cross_entropy(z, y, weight=weights)
    penalized = [w for w in net.parameters() if w.dim() == 2]
    changed = augmentations[value] if option == "augment" else lambda: x

    def step():
        optimizer.zero_grad(set_to_none=True)
        cost = loss(output(changed()))
        if option == "l1":
            cost = cost + float(value) / 128 * sum(w.abs().sum() for w in penalized)
        if option == "l2":
            cost = cost + float(value) / 256 * sum(w.square().sum() for w in penalized)
        cost.backward()
        if option == "clip-norm":
            nn.utils.clip_grad_norm_(net.parameters(), float(value))
        optimizer.step()

    return step


def jax_step(case):
    import jax
    import jax.numpy as jnp

    data, labels, weights, biases = initial_values(*case)
    x, y = jnp.array(data), jnp.array(labels)
    parameters = [(jnp.array(w), jnp.array(b)) for w, b in zip(weights, biases)]
    velocity = jax.tree.map(jnp.zeros_like, parameters)

    def loss(parameters):
        layer = lambda i, h: h @ parameters[i][0] + parameters[i][1]
        h = jax.nn.relu(layer(0, x))
        for i in range(1, len(parameters) - 1, 2):
            h = jax.nn.relu(h + layer(i + 1, jax.nn.relu(layer(i, h))))
        logits = jax.nn.log_softmax(layer(len(parameters) - 1, h))
        return -jnp.mean(logits[jnp.arange(len(y)), y])

    def update(parameters, velocity):
        gradient = jax.grad(loss)(parameters)
        velocity = jax.tree.map(lambda v, g: 0.9 * v + g, velocity, gradient)
        return jax.tree.map(lambda p, v: p - 1e-3 * v, parameters, velocity), velocity

    update = jax.jit(update, donate_argnums=(0, 1))
    state = [parameters, velocity]

    def step():
        state[0], state[1] = update(*state)
        jax.block_until_ready(state[0][0][0])

    return step


def milliseconds(step):
    for _ in range(3):
        step()
    start = time.perf_counter()
    step()
    count = max(3, int(0.25 / (time.perf_counter() - start)))
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count * 1e3


# The step of the last case only: compiled nets of 110 layers take memory.
known = (None, None)
for line in sys.stdin:
    case = tuple(int(number) for number in line.split(",")) if "," in line else line.strip()
    if known[0] != case:
        if isinstance(case, str):
            if framework == "jax":
                sys.exit("networks and options are for torch and compile")
            is_network = case in NETWORKS
            step = (torch_network_step if is_network else torch_option_step)(case, framework == "compile")
        else:
            step = jax_step(case) if framework == "jax" else torch_step(case, framework == "compile")
        known = (case, step)
    print("nan" if known[1] is None else f"{milliseconds(known[1]):.6f}", flush=True)
