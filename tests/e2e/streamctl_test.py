"""Goal: every line of the outside contract's section on streamctl holds against a real agent; what
concerns produce and consume stands in streamctl_records_test.py.

Method: streamctl runs as a process, and its exit code, stdout and stderr are what is judged.
"""
import contextlib
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import harness
from harness import wait_until
from streamctl_case import StreamctlCase

TOPIC_FIELDS = ["name", "topic_id", "partition_count", "retention_ms", "config", "created_at",
                "updated_at"]
PARTITION_FIELDS = ["partition_id", "log_start_offset", "high_watermark", "leader_epoch", "leader",
                    "segment_count", "size_bytes"]
SEGMENT_FIELDS = ["id", "topic", "partition_id", "base_offset", "end_offset", "record_count",
                  "size_bytes", "s3_bucket", "s3_key", "created_at"]


class GlobalFlags(StreamctlCase):
    def test_stand_before_or_after_the_command(self):
        topic = self.topic()
        server = self.agent.address
        for line in (f"-o json --server {server} topic describe {topic}",
                     f"topic describe {topic} --output json --server {server}",
                     f"topic -o json describe {topic} --server={server}"):
            result = harness.streamctl(*line.split())
            self.assertEqual(result.code, 0, result)
            self.assertEqual(result.json["name"], topic)

    def test_server_flag_beats_environment(self):
        words = ("--server", self.agent.address, "topic", "list")
        result = harness.streamctl(*words, server="127.0.0.1:1")
        self.assertEqual(result.code, 0, result)
        result = harness.streamctl("topic", "list", server="127.0.0.1:1")
        self.assertEqual(result.code, 3, result)

    def test_tables_have_a_header_also_without_rows(self):
        topic = self.topic()
        segments = self.run_ok("segment", "list", topic).text
        self.assertRegex(segments, r"^ID +TOPIC +PARTITION_ID .*\n$")
        self.assertRegex(self.run_ok("topic", "list").text, r"^NAME +PARTITION_COUNT ")
        self.assertRegex(self.run_ok("group", "list").text, r"^GROUP_ID +STATE\n")
        self.assertRegex(self.run_ok("agent", "list").text, r"^AGENT_ID +ADDRESS ")

    def test_help_and_version(self):
        self.assertIn("Usage: streamctl", self.run_ok("--help").text)
        self.assertIn("--key-separator", self.run_ok("produce", "--help").text)
        version = self.run_ok("version", "-o", "json").json["version"]
        self.assertRegex(version, r"^\d+\.\d+\.\d+")
        self.assertIn(version, self.run_ok("version").text)

    def test_progress_and_errors_keep_off_stdout(self):
        topic = self.topic()
        result = harness.streamctl("produce", topic, "--input", "-", "-o", "json",
                                   server=self.agent.address, data=b"x\n" * 100_000)
        self.assertEqual(result.json["record_count"], 100_000)  # one document and nothing else
        result = harness.streamctl("consume", "no-such-topic", server=self.agent.address)
        self.assertEqual(result.stdout, b"")

    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("streamctl", self.run_ok("completion", shell).text)
        script = self.run_ok("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, check=True)


class ExitCodes(StreamctlCase):
    def test_usage_is_2_and_sends_nothing(self):
        for line in ("topic create", "topc list", "produce t", "consume t x", "topic list --no",
                     "topic create t --partitions 0", "topic list --timeout soon",
                     "produce t --input /no/file", "gc", "cost", "agent drain a",
                     "metadata export", "metadata import", "metadata rebuild x"):
            words = line.split()
            result = harness.streamctl(*words, server="127.0.0.1:1")  # nobody is asked
            self.assertEqual(result.code, 2, result)
            self.assertEqual(result.stdout, b"")
            self.assertTrue(result.error.startswith("error: invalid: "), result)

    def test_refused_is_1_in_both_forms(self):
        text = self.refused("topic_not_found", "topic", "describe", "no-such-topic")
        self.assertIn("no-such-topic", text)
        result = harness.streamctl("topic", "describe", "no-such-topic", "-o", "json",
                                   server=self.agent.address)
        self.assertEqual((result.code, result.stdout), (1, b""))
        error = harness.json.loads(result.error)["error"]
        self.assertEqual(error["code"], "topic_not_found")
        self.assertIn("no-such-topic", error["message"])

    def test_unreachable_is_3(self):
        result = harness.streamctl("topic", "list", server="127.0.0.1:1")
        self.assertEqual(result.code, 3, result)
        self.assertIn("127.0.0.1:1", result.error)

    def test_silence_is_3_within_the_timeout(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = "127.0.0.1:%d" % silent.getsockname()[1]
            began = time.monotonic()
            result = harness.streamctl("topic", "list", "--timeout", "500ms", server=address)
            self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(result.code, 3, result)

    def test_sigint_is_130(self):
        topic = self.topic()
        with self.popen("produce", topic, "--input", "-", stdin=subprocess.PIPE) as process:
            process.stdin.write(b"a\n")
            process.stdin.flush()
            wait_until(lambda: self.records(topic))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), 130)

    def test_sigint_of_a_follower_is_0(self):
        topic = self.topic()
        self.produce(topic, "--value", "v")
        with self.popen("consume", topic, "--follow") as process:
            self.assertEqual(process.stdout.readline(), b"v\n")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), 0)
            self.assertEqual(process.stderr.read(), b"")

    def test_sigint_of_a_consumer_is_130(self):
        topic = self.topic()
        self.produce(topic, data=b"x" * 1000 + b"\n" + (b"y" * 1000 + b"\n") * 2000)
        with self.popen("consume", topic) as process:  # nobody reads on
            self.assertEqual(process.stdout.readline(), b"x" * 1000 + b"\n")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), 130)

    def test_closed_pipe_is_0(self):
        topic = self.topic()
        self.produce(topic, data=b"".join(b"line %d\n" % i for i in range(100_000)))
        for words in ([], ["--follow"], ["-o", "json"]):
            with self.popen("consume", topic, *words) as process:
                process.stdout.readline()
                process.stdout.close()
                self.assertEqual(process.wait(30), 0)
                self.assertEqual(process.stderr.read(), b"")

    def test_output_that_cannot_be_written_is_1(self):
        with open("/dev/full", "wb") as full, self.popen("topic", "list", stdout=full) as process:
            self.assertIn(b"No space left", process.stderr.read())
            self.assertEqual(process.wait(30), 1)


