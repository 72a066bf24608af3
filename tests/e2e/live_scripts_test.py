"""Goal: the scripts that fill in test data, inspect the bucket and prove the index work on a real
database and a real S3 server, and see what is wrong where something is.

Method: scripts/*.sh as a user runs them, on a PostgreSQL server and an S3 server; then objects
are damaged and removed. The reader of objects that they share is held against the golden object.
"""
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import harness
from postgres_server import PROGRAMS, PostgresServer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from live import object_format, stores  # pylint: disable=wrong-import-position
from servers import s3_server  # pylint: disable=wrong-import-position

BUCKET, PREFIX = "streamhouse", "some/where"
SECONDS_MAX = 600


class ObjectFormat(unittest.TestCase):
    """live/object_format.py, which was written from the pages of docs/formats."""

    def setUp(self):
        self.content = (ROOT / "tests" / "golden" / "object_v1.bin").read_bytes()

    def read(self, content):
        trailer, spans = object_format.read_object(lambda first, last: content[first:last + 1],
                                                   len(content))
        object_format.check_whole(content, trailer)
        return trailer, spans

    def test_the_golden_object_is_read(self):
        trailer, spans = self.read(self.content)
        self.assertGreater(len(spans), 1)
        self.assertEqual(spans[0].position, object_format.FRAME)
        self.assertEqual(spans[-1].position + spans[-1].length, trailer.footer_position)
        self.assertEqual(spans, sorted(spans, key=lambda span: (span.topic_no, span.partition,
                                                                span.base_offset)))

    def test_damage_anywhere_is_seen(self):
        footer = self.read(self.content)[0].footer_position
        for at in (*range(0, footer, 3001), *range(footer, len(self.content), 3)):
            damaged = bytearray(self.content)
            damaged[at] ^= 0x10
            with self.assertRaises(ValueError, msg=f"byte {at}"):
                self.read(bytes(damaged))

    def test_what_is_cut_short_is_no_object(self):
        for size in (0, 1, 63, 64, 128, len(self.content) - 1):
            with self.assertRaises(ValueError, msg=f"{size} bytes"):
                self.read(self.content[:size])


class Compose(unittest.TestCase):
    def test_without_settings_the_services_of_compose_are_used(self):
        kept = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(kept)))
        for name in (*stores.COMPOSE, "S3_BUCKET"):
            os.environ.pop(name, None)
        variables = stores.environment()
        self.assertEqual({name: variables[name] for name in stores.COMPOSE}, stores.COMPOSE)
        os.environ["S3_BUCKET"] = "mine"
        self.assertNotIn("OBJECT_STORE", stores.environment())


class LiveScripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if missing := s3_server.missing():
            raise unittest.SkipTest(f"the S3 server cannot be had here: {missing}")
        cls.database = PostgresServer()
        cls.addClassCleanup(cls.database.remove)
        cls.database.start()
        cls.server = s3_server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.server.s3.create_bucket(BUCKET)
        cls.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **cls.server.environment(), "DATABASE_URL": cls.database.url(),
            "OBJECT_STORE": f"s3://{BUCKET}/{PREFIX}", "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        cls.variables.pop("STREAMHOUSE_SERVER", None)

    def run_script(self, name, *words, code=0, **variables):
        done = subprocess.run([ROOT / "scripts" / name, *map(str, words)],
                              env={**self.variables, **variables}, capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, said)
        self.assertNotIn(self.database.password, said)
        return done

    def inspect(self, *words, code=0):
        return json.loads(self.run_script("inspect_minio.sh", "-o", "json", *words,
                                          code=code).stdout)

    def path_of(self, key):
        return f"/{BUCKET}/{PREFIX}/{key}"

    def test_everything_works_and_damage_is_seen(self):
        build = ("--build", harness.build)
        said = self.run_script("populate_test_data.sh", "--records", 1000, *build).stdout
        self.assertRegex(said, r"(?m)^orders +10 +400 ")
        self.assertRegex(said, r"(?m)^clicks +4 +500 ")
        self.assertRegex(said, r"(?m)^group billing: 0 records behind$")
        self.assertRegex(said, r"(?m)^group analytics: 25\d records behind$")

        found = self.inspect("--objects", 1000, "--check")
        self.assertEqual(found["damaged"], [])
        self.assertEqual(sum(entry.get("records", 0) for entry in found["shown"]), 1000)
        self.assertEqual(sum(of["objects"] for of in found["sessions"].values()),
                         sum(entry["kind"] == "flushed" for entry in found["shown"]))
        said = self.run_script("inspect_minio.sh").stdout
        self.assertIn(f"bucket {BUCKET}/{PREFIX}/ at {self.server.endpoint}: ", said)

        said = self.run_script("prove_segment_index.sh", *build).stdout
        self.assertTrue(said.endswith("the index works\n"), said)
        self.assertEqual(said.count("the database's view `segments` has the same"), 2, said)
        self.assertIn("asked the database nothing", said)
        self.run_script("prove_phase_3_4.sh", "orders", *build)

        victim = next(entry for entry in found["shown"] if entry.get("records"))
        content = self.server.s3.get(self.path_of(victim["key"]))
        changed = bytearray(content)
        changed[object_format.FRAME + 30] ^= 1
        self.server.s3.call("PUT", self.path_of(victim["key"]), bytes(changed))
        self.assertEqual(self.inspect("--objects", 0, "--check", code=1)["damaged"],
                         [victim["key"]])
        self.server.s3.call("DELETE", self.path_of(victim["key"]))
        topics = []
        for topic in ("orders", "clicks", "audit"):
            try:
                self.run_script("prove_segment_index.sh", topic, *build)
            except AssertionError as failure:
                self.assertIn(f"object {victim['key']} is not in the bucket", str(failure))
                topics.append(topic)
        self.assertEqual(len(topics), len({span["topic_no"] for span in victim["spans"]}))

    def test_what_cannot_be_is_said(self):
        done = self.run_script("prove_segment_index.sh", "--build", "/nowhere", code=1)
        self.assertIn("build it first", done.stderr)
        done = self.run_script("inspect_minio.sh", code=1, OBJECT_STORE="file:/tmp")
        self.assertIn("no bucket", done.stderr)
        done = self.run_script("inspect_minio.sh", code=1, OBJECT_STORE="s3://no-such-bucket")
        self.assertIn("NoSuchBucket", done.stderr)


if __name__ == "__main__":
    harness.main(__name__)
