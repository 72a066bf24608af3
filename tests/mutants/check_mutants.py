#!/usr/bin/env python3
"""check_mutants.py SIM_MUTANTS

Every mutant of the tables must be caught on its seed or one of 20 around it, by what the table
says, and the true core must pass on all those seeds. Last line: `N passed, N failed`."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from mutant_table import load

AROUND = 20
SECONDS_MAX = 300


def seeds_of(mutant):
    """Its seed first, then AROUND others: ten to each side, or what follows 0."""
    seed = mutant["seed"]
    first = max(0, seed - AROUND // 2)
    return [seed] + [s for s in range(first, first + AROUND + 1) if s != seed]


def run(binary, name, seeds):
    return subprocess.run([binary, name, *map(str, seeds)], capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False)


def check_mutant(binary, mutant):
    """None if it is caught as the table says, else what is wrong."""
    result = run(binary, mutant["name"], seeds_of(mutant))
    output = result.stdout + result.stderr
    if result.returncode < 0:
        output += f"\ndied of {result.returncode}"
    if result.returncode == 0:
        return "survived"
    if mutant["caught"] not in output:
        return f"caught by something else than {mutant['caught']}:\n" + output[-600:]
    return None


def check_true_core(binary, seeds):
    result = run(binary, "none", seeds)
    return None if result.returncode == 0 else (result.stdout + result.stderr)[-600:]


def main():
    binary = sys.argv[1]
    mutants = load()
    seeds = sorted({seed for mutant in mutants for seed in seeds_of(mutant)})
    chunks = [seeds[i::8] for i in range(8)]
    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        answers = pool.map(lambda mutant: check_mutant(binary, mutant), mutants)
        for mutant, wrong in zip(mutants, answers):
            answer = wrong or "caught by " + mutant["caught"]
            print(f"{mutant['rule']:4} {mutant['name']}: {answer}")
            failed += wrong is not None
        for wrong in pool.map(lambda chunk: check_true_core(binary, chunk), chunks):
            if wrong:
                print("the true core fails where it must pass:\n" + wrong)
                failed += 1
    print(f"{len(mutants) + len(chunks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
