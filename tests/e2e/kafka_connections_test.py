# Goal: ten thousand idle clients of the Kafka protocol cost little memory, and the others nothing.
# Method: a real agent, with so many connections that have asked one thing each.
"""End-to-end test of many idle connections to the Kafka front end."""
import resource
import unittest

import harness
from kafka_case import Connection, KafkaCase

API_VERSIONS = 18
CONNECTIONS = 10_000
# Of each process: files and connections that it has besides.
OTHER_FILES = 500
MEMORY_MAX = 300 << 20


def memory_of(process):
    """Resident bytes of a process."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


class IdleConnections(KafkaCase):
    @classmethod
    def setUpClass(cls):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard != resource.RLIM_INFINITY and hard < CONNECTIONS + OTHER_FILES:
            raise unittest.SkipTest(f"a process may open {hard} files only (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (CONNECTIONS + OTHER_FILES, hard))
        super().setUpClass()  # the agent inherits it

    def connect(self):
        connection = Connection(self.address)
        self.addCleanup(connection.socket.close)
        connection.send(API_VERSIONS, 0, correlation=7)
        self.assertTrue(connection.receive().startswith(b"\0\0\0\7"))
        return connection

    def test_ten_thousand_take_less_than_300_mb_and_cost_the_others_nothing(self):
        before = memory_of(self.agent.process)
        connections = [self.connect() for _ in range(CONNECTIONS)]
        memory = memory_of(self.agent.process)
        print(f"{CONNECTIONS} connections: {memory >> 20} MiB, {before >> 20} MiB before them")
        self.assertLess(memory, MEMORY_MAX)
        topic = self.topic()
        self.kcat("-P", "-t", topic, data=b"one\ntwo\n")
        self.assertEqual(self.kcat("-C", "-t", topic, "-e", "-q"), b"one\ntwo\n")
        for connection in (connections[0], connections[-1]):
            connection.send(API_VERSIONS, 0, correlation=8)
            self.assertTrue(connection.receive().startswith(b"\0\0\0\x08"), "it is still served")


harness.main(__name__)