class Topics(StreamctlCase):
    def test_create_answers_the_topic(self):
        name = self.name()
        before = int(time.time() * 1000) - 1000
        topic = self.run_ok("topic", "create", name, "--partitions", 3, "--retention-ms", 60000,
                            "--config", "max.message.bytes=2000000", "-o", "json").json
        self.assertEqual(list(topic), TOPIC_FIELDS)
        self.assertEqual(topic["name"], name)
        self.assertEqual(uuid.UUID(topic["topic_id"]).version, 4)
        self.assertEqual(topic["partition_count"], 3)
        self.assertEqual(topic["retention_ms"], 60000)
        self.assertEqual(topic["config"], {"max.message.bytes": "2000000"})
        self.assertGreaterEqual(topic["created_at"], before)
        self.assertGreaterEqual(topic["updated_at"], topic["created_at"])

    def test_create_without_options(self):
        topic = self.run_ok("topic", "create", self.name(), "-o", "json").json
        self.assertEqual((topic["partition_count"], topic["retention_ms"], topic["config"]),
                         (1, None, {}))

    def test_create_twice_is_refused(self):
        self.assertIn(name := self.topic(), self.refused("topic_exists", "topic", "create", name))

    def test_create_refuses_what_cannot_be(self):
        self.refused("invalid", "topic", "create", "no/such/name")
        self.refused("invalid", "topic", "create", self.name(), "--config", "no.such.key=1")

    def test_alter_changes_only_what_is_named(self):
        name = self.topic(max_message_bytes=2000000)

        def alter(*words):
            return self.run_ok("topic", "alter", name, *words, "-o", "json").json

        self.assertEqual(alter("--retention-ms", 1000)["retention_ms"], 1000)
        topic = alter("--config", "streamhouse.ack=buffered")
        self.assertEqual(topic["retention_ms"], 1000)
        self.assertEqual(topic["config"], {"max.message.bytes": "2000000",
                                           "streamhouse.ack": "buffered"})
        topic = alter("--unset", "streamhouse.ack", "--retention-ms", "none")
        self.assertEqual((topic["retention_ms"], topic["config"]),
                         (None, {"max.message.bytes": "2000000"}))
        self.assertEqual(alter("--config", "retention.ms=5000")["retention_ms"], 5000)
        self.refused("topic_not_found", "topic", "alter", "no-such-topic", "--retention-ms", 1)

    def test_list_shows_every_topic_but_internal_ones(self):
        first, second = self.topic(), self.topic()
        self.run_ok("group", "commit", self.name(), first, 0, 0)
        topics = self.run_ok("topic", "list", "-o", "json").json["topics"]
        names = [topic["name"] for topic in topics]
        self.assertEqual(list(topics[0]), TOPIC_FIELDS)
        self.assertLessEqual({first, second}, set(names))
        self.assertNotIn("__consumer_offsets", names)
        self.assertEqual(names, sorted(names))
        self.assertIn(first, self.run_ok("topic", "list").text)

    def test_describe_shows_partitions(self):
        name = self.topic(2)
        self.produce(name, 1, data=b"a\nb\nc\n")
        topic = self.run_ok("topic", "describe", name, "-o", "json").json
        self.assertEqual(list(topic), TOPIC_FIELDS + ["partitions"])
        first, second = topic["partitions"]
        self.assertEqual(list(first), PARTITION_FIELDS)
        self.assertEqual((first["partition_id"], second["partition_id"]), (0, 1))
        self.assertEqual((first["high_watermark"], second["high_watermark"]), (0, 3))
        self.assertEqual((second["log_start_offset"], second["segment_count"]), (0, 1))
        self.assertGreater(second["size_bytes"], 0)
        self.assertEqual(second["leader"], self.agent.ready["agent"])
        self.assertGreater(second["leader_epoch"], 0)
        table = self.run_ok("topic", "describe", name).text
        self.assertRegex(table, r"(?m)^PARTITION_ID +LOG_START_OFFSET")

    def test_delete_frees_the_name(self):
        name = self.topic()
        self.produce(name, "--value", "old")
        self.assertEqual(self.run_ok("topic", "delete", name, "-o", "json").json, {"deleted": name})
        self.refused("topic_not_found", "topic", "describe", name)
        self.refused("topic_not_found", "topic", "delete", name)
        self.run_ok("topic", "create", name)
        self.assertEqual(self.records(name), [])


