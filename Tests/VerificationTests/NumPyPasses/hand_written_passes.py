"""Backward passes as their authors write them in NumPy, most of them wrong, one NPZ file for each.

Run it in this folder: python3 hand_written_passes.py
It writes passes/NAME.npz and expectations.json. Every author has conventions of their own: where the average over
the examples is taken, what is kept, what the arrays look like. The mistakes are planted in the middle of the code.
"""

import json
import os

import numpy as np

EXPECTED = {}


def save(name, arrays, verdict, quantity=None, cause=None, **options):
    os.makedirs("passes", exist_ok=True)
    np.savez_compressed(f"passes/{name}.npz", **arrays)
    EXPECTED[name] = dict(verdict=verdict, quantity=quantity, cause=cause, **options)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# Author 1: the deep-learning course's style. Columns, caches, 1/m in linear_backward.

def course(seed, dims=(6, 5, 3, 1), m=14, scale=0.8, lambd=0.0, keep="all", flaw=None, zero_bias=False,
           dtype=np.float64):
    rng = np.random.default_rng(seed)
    parameters = {}
    layers = len(dims) - 1
    for l in range(1, layers + 1):
        parameters[f"W{l}"] = (rng.standard_normal((dims[l], dims[l - 1])) * scale).astype(dtype)
        parameters[f"b{l}"] = (np.zeros((dims[l], 1)) if zero_bias else rng.standard_normal((dims[l], 1)) * 0.2).astype(dtype)
    X = rng.standard_normal((dims[0], m)).astype(dtype)
    Y = (rng.random((1, m)) < 0.5).astype(dtype)
    A = X
    caches = []
    forward = {}
    for l in range(1, layers + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        A_prev = A
        A = np.maximum(0, Z) if l < layers else sigmoid(Z)
        caches.append((A_prev, Z))
        forward[f"Z{l}"], forward[f"A{l}"] = Z, A
    AL = A
    cost = -np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    cost += lambd / (2 * m) * sum(np.sum(parameters[f"W{l}"] ** 2) for l in range(1, layers + 1))

    def linear_backward(dZ, l):
        A_prev, _ = caches[l - 1]
        W = parameters[f"W{l}"]
        dW = dZ @ A_prev.T / m
        if flaw != ("no-l2", l):
            dW = dW + lambd / m * W
        if flaw == ("half-l2", l):
            dW = dW - lambd / (2 * m) * W
        db = np.sum(dZ, axis=1, keepdims=True) / m
        if flaw == ("forgot-m-everywhere",):
            dW, db = dW * m, db * m
        if flaw == ("forgot-m-dW", l):
            dW = dZ @ A_prev.T
        if flaw == ("db-mean-of-mean", l):
            db = np.mean(dZ, axis=1, keepdims=True) / m
        if flaw == ("db-axis-0", l):
            db = np.sum(dZ, axis=0, keepdims=True) / m
        if flaw == ("db-total", l):
            db = np.sum(dZ) / m
        dA_prev = W.T @ dZ
        if flaw == ("dA-plus", l):
            dA_prev = -dA_prev
        return dA_prev, dW, db

    grads = {}
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    if flaw and flaw[0] == "epsilon":
        dA = -(Y / (AL + flaw[1]) - (1 - Y) / (1 - AL + flaw[1]))
    if flaw == ("cost-sign",):
        dA = -(np.divide(Y, AL) + np.divide(1 - Y, 1 - AL))
    grads[f"dA{layers}"] = dA
    for l in range(layers, 0, -1):
        _, Z = caches[l - 1]
        if l == layers:
            s = sigmoid(Z)
            dZ = dA * s * (1 - s)
            if flaw == ("sigmoid-of-activation",):
                s2 = sigmoid(s)
                dZ = dA * s2 * (1 - s2)
            if flaw == ("sigmoid-formula-on-z",):
                dZ = dA * Z * (1 - Z)
        else:
            dZ = np.array(dA, copy=True)
            if flaw == ("relu-at-0-is-1",):
                dZ[Z < 0] = 0
            elif flaw == ("relu-mask-from-previous", l):
                dZ[caches[l - 2][1][: dZ.shape[0]] <= 0] = 0
            elif flaw == ("relu-mask-forgotten", l):
                pass
            elif flaw == ("relu-mask-inverted", l):
                dZ[Z > 0] = 0
            else:
                dZ[Z <= 0] = 0
        grads[f"dZ{l}"] = dZ
        dA, dW, db = linear_backward(dZ, l)
        grads[f"dW{l}"], grads[f"db{l}"] = dW, db
        if l > 1:
            grads[f"dA{l - 1}"] = dA
    arrays = dict(X=X, Y=Y, **parameters, cost=cost)
    for name, value in {**forward, **grads}.items():
        if keep == "all" or name[:2] in ("dW", "db") or name[: len(keep)] == keep:
            arrays[name] = value
    return arrays


save("course_right", course(1), "pass")
save("course_right_parameters_only", course(2, keep="dW"), "pass")
save("course_right_l2", course(3, lambd=0.7), "pass", l2=0.7)
save("course_right_float32", course(4, dtype=np.float32), "pass")
save("course_kink", course(5, scale=0.01, zero_bias=True, m=60, flaw=("relu-at-0-is-1",)), "kink")
save("course_kink_ours", course(5, scale=0.01, zero_bias=True, m=60), "pass")
for power in (12, 8, 6, 4):
    save(f"course_epsilon_{power}", course(15, flaw=("epsilon", 10.0 ** -power)), "pass")
    save(f"course_epsilon_{power}_parameters_only", course(15, keep="dW", flaw=("epsilon", 10.0 ** -power)), "pass")
save("course_saturated", course(16, scale=3.0), "pass")


def after_update(arrays, rate):
    for l in (1, 2, 3):
        for p in "Wb":
            arrays[f"{p}{l}"] = arrays[f"{p}{l}"] - rate * arrays[f"d{p}{l}"]
    return arrays


save("course_saved_after_update", after_update(course(18, keep="dW"), 0.1), "fail", "dW3", "stale", activations=["relu"])
save("course_cost_sign", course(6, flaw=("cost-sign",)), "fail", "dA3", "sign-flipped")
save("course_cost_sign_parameters_only", course(6, keep="dW", flaw=("cost-sign",)), "fail", "dZ3", "sign-flipped")
save("course_sigmoid_of_activation", course(7, flaw=("sigmoid-of-activation",)), "fail", "dZ3", "derivative-taken-at-activation")
save("course_sigmoid_of_activation_parameters", course(7, keep="dW", flaw=("sigmoid-of-activation",)), "fail", "dZ3", "derivative-taken-at-activation")
save("course_sigmoid_formula_on_z", course(8, keep="dZ", flaw=("sigmoid-formula-on-z",)), "fail", "dZ3", "derivative-taken-at-activation")
save("course_forgot_m_dW2", course(9, keep="dZ", flaw=("forgot-m-dW", 2)), "fail", "dW2", "missing-batch-average")
save("course_forgot_m_everywhere", course(9, keep="dW", flaw=("forgot-m-everywhere",)), "fail", "dZ3", "missing-batch-average")
save("course_db_mean_of_mean", course(10, flaw=("db-mean-of-mean", 2)), "fail", "db2", "bias-averaged-twice")
save("course_db_total", course(11, keep="dW", flaw=("db-total", 1)), "fail", "db1", "bias-not-summed")
save("course_mask_forgotten", course(12, keep="dW", flaw=("relu-mask-forgotten", 2)), "fail", "dZ2", "mask-missing")
save("course_mask_inverted", course(12, flaw=("relu-mask-inverted", 2)), "fail", "dZ2", "unknown")
save("course_no_l2", course(13, lambd=0.7, keep="dW", flaw=("no-l2", 2)), "fail", "dW2", "missing-regularization", l2=0.7)
save("course_half_l2", course(13, lambd=0.7, keep="dW", flaw=("half-l2", 1)), "fail", "dW1", "missing-regularization", l2=0.7)
save("course_dA_minus", course(14, keep="dW", flaw=("dA-plus", 3)), "fail", "dZ2", "sign-flipped")


# Author 2: softmax classifier in rows, gradient averaged at the top, as in many course assignments on vision.

def rows(seed, dims=(8, 7, 7, 4), m=11, flaw=None, keep_all=False, reg=0.0, act="relu"):
    rng = np.random.default_rng(seed)
    W = [rng.standard_normal((a, b)) * 0.6 for a, b in zip(dims, dims[1:])]
    b = [rng.standard_normal(n) * 0.1 for n in dims[1:]]
    X = rng.standard_normal((m, dims[0]))
    y = rng.integers(0, dims[-1], m)
    hs = [X]
    zs = []
    for i, (w, c) in enumerate(zip(W, b)):
        z = hs[-1] @ w + c
        zs.append(z)
        if i < len(W) - 1:
            h = {"relu": lambda v: v * (v > 0), "tanh": np.tanh}[act](z)
        else:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            h = e / e.sum(axis=1, keepdims=True)
        hs.append(h)
    probs = hs[-1]
    loss = -np.log(probs[np.arange(m), y]).mean() + 0.5 * reg / m * sum((w * w).sum() for w in W)
    dscores = probs.copy()
    if flaw != "forgot-minus-one":
        dscores[np.arange(m), y] -= 1
    if flaw != "forgot-mean":
        dscores /= m
    out = dict(X=X, Y=y, cost=loss)
    for i in range(len(W)):
        out[f"W{i+1}"], out[f"b{i+1}"] = W[i], b[i]
    d = dscores
    for i in reversed(range(len(W))):
        out[f"dW{i+1}"] = hs[i].T @ d + reg / m * W[i]
        out[f"db{i+1}"] = d.sum(axis=0)
        if keep_all:
            out[f"dZ{i+1}"], out[f"Z{i+1}"], out[f"A{i+1}"] = d, zs[i], hs[i + 1]
        if i > 0:
            d = d @ (W[i] if flaw == "w-not-transposed" and i == 1 else W[i].T)
            if act == "relu":
                if flaw == "mask-by-gradient" and i == 1:
                    d = d * (d > 0)
                elif flaw == "mask-missing" and i == 2:
                    pass
                else:
                    d = d * (zs[i - 1] > 0)
            else:
                if flaw == "one-minus-z-squared" and i == 2:
                    d = d * (1 - zs[i - 1] ** 2)
                elif flaw == "one-minus-tanh":
                    d = d * (1 - hs[i])
                else:
                    d = d * (1 - hs[i] ** 2)
    if flaw == "swapped-dW2-dW3-inputs":
        out["dW2"] = hs[2].T @ ((dscores @ W[2].T) * (zs[1] > 0))
    return out


save("rows_right", rows(21), "pass")
save("rows_right_tanh_reg", rows(22, act="tanh", reg=0.3, keep_all=True), "pass", l2=0.3)
save("rows_forgot_mean", rows(23, flaw="forgot-mean"), "fail", "dZ3", "missing-batch-average")
save("rows_forgot_minus_one", rows(24, flaw="forgot-minus-one", keep_all=True), "fail", "dZ3", "unknown")
save("rows_w_not_transposed", rows(25, flaw="w-not-transposed"), "fail", "dA1", "weights-not-transposed")
save("rows_mask_by_gradient", rows(26, flaw="mask-by-gradient", keep_all=True), "fail", "dZ1",
     "derivative-taken-at-activation")
save("rows_mask_missing", rows(27, flaw="mask-missing"), "fail", "dZ2", "mask-missing")
save("rows_one_minus_z_squared", rows(28, act="tanh", flaw="one-minus-z-squared"), "fail", "dZ2", "derivative-taken-at-activation")
save("rows_one_minus_tanh", rows(29, act="tanh", flaw="one-minus-tanh", keep_all=True), "fail", "dZ2",
     "derivative-of-wrong-activation")
save("rows_wrong_input", rows(30, flaw="swapped-dW2-dW3-inputs"), "fail", "dW2", "wrong-layer-input")
# Nobody tells of the penalty, and cost and gradients both hold it: then it is right.
save("rows_stray_reg", rows(31, reg=0.9), "pass")


# Author 3: the four mistakes of one real thread: tanh hidden layers, sigmoid output, corrected one after the other.

def thread(seed, fixed=0, keep="all", m=12):
    rng = np.random.default_rng(seed)
    dims = (5, 6, 5, 4, 1)
    P = {}
    for l in range(1, 5):
        P[f"W{l}"] = rng.standard_normal((dims[l], dims[l - 1])) * 0.5
        P[f"b{l}"] = rng.standard_normal((dims[l], 1)) * 0.1
    X = rng.standard_normal((5, m))
    Y = (rng.random((1, m)) < 0.4).astype(float)
    C = {"A0": X}
    for l in range(1, 5):
        C[f"Z{l}"] = P[f"W{l}"] @ C[f"A{l-1}"] + P[f"b{l}"]
        C[f"A{l}"] = np.tanh(C[f"Z{l}"]) if l < 4 else sigmoid(C[f"Z{l}"])
    A4 = C["A4"]
    cost = -np.mean(Y * np.log(A4) + (1 - Y) * np.log(1 - A4))

    def tanh_prime(l):
        return 1 - (C[f"A{l}"] if fixed >= 2 else C[f"Z{l}"]) ** 2

    G = {}
    G["dA4"] = -(Y / A4 - (1 - Y) / (1 - A4)) if fixed >= 1 else -(Y / A4 + (1 - Y) / (1 - A4))
    if fixed >= 4:
        G["dZ4"] = G["dA4"] * A4 * (1 - A4)
    elif fixed >= 3:
        G["dZ4"] = G["dA4"] * C["Z4"] * (1 - C["Z4"])
    else:
        G["dZ4"] = G["dA4"] * tanh_prime(4)
    for l in (4, 3, 2, 1):
        G[f"dW{l}"] = G[f"dZ{l}"] @ C[f"A{l-1}"].T / m
        G[f"db{l}"] = G[f"dZ{l}"].sum(axis=1, keepdims=True) / m
        if l > 1:
            G[f"dA{l-1}"] = P[f"W{l}"].T @ G[f"dZ{l}"]
            G[f"dZ{l-1}"] = G[f"dA{l-1}"] * tanh_prime(l - 1)
    out = dict(X=X, Y=Y, cost=cost, **P)
    for name, value in {**C, **G}.items():
        if name != "A0" and (keep == "all" or name[:2] in ("dW", "db") or name[:2] == keep):
            out[name] = value
    return out


for fixed, quantity, cause in [
        (0, "dZ4", "sign-flipped"), (1, "dZ4", "derivative-of-wrong-activation"),
        (2, "dZ4", "derivative-of-wrong-activation"), (3, "dZ4", "derivative-taken-at-activation"), (4, None, None)]:
    for keep in ("dZ", "dW"):
        save(f"thread_{fixed}_{keep}", thread(41, fixed, keep), "fail" if cause else "pass", quantity, cause, activations=["tanh"])
save("thread_0_all", thread(41, 0), "fail", "dA4", "sign-flipped")


# Author 4: PyTorch's layout by hand, mean squared error, a residual block.

def torch_like(seed, flaw=None, keep_all=True, m=9):
    rng = np.random.default_rng(seed)
    dims = (4, 6, 6, 6, 2)
    W = [rng.standard_normal((o, i)) * 0.5 for i, o in zip(dims, dims[1:])]
    b = [rng.standard_normal(o) * 0.2 for o in dims[1:]]
    X = rng.standard_normal((m, 4))
    Y = rng.standard_normal((m, 2))
    z1 = X @ W[0].T + b[0]
    a1 = np.tanh(z1)
    z2 = a1 @ W[1].T + b[1]
    a2 = np.tanh(z2)
    z3 = a2 @ W[2].T + b[2]
    a3 = a1 + z3                                # one block: the branch's scale is 1
    z4 = a3 @ W[3].T + b[3]
    cost = ((z4 - Y) ** 2).mean()
    dz4 = (z4 - Y) / m if flaw == "no-two" else 2 * (z4 - Y) / z4.size
    if flaw == "no-two":
        dz4 = dz4 / 2
    da3 = dz4 @ W[3]
    dz3 = da3
    da2 = dz3 @ W[2]
    dz2 = da2 * (1 - a2 ** 2)
    da1 = dz2 @ W[1] + da3
    if flaw == "in-place":                      # x += f(x) has destroyed a1
        da1 = dz2 @ W[1]
    if flaw == "skip-from-dz2":
        da1 = dz2 @ W[1] + dz2
    dz1 = da1 * (1 - a1 ** 2)
    out = dict(X=X, Y=Y, cost=cost)
    for i, (z, a, dz, da, h) in enumerate([(z1, a1, dz1, da1, X), (z2, a2, dz2, da2, a1), (z3, a3, dz3, da3, a2), (z4, z4, dz4, dz4, a3)]):
        out[f"W{i+1}"], out[f"b{i+1}"] = W[i], b[i]
        out[f"dW{i+1}"] = dz.T @ h
        out[f"db{i+1}"] = dz.sum(0)
        if keep_all:
            out.update({f"Z{i+1}": z, f"A{i+1}": a, f"dZ{i+1}": dz, f"dA{i+1}": da})
    if flaw == "transposed" :
        out["dW2"] = out["dW2"].T
    return out


R = dict(residual=True, activations=["tanh"], output="linear", loss="mse")
save("torch_right", torch_like(51), "pass", **R)
save("torch_right_parameters_only", torch_like(52, keep_all=False), "pass", **R, layout="torch")
save("torch_in_place", torch_like(53, "in-place"), "fail", "dA1", "skip-gradient-dropped", **R)
save("torch_in_place_parameters_only", torch_like(53, "in-place", False), "fail", "dA1", "skip-gradient-dropped", **R, layout="torch")
save("torch_skip_from_dz2", torch_like(54, "skip-from-dz2"), "fail", "dA1", "unknown", **R)
save("torch_no_two", torch_like(55, "no-two"), "fail", "dA4", "constant-factor", **R)
save("torch_transposed", torch_like(56, "transposed"), "fail", "dW2", "transposed", **R)

with open("expectations.json", "w") as file:
    json.dump(EXPECTED, file, indent=1, sort_keys=True)
    file.write("\n")
