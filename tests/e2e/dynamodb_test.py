"""Goal: agents share one DynamoDB table: when one is killed another goes on with everything that
was acknowledged, and the one that was killed starts again; a start is refused, saying why, where
something has to be set right. Method: DynamoDB Local, real agents, SIGKILL, streamctl fsck.
"""
import os
import subprocess
import sys
import unittest
import time
from pathlib import Path

import harness
from server_case import ServerCase, http_get

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from servers import dynamodb_local  # pylint: disable=wrong-import-position
from servers import dynamodb_fault_proxy  # pylint: disable=wrong-import-position
from servers.processes import free_port  # pylint: disable=wrong-import-position

LONGEST = 120
FAULTS = dynamodb_fault_proxy.Faults(throttled=0.04, conflict=0.04, reset_unheard=0.02,
                                     reset_after_apply=0.03, error_after_apply=0.03)


class DynamodbTest(ServerCase):
    @classmethod
    def setUpClass(cls):
        if missing := dynamodb_local.missing():
            raise unittest.SkipTest(f"DynamoDB Local cannot be had here: {missing}")
        cls.server = dynamodb_local.DynamodbLocal()
        cls.addClassCleanup(cls.server.stop)

    def environment(self, **others):
        return {**self.server.environment(), "AWS_EC2_METADATA_DISABLED": "true", **others}

    def url(self):
        """A table that no other test uses."""
        return f"dynamodb://{self._testMethodName}"

    def flags(self):
        return ["--database-url", self.url(), "--object-store",
                f"file:{self.folder.path}/objects", "--heartbeat-interval", "1s",
                "--session-timeout", "8s"]

    def started(self, name):
        return self.agent("--agent-id", name, *self.flags(), name=name,
                          environment=self.environment())

    def produce(self, agent, values):
        data = "".join(f"{value}\n" for value in values).encode()
        return harness.streamctl("produce", "t", 0, "--input", "-", data=data,
                                 server=agent.address)

    def consumed(self, agent):
        return self.streamctl(agent, "consume", "t").text.split()

    def fsck(self):
        return self.fsck_of(self.url(), self.environment())

    def leader(self, agent):
        topic = self.streamctl(agent, "topic", "describe", "t", "-o", "json").json
        return topic["partitions"][0]["leader"]

    def test_a_killed_agent_is_taken_over_and_nothing_is_lost_or_repeated(self):
        first, second = self.started("first"), self.started("second")
        self.assertEqual(first.ready["database"], "dynamodb")
        self.streamctl(first, "topic", "create", "t", "--partitions", 4)
        expected = [f"a{i}" for i in range(200)]
        deadline = time.monotonic() + LONGEST
        while self.produce(first, expected[:1]).code != 0:  # until somebody leads
            self.assertLess(time.monotonic(), deadline, first.log())
        self.assertEqual(self.produce(first, expected[1:]).code, 0)
        killed, survivor = (first, second) if self.leader(first) == "first" else (second, first)
        killed.kill()
        more = [f"b{i}" for i in range(200)]
        while self.produce(survivor, more[:1]).code != 0:
            self.assertLess(time.monotonic(), deadline, survivor.log())
        self.assertEqual(self.produce(survivor, more[1:]).code, 0)
        self.assertEqual(self.consumed(survivor), expected + more)
        self.assertEqual(self.fsck()["records"], 400)
        killed.start()
        self.assertEqual(self.consumed(killed), expected + more)
        for agent in (survivor, killed):
            self.assertEqual(agent.stop(), 0, agent.log())
            self.assertNotIn("sesame", agent.log())
        self.assertEqual(self.fsck()["records"], 400)

    def test_nothing_is_lost_over_a_service_that_throttles_and_fails(self):
        proxy = dynamodb_fault_proxy.DynamodbFaultProxy(self.server.endpoint, FAULTS, seed=7)
        self.addCleanup(proxy.stop)
        # Agents go first, so that they do not complain about a proxy that is gone.
        self.addCleanup(self.kill_all)
        agent = self.agent("--agent-id", "one", *self.flags(), name="one",
                           environment=self.environment(AWS_ENDPOINT_URL_DYNAMODB=proxy.endpoint))
        self.streamctl(agent, "topic", "create", "t")
        deadline = time.monotonic() + LONGEST
        while self.produce(agent, ["first"]).code != 0:  # until it leads
            self.assertLess(time.monotonic(), deadline, agent.log())
        for batch in range(10):
            values = [f"{batch}-{i}" for i in range(20)]
            self.assertEqual(self.produce(agent, values).code, 0, agent.log())
        expected = [f"{batch}-{i}" for batch in range(10) for i in range(20)]
        read = self.consumed(agent)
        self.assertEqual([value for value in read if value != "first"], expected)
        self.assertGreater(sum(proxy.counts.values()) - proxy.counts["none"], 5, proxy.counts)
        self.assertEqual(agent.stop(), 0, agent.log())
        self.assertEqual(self.fsck()["records"], len(read))

    def test_a_service_that_is_not_there_yet_is_waited_for(self):
        port = free_port()
        agent = harness.Agent.__new__(harness.Agent)
        self.agents.append(agent)
        agent.ready = {}
        agent.folder = self.folder.path / "waiting"
        agent.folder.mkdir()
        # A proxy that begins to listen later stands for the service.
        later = free_port()
        with open(agent.folder / "agent.log", "ab") as log:
            agent.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [harness.build / "streamhouse-server", "--grpc-addr", "127.0.0.1:0",
                 "--http-addr", f"127.0.0.1:{port}", *self.flags()],
                stdout=subprocess.PIPE, stderr=log, text=True,
                env={**os.environ, **self.environment(
                    AWS_ENDPOINT_URL_DYNAMODB=f"http://127.0.0.1:{later}")})

        def not_ready():
            try:
                status, _, body = http_get(f"127.0.0.1:{port}", "/readyz")
            except OSError:
                return False
            return status == 503 and "metadata: " in body
        harness.wait_until(not_ready, LONGEST, "/readyz")
        proxy = dynamodb_fault_proxy.DynamodbFaultProxy(
            self.server.endpoint, dynamodb_fault_proxy.Faults(), port=later)
        self.addCleanup(proxy.stop)
        self.addCleanup(self.kill_all)
        self.assertTrue(agent.process.stdout.readline().startswith("streamhouse ready "))
        self.assertEqual(http_get(f"127.0.0.1:{port}", "/readyz")[0], 200)
        self.assertEqual(agent.stop(), 0, agent.log())

    def test_what_has_to_be_set_right_ends_the_start(self):
        store = ["--object-store", f"file:{self.folder.path}/objects", "--grpc-addr=127.0.0.1:0",
                 "--http-addr=127.0.0.1:0"]
        said = self.refused("--database-url", "dynamodb://x", *store, exit_code=2)
        self.assertIn("dynamodb://TABLE", said)
        created, _ = self.server.call("CreateTable", {
            "TableName": self._testMethodName, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})
        self.assertEqual(created, 200)
        said = self.refused("--database-url", self.url(), *store, exit_code=1,
                            environment=self.environment())
        self.assertIn("expected partition key pk", said)
        self.assertNotIn("sesame", said)


harness.main(__name__)
