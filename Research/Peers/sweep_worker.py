"""The depth sweep as a user of a framework writes it: plain and residual nets, all depths, all rates, one seed.

usage: sweep_worker.py torch|jax DATA --depths 2,4,... --rates 1e-4,... --steps 400 --width 64 --batch 128

DATA is the folder with the MNIST test pair (IDX, gzip), which serves as the training set. Prints a line for each run
and, last, the seconds of the whole. Networks, initialization (He), branch scale (1 / sqrt(blocks)), optimizer (Adam) and
the order of work are those of `research depth`.
"""

import argparse
import gzip
import os
import time

import numpy as np


def digits(folder):
    def read(name, header):
        with gzip.open(os.path.join(folder, name)) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    images = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255
    return (images - images.mean()) / images.std(), read("t10k-labels-idx1-ubyte.gz", 8).astype(np.int32)


def batches(count, size, steps):
    """Row numbers of each step's batch: a new order each epoch, incomplete batches left out."""
    random = np.random.default_rng(0)
    per_epoch = count // size
    epochs = [random.permutation(count)[:per_epoch * size].reshape(per_epoch, size)
              for _ in range(-(-steps // per_epoch))]
    return np.concatenate(epochs)[:steps]


def initial_weights(depth, width):
    random = np.random.default_rng(1)

    def he(rows, columns, gain=2.0):
        return random.standard_normal((rows, columns), dtype=np.float32) * np.float32((gain / rows) ** 0.5)

    return [he(784, width)] + [he(width, width) for _ in range(depth)] + [he(width, 10, 1.0)]


def torch_runs(images, labels, rows, options):
    import torch
    import torch.nn.functional as F

    x, y = torch.from_numpy(images), torch.from_numpy(labels).long()
    order = torch.from_numpy(rows)
    for depth, arm in ((d, a) for d in options.depths for a in ("plain", "residual")):
        scale = (depth / 2) ** -0.5
        for rate in options.rates:
            layers = torch.nn.ModuleList()
            for weight in initial_weights(depth, options.width):
                layer = torch.nn.Linear(*weight.shape)
                layer.weight.data = torch.from_numpy(weight.T.copy())
                layer.bias.data.zero_()
                layers.append(layer)

            def network(h):
                h = F.relu(layers[0](h))
                if arm == "plain":
                    for layer in layers[1:-1]:
                        h = F.relu(layer(h))
                else:
                    for first, second in zip(layers[1:-1:2], layers[2:-1:2]):
                        h = h + scale * second(F.relu(first(h)))
                return layers[-1](h)

            optimizer = torch.optim.Adam(layers.parameters(), lr=rate)
            for batch in order:
                optimizer.zero_grad()
                F.cross_entropy(network(x[batch]), y[batch]).backward()
                optimizer.step()
            with torch.no_grad():
                logits = network(x)
                yield arm, depth, rate, F.cross_entropy(logits, y).item(), (logits.argmax(1) != y).float().mean().item()


def jax_runs(images, labels, rows, options):
    import jax
    import jax.numpy as jnp
    import optax

    x, y, order = jnp.array(images), jnp.array(labels), jnp.array(rows)
    optimizer = optax.inject_hyperparams(optax.adam)(learning_rate=0.0)
    for depth, arm in ((d, a) for d in options.depths for a in ("plain", "residual")):
        scale = (depth / 2) ** -0.5

        def network(parameters, h):
            dense = lambda i, h: h @ parameters[i][0] + parameters[i][1]
            h = jax.nn.relu(dense(0, h))
            if arm == "plain":
                for i in range(1, depth + 1):
                    h = jax.nn.relu(dense(i, h))
            else:
                for i in range(1, depth + 1, 2):
                    h = h + scale * dense(i + 1, jax.nn.relu(dense(i, h)))
            return dense(depth + 1, h)

        def loss(parameters, x, y):
            return optax.softmax_cross_entropy_with_integer_labels(network(parameters, x), y).mean()

        @jax.jit
        def train(parameters, rate):
            state = optimizer.init(parameters)
            state.hyperparams["learning_rate"] = rate

            def step(carry, batch):
                parameters, state = carry
                gradient = jax.grad(loss)(parameters, x[batch], y[batch])
                update, state = optimizer.update(gradient, state)
                return (optax.apply_updates(parameters, update), state), None

            (parameters, _), _ = jax.lax.scan(step, (parameters, state), order)
            logits = network(parameters, x)
            return loss(parameters, x, y), (logits.argmax(1) != y).mean()

        for rate in options.rates:
            parameters = [(jnp.array(w), jnp.zeros(w.shape[1])) for w in initial_weights(depth, options.width)]
            value, error = train(parameters, rate)
            yield arm, depth, rate, float(value), float(error)


def main():
    numbers = lambda kind: lambda text: [kind(part) for part in text.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("framework", choices=["torch", "jax"])
    parser.add_argument("data")
    parser.add_argument("--depths", type=numbers(int), default=[2, 4, 8, 16, 32, 64])
    parser.add_argument("--rates", type=numbers(float), default=[1e-4, 3e-4, 1e-3, 3e-3, 1e-2])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128)
    options = parser.parse_args()
    start = time.perf_counter()
    images, labels = digits(options.data)
    runs = {"torch": torch_runs, "jax": jax_runs}[options.framework]
    for arm, depth, rate, loss, error in runs(images, labels, batches(len(images), options.batch, options.steps), options):
        print(f"{arm} {depth} {rate:g}: loss {loss:.4f}, error {error:.4f}", flush=True)
    print(f"seconds {time.perf_counter() - start:.2f}")


if __name__ == "__main__":
    main()
