#!/usr/bin/env python3
"""Goal: librdkafka's own tests pass against an agent as against a broker of Kafka.

Method: its test program (scripts/clients/librdkafka.py), one process a test and several at once,
against an agent of their own. librdkafka/tests.toml lists what is run, and what is not and why.

  librdkafka_test.py [--build FOLDER] [--all] [--servers] [--jobs N] [NAME...]

Without --all or names only those run that take seconds. With --servers the agent is on PostgreSQL
and S3 instead of SQLite and a folder. The last line is `N passed, N failed, N skipped`.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tomllib
import unittest
from pathlib import Path

import harness
from store_servers import StoreServers

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
# pylint: disable=wrong-import-position
from clients import librdkafka
from servers.processes import skipped

HERE = Path(__file__).resolve().parent / "librdkafka"
TABLE = HERE / "tests.toml"
SECONDS_MAX = 900
OUTPUT_LINES_MAX = 60
OFF_MAX = 15
# A line of the table that the program prints in the end; what follows is why it failed.
ROW = re.compile(r"^\|(?:\x1b\[\d+m)* *(\w+) +\| +(\w+) +\| +([\d.]+)s (?:\x1b\[0m)?\|(.*)$",
                 re.MULTILINE)
COLOR = re.compile(r"\x1b\[\d+m")
# What an agent has to be like for a test, by the name that librdkafka gives it.
SCENARIOS = {"default": (), "noautocreate": ("--auto-create-topics", "false")}
KAFKA_VERSION = "4.0.0"  # as which a test takes the agent, where the table says no other
FLAGS = ("--default-partitions", "4", "--group-initial-rebalance-delay", "100ms")


class Table:
    """tests.toml."""

    def __init__(self):
        self.content = tomllib.loads(TABLE.read_text(encoding="utf-8"))
        self.quick, self.long = self.content["quick"], self.content["long"]
        self.off = [name for names in self.content["off"].values() for name in names]

    def scenario(self, name):
        return self.content["scenarios"].get(name, "default")

    def version(self, name):
        return self.content["versions"].get(name, KAFKA_VERSION)

    def runs(self, names):
        """(number, scenario, version, part or None): names, of each process. It runs all that have
        the first three in common, or, of some tests, only parts."""
        parts, runs = self.content["parts"], {}
        for name in names:
            for part in parts.get(name, [None]):
                key = (name[:4], self.scenario(name), self.version(name), part)
                runs.setdefault(key, []).append(name)
        return runs

    def faults(self, known):
        """What is wrong with it, held against all tests that want a broker."""
        listed = self.quick + self.long + self.off + self.content["inapplicable"]
        return [*(f"{name} is not in {TABLE.name}" for name in set(known) - set(listed)),
                *(f"{name} is no test of librdkafka" for name in set(listed) - set(known)),
                *(f"{name} has a version and is not run"
                  for name in self.content["versions"] if name not in self.quick + self.long),
                *(f"{name} is listed twice" for name in set(listed) if listed.count(name) > 1),
                *([f"{len(self.off)} are off, at most {OFF_MAX}"] if len(self.off) > OFF_MAX
                  else [])]


class Agents:
    """One for each scenario, started when it is needed first."""

    def __init__(self, folder, servers):
        self.folder, self.servers, self.running = folder, servers, {}

    def start(self, scenario):
        stores = self.servers.flags(scenario) if self.servers else ()
        environment = self.servers.environment if self.servers else None
        self.running[scenario] = harness.Agent(self.folder / scenario, *stores, *FLAGS,
                                               *SCENARIOS[scenario], environment=environment)

    def stop(self):
        """Their exit codes."""
        return [agent.stop() for agent in self.running.values()]


class Outcome:
    """How a test ended."""

    def __init__(self, name, state, seconds, said):
        self.name, self.state, self.seconds, self.said = name, state, seconds, said

    def __str__(self):
        return f"{self.name:44} {self.state:8} {self.seconds:6.1f} s  {self.said}".rstrip()


def run(key, names, agent, folder):
    """What a process was asked to run; of tests with parts those whose names contain the part."""
    number, scenario, version, part = key
    folder.mkdir(parents=True)
    settings = {"metadata.broker.list": agent.ready["kafka"], "test.topic.random": "true"}
    (folder / "test.conf").write_text("".join(f"{key}={value}\n"
                                              for key, value in settings.items()))
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    environment |= {"TESTS": number, "TEST_SCENARIO": scenario, "TEST_KAFKA_VERSION": version,
                    "RDKAFKA_TEST_CONF": str(folder / "test.conf"), "KAFKA_PATH": str(HERE),
                    "BROKERS": agent.ready["kafka"]} | ({"SUBTESTS": part} if part else {})
    output = folder / "output.log"
    with open(output, "wb") as log:
        try:
            code = subprocess.run([librdkafka.program(), "-L", "-p1"], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                  timeout=SECONDS_MAX, check=False).returncode
        except subprocess.TimeoutExpired:
            code = None
    text = COLOR.sub("", output.read_text(errors="replace"))
    rows = {row[0]: row for row in ROW.findall(text)}
    if part and not re.search(r"\[ .*" + re.escape(part), text):
        return [Outcome(f"{name} {part}", "FAILED", 0, "there is no such part") for name in names]
    return [outcome(name, part, rows.get(name), code) for name in names]


def outcome(name, part, row, code):
    _, state, seconds, said = row or (name, "FAILED", 0, "it is not in the summary")
    if state == "PASSED" and code != 0:
        state, said = "FAILED", f"exit code {code}"
    return Outcome(f"{name} {part}" if part else name, state, float(seconds),
                   COLOR.sub("", said).strip())


def show_tail(path):
    lines = COLOR.sub("", path.read_text(errors="replace")).splitlines()
    print(f"----- {path.parent.name}")
    print("\n".join(lines[-OUTPUT_LINES_MAX:]))
    print("-----", flush=True)


def run_all(names, table, arguments, servers):
    folder = harness.Folder()
    (folder.path / "src").symlink_to(librdkafka.source_data())
    agents = Agents(folder.path / "agents", servers)
    outcomes = []
    try:
        for scenario in sorted({table.scenario(name) for name in names}):
            agents.start(scenario)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            running = {}
            for key, own_names in table.runs(names).items():
                own = folder.path / "-".join(filter(None, key)).replace(" ", "_")
                running[pool.submit(run, key, own_names, agents.running[key[1]], own)] = own
            for future in concurrent.futures.as_completed(running):
                outcomes += future.result()
                for one in future.result():
                    print(one, flush=True)
                if any(one.state == "FAILED" for one in future.result()):
                    show_tail(running[future] / "output.log")
    finally:
        codes = agents.stop()
        folder.remove()
    if any(codes):
        outcomes.append(Outcome("agents", "FAILED", 0, f"exit codes {codes}"))
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=harness.build)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--servers", action="store_true")
    parser.add_argument("--jobs", type=int, default=8, help="tests at once")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    harness.build = arguments.build.resolve()
    if missing := librdkafka.missing():
        return skipped("librdkafka's tests", missing)
    table = Table()
    faults = table.faults(librdkafka.broker_tests())
    for fault in faults:
        print(fault)
    names = arguments.names or table.quick + (table.long if arguments.all else [])
    try:
        servers = StoreServers() if arguments.servers else None
    except unittest.SkipTest as why:
        print(f"skipped: {why}\n0 passed, 0 failed, 1 skipped")
        return 77
    try:
        outcomes = run_all(names, table, arguments, servers)
    finally:
        if servers:
            servers.stop()
    passed = sum(outcome.state == "PASSED" for outcome in outcomes)
    left_out = sum(outcome.state == "SKIPPED" for outcome in outcomes)
    failed = len(outcomes) - passed - left_out + len(faults)
    print(f"{passed} passed, {failed} failed, {left_out} skipped")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
