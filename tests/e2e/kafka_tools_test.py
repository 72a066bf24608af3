# Goal: Kafka's own command-line tools, and with them its Java client, produce with every codec,
# consume, share partitions among three members of a group, and administer topics, configurations
# and groups through an agent.
# Method: the tools as processes of Java, as their scripts run them, against a real agent.
"""End-to-end tests of the Kafka front end with Kafka's own tools."""
import json
import re
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import harness
from kafka_case import SECONDS_MAX, KafkaCase

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from clients import kafka_tools  # pylint: disable=wrong-import-position

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
MISSING = kafka_tools.missing()


@unittest.skipIf(MISSING, f"Kafka's tools cannot be had here: not installed: {', '.join(MISSING)}")
class Tools(KafkaCase):
    flags = ("--group-initial-rebalance-delay", "100ms")

    def run_tool(self, name, *words, data=b""):
        """(exit code, what it prints)"""
        done = subprocess.run([*kafka_tools.command(name), *map(str, words),
                               "--bootstrap-server", self.address], input=data,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False)
        return done.returncode, done.stdout.decode()

    def tool(self, name, *words, **options):
        """What it prints."""
        code, said = self.run_tool(name, *words, **options)
        self.assertEqual(code, 0, said)
        return said

    def events(self, name, *words):
        """What one prints that says what happens in JSON."""
        lines = self.tool(name, *words).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def consume(self, topic, count, *properties):
        words = [word for name in properties for word in ("--property", f"print.{name}=true")]
        said = self.tool("consumer.ConsoleConsumer", "--topic", topic, "--from-beginning",
                         "--max-messages", count, *words)
        return [line for line in said.splitlines()
                if not line.startswith(("SLF4J", "Processed a total of"))]