class Groups(StreamctlCase):
    def test_commit_describe_list_delete(self):
        topic, group = self.topic(2), self.name()
        self.produce(topic, 1, data=b"a\nb\nc\n")
        commit = self.run_ok("group", "commit", group, topic, 1, 2, "--metadata", "note", "-o",
                             "json").json
        self.assertEqual(commit, {"group_id": group, "topic": topic, "partition_id": 1,
                                  "committed_offset": 2, "metadata": "note"})
        described = self.run_ok("group", "describe", group, "-o", "json").json
        self.assertEqual(list(described), ["group_id", "state", "generation", "members", "offsets"])
        self.assertEqual((described["group_id"], described["state"], described["members"]),
                         (group, "Empty", []))
        offset, = described["offsets"]
        self.assertAlmostEqual(offset.pop("committed_at"), time.time() * 1000, delta=60000)
        self.assertEqual(offset, {"topic": topic, "partition_id": 1, "committed_offset": 2,
                                  "metadata": "note", "high_watermark": 3, "lag": 1})
        self.assertIn({"group_id": group, "state": "Empty"},
                      self.run_ok("group", "list", "-o", "json").json["groups"])
        self.assertIn("note", self.run_ok("group", "describe", group).text)
        self.assertEqual(self.run_ok("group", "delete", group, "-o", "json").json,
                         {"deleted": group})
        self.refused("group_not_found", "group", "describe", group)
        self.refused("group_not_found", "group", "delete", group)

    def test_commits_for_what_is_not_there_are_refused(self):
        self.refused("topic_not_found", "group", "commit", self.name(), "no-such-topic", 0, 0)
        self.refused("partition_not_found", "group", "commit", self.name(), self.topic(), 1, 0)


