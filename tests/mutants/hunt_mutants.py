#!/usr/bin/env python3
"""hunt_mutants.py SIM_MUTANTS [SEEDS] [NAME...]

Tries each mutant on seeds 0, 1, 2, ... (those of kafka.toml from 1,000,000,000 on) until it is
caught, and prints the seed and what caught it: the `seed` and `caught` of the tables. Exit 1 if one
survives SEEDS (default 2000) seeds."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from mutant_table import load

CHUNK = 50
FIRST_KAFKA_SEED = 1_000_000_000  # tests/sim/scenario.h


def hunt(binary, mutant, count):
    name = mutant["name"]
    start = FIRST_KAFKA_SEED if mutant["seed"] >= FIRST_KAFKA_SEED else 0
    for first in range(start, start + count, CHUNK):
        seeds = [str(seed) for seed in range(first, min(first + CHUNK, start + count))]
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
    mutants = [mutant for mutant in load() if mutant["name"] in sys.argv[3:] or len(sys.argv) < 4]
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        found = pool.map(lambda mutant: hunt(binary, mutant, count), mutants)
        for mutant, (seed, why) in zip(mutants, found):
            survivors += seed is None
            print(f"{mutant['name']}: {seed or '-'}: {why}", flush=True)
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
