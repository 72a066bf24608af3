"""Figures of the real agent as a process, beside a bare gRPC server that does no work.

Times on a machine that does other work too say little: of several rounds, each of the baseline and
then of the agent, the best counts, and the agent's processor time stands beside what it did.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/e2e"))
import harness  # pylint: disable=wrong-import-position
import http2_load  # pylint: disable=wrong-import-position

PARTITIONS = 16
BATCH_RECORDS = 100
IN_FLIGHT = 512  # of calls as fast as they are answered
IN_FLIGHT_MAX = 5_000  # of calls at a steady rate
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Setting:
    build: Path
    smoke: bool

    def __post_init__(self):
        harness.build = self.build

    @property
    def programs(self):
        return self.build / "bench"

    @property
    def rounds(self):
        return 1 if self.smoke else 4

    def scaled(self, amount):
        return max(1, amount // 100) if self.smoke else amount


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def resident_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"process {pid} says nothing of its memory")


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="streamhouse_bench_"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running_agent(*flags, data=None, environment=None):
    """An agent with an empty folder, or with one that is there."""
    with folder() as own:
        agent = harness.Agent(data or own, *flags, environment=environment)
        try:
            yield agent
        finally:
            agent.kill()


@contextmanager
def bare_server(setting):
    """A gRPC server that answers at once."""
    with subprocess.Popen([setting.programs / "rpc_echo"], stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            yield Server(process.stdout.readline().split()[1], process.pid)
        finally:
            process.kill()


@dataclass
class Load:
    """What a round of calls came to."""
    per_second: float
    server_us: float  # processor time of the server, a call


def load(server, method, request, calls, **options):
    """A round by h2load. The agent's counters tell whether it was answered what it wanted."""
    refused, used = server.refused(), processor_seconds(server.pid)
    per_second = http2_load.call(server.address, method, request, calls=calls, **options)
    used = processor_seconds(server.pid) - used
    if server.refused() != refused:
        raise RuntimeError(f"{server.refused() - refused} calls of {method} were refused")
    return Load(per_second, used / calls * 1e6)


@dataclass
class Server:
    address: str
    pid: int
    metrics: str = ""  # URL; none: it cannot refuse anything

    @classmethod
    def of(cls, agent):
        return cls(agent.address, agent.process.pid, f"http://{agent.ready['http']}/metrics")

    def refused(self):
        if not self.metrics:
            return 0
        with urllib.request.urlopen(self.metrics) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines
                   if line.startswith("streamhouse_errors_total{"))


def timed_load(agent, calls, **options):
    """A round by a client of gRPC's own library, which knows the time and outcome of each call."""
    words = [word for name, value in options.items()
             for word in (f"--{name.replace('_', '-')}", str(value))]
    ended = subprocess.run([harness.build / "bench/rpc_load", agent.address, "--calls", str(calls),
                            *words], stdout=subprocess.PIPE, text=True, check=False)
    answer = json.loads(ended.stdout)
    if answer["failed"]:
        raise RuntimeError(f"{answer['failed']} calls failed: {answer['error']}")
    return answer


def total(agent, metric):
    """Of all samples of a metric; with a pattern of labels, of those."""
    with urllib.request.urlopen(f"http://{agent.ready['http']}/metrics") as answer:
        text = answer.read().decode()
    return sum(float(value)
               for value in re.findall(rf"^streamhouse_{metric} (\S+)$", text, re.MULTILINE))


def puts(agent):
    return total(agent, r'objectstore_requests_total\{operation="put",[^}]*\}')


def create_topic(agent, name="bench", partitions=PARTITIONS):
    made = harness.streamctl("topic", "create", name, "--partitions", partitions,
                             server=agent.address)
    if made.code:
        raise RuntimeError(made.error)


def rpc(setting):
    with bare_server(setting) as bare, running_agent() as agent:
        create_topic(agent)
        servers = (bare, Server.of(agent))
        yield from call_figures(setting, servers)
        yield from steady_figures(setting, servers)


def call_figures(setting, servers):
    for method, request, name, calls, records, goal in (
            ("Produce", http2_load.produce_request(), "calls/s", 100_000, 1, ">=50000"),
            ("ProduceBatch", http2_load.batch_request(BATCH_RECORDS), "records/s of 100 a call",
             20_000, BATCH_RECORDS, ">=200000"),
            ("Consume", http2_load.consume_request(), "calls/s", 60_000, 1, ">=20000")):
        bare, ours = rounds_of(setting, servers, method, request, setting.scaled(calls),
                               in_flight=IN_FLIGHT)
        yield Figure(f"gRPC {method}, {name}", max(one.per_second for one in ours) * records, goal,
                     max(one.per_second for one in bare) * records)
        yield Figure(f"gRPC {method}: processor time, us/call",
                     min(one.server_us for one in ours), "-", min(one.server_us for one in bare))


