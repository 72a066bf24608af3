"""An agent to work with: the one at STREAMHOUSE_SERVER, or one of our own on the stores."""
import json
import os
import select
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 90
LEADER_SECONDS_MAX = 60
READS = ("consume", "segment")


class Refused(Exception):
    """What is asked for cannot be done; the text says why."""


def programs(build):
    for name in ("streamhouse-server", "streamctl"):
        if not os.access(build / name, os.X_OK):
            raise Refused(f"{build / name} is not there: build it first (scripts/quickstart), or "
                          "name the folder by --build")
    return build / "streamhouse-server", build / "streamctl"


class Agent:
    """Use it as a context: its own agent ends with it."""

    def __init__(self, build, variables):
        self.server, self.ctl = programs(build)
        self.variables = dict(variables)
        self.process, self.ready = None, {}
        self.log = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        self.is_own = not variables.get("STREAMHOUSE_SERVER")

    def __enter__(self):
        if self.is_own:
            self.start()
        return self

    def __exit__(self, *_):
        if self.process:
            self.end(signal.SIGTERM)
        self.log.close()

    def start(self):
        flags = [word for kind in ("grpc", "http", "kafka")
                 for word in (f"--{kind}-addr", "127.0.0.1:0")]
        # Settings of somebody else's agent must not contradict these.
        others = ("GRPC_PORT", "GRPC_ADDR", "ADVERTISED_GRPC_ADDR", "HTTP_ADDR", "KAFKA_ADDR",
                  "ADVERTISED_KAFKA_ADDR", "CONFIG")
        variables = {name: value for name, value in self.variables.items() if name not in others}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [self.server, *flags], env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        answered, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS_MAX)
        line = self.process.stdout.readline() if answered else ""
        if not line.startswith("streamhouse ready "):
            self.end(signal.SIGKILL)
            self.log.seek(0)
            said = self.log.read().decode(errors="replace").strip().splitlines()[-3:]
            raise Refused("\n".join(["the agent did not start:", *said]))
        self.ready = dict(word.split("=", 1) for word in line.split()[2:])
        self.variables["STREAMHOUSE_SERVER"] = self.ready["grpc"]

    def end(self, number):
        process, self.process = self.process, None
        process.send_signal(number)
        process.wait(STOP_SECONDS_MAX)
        process.stdout.close()
        return process.returncode

    def run(self, *words, data=None):
        """What streamctl prints as JSON, a list where it prints a line for each."""
        stdin = {"stdin": subprocess.DEVNULL} if data is None else {"input": data}
        deadline = time.monotonic() + LEADER_SECONDS_MAX
        while True:
            done = subprocess.run([self.ctl, *map(str, words), "-o", "json"], env=self.variables,
                                  capture_output=True, text=True, check=False, **stdin)
            # A reader asks again while a leader begins.
            wait = words[0] in READS and "not_leader" in done.stderr
            if done.returncode == 0 or not wait or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if done.returncode:
            raise Refused(f"streamctl {' '.join(map(str, words))}: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def one(self, *words, data=None):
        document, = self.run(*words, data=data)
        return document

    def metrics(self):
        """Name with labels -> value."""
        with urllib.request.urlopen(f"http://{self.ready['http']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("streamhouse_"): float(value) for name, value in pairs}


def add_build(parser):
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release",
                        help="where the programs are (default: build/release)")