class Storage(StreamctlCase):
    def test_segments_tile_a_partition(self):
        topic = self.topic(2)
        for partition, data in ((0, b"a\nb\n"), (1, b"c\n"), (0, b"d\n"), (0, b"e\nf\n")):
            self.produce(topic, partition, data=data)
        segments = self.run_ok("segment", "list", topic, 0, "-o", "json").json["segments"]
        self.assertEqual(list(segments[0]), SEGMENT_FIELDS)
        next_offset = 0
        for segment in segments:
            self.assertEqual(segment["id"], f"{topic}-0-{next_offset}")
            self.assertEqual(segment["base_offset"], next_offset)
            self.assertEqual(segment["end_offset"], next_offset + segment["record_count"] - 1)
            self.assertGreater(segment["size_bytes"], 0)
            self.assertEqual(segment["s3_bucket"], "")
            self.assertTrue((self.agent.folder / "objects" / segment["s3_key"]).is_file())
            next_offset = segment["end_offset"] + 1
        self.assertEqual(next_offset, 5)
        everything = self.run_ok("segment", "list", topic, "-o", "json").json["segments"]
        self.assertEqual({segment["partition_id"] for segment in everything}, {0, 1})

    def test_dump_prints_the_records_of_a_segment(self):
        topic = self.topic()
        self.produce(topic, data=b"a\nb\n")
        segment, = self.run_ok("segment", "list", topic, "-o", "json").json["segments"]
        dumped = self.run_ok("segment", "dump", segment["id"], "-o", "json").lines
        self.assertEqual(dumped, self.records(topic))
        table = self.run_ok("segment", "dump", segment["id"]).text.splitlines()
        self.assertEqual(table[0].split(), ["OFFSET", "TIMESTAMP", "KEY", "VALUE"])
        self.assertEqual([line.split()[-1] for line in table[1:]], ["a", "b"])
        self.assertIn("-99", self.refused("not_found", "segment", "dump", f"{topic}-0-99"))
        self.refused("invalid", "segment", "dump", "nonsense")

    def test_segments_of_what_is_not_there_are_refused(self):
        self.refused("topic_not_found", "segment", "list", "no-such-topic")
        self.refused("partition_not_found", "segment", "list", self.topic(), 1)

    def test_fsck_reads_everything(self):
        topic = self.topic()
        self.produce(topic, data=b"a\nb\n")
        found = self.run_ok("fsck", "-o", "json").json
        self.assertEqual(list(found), ["objects", "records", "bytes", "violations"])
        self.assertEqual(found["violations"], [])
        self.assertGreaterEqual(found["objects"], 1)
        self.assertGreaterEqual(found["records"], 2)
        self.assertGreater(found["bytes"], 0)
        self.assertRegex(self.run_ok("fsck").text, r"(?m)^INVARIANT +OBJECT ")

    def test_fsck_reads_the_stores_beside_the_agent(self):
        self.produce(self.topic(), data=b"a\nb\n")
        stores = {"DATABASE_URL": f"sqlite:{self.agent.folder}/metadata.db",
                  "OBJECT_STORE": f"file:{self.agent.folder}/objects"}
        result = harness.streamctl("fsck", "--direct", "-o", "json", server="127.0.0.1:1",
                                   environment=stores)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.json["violations"], [])
        self.assertGreaterEqual(result.json["records"], 2)

    def test_fsck_of_stores_that_finds_something_is_1(self):
        with tempfile.TemporaryDirectory() as path:
            broken = harness.Agent(Path(path) / "agent")
            harness.streamctl("topic", "create", "t", server=broken.address)
            harness.streamctl("produce", "t", "--value", "v", server=broken.address)
            broken.objects()[0].unlink()
            stores = {"DATABASE_URL": f"sqlite:{broken.folder}/metadata.db",
                      "OBJECT_STORE": f"file:{broken.folder}/objects"}
            result = harness.streamctl("fsck", "--direct", "-o", "json", environment=stores)
            broken.stop()
        self.assertEqual(result.code, 1, result)
        self.assertEqual([each["invariant"] for each in result.json["violations"]], ["S1"])

    def test_a_frozen_cluster_is_unfrozen_by_hand_only(self):
        with tempfile.TemporaryDirectory() as path:
            agent = harness.Agent(Path(path) / "agent")
            database = {"DATABASE_URL": f"sqlite:{agent.folder}/metadata.db"}

            def unfreeze():
                return harness.streamctl("metadata", "unfreeze", "-o", "json", environment=database)
            self.assertEqual(unfreeze().json, {"unfrozen": False})
            with contextlib.closing(sqlite3.connect(f"{agent.folder}/metadata.db")) as file, file:
                file.execute("INSERT INTO sh_settings VALUES ('frozen', CAST('row 7' AS BLOB), 1)")
            busy = unfreeze()
            self.assertEqual(busy.code, 1, busy)
            self.assertIn("conflict", busy.error)
            agent.kill()
            with self.assertRaisesRegex(RuntimeError, "regressed.*row 7"):
                agent.start()
            self.assertEqual(unfreeze().json, {"unfrozen": True})
            agent.start()
            agent.stop()

    def test_fsck_of_stores_that_contradict_each_other_is_1(self):
        for url in ("s3://other/part", "file:./data/objects"):
            result = harness.streamctl("fsck", "--direct", environment={
                "DATABASE_URL": f"sqlite:{self.agent.folder}/metadata.db", "OBJECT_STORE": url,
                "S3_BUCKET": "bucket"})
            self.assertEqual(result.code, 1, result)
            self.assertIn(f"S3_BUCKET=bucket contradicts the object store {url}", result.error)

    def test_fsck_of_stores_that_are_not_there_is_1(self):
        missing = {"DATABASE_URL": "sqlite:/nonexistent/metadata.db"}
        result = harness.streamctl("fsck", "--direct", environment=missing)
        self.assertEqual(result.code, 1, result)
        self.assertIn("/nonexistent/metadata.db", result.error)

    def test_fsck_that_finds_something_is_1(self):
        with tempfile.TemporaryDirectory() as path:
            broken = harness.Agent(Path(path) / "agent")
            harness.streamctl("topic", "create", "t", server=broken.address)
            harness.streamctl("produce", "t", "--value", "v", server=broken.address)
            lost = broken.objects()[0]
            lost.unlink()
            result = harness.streamctl("fsck", "-o", "json", server=broken.address)
            broken.stop()
        self.assertEqual(result.code, 1, result)
        violation = result.json["violations"][0]
        self.assertEqual(list(violation), ["invariant", "object", "topic", "partition_id", "offset",
                                           "detail"])
        self.assertEqual(violation["invariant"], "S1")
        self.assertEqual(violation["topic"], "t")
        self.assertIn(violation["object"], str(lost))


