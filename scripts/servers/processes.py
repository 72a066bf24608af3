"""Child processes that never outlive us, and what starting a server needs."""
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
STARTS_MAX = 5


def skipped(server, missing):
    """Says that tests are skipped for want of `server`, in words that scripts/run_suites hands on;
    answers the exit code for that."""
    print(f"skipped: {server} cannot be had here: not installed: {', '.join(missing)} (see "
          "scripts/install_dependencies)\n0 passed, 0 failed, 1 skipped", flush=True)
    return 77


def cache_folder():
    """Where programs that Debian has not are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamhouse"


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    """A port that nobody has now, out of those that no outgoing connection is given. Another
    process may take it before a server does: what starts one must notice and try again."""
    chance = random.SystemRandom()
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", chance.randrange(10_000, 32_000)))
                return probe.getsockname()[1]
            except OSError:
                continue


class Processes:
    """The processes of one server; their output goes to one file."""

    def __init__(self, folder, environment=None):
        self.folder, self.environment = folder, environment
        self.log_path = folder / "output.log"
        self.running = []

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self, *words):
        with open(self.log_path, "ab") as log:
            # The parent-death signal must be set between fork and exec.
            process = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=self.folder, env=self.environment, preexec_fn=_die_with_parent)
        self.running.append(process)
        return process

    def run(self, *words, seconds_max=120):
        """Runs to the end; answers stdout."""
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              cwd=self.folder, env=self.environment, timeout=seconds_max,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: exit {done.returncode}\n"
                               f"{done.stdout}{done.stderr}{self.log()[-4000:]}")
        return done.stdout

    def wait_until(self, condition, what, seconds_max=120):
        deadline = time.monotonic() + seconds_max
        while not condition():
            for process in self.running:
                if process.poll() is not None:
                    raise RuntimeError(f"{process.args[0]} ended with {process.returncode}\n"
                                       f"{self.log()[-4000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not in {seconds_max} s\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def stop(self):
        """What is in memory and in our own folder needs no good-bye."""
        for process in reversed(self.running):
            process.kill()
            process.wait()
        self.running.clear()


class Server:
    """Running on a free port of the loopback when constructed; stop() ends it and removes its
    folder. Subclasses start it in _start(), which may fail with RuntimeError or TimeoutError if the
    port was taken meanwhile: it is called again, in a new folder and for a new port."""

    def __init__(self, name):
        for left in reversed(range(STARTS_MAX)):
            self.folder = Path(tempfile.mkdtemp(prefix=f"streamhouse_{name}_"))
            self.processes = Processes(self.folder)
            self.port = free_port()
            self.endpoint = f"http://127.0.0.1:{self.port}"
            try:
                return self._start()
            except (RuntimeError, TimeoutError) as error:
                self.stop()
                if not left:
                    raise
                print(f"{name}: starting again: {error}", file=sys.stderr, flush=True)
            except BaseException:
                self.stop()
                raise

    def _start(self):
        raise NotImplementedError

    def stop(self):
        self.processes.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