class Records(Tools):
    def test_every_codec_comes_back_with_keys_and_headers(self):
        topic, sent = self.topic(), []
        for codec in CODECS:
            lines = [f"h:{codec}\tk{number}\t" + f"{codec} {number} " * 20 for number in range(100)]
            self.tool("ConsoleProducer", "--topic", topic, "--compression-codec", codec,
                      "--property", "parse.key=true", "--property", "parse.headers=true",
                      data="\n".join(lines).encode())
            sent += lines
        self.assertEqual(self.consume(topic, len(sent), "headers", "key"), sent)

    def test_a_producer_is_told_its_offsets_and_times_are_kept(self):
        topic = self.topic()
        acked = [event for event in self.events(
            "VerifiableProducer", "--topic", topic, "--max-messages", 200, "--acks", -1,
            "--message-create-time", 5000, "--value-prefix", 7)
            if event["name"] == "producer_send_success"]
        self.assertEqual([event["offset"] for event in acked], list(range(200)))
        read = self.consume(topic, 200, "timestamp", "offset")
        times, offsets, values = zip(*(line.split("\t") for line in read))
        self.assertEqual(list(offsets), [f"Offset:{number}" for number in range(200)])
        self.assertEqual(list(values), [event["value"] for event in acked])
        # It counts on from the time given.
        self.assertLess(max(int(time.removeprefix("CreateTime:")) for time in times), 1_000_000)

    def test_a_record_above_the_bound_is_refused_and_named(self):
        topic = self.topic(max_message_bytes=60)
        # One alone: the client halves a batch of several for ever.
        refused, = [event for event in self.events("VerifiableProducer", "--topic", topic,
                                                   "--max-messages", 1)
                    if event["name"] == "producer_send_error"]
        self.assertIn("RecordTooLargeException", refused["exception"])

    def test_a_record_of_megabytes_comes_back(self):
        topic, value = self.topic(max_message_bytes=3_000_100), b"x" * 3_000_000
        self.tool("ConsoleProducer", "--topic", topic, "--producer-property",
                  "max.request.size=4000000", data=value + b"\n")
        self.assertEqual(self.consume(topic, 1), [value.decode()])

    def test_kafkas_own_test_of_compatibility_passes(self):
        supported = ("offsets-for-times", "cluster-id", "create-topics", "describe-acls",
                     "describe-configs", "idempotent-producer")
        said = self.tool("ClientCompatibilityTest", "--topic", self.topic(), "--num-cluster-nodes",
                         1, "--expect-record-too-large-exception", "false",
                         *(word for name in supported for word in (f"--{name}-supported", "true")))
        self.assertIn("SUCCESS", said)

    def test_transactions_are_refused_and_the_client_gives_up(self):
        command = [*kafka_tools.command("ProducerPerformance"), "--topic", self.topic(),
                   "--num-records", "1", "--record-size", "10", "--throughput", "-1",
                   "--transactional-id", "t", "--producer-props",
                   f"bootstrap.servers={self.address}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("TransactionalIdAuthorizationException", done.stderr)


class Member:
    """A member of a group that reads, and commits what it has read, until it is told to leave."""

    def __init__(self, address, group, topic):
        self.assigned, self.read, self.committed = set(), [], {}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*kafka_tools.command("VerifiableConsumer"), "--bootstrap-server", address, "--topic",
             topic, "--group-id", group, "--reset-policy", "earliest", "--verbose",
             "--session-timeout", "6000"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self):
        for line in self.process.stdout:
            if not line.startswith("{") or not line.endswith("}\n"):
                continue  # cut off by its end
            event = json.loads(line)
            if event["name"] == "offsets_committed" and event["success"]:
                for place in event["offsets"]:
                    self.committed[place["partition"]] = place["offset"]
            elif event["name"] == "record_data":
                self.read.append((event["partition"], event["offset"]))
            elif event["name"] == "partitions_revoked":
                self.assigned = set()
            elif event["name"] == "partitions_assigned":
                self.assigned = {place["partition"] for place in event["partitions"]}

    def leave(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(SECONDS_MAX)
        self.listener.join()
        self.process.stdout.close()


class Groups(Tools):
    partitions = 6

    def member(self, group, topic):
        member = Member(self.address, group, topic)
        self.addCleanup(lambda: member.process.poll() is not None or member.leave(signal.SIGKILL))
        return member

    def test_three_members_come_and_go_and_each_record_is_read_once(self):
        topic, group = self.topic(self.partitions), self.name()
        members, everyone, sent = [], [], []

        def share_and_read():
            self.wait_until(lambda: all(member.assigned for member in members) and sorted(
                sum((list(member.assigned) for member in members), [])) ==
                list(range(self.partitions)))
            data = "".join(f"{len(sent) + number}\n" for number in range(self.partitions))
            sent.extend(data.split())
            for partition, value in enumerate(data.split()):
                self.streamctl("produce", topic, partition, "--value", value)
            rounds = len(sent) // self.partitions
            self.wait_until(lambda: [max(member.committed.get(partition, 0) for member in everyone)
                                     for partition in range(self.partitions)] ==
                            [rounds] * self.partitions)
            self.assertEqual(sorted(sum((member.read for member in everyone), [])),
                             [(partition, offset) for partition in range(self.partitions)
                              for offset in range(rounds)])

        for _ in range(3):
            members.append(self.member(group, topic))
            everyone.append(members[-1])
            share_and_read()
        members.pop(0).leave()
        share_and_read()
        members.pop().leave(signal.SIGKILL)  # the group notices by its silence
        share_and_read()
        described = self.group("--describe", "--group", group)
        rounds = len(sent) // self.partitions
        lags = re.findall(rf"{topic} +(\d) +{rounds} +{rounds} +0 +consumer-\S+ +/127.0.0.1",
                          described)
        self.assertEqual(sorted(lags), [str(number) for number in range(self.partitions)],
                         described)
        code, refused = self.run_tool("consumer.group.ConsumerGroupCommand", "--delete", "--group",
                                      group)
        self.assertIn("GroupNotEmptyException", refused, code)
        members.pop().leave()

    def group(self, *words):
        return self.tool("consumer.group.ConsumerGroupCommand", *words)

    def test_offsets_of_a_group_are_shown_set_and_deleted(self):
        topic, group = self.topic(2), self.name()
        self.streamctl("produce", topic, 0, "--input", "-", data=b"1\n2\n3\n")
        self.tool("consumer.ConsoleConsumer", "--topic", topic, "--from-beginning", "--group",
                  group, "--max-messages", 3)
        self.assertRegex(self.group("--list", "--state"), rf"{group} +Empty")
        self.assertRegex(self.group("--describe", "--group", group), rf"{topic} +0 +3 +3 +0 ")
        chosen = ("--group", group, "--topic", f"{topic}:0")
        self.assertRegex(self.group(*chosen, "--reset-offsets", "--to-offset", 1, "--execute"),
                         rf"{group} +{topic} +0 +1 ")
        self.assertRegex(self.group("--describe", "--group", group), rf"{topic} +0 +1 +3 +2 ")
        self.assertRegex(self.group(*chosen, "--delete-offsets"), "Successful")
        self.assertNotRegex(self.group("--describe", "--group", group), rf"{topic} +0 ")
        self.assertIn("was successful", self.group("--delete", "--group", group))
        self.assertNotIn(group, self.group("--list"))


class Admin(Tools):
    def test_topics_live_from_creation_to_deletion(self):
        topic = self.name()
        self.tool("TopicCommand", "--create", "--topic", topic, "--partitions", 2, "--config",
                  "retention.ms=5000")
        self.tool("TopicCommand", "--alter", "--topic", topic, "--partitions", 3)
        described = self.tool("TopicCommand", "--describe", "--topic", topic)
        self.assertRegex(described, r"PartitionCount: 3\s+ReplicationFactor: 1\s+"
                                    r"Configs: retention.ms=5000")
        self.assertEqual(len(re.findall(r"Leader: (\d+)\s+Replicas: \1\s+Isr: \1\s", described)), 3)
        self.assertIn(topic, self.tool("TopicCommand", "--list").split())
        self.tool("TopicCommand", "--delete", "--topic", topic)
        self.assertNotIn(topic, self.tool("TopicCommand", "--list").split())

    def test_configurations_are_shown_and_changed(self):
        entity = ("--entity-type", "topics", "--entity-name", self.topic())
        change = ("kafka.admin.ConfigCommand", "--alter", *entity)
        self.tool(*change, "--add-config", "max.message.bytes=2000,cleanup.policy=delete")
        show = ("kafka.admin.ConfigCommand", "--describe", *entity)
        self.assertRegex(self.tool(*show), r"max.message.bytes=2000 .*message.max.bytes=1048588")
        self.tool(*change, "--delete-config", "max.message.bytes")
        self.assertNotIn("max.message.bytes", self.tool(*show))
        self.assertIn("max.message.bytes=1048588", self.tool(*show, "--all"))
        code, said = self.run_tool(*change, "--add-config", "retention.ms=soon")
        self.assertNotEqual(code, 0)
        self.assertIn("InvalidConfigurationException", said)

    def test_offsets_are_found_and_records_deleted(self):
        topic = self.topic(2)
        for value in ("a", "b", "c"):
            self.streamctl("produce", topic, 1, "--value", value)

        def offsets(*words):
            said = self.tool("GetOffsetShell", "--topic", topic, *words)
            return [line for line in said.splitlines() if line.startswith(topic)]
        self.assertEqual(offsets(), [f"{topic}:0:0", f"{topic}:1:3"])
        self.assertEqual(offsets("--time", -3), [f"{topic}:1:2"], "of the greatest timestamp")
        wanted = {"version": 1, "partitions": [{"topic": topic, "partition": 1, "offset": 2}]}
        path = self.folder.path / "delete.json"
        path.write_text(json.dumps(wanted))
        self.assertIn("low_watermark: 2", self.tool("DeleteRecordsCommand", "--offset-json-file",
                                                    path))
        self.assertEqual(offsets("--time", -2), [f"{topic}:0:0", f"{topic}:1:2"])
        self.assertEqual(self.consume(topic, 1), ["c"])

    def test_the_cluster_is_described(self):
        self.assertIn("Cluster ID: ", self.tool("ClusterTool", "cluster-id"))
        versions = self.tool("BrokerApiVersionsCommand")
        self.assertRegex(versions, r"Produce\(0\): 0 to \d+ \[usable: \d+\]")
        described = self.tool("LogDirsCommand", "--describe", "--topic-list", self.topic(2))
        sizes, = [json.loads(line) for line in described.splitlines() if line.startswith("{")]
        self.assertEqual(len(sizes["brokers"][0]["logDirs"][0]["partitions"]), 2)
        self.tool("LeaderElectionCommand", "--election-type", "preferred",
                  "--all-topic-partitions")


harness.main(__name__)
