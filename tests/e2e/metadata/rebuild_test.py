"""Goal: a cluster whose database is gone goes on from its objects alone: every acknowledged record
at its offset, topics and positions of groups as they were. Method: agents on a directory or a
bucket and SQLite, a real PostgreSQL server and DynamoDB Local, SIGKILL, the database removed,
streamctl metadata rebuild, fsck, and agents again.
"""
import sys
import time
from pathlib import Path

from records_case import RecordsCase

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import harness

# A shard's groups are stored a minute after a change.
SNAPSHOT = 120


class RebuildTest(RecordsCase):
    def setUp(self):
        super().setUp()
        self.objects = self.folder.path / "objects"
        self.store = f"file:{self.objects}"
        self.s3 = None  # where `store` is, if it is a bucket
        self.servers = {}  # name -> (URL, what ends it); other names are files of SQLite

    def environment(self, name):
        """Of the database of that name."""
        url, _ = self.servers.get(name, (f"sqlite:{self.folder.path}/{name}.db", None))
        return {**self.aws, "DATABASE_URL": url, "OBJECT_STORE": self.store}

    def started(self, name, agent_id="agent"):
        urls = self.environment(name)
        return self.agent("--agent-id", agent_id, "--database-url", urls["DATABASE_URL"],
                          "--object-store", urls["OBJECT_STORE"], "--heartbeat-interval", "500ms",
                          "--session-timeout", "3s", name=name, environment=self.aws)

    def direct(self, name, *words):
        return harness.streamctl(*words, "-o", "json", environment=self.environment(name))

    def rebuilt(self, name, *words):
        result = self.direct(name, "metadata", "rebuild", "--agents-stopped", *words)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.json["findings"], [])
        return result.json

    def lose(self, name):
        if name in self.servers:
            _, end = self.servers[name]
            end()
        for file in self.folder.path.glob(f"{name}.db*"):
            file.unlink()

    def wait_for_snapshot(self, group):
        deadline = time.monotonic() + SNAPSHOT
        while not any(group.encode() in stored for stored in self.stored_groups()):
            self.assertLess(time.monotonic(), deadline, "the groups are not in the object store")
            time.sleep(0.5)

    def stored_groups(self):
        if self.s3 is None:
            return [file.read_bytes() for file in self.objects.glob("groups/*/*")]
        return [self.s3.get(f"/streamhouse/{key}")
                for key, _, _ in self.s3.list("streamhouse", "rebuilt/groups/")]

    def expect_everything(self, agent, records):
        topic = self.streamctl(agent, "topic", "describe", "t", "-o", "json").json
        self.assertEqual((topic["partition_count"], topic["retention_ms"],
                          topic["config"]["max.message.bytes"]), (2, 86400000, "77777"))
        topics = self.streamctl(agent, "topic", "list", "-o", "json").json["topics"]
        self.assertEqual([each["name"] for each in topics], ["t"])
        self.assertEqual(self.consumed(agent, "t"), records)
        self.assertEqual(self.consumed(agent, "t", 1), ["other"])
        self.assertEqual(self.committed(agent, "the-readers"), {("t", 0): 42})

    def test_a_cluster_goes_on_from_its_objects_alone(self):
        records = [f"a{i}" for i in range(100)]
        agent = self.started("first")
        self.fill(agent, "the-readers", "max.message.bytes=77777")
        topic_id = self.streamctl(agent, "topic", "describe", "t", "-o", "json").json["topic_id"]
        cluster = self.streamctl(agent, "cluster", "describe", "-o", "json").json["cluster_id"]
        for life in range(3):  # sessions that are sealed, and a last one that is not
            self.wait_for_snapshot("the-readers")
            agent.kill()
            agent = self.started("first")
            self.assertEqual(self.produce(agent, "t", [f"life{life}"]), len(records))
            records.append(f"life{life}")
        agent.kill()
        self.lose("first")

        self.servers["postgresql"] = self.postgresql()
        report = self.rebuilt("postgresql")
        self.assertTrue(report["written"])
        self.assertEqual(report["cluster_id"], cluster)
        self.assertEqual(report["groups"], 1)
        fsck = self.direct("postgresql", "fsck", "--direct")
        self.assertEqual((fsck.code, fsck.json["violations"]), (0, []), fsck)
        agent = self.started("postgresql")
        self.expect_everything(agent, records)
        described = self.streamctl(agent, "topic", "describe", "t", "-o", "json").json
        self.assertEqual(described["topic_id"], topic_id)
        self.assertEqual(self.produce(agent, "t", ["after"]), len(records))
        records.append("after")
        self.streamctl(agent, "topic", "create", "gone")
        self.assertEqual(self.consumed(agent, "gone"), [])
        self.streamctl(agent, "topic", "delete", "gone")

        agent.kill()
        self.lose("postgresql")
        self.servers["dynamodb"] = self.dynamodb()
        self.rebuilt("dynamodb")
        agent = self.started("dynamodb")
        self.expect_everything(agent, records)
        self.assertEqual(agent.stop(), 0)
        fsck = self.direct("dynamodb", "fsck", "--direct")
        self.assertEqual((fsck.code, fsck.json["violations"]), (0, []), fsck)

    def test_it_goes_on_from_a_bucket_alone(self):
        records = [f"a{i}" for i in range(100)]
        self.s3, self.store = self.bucket("rebuilt")
        agent = self.started("first")
        self.fill(agent, "the-readers", "max.message.bytes=77777")
        self.wait_for_snapshot("the-readers")
        agent.kill()
        self.lose("first")
        self.servers["postgresql"] = self.postgresql()
        self.assertTrue(self.rebuilt("postgresql")["written"])
        fsck = self.direct("postgresql", "fsck", "--direct")
        self.assertEqual((fsck.code, fsck.json["violations"]), (0, []), fsck)
        agent = self.started("postgresql")
        self.expect_everything(agent, records)
        fsck = harness.streamctl("fsck", "-o", "json", server=agent.address)
        self.assertEqual((fsck.code, fsck.json["violations"]), (0, []), fsck)
        self.assertEqual(self.produce(agent, "t", ["after"]), len(records))

    def test_what_cannot_be_rebuilt_is_refused_and_left_alone(self):
        agent = self.started("first")
        self.fill(agent, "the-readers", "max.message.bytes=77777")

        def refused(code, name, *words):
            result = self.direct(name, "metadata", "rebuild", *words)
            self.assertEqual(result.code, 1, result)
            self.assertEqual(harness.json.loads(result.error)["error"]["code"], code, result)
        refused("conflict", "second")  # it was written to just now
        refused("conflict", "first")  # the agent has it
        agent.kill()
        refused("conflict", "first", "--agents-stopped")  # it is not empty
        dry = self.direct("third", "metadata", "rebuild", "--agents-stopped", "--dry-run")
        self.assertEqual((dry.code, dry.json["written"], dry.json["topics"]), (0, False, 2), dry)
        self.assertFalse(self.folder.path.joinpath("third.db").exists())

        flushed = sorted(file for file in self.objects.glob("??/*/*") if file.name.isdigit())
        whole = flushed[-1].read_bytes()
        flushed[-1].write_bytes(whole[:-1])
        damaged = self.direct("third", "metadata", "rebuild", "--agents-stopped")
        self.assertEqual(damaged.code, 1, damaged)
        self.assertFalse(damaged.json["written"])
        self.assertIn(str(flushed[-1].relative_to(self.objects)),
                      [each["object"] for each in damaged.json["findings"]])
        flushed[-1].write_bytes(whole)
        self.assertTrue(self.rebuilt("third")["written"])
        self.assertEqual(self.consumed(self.started("third"), "t"), [f"a{i}" for i in range(100)])


harness.main(__name__)
