"""Goal: agents share one PostgreSQL database: when one is killed another goes on with everything
that was acknowledged, a crash of the database stops nobody for good, and a start is refused or
retried as docs/contract.md says. Method: a real server, real agents, SIGKILL, streamctl fsck.
"""
import subprocess
import time

import harness
from postgres_server import PostgresServer, free_port
from server_case import ServerCase, http_get

LONGEST = 120


class PostgresTest(ServerCase):
    def setUp(self):
        super().setUp()
        self.database = PostgresServer()
        self.addCleanup(self.database.remove)
        # Agents go first, so that they do not complain about a database that is gone.
        self.addCleanup(self.kill_all)

    def flags(self):
        return ["--database-url", self.database.url(),
                "--object-store", f"file:{self.folder.path}/objects",
                "--heartbeat-interval", "500ms", "--session-timeout", "3s"]

    def started(self, name):
        return self.agent("--agent-id", name, *self.flags(), name=name)

    def produce(self, agent, topic, values, partition=0):
        data = "".join(f"{value}\n" for value in values).encode()
        return harness.streamctl("produce", topic, partition, "--input", "-", data=data,
                                 server=agent.address)

    def consumed(self, agent, topic):
        return self.streamctl(agent, "consume", topic).text.split()

    def fsck(self):
        return self.fsck_of(self.database.url())

    def test_a_killed_agent_is_taken_over_and_nothing_is_lost_or_repeated(self):
        self.database.start()
        first, second = self.started("first"), self.started("second")
        self.assertIn("database=postgres", " ".join(f"{k}={v}" for k, v in first.ready.items()))
        self.streamctl(first, "topic", "create", "t", "--partitions", 4)
        expected = [f"a{i}" for i in range(200)]
        self.assertEqual(self.produce(first, "t", expected).code, 0)
        leader, = self.database.rows(
            "SELECT agent_id FROM partition_leases WHERE topic = 't' AND partition_id = 0")
        killed, survivor = (first, second) if leader == ["first"] else (second, first)
        killed.kill()
        more = [f"b{i}" for i in range(200)]
        deadline = time.monotonic() + LONGEST
        while self.produce(survivor, "t", more[:1]).code != 0:
            self.assertLess(time.monotonic(), deadline, survivor.log())
        self.assertEqual(self.produce(survivor, "t", more[1:]).code, 0)
        self.assertEqual(self.consumed(survivor, "t"), expected + more)
        self.assertEqual(self.fsck()["records"], 400)
        again = self.started(leader[0])
        self.assertEqual(self.consumed(again, "t"), expected + more)
        for agent in (survivor, again):
            self.assertEqual(agent.stop(), 0, agent.log())
        self.assertEqual(self.fsck()["records"], 400)
        for agent in (first, second):
            self.assertNotIn(self.database.password, agent.log())

    def unfreeze(self):
        return harness.streamctl("metadata", "unfreeze", "-o", "json",
                                 environment={"DATABASE_URL": self.database.url()})

    def test_unfreeze_leaves_an_empty_database_empty(self):
        self.database.start()
        refused = self.unfreeze()
        self.assertEqual(refused.code, 1, refused)
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        self.assertEqual(self.database.rows(tables), [["0"]], refused)

    def test_unfreeze_works_beside_agents(self):
        self.database.start()
        agent = self.started("one")
        self.assertEqual(self.unfreeze().json, {"unfrozen": False})
        self.database.rows("INSERT INTO sh_settings VALUES ('frozen', 'row 7', 1)")
        self.assertEqual(self.unfreeze().json, {"unfrozen": True})
        self.assertEqual(self.unfreeze().json, {"unfrozen": False})
        self.assertEqual(agent.stop(), 0, agent.log())

    def test_agents_go_on_after_a_crash_of_the_database(self):
        self.database.start()
        agent = self.started("one")
        self.streamctl(agent, "topic", "create", "t")
        acknowledged = []
        for crash in range(2):
            for i in range(20):
                value = f"{crash}-{i}"
                if self.produce(agent, "t", [value]).code == 0:
                    acknowledged.append(value)
            self.database.kill()
            self.database.start()
        deadline = time.monotonic() + LONGEST
        while self.produce(agent, "t", ["last"]).code != 0:
            self.assertLess(time.monotonic(), deadline, agent.log())
        read = self.consumed(agent, "t")
        self.assertEqual([value for value in read if value in set(acknowledged)], acknowledged)
        self.assertGreaterEqual(len(acknowledged), 40)
        self.assertEqual(agent.stop(), 0, agent.log())
        self.fsck()

    def test_a_wrong_key_or_name_ends_the_start_and_is_not_shown(self):
        self.database.start()
        store = ["--object-store", f"file:{self.folder.path}/objects", "--grpc-addr=127.0.0.1:0",
                 "--http-addr=127.0.0.1:0"]
        for url, reason in ((self.database.url(password="open-it-please"), "login is refused"),
                            (self.database.url("nowhere"), "no such database")):
            said = self.refused("--database-url", url, *store, exit_code=1)
            self.assertIn(reason, said)
            for secret in ("open-it-please", self.database.password):
                self.assertNotIn(secret, said)

    def test_a_database_that_is_not_there_yet_is_waited_for(self):
        agent = harness.Agent.__new__(harness.Agent)
        self.agents.append(agent)
        port = free_port()
        agent.ready = {}
        agent.folder = self.folder.path / "waiting"
        agent.flags = ["--grpc-addr", "127.0.0.1:0", "--http-addr", f"127.0.0.1:{port}",
                       *self.flags()]
        agent.folder.mkdir()
        with open(agent.folder / "agent.log", "ab") as log:
            agent.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [harness.build / "streamhouse-server", *agent.flags], stdout=subprocess.PIPE,
                stderr=log, text=True)

        def not_ready():
            try:
                status, _, body = http_get(f"127.0.0.1:{port}", "/readyz")
            except OSError:
                return False
            return status == 503 and "metadata: " in body
        harness.wait_until(not_ready, LONGEST, "/readyz")
        self.database.start()
        self.assertTrue(agent.process.stdout.readline().startswith("streamhouse ready "))
        self.assertEqual(http_get(f"127.0.0.1:{port}", "/readyz")[0], 200)
        self.assertEqual(agent.stop(), 0, agent.log())


harness.main(__name__)
