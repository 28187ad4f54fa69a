"""Plumbline and its peers on the same training steps, interleaved in one run, as ratios.

usage: compare.py PLUMB [--threads 1] [--rounds 5] [--peers torch,compile,jax] [--case CASE ...] [--json FILE]

A case is five numbers, inputs,classes,width,layers,batch; a network of `plumb bench --network`, such as
resnet20 or transformer; or an option of `plumb bench --option`, such as clip-norm=1. Torch and compile know the networks
and most options.

PLUMB is the program `plumb` (`swift build -c release --show-bin-path` tells its folder). The peers need
`pip install torch jax numpy`. In every round each program times each case once, so that a machine that changes its speed
changes it for all. A row shows the median time of each program and the ratio to the fastest peer of the same round:
median, smallest and largest.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys

CASES = [
    "8,2,7,4,32", "784,10,16,8,64", "784,10,32,20,64", "784,10,64,20,128", "784,10,64,56,128",
    "784,10,64,110,128", "784,10,128,56,128", "784,10,256,20,128", "784,10,512,8,256",
]


class Peer:
    """A worker process of one framework."""

    def __init__(self, name, threads):
        worker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
        self.process = subprocess.Popen(
            [sys.executable, worker, name, str(threads)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def milliseconds(self, case):
        self.process.stdin.write(case + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{' '.join(self.process.args[2:])} stopped at case {case}; run it by hand to see why")
        return float(answer)


def plumb_milliseconds(program, case, threads):
    is_option = "=" in case or case == "residual"
    option = "--option" if is_option else "--case" if "," in case else "--network"
    command = [program, "bench", option, case, "--json", "/dev/stdout"]
    if threads != 1:
        command += ["--threads", str(threads)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(text[text.index("{"):text.rindex("}") + 1])["cases"][0]["milliseconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("plumb")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default="torch,compile,jax")
    parser.add_argument("--case", action="append")
    parser.add_argument("--json")
    options = parser.parse_args()
    names = options.peers.split(",")
    peers = {name: Peer(name, options.threads) for name in names}
    rows, ratios = [], []
    print("| case | plumbline | " + " | ".join(names) + " | ratio to the fastest |")
    print("| --- |" + " --- |" * (len(names) + 2))
    for case in options.case or CASES:
        times = {name: [] for name in ["plumbline"] + names}
        for _ in range(options.rounds):
            times["plumbline"].append(plumb_milliseconds(options.plumb, case, options.threads))
            for name, peer in peers.items():
                times[name].append(peer.milliseconds(case))
        fastest = [min((times[name][i] for name in names if not math.isnan(times[name][i])), default=math.nan)
                   for i in range(options.rounds)]
        if math.isnan(fastest[0]):
            print(f"| {case} | {statistics.median(times['plumbline']):.3g} |" + " |" * len(names) + " no peer has it |", flush=True)
            continue
        ratio = [peer / own for peer, own in zip(fastest, times["plumbline"])]
        ratios.append(statistics.median(ratio))
        medians = " | ".join(f"{statistics.median(times[name]):.3g}" for name in times)
        print(f"| {case} | {medians} | {ratios[-1]:.2f} ({min(ratio):.2f} to {max(ratio):.2f}) |", flush=True)
        rows.append({"case": case, "milliseconds": times, "ratios": ratio})
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    print(f"\ngeometric mean of the ratios: {mean:.2f}; smallest: {min(ratios):.2f} "
          f"({options.threads} thread(s), {options.rounds} rounds, times in ms)")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"threads": options.threads, "rows": rows, "geometric_mean": mean}, file, indent=1)


if __name__ == "__main__":
    main()
