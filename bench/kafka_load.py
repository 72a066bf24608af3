"""Rounds of kafka_load, which is librdkafka: against a broker, or one of its own that keeps
nothing."""
import json
import subprocess
from dataclasses import dataclass

LARGE = ("batch.size=1000000", "batch.num.messages=100000", "linger.ms=5")
SMALL = ("batch.size=16384", "linger.ms=5")
AT_ONCE = ("linger.ms=0",)
IDEMPOTENT = (*LARGE, "enable.idempotence=true")
# As many bytes as a partition answers a fetch with, and as many records as may wait.
READ = ("fetch.message.max.bytes=4000000", "queued.min.messages=1000000")
GIB = 1 << 30


@dataclass
class Workload:
    """One round: what to do with so many records of so many bytes."""
    mode: str
    records: int
    bytes: int = 1024
    partitions: int = 1
    rate: int = 0
    rounds: int = 1
    settings: tuple = LARGE

    @property
    def gib(self):
        return self.records * self.bytes * self.rounds / GIB


def run(program, workload, brokers="", topic="load"):
    """What kafka_load says of a round; without brokers against librdkafka's own."""
    words = [workload.mode, "--topic", topic]
    for name in ("records", "bytes", "partitions", "rate", "rounds"):
        words += [f"--{name}", str(getattr(workload, name))]
    for setting in workload.settings:
        words += ["--set", setting]
    if brokers:
        words += ["--brokers", brokers]
    ended = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(words)}: {ended.stdout}{ended.stderr}")
    return json.loads(ended.stdout)
