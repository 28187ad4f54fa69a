#!/usr/bin/env python3
"""Makes the golden values next to this file with PyTorch, in float64, on a CPU.

Pinned: torch==2.13.0, numpy==2.4.6, mpmath==1.3.0 (Python 3.11 or later).

    python3 make_golden.py           write the JSON files
    python3 make_golden.py --check   compute again, compare with the files, write nothing

Every input comes from a formula (golden/source.py), so the files can be made again anywhere. Their
outputs then agree to the rounding of PyTorch's kernels on that machine. README.md describes the
files.
"""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

PINNED = {"torch": "2.13.0", "numpy": "2.4.6", "mpmath": "1.3.0"}
FOLDER = Path(__file__).resolve().parent
LARGEST_TOTAL = 800_000  # bytes

# What --check lets pass: processors round PyTorch's sums differently, and training lets that grow.
# The extremes come from mpmath, which is the same everywhere.
TOLERANCE = 1e-13
SPECIAL_TOLERANCES = {("training.json", "runs"): 1e-11,
                      ("layer_training.json", "runs"): 1e-9,
                      ("parity.json", "runs"): 1e-10, ("operations.json", "extremes"): 0.0}


def check_versions():
    for package, wanted in PINNED.items():
        found = version(package).split("+")[0]
        if found != wanted:
            sys.exit(f"make_golden.py: needs {package}=={wanted}, found {found}."
                     f" Remedy: pip install {package}=={wanted}")


check_versions()

import torch  # noqa: E402 (after the check, so that a wrong version says so plainly)

from golden import (batch_norm, checks, conventions, convolution, document,  # noqa: E402
                    extremes, initializers, layer_training, layers, losses,
                    operations, optimizers, parity, state_dict, training)


def make_operations():
    return {"cases": operations.cases(), "kinks": conventions.cases(),
            "extremes": extremes.cases()}


def make_layers():
    return {"cases": layers.cases()}


def make_batch_norm():
    return {"cases": batch_norm.cases()}


def make_convolution():
    return {"cases": convolution.cases()}


def make_losses():
    return {"cases": losses.cases(), "kinks": losses.conventions()}


def make_optimizers():
    return {"initial_parameters": optimizers.initial_parameters().tolist(),
            "gradients": optimizers.gradient_sequence(),
            "cases": optimizers.optimizer_cases(),
            "clipping": optimizers.clipping_cases(),
            "schedules": optimizers.schedule_cases()}


def make_training():
    return {"data": training.data_fields(), "networks": training.networks(),
            "runs": training.runs(report=print)}


def make_layer_training():
    return {"runs": layer_training.runs(report=print)}


def make_parity():
    return parity.fields(report=print)


def make_state_dict():
    return state_dict.fields()


def make_initializers():
    return {"gains": initializers.gains(), "cases": initializers.cases(),
            "linear_defaults": initializers.linear_defaults()}


TOPICS = {
    "operations.json": make_operations,
    "layers.json": make_layers,
    "batch_norm.json": make_batch_norm,
    "convolution.json": make_convolution,
    "losses.json": make_losses,
    "optimizers.json": make_optimizers,
    "training.json": make_training,
    "layer_training.json": make_layer_training,
    "initializers.json": make_initializers,
    "parity.json": make_parity,
    "state_dict.json": make_state_dict,
}


def main():
    parser = argparse.ArgumentParser(description="Makes golden values with PyTorch.")
    parser.add_argument("--check", action="store_true",
                        help="compare with the stored files instead of writing them")
    arguments = parser.parse_args()
    # One thread: the order of every sum, and with it the last digit, is then fixed.
    torch.set_num_threads(1)

    texts = {}
    for name, make in TOPICS.items():
        texts[name] = document.text({"made_with": PINNED, **make()})
    for line in checks.summary():
        print(line)
    total = sum(len(text.encode()) for text in texts.values())
    if total > LARGEST_TOTAL:
        sys.exit(f"make_golden.py: {total} bytes in all, more than {LARGEST_TOTAL}")
    for name, text in texts.items():
        if arguments.check:
            compare(name, text)
        else:
            (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(text.encode())} bytes")
    print(f"{total} bytes in all")


def compare(name, text):
    stored = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    computed = json.loads(text)
    if list(stored) != list(computed):
        sys.exit(f"make_golden.py: {name} has the sections {list(stored)}")
    for section in stored:
        tolerance = SPECIAL_TOLERANCES.get((name, section), TOLERANCE)
        found = document.difference(stored[section], computed[section], tolerance, section)
        if found:
            sys.exit(f"make_golden.py: {name} differs at {found}")


if __name__ == "__main__":
    main()
