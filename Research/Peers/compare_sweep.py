"""The whole depth sweep, end to end, with Plumbline and its peers: the same arms, depths, rates and steps, on all cores.

usage: compare_sweep.py RESEARCH DATA [--rounds 1] [--peers jax,torch] [--depths 2,4,...] [--steps 400]

RESEARCH is the program `research` (`swift build -c release --show-bin-path` tells its folder), DATA the folder with the MNIST
test pair. Plumbline's side is one command for each learning rate, so that exactly the same runs are made and nothing is
searched or repeated; its time includes five program starts, and the records, tables and figures that it writes. A
peer's time is that of its worker process, imports not counted.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

RATES = "1e-4,3e-4,1e-3,3e-3,1e-2"


def plumbline_seconds(program, options):
    folder = tempfile.mkdtemp()
    start = time.perf_counter()
    for rate in RATES.split(","):
        subprocess.run(
            [program, "depth", "--data", options.data, "--arms", "plain,residual", "--depths", options.depths,
             "--steps", str(options.steps), "--learning-rates", rate, "--seeds", "1", "--report-seeds", "1",
             "--out", os.path.join(folder, rate)],
            capture_output=True, text=True)
    seconds = time.perf_counter() - start
    runs = sum(sum(1 for _ in open(os.path.join(folder, rate, "runs.jsonl"))) for rate in RATES.split(","))
    expected = 2 * len(options.depths.split(",")) * len(RATES.split(","))
    if runs != expected:
        sys.exit(f"{program} made {runs} runs where {expected} were asked; see {folder}")
    shutil.rmtree(folder)
    return seconds


def peer_seconds(name, options):
    worker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sweep_worker.py")
    answer = subprocess.run(
        [sys.executable, worker, name, options.data, "--depths", options.depths, "--rates", RATES,
         "--steps", str(options.steps)], capture_output=True, text=True, check=True).stdout
    return float(answer.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("research")
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", default="jax,torch")
    parser.add_argument("--depths", default="2,4,8,16,32,64")
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    names = options.peers.split(",")
    times = {name: [] for name in ["plumbline"] + names}
    for _ in range(options.rounds):
        times["plumbline"].append(plumbline_seconds(options.research, options))
        for name in names:
            times[name].append(peer_seconds(name, options))
    print("| whole sweep | seconds | times plumbline's |")
    print("| --- | --- | --- |")
    for name, seconds in times.items():
        ratios = [own / reference for own, reference in zip(seconds, times["plumbline"])]
        spread = f" ({min(ratios):.1f} to {max(ratios):.1f})" if options.rounds > 1 else ""
        print(f"| {name} | {statistics.median(seconds):.1f} | {statistics.median(ratios):.1f}{spread} |")


if __name__ == "__main__":
    main()
