"""Goal: the views that people query with SQL have the columns of the outside contract, show what
the agent says, cannot be written, and can be read while it works.

Method: a real agent under streamctl; its database opened read-only by SQLite's own library.
"""
import json
import sqlite3
import time

import harness
from streamctl_case import StreamctlCase

COLUMNS = {
    "topics": "name partition_count retention_ms config created_at updated_at",
    "partitions": "topic partition_id high_watermark created_at updated_at",
    "segments": "id topic partition_id base_offset end_offset record_count size_bytes s3_bucket "
                "s3_key created_at",
    "consumer_groups": "group_id created_at updated_at",
    "consumer_offsets": "group_id topic partition_id committed_offset metadata committed_at",
    "agents": "agent_id address availability_zone agent_group last_heartbeat started_at metadata",
    "partition_leases": "topic partition_id agent_id lease_expires_at acquired_at epoch",
}


class Views(StreamctlCase):
    def setUp(self):
        path = self.agent.folder / "metadata.db"
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
        self.addCleanup(self.database.close)
        self.database.row_factory = sqlite3.Row

    def rows(self, query, *values):
        return [dict(row) for row in self.database.execute(query, values)]

    def test_columns_are_the_contracts(self):
        views = self.rows("SELECT name FROM sqlite_master WHERE type = 'view'")
        public = {row["name"] for row in views if not row["name"].startswith("sh_")}
        self.assertEqual(public, set(COLUMNS))
        for view, columns in COLUMNS.items():
            cursor = self.database.execute(f"SELECT * FROM {view}")
            self.assertEqual([column[0] for column in cursor.description], columns.split(), view)

    def test_tables_carry_the_prefix(self):
        for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self.assertRegex(row["name"], "^(sh_|sqlite_)")

    def test_views_are_read_only(self):
        path = self.agent.folder / "metadata.db"
        writer = sqlite3.connect(path, timeout=60)
        self.addCleanup(writer.close)
        for view in COLUMNS:
            with self.assertRaisesRegex(sqlite3.OperationalError, "because it is a view"):
                writer.execute(f"DELETE FROM {view}")

    def test_topics(self):
        name = self.topic(3, retention_ms="60000", cleanup_policy="delete")
        row, = self.rows("SELECT * FROM topics WHERE name = ?", name)
        shown = self.run_ok("topic", "describe", name, "-o", "json").json
        self.assertEqual(json.loads(row.pop("config")), shown["config"])
        for column, value in row.items():
            self.assertEqual(value, shown[column], column)
        self.run_ok("topic", "delete", name)
        self.assertEqual(self.rows("SELECT * FROM topics WHERE name = ?", name), [])
        self.assertEqual(self.rows("SELECT * FROM partitions WHERE topic = ?", name), [])

    def test_high_watermarks_follow(self):
        name = self.topic(2)
        self.produce(name, 1, data=b"a\nb\nc\n")
        query = "SELECT high_watermark FROM partitions WHERE topic = ? ORDER BY partition_id"
        harness.wait_until(lambda: self.rows(query, name)[1]["high_watermark"] == 3, 60,
                           "the high watermark")  # 10 s, where the machine is not loaded
        self.assertEqual(self.rows(query, name)[0]["high_watermark"], 0)

    def test_segments_are_those_that_streamctl_lists(self):
        name = self.topic(2)
        for partition, data in ((0, b"a\nb\n"), (1, b"c\n"), (0, b"d\n")):
            self.produce(name, partition, data=data)
        listed = self.run_ok("segment", "list", name, "-o", "json").json["segments"]
        rows = self.rows("SELECT * FROM segments WHERE topic = ? "
                         "ORDER BY partition_id, base_offset", name)
        self.assertEqual(rows, listed)
        self.assertEqual(len(rows), 3)

    def test_groups_and_their_offsets(self):
        name = self.topic(2)
        group = self.name()
        self.run_ok("group", "commit", group, name, 1, 0, "--metadata", "here")
        self.assertEqual(len(self.rows("SELECT * FROM consumer_groups WHERE group_id = ?", group)),
                         1)
        row, = self.rows("SELECT * FROM consumer_offsets WHERE group_id = ?", group)
        committed_at = row.pop("committed_at")
        self.assertEqual(row, {"group_id": group, "topic": name, "partition_id": 1,
                               "committed_offset": 0, "metadata": "here"})
        self.assertAlmostEqual(committed_at, time.time() * 1000, delta=60_000)
        self.run_ok("group", "delete", group)
        for view in ("consumer_groups", "consumer_offsets"):
            self.assertEqual(self.rows(f"SELECT * FROM {view} WHERE group_id = ?", group), [])

    def test_agents_and_leases(self):
        name = self.topic(2)
        self.produce(name, 1, data=b"a\n")
        agent, = self.rows("SELECT * FROM agents")
        self.assertEqual(agent["agent_id"], self.agent.ready["agent"])
        self.assertEqual(agent["address"], self.agent.address)
        self.assertAlmostEqual(agent["last_heartbeat"], time.time() * 1000, delta=60_000)
        leases = self.rows("SELECT * FROM partition_leases WHERE topic = ? AND partition_id = 1",
                           name)
        self.assertEqual([lease["agent_id"] for lease in leases], [agent["agent_id"]])
        self.assertGreater(leases[0]["lease_expires_at"], leases[0]["acquired_at"])
        self.assertGreaterEqual(leases[0]["epoch"], 1)

    def test_internal_topics_are_hidden(self):
        self.run_ok("group", "commit", self.name(), self.topic(), 0, 0)
        for view, column in (("topics", "name"), ("partitions", "topic"),
                             ("partition_leases", "topic"), ("segments", "topic")):
            names = {row["name"] for row in self.rows(f"SELECT {column} AS name FROM {view}")}
            self.assertFalse([name for name in names if name.startswith("__")], view)


harness.main(__name__)
