"""What the tests of the Kafka front end share: an agent, kcat, and requests byte by byte."""
import socket
import struct
import subprocess
import time
import unittest

import harness

SECONDS_MAX = 120


class Connection:
    """A client's connection, for what no client library would send."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), SECONDS_MAX)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, key, version, correlation, body=b"", flexible=False):
        """A request of a client without a name."""
        header = struct.pack(">hhih", key, version, correlation, -1) + b"\0" * flexible
        self.send_raw(struct.pack(">i", len(header + body)) + header + body)

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive(self):
        """What follows the length of the next frame; b"" at the end of the connection."""
        length = self.receive_bytes(4)
        return self.receive_bytes(struct.unpack(">i", length)[0]) if length else b""

    def receive_bytes(self, size):
        data = b""
        while len(data) < size:
            try:
                part = self.socket.recv(size - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                return b""
            data += part
        return data


class KafkaCase(unittest.TestCase):
    """A class of tests has an agent of its own, and each test topics of its own."""
    maxDiff = None
    flags = ()
    stores = ()  # flags that name others than SQLite and a folder
    environment = None
    names = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = harness.Folder()
        cls.agent = harness.Agent(cls.folder.path / "agent", *cls.stores, *cls.flags,
                                  environment=cls.environment)

    @classmethod
    def tearDownClass(cls):
        code = cls.agent.stop()
        cls.folder.remove()
        assert code == 0, "the agent ends in good order"

    @property
    def address(self):
        return self.agent.ready["kafka"]

    def name(self):
        """A name that no other test uses."""
        KafkaCase.names += 1
        return f"{self._testMethodName}-{KafkaCase.names}"

    def topic(self, partitions=1, **config):
        name = self.name()
        settings = [word for key, value in config.items()
                    for word in ("--config", f"{key.replace('_', '.')}={value}")]
        result = harness.streamctl("topic", "create", name, "--partitions", partitions, *settings,
                                   server=self.agent.address)
        self.assertEqual(result.code, 0, result)
        return name

    def streamctl(self, *words, **options):
        result = harness.streamctl(*words, server=self.agent.address, **options)
        self.assertEqual(result.code, 0, result)
        return result

    def wait_until(self, condition):
        deadline = time.monotonic() + SECONDS_MAX
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not come true")
            time.sleep(0.05)

    def run_kcat(self, *words, data=b"", seconds_max=SECONDS_MAX):
        """kcat to its end: (exit code, stdout, stderr)."""
        done = subprocess.run(["kcat", "-b", self.address, *map(str, words)], input=data,
                              capture_output=True, timeout=seconds_max, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def kcat(self, *words, **options):
        code, stdout, stderr = self.run_kcat(*words, **options)
        self.assertEqual(code, 0, stderr)
        return stdout
