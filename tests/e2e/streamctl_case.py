"""What the tests of streamctl share."""
import unittest

import harness


class StreamctlCase(unittest.TestCase):
    """A class of tests has an agent of its own, and each test topics and groups of its own."""
    maxDiff = None
    names = 0

    @classmethod
    def setUpClass(cls):
        cls.folder = harness.Folder()
        cls.agent = harness.Agent(cls.folder.path / "agent")

    @classmethod
    def tearDownClass(cls):
        cls.agent.stop()
        cls.folder.remove()

    def name(self):
        """A name that no other test uses."""
        StreamctlCase.names += 1
        return f"{self._testMethodName}-{StreamctlCase.names}"

    def run_ok(self, *words, **options):
        result = harness.streamctl(*words, server=self.agent.address, **options)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.error, "", result)
        return result

    def popen(self, *words, **options):
        return harness.popen(*words, server=self.agent.address, **options)

    def refused(self, code, *words, exit_code=1, **options):
        """Runs into an error of this code; answers its text."""
        result = harness.streamctl(*words, server=self.agent.address, **options)
        self.assertEqual(result.code, exit_code, result)
        self.assertEqual(result.stdout, b"", result)
        self.assertTrue(result.error.startswith(f"error: {code}: "), result)
        self.assertEqual(result.error.count("\n"), 1, result)
        return result.error

    def topic(self, partitions=1, **config):
        name = self.name()
        settings = [word for key, value in config.items()
                    for word in ("--config", f"{key.replace('_', '.')}={value}")]
        self.run_ok("topic", "create", name, "--partitions", partitions, *settings)
        return name

    def produce(self, topic, *words, data=None):
        source = [] if data is None else ["--input", "-"]
        return self.run_ok("produce", topic, *words, *source, "-o", "json", data=data).json

    def records(self, topic, *words):
        return self.run_ok("consume", topic, *words, "-o", "json").lines