def rounds_of(setting, servers, *what, **options):
    """For each server, what every round came to; the servers take turns."""
    loads = [[load(server, *what, **options) for server in servers]
             for _ in range(setting.rounds)]
    return tuple(zip(*loads))


def steady_figures(setting, servers):
    bare, ours = rounds_of(setting, servers, "Produce", http2_load.produce_request(),
                           setting.scaled(40_000), rate=10_000, in_flight=IN_FLIGHT_MAX)
    share = [[one.server_us * one.per_second / 1e4 for one in loads] for loads in (bare, ours)]
    yield Figure("gRPC Produce at 10,000/s: processor, % of a core", min(share[1]), "<=30",
                 min(share[0]))


def durable(setting):
    with running_agent() as agent:
        create_topic(agent)
        best = min((timed_load(agent, setting.scaled(3_000), rate=1_000)
                    for _ in range(setting.rounds)), key=lambda one: one["p50_ms"])
    synced = sync_times_ms(setting.scaled(500))
    for name, goal, part in (("p50", "<=5", 0.5), ("p99", "<=20", 0.99)):
        yield Figure(f"durable produce at 1,000/s, {name} ms", best[f"{name}_ms"], goal,
                     percentile(synced, part))


def percentile(values, part):
    return sorted(values)[int((len(values) - 1) * part)]


def sync_times_ms(count):
    """What one durable record cannot do without: a file and its name on the disk, and a line of a
    log."""
    times = []
    with folder() as path:
        directory = os.open(path, os.O_RDONLY)
        log = os.open(path / "log", os.O_CREAT | os.O_WRONLY)
        for i in range(count):
            began = time.perf_counter()
            file = os.open(path / str(i), os.O_CREAT | os.O_WRONLY)
            os.write(file, bytes(4096))
            os.fsync(file)
            os.close(file)
            os.fsync(directory)
            os.write(log, bytes(4096))
            os.fdatasync(log)
            times.append((time.perf_counter() - began) * 1e3)
        os.close(log)
        os.close(directory)
    return times


def agent(setting):
    ready, bare_ready = [], []
    for _ in range(setting.rounds):
        began = time.perf_counter()
        with bare_server(setting):
            bare_ready.append((time.perf_counter() - began) * 1e3)
        began = time.perf_counter()
        with running_agent():
            ready.append((time.perf_counter() - began) * 1e3)
    yield Figure("agent ready, ms", min(ready), "<=150", min(bare_ready))
    with bare_server(setting) as bare_process, running_agent() as idle:
        seconds = 0.1 if setting.smoke else 10
        time.sleep(seconds / 5)
        pids = (bare_process.pid, idle.process.pid)
        before = [processor_seconds(pid) for pid in pids]
        time.sleep(seconds)
        bare, ours = ((processor_seconds(pid) - used) / seconds * 100
                      for pid, used in zip(pids, before))
        yield Figure("agent idle, MB resident", resident_mb(pids[1]), "<=25", resident_mb(pids[0]))
        yield Figure("agent idle, % of a core", ours, "<=1", bare)


def restart(setting):
    """After a kill, with 1,000 partitions, 100,000 commits behind them and as many of these after
    the newest checkpoint as there can be."""
    commits = setting.scaled(100_000)
    unchecked = min(1_000, commits)
    ready, produced, empty = [], [], []
    with folder() as filled:
        subprocess.run([setting.programs / "restart_fill", filled / "metadata.db", "1000",
                        str(commits), str(unchecked)], check=True)
        for _ in range(setting.rounds):
            with folder() as data:
                shutil.copytree(filled, data, dirs_exist_ok=True)
                began = time.perf_counter()
                with running_agent(data=data) as agent:
                    ready.append(time.perf_counter() - began)
                    timed_load(agent, 1)
                    produced.append(time.perf_counter() - began)
            began = time.perf_counter()
            with running_agent():
                empty.append(time.perf_counter() - began)
    yield Figure("restart to ready, s", min(ready), "<=1", min(empty))
    yield Figure("restart to the first acknowledged produce, s", min(produced), "<=1", min(empty))
