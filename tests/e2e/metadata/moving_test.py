"""Goal: metadata move from one database to another, and everything goes on there: records at their
offsets, groups at theirs. A database at work is not moved, one in use takes none in. Method: agents
on SQLite, a real PostgreSQL server and DynamoDB Local, SIGKILL, streamctl metadata, fsck.
"""
import sys
import time
from pathlib import Path

from records_case import RecordsCase

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import harness

LONGEST = 60


class MovingTest(RecordsCase):
    def setUp(self):
        super().setUp()
        self.objects = f"file:{self.folder.path}/objects"

    def sqlite(self, name):
        return f"sqlite:{self.folder.path}/{name}.db"

    def started(self, database, name):
        return self.agent("--agent-id", name, "--database-url", database,
                          "--object-store", self.objects, "--heartbeat-interval", "500ms",
                          "--session-timeout", "3s", name=name, environment=self.aws)

    def direct(self, database, *words, data=None):
        environment = {**self.aws, "DATABASE_URL": database, "OBJECT_STORE": self.objects}
        return harness.streamctl(*words, data=data, environment=environment)

    def done(self, database, *words, data=None):
        result = self.direct(database, *words, data=data)
        self.assertEqual(result.code, 0, result)
        return result

    def moved(self, source, target):
        """What was moved, by way of a file."""
        archive = self.folder.path / "archive"
        written = self.done(source, "metadata", "export", archive, "-o", "json").json
        read = self.done(target, "metadata", "import", archive, "-o", "json").json
        self.assertEqual(read, written)
        self.assertEqual(self.done(target, "fsck", "--direct", "-o", "json").json["violations"], [])
        return read

    def wait_until_nobody_is_alive(self, database):
        """On a server, an agent that has ended counts as alive until its session times out."""
        deadline = time.monotonic() + LONGEST
        while True:
            result = self.direct(database, "metadata", "export", self.folder.path / "probe")
            if result.code == 0:
                return
            self.assertIn(" is alive: ", result.error)
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.5)

    def goes_on(self, agent, expected):
        """Everything of fill() is there, and what comes now comes behind it."""
        topic = self.streamctl(agent, "topic", "describe", "t", "-o", "json").json
        self.assertEqual((topic["retention_ms"], topic["config"]["cleanup.policy"]),
                         (86400000, "delete"))
        self.assertEqual(self.consumed(agent, "t", 0), expected)
        self.assertEqual(self.consumed(agent, "t", 1), ["other"])
        self.assertEqual(self.committed(agent, "g"), {("t", 0): 42})
        self.assertEqual(self.produce(agent, "t", ["more"]), len(expected))
        expected.append("more")
        topics = self.streamctl(agent, "topic", "list", "-o", "json").json["topics"]
        self.assertEqual([each["name"] for each in topics], ["t"])
        self.assertEqual(self.streamctl(agent, "fsck", "-o", "json").json["violations"], [])

    def test_a_cluster_moves_to_every_server_and_back(self):
        servers = {"postgresql": self.postgresql()[0], "dynamodb": self.dynamodb()[0]}
        self.addCleanup(self.kill_all)
        first = self.started(self.sqlite("first"), "first")
        self.fill(first, "g", "cleanup.policy=delete")
        expected = [f"a{i}" for i in range(100)]
        first.kill()
        source = self.sqlite("first")
        for name, target in servers.items():
            self.assertEqual(self.moved(source, target)["settings"], 0)
            agent = self.started(target, name)
            self.goes_on(agent, expected)
            busy = self.direct(target, "metadata", "export", self.folder.path / "busy")
            self.assertEqual(busy.code, 1, busy)
            self.assertIn(f"'{name}'", busy.error)
            self.assertFalse((self.folder.path / "busy").exists())
            self.assertEqual(agent.stop(), 0)
            self.wait_until_nobody_is_alive(target)
            source = target
        self.moved(source, self.sqlite("last"))
        last = self.started(self.sqlite("last"), "last")
        self.goes_on(last, expected)
        self.assertEqual(last.stop(), 0)

    def test_an_archive_passes_through_a_pipe(self):
        agent = self.started(self.sqlite("first"), "first")
        self.fill(agent, "g", "cleanup.policy=delete")
        agent.kill()
        archive = self.done(self.sqlite("first"), "metadata", "export", "-")
        self.assertIn('"topics":', archive.error)
        counts = self.done(self.sqlite("second"), "metadata", "import", "-", data=archive.stdout)
        self.assertIn("partitions", counts.text)
        again = self.done(self.sqlite("second"), "metadata", "export", "-")
        self.assertEqual(again.stdout, archive.stdout)

    def test_what_cannot_be_moved_is_refused_and_left_alone(self):
        agent = self.started(self.sqlite("first"), "first")
        self.fill(agent, "g", "cleanup.policy=delete")
        archive = self.folder.path / "archive"

        def refused(code, database, *words):
            result = self.direct(database, "metadata", *words)
            self.assertEqual(result.code, 1, result)
            self.assertTrue(result.error.startswith(f"error: {code}: "), result)
        refused("conflict", self.sqlite("first"), "export", archive)
        self.assertFalse(archive.exists())
        refused("not_found", self.sqlite("missing"), "export", archive)
        refused("not_found", self.sqlite("second"), "import", archive)
        agent.kill()
        self.done(self.sqlite("first"), "metadata", "export", archive)
        refused("conflict", self.sqlite("first"), "import", archive)
        whole = archive.read_bytes()
        archive.write_bytes(whole[:-1])
        refused("corrupt", self.sqlite("second"), "import", archive)
        archive.write_bytes(b"no archive at all")
        refused("corrupt", self.sqlite("second"), "import", archive)
        archive.write_bytes(whole)
        self.done(self.sqlite("second"), "metadata", "import", archive)


harness.main(__name__)
