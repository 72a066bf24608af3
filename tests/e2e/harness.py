"""What end-to-end tests share: the real binaries as processes on free ports, a runner that counts.

A test file ends with `harness.main(__name__)`. Its command line is `FILE --build BUILD_DIR
[unittest arguments]`; its last line, for scripts/run_suites, is `N passed, N failed, N skipped`.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
build = Path("build/release")
os.environ["KAFKA_ADDR"] = "127.0.0.1:0"  # of every server that is started here


class Agent:
    """A streamhouse-server with its data in a folder of its own, ready when constructed."""

    def __init__(self, folder, *flags, environment=None):
        self.folder = Path(folder)
        self.environment = {**os.environ, **(environment or {})}
        self.flags = ["--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0",
                      "--database-url", f"sqlite:{self.folder}/metadata.db",
                      "--object-store", f"file:{self.folder}/objects", *flags]
        self.process = None
        self.ready = {}
        self.start()

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        log = open(self.folder / "agent.log", "ab")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen([build / "streamhouse-server", *self.flags],
                                        stdout=subprocess.PIPE, stderr=log, text=True,
                                        env=self.environment)
        log.close()
        line = self.process.stdout.readline()
        if not line.startswith("streamhouse ready "):
            self.process.wait(READY_SECONDS_MAX)
            raise RuntimeError(f"agent not ready: {line!r}\n{self.log()}")
        self.ready = dict(word.split("=", 1) for word in line.split()[2:])

    @property
    def address(self):
        return self.ready["grpc"]

    def log(self):
        return (self.folder / "agent.log").read_text(errors="replace")

    def objects(self):
        """The files of the objects with records."""
        root = self.folder / "objects"
        files = (path for path in root.rglob("*") if path.is_file())
        return sorted(path for path in files if path.name.isdecimal() and
                      path.relative_to(root).parts[0] not in (".tmp", "catalogue"))

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """A clean end; answers the exit code."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        return code

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()


class Result:
    """What a finished streamctl left behind."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def text(self):
        return self.stdout.decode()

    @property
    def json(self):
        return json.loads(self.stdout)

    @property
    def lines(self):
        """The objects of a form with one a line."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def error(self):
        return self.stderr.decode()

    def __repr__(self):
        return f"exit {self.code}\n{self.stdout[:2000]!r}\n{self.error}"


def popen(*words, server=None, environment=None, **options):
    """A running streamctl."""
    variables = {key: value for key, value in os.environ.items() if key != "STREAMHOUSE_SERVER"}
    if server:
        variables["STREAMHOUSE_SERVER"] = server
    variables.update(environment or {})
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **options}
    return subprocess.Popen([build / "streamctl", *map(str, words)], env=variables, **options)


def streamctl(*words, server=None, data=None, seconds_max=120, environment=None):
    """Runs streamctl to its end."""
    stdin = subprocess.PIPE if data is not None else subprocess.DEVNULL
    with popen(*words, server=server, stdin=stdin, environment=environment) as process:
        try:
            stdout, stderr = process.communicate(data, seconds_max)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Result(process.returncode, stdout, stderr)


def wait_until(condition, seconds_max=30, what="the condition"):
    deadline = time.monotonic() + seconds_max
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true in {seconds_max} s")
        time.sleep(0.01)


class Folder:
    """A temporary folder; kept, and named, when KEEP_DATA is set."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="streamhouse_e2e_"))

    def remove(self):
        if os.environ.get("KEEP_DATA"):
            print(f"kept {self.path}", file=sys.stderr)
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def main(module):
    if module != "__main__":
        return
    global build  # pylint: disable=global-statement
    words = sys.argv[1:]
    if words[:1] == ["--build"]:
        build = Path(words[1]).resolve()
        words = words[2:]
    program = unittest.main(argv=[sys.argv[0], *words], exit=False, verbosity=2)
    result = program.result
    broken = {id(test) for test, _ in result.failures + result.errors}
    failed = len(broken) + len(result.unexpectedSuccesses)
    passed = max(0, result.testsRun - failed - len(result.skipped))
    sys.stderr.flush()
    print(f"{passed} passed, {failed} failed, {len(result.skipped)} skipped")
    if result.skipped and not passed and not failed:
        sys.exit(77)  # ctest knows by it that all was skipped
    sys.exit(1 if failed or passed == 0 else 0)
