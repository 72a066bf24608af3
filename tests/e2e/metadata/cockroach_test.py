"""Goal: agents share a database of CockroachDB's dialect while transactions are aborted, commits
stay open and requests stall: what was acknowledged is there once, also when its agent was killed.
Method: the stand-in, PostgreSQL behind a process that does all this by chances that a seed decides
(COCKROACH_TEST_SEED; it is printed, and new each time unless it is set); real agents, SIGKILL,
streamctl fsck.
"""
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import harness
from postgres_server import PostgresServer
from server_case import ServerCase

LONGEST = 120
INJECTED = {"40001", "40003", "cut", "stall"}


class CockroachTest(ServerCase):
    def setUp(self):
        super().setUp()
        self.database = PostgresServer()
        self.addCleanup(self.database.remove)
        self.database.start()
        seed = os.environ.get("COCKROACH_TEST_SEED") or str(time.time_ns() % 1_000_000)
        print(f"COCKROACH_TEST_SEED={seed}", flush=True)
        program = harness.build / "tests" / "e2e" / "metadata" / "cockroach_stand_in"
        self.stand_in = subprocess.Popen(  # pylint: disable=consider-using-with
            [program, str(self.database.port), seed], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.addCleanup(self.injected)
        login = f"{self.database.user}:{self.database.password}"
        port = int(self.stand_in.stdout.readline())
        self.url = f"cockroach://{login}@127.0.0.1:{port}/postgres?sslmode=disable"
        self.objects = f"file:{self.folder.path}/objects"
        # Agents go first, so that they do not complain about a database that is gone.
        self.addCleanup(self.kill_all)

    def injected(self):
        """Ends the stand-in; answers what it injected how often."""
        if self.stand_in.poll() is not None:
            return {}
        lines = self.stand_in.communicate("", LONGEST)[0].splitlines()
        return {what: int(count) for what, count in (line.rsplit(" ", 1) for line in lines)}

    def started(self, name):
        return self.agent("--agent-id", name, "--database-url", self.url, "--object-store",
                          self.objects, "--heartbeat-interval", "500ms", "--session-timeout", "3s",
                          name=name)

    def produce(self, agent, values):
        data = "".join(f"{value}\n" for value in values).encode()
        return harness.streamctl("produce", "t", 0, "--input", "-", data=data,
                                 server=agent.address)

    def consumed(self, agent):
        return self.streamctl(agent, "consume", "t").text.split()

    def committed(self, agent):
        return self.streamctl(agent, "group", "describe", "readers", "-o", "json").json

    def test_nothing_is_lost_or_repeated_whatever_the_database_does(self):
        first, second = self.started("first"), self.started("second")
        self.assertIn("database=cockroach", " ".join(f"{k}={v}" for k, v in first.ready.items()))
        self.stand_in.stdin.write("fail\n")
        self.stand_in.stdin.flush()
        self.streamctl(first, "topic", "create", "t")
        expected = []
        for call in range(50):
            values = [f"{call}-{i}" for i in range(3)]
            done = self.produce(first, values)
            self.assertEqual(done.code, 0, f"{done}\n{first.log()}\n{second.log()}")
            expected += values
        self.streamctl(second, "group", "commit", "readers", "t", 0, 150)
        leader, = self.database.rows("SELECT agent_id FROM partition_leases WHERE topic = 't'")
        killed, survivor = (first, second) if leader == ["first"] else (second, first)
        killed.kill()
        deadline = time.monotonic() + LONGEST
        # Of a call that is refused or has no answer in time the record may be there or not.
        open_values = []
        while self.produce(survivor, [f"after-{len(open_values)}"]).code != 0:
            self.assertLess(time.monotonic(), deadline, survivor.log())
            open_values.append(f"after-{len(open_values)}")
        expected.append(f"after-{len(open_values)}")
        read = self.consumed(survivor)
        self.assertEqual([value for value in read if value not in open_values], expected)
        self.assertEqual(len(set(read)), len(read))
        again = self.started(leader[0])
        self.assertEqual(self.consumed(again), read)
        self.assertIn("150", str(self.committed(again)))
        for agent in (survivor, again):
            self.assertEqual(agent.stop(), 0, agent.log())
        self.assertEqual(self.fsck_of(self.url)["records"], len(read))
        injected = self.injected()
        self.assertLessEqual(injected.keys(), INJECTED, "nothing that CockroachDB lacks was asked")
        self.assertGreater(min(injected.get("40001", 0), injected.get("40003", 0)), 0, injected)


harness.main(__name__)
