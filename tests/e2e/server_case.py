"""What the tests of the server as a process share."""
import os
import sqlite3
import subprocess
import unittest
import urllib.error
import urllib.request

import harness

START_SECONDS_MAX = 20


def http_get(address, path):
    """(status, content type, body) of a GET."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


def run_server(*flags, environment=None, seconds_max=START_SECONDS_MAX):
    """A server that is expected to end by itself: (exit code, stdout, stderr)."""
    variables = {"PATH": "/usr/bin:/bin", "KAFKA_ADDR": os.environ["KAFKA_ADDR"],
                 **(environment or {})}
    done = subprocess.run([harness.build / "streamhouse-server", *flags], env=variables,
                          capture_output=True, text=True, timeout=seconds_max, check=False)
    return done.returncode, done.stdout, done.stderr


class ServerCase(unittest.TestCase):
    def setUp(self):
        self.folder = harness.Folder()
        self.addCleanup(self.folder.remove)
        self.agents = []
        self.addCleanup(self.kill_all)

    def kill_all(self):
        for agent in self.agents:
            if agent.process and agent.process.poll() is None:
                agent.kill()
            elif agent.process:
                agent.process.stdout.close()

    def agent(self, *flags, name="agent", environment=None):
        agent = harness.Agent.__new__(harness.Agent)
        self.agents.append(agent)
        # known to kill_all even if it fails
        agent.__init__(self.folder.path / name, *flags, environment=environment)
        return agent

    def fsck_of(self, database, environment=None):
        """What fsck says of that database and the folder of objects, directly: without an agent."""
        done = harness.streamctl("fsck", "--direct", "-o", "json", environment={
            **(environment or {}), "DATABASE_URL": database,
            "OBJECT_STORE": f"file:{self.folder.path}/objects"})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.json["violations"], [])
        return done.json

    def store_flags(self, name="agent"):
        folder = self.folder.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return ["--database-url", f"sqlite:{folder}/metadata.db",
                "--object-store", f"file:{folder}/objects"]

    def silence(self, agent):
        """A connection that keeps every other from writing to the database until it is closed."""
        database = sqlite3.connect(agent.folder / "metadata.db", isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")
        return database

    def refused(self, *words, exit_code, **options):
        """Runs into a refusal; answers what stderr says."""
        code, stdout, stderr = run_server(*words, **options)
        self.assertEqual(code, exit_code, stderr)
        self.assertEqual(stdout, "")
        return stderr

    def streamctl(self, agent, *words, data=None):
        result = harness.streamctl(*words, server=agent.address, data=data)
        self.assertEqual(result.code, 0, result)
        return result
