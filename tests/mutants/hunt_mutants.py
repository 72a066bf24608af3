#!/usr/bin/env python3
"""hunt_mutants.py SIM_MUTANTS [SEEDS] [NAME...]

Tries each mutant on seeds 0, 1, 2, ... until it is caught, and prints the seed and what caught it:
the `seed` and `caught` of the tables. Exit 1 if one survives SEEDS (default 2000) seeds."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from mutant_table import load

CHUNK = 50


def hunt(binary, name, count):
    for first in range(0, count, CHUNK):
        seeds = [str(seed) for seed in range(first, min(first + CHUNK, count))]
        try:
            result = subprocess.run([binary, name, *seeds], capture_output=True, text=True,
                                    timeout=600, check=False)
        except subprocess.TimeoutExpired as late:
            lines = (late.stdout or b"").decode().splitlines()
            return lines[-1] if lines else "?", "hangs"
        if result.returncode != 0:
            lines = result.stdout.splitlines()
            seed = [line for line in lines if line.startswith("seed ")][-1]
            said = [result.stderr.strip(), *lines[lines.index(seed) + 1:]]
            return seed, next(filter(None, said), f"died of {result.returncode}")[:150]
    return None, "survives"


def main():
    binary = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    names = [mutant["name"] for mutant in load()]
    names = [name for name in names if name in sys.argv[3:] or len(sys.argv) < 4]
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, (seed, why) in zip(names, pool.map(lambda n: hunt(binary, n, count), names)):
            survivors += seed is None
            print(f"{name}: {seed or '-'}: {why}", flush=True)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