class Cluster(StreamctlCase):
    def test_agents(self):
        agents = self.run_ok("agent", "list", "-o", "json").json["agents"]
        self.assertEqual(len(agents), 1)
        self.assertEqual(list(agents[0]),
                         ["agent_id", "address", "availability_zone", "agent_group",
                          "last_heartbeat", "started_at", "metadata"])
        self.assertEqual(agents[0]["agent_id"], self.agent.ready["agent"])
        self.assertEqual(agents[0]["address"], self.agent.address)
        self.assertEqual(agents[0]["agent_group"], "default")
        self.assertAlmostEqual(agents[0]["last_heartbeat"], time.time() * 1000, delta=30000)

    def test_leases(self):
        topic = self.topic(3)
        self.produce(topic, 2, "--value", "v")
        leases = self.run_ok("lease", "list", topic, "-o", "json").json["leases"]
        lease = next(each for each in leases if each["partition_id"] == 2)
        self.assertEqual(list(lease), ["topic", "partition_id", "agent_id", "epoch", "expires_at"])
        self.assertEqual(lease["agent_id"], self.agent.ready["agent"])
        self.assertGreater(lease["expires_at"], time.time() * 1000 - 1000)
        everything = self.run_ok("lease", "list", "-o", "json").json["leases"]
        self.assertIn(topic, {each["topic"] for each in everything})
        self.assertNotIn("__consumer_offsets", {each["topic"] for each in everything})
        self.refused("topic_not_found", "lease", "list", "no-such-topic")

    def test_cluster(self):
        self.topic(2)
        cluster = self.run_ok("cluster", "describe", "-o", "json").json
        self.assertEqual(list(cluster), ["cluster_id", "version", "agents", "topics", "partitions"])
        self.assertEqual(cluster["agents"], 1)
        self.assertEqual(cluster["version"], self.agent.ready["version"])
        topics = self.run_ok("topic", "list", "-o", "json").json["topics"]
        self.assertEqual(cluster["topics"], len(topics))
        self.assertEqual(cluster["partitions"], sum(each["partition_count"] for each in topics))


class ManyOfThem(StreamctlCase):
    def test_lists_longer_than_a_message(self):
        name = self.topic(10_000)
        topic = self.run_ok("topic", "describe", name, "-o", "json").json
        self.assertEqual(len(topic["partitions"]), 10_000)
        self.run_ok("lease", "list", name, "-o", "json")
        self.run_ok("topic", "delete", name)


harness.main(__name__)
