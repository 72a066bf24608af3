"""Goal: the README's first command does what it says, twice, and can leave an agent running.

Method: scripts/quickstart runs as a user runs it, on a data folder of its own.
"""
import re
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import harness

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 600


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name) / "data"

    def command(self, *arguments):
        return [ROOT / "scripts" / "quickstart", "--data", self.data, *arguments]

    def run_ok(self):
        done = subprocess.run(self.command(), capture_output=True, text=True, check=False,
                              timeout=SECONDS_MAX)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr[-4000:])
        return done.stdout

    def assert_read_what_was_produced(self, output):
        produced, = re.findall(r"^produced  ([0-9a-f]{64})$", output, re.M)
        self.assertEqual(re.findall(r"^read      ([0-9a-f]{64})$", output, re.M), [produced])

    def lines(self, name):
        return (self.data / "quickstart" / name).read_bytes().count(b"\n")

    def test_a_second_run_reads_only_what_is_new(self):
        self.assert_read_what_was_produced(self.run_ok())
        first = self.lines("consumed")
        self.assertGreater(first, 0)
        output = self.run_ok()
        self.assert_read_what_was_produced(output)
        self.assertEqual(self.lines("consumed"), self.lines("produced"))
        self.assertIn(f" {first + self.lines('produced')} ", output, "the group's new offset")

    def test_what_was_written_where_is_counted(self):
        output = self.run_ok()
        objects = [path for path in (self.data / "objects").rglob("*") if path.is_file()]
        written = re.search(r"^objects   (\d+) bytes in (\d+) new objects", output, re.M)
        self.assertGreaterEqual(sum(path.stat().st_size for path in objects), int(written[1]))
        self.assertGreaterEqual(len(objects), int(written[2]))
        self.assertGreater(int(written[2]), 0)
        batches = int(re.search(r"^batches   (\d+) bytes", output, re.M)[1])
        self.assertLess(0, batches)
        self.assertLess(batches, (self.data / "quickstart" / "produced").stat().st_size)

    def test_serving_goes_on_until_it_is_interrupted(self):
        with subprocess.Popen(self.command("--serve"), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:
            seen = []
            for line in process.stdout:
                seen.append(line)
                if line.startswith("== Serving gRPC at "):
                    break
            address = seen[-1].split()[4].rstrip(",")
            topics = subprocess.run([harness.build / "streamctl", "--server", address, "topic",
                                     "list"], capture_output=True, text=True, check=False)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS_MAX)
        self.assertIn("packages", topics.stdout, topics.stderr)
        self.assertEqual(process.returncode, 0, "".join(seen))

    def test_an_unknown_flag_is_a_usage_error(self):
        done = subprocess.run(self.command("--srve"), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--serve", done.stderr)


if __name__ == "__main__":
    harness.main(__name__)
