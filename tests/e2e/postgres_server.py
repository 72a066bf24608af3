"""A real PostgreSQL server on a free loopback port, its data in a temporary folder."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

START_SECONDS_MAX = 120
PROGRAMS = Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class PostgresServer:
    """Needs a password over TCP. Not started when constructed."""
    user = "streamhouse"
    password = "sesame-and-more"

    def __init__(self):
        if not (PROGRAMS / "initdb").exists():
            raise unittest.SkipTest(f"PostgreSQL cannot be had here: there is no {PROGRAMS}/initdb")
        self.folder = Path(tempfile.mkdtemp(prefix="streamhouse_postgres_"))
        self.port = free_port()
        self.process = None
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        secret = self.folder / "secret"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            os.chown(secret, account.pw_uid, account.pw_gid)
        subprocess.run(self.words("initdb", "-D", self.folder / "data", "-U", self.user,
                                  "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
                                  "--locale=C", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def words(self, program, *arguments):
        """PostgreSQL refuses to run as root; it ends with this process, however that ends."""
        words = ["setpriv", "--pdeathsig", "INT"]
        if os.geteuid() == 0:
            words += ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        return [*words, PROGRAMS / program, *arguments]

    def url(self, database="postgres", password=None):
        login = f"{self.user}:{password or self.password}"
        return f"postgres://{login}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self.words("postgres", "-D", self.folder / "data", "-c", f"port={self.port}",
                           "-c", "listen_addresses=127.0.0.1",
                           "-c", f"unix_socket_directories={self.folder}"),
                stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + START_SECONDS_MAX
        while subprocess.run([PROGRAMS / "pg_isready", "-q", "-h", "127.0.0.1", "-p",
                              str(self.port)], check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.05)

    def kill(self):
        """Ends every process of the server at once, as a crash does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(START_SECONDS_MAX)

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rows(self, query):
        """What psql prints, a list of columns for each row."""
        done = subprocess.run([PROGRAMS / "psql", self.url(), "-XAt", "-c", query],
                              capture_output=True, text=True, check=True)
        return [line.split("|") for line in done.stdout.splitlines()]
