# Goal: kafkajs, a third implementation of the protocol, produces with every codec, consumes, shares
# partitions among three members of a group, and administers topics and groups through an agent.
# Method: kafkajs in Node processes (kafkajs/client.js) that the tests tell what to do.
"""End-to-end tests of the Kafka front end with kafkajs."""
import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import harness
from kafka_case import SECONDS_MAX, KafkaCase

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from clients import kafkajs  # pylint: disable=wrong-import-position

PROGRAM = Path(__file__).resolve().parent / "kafkajs" / "client.js"
CODECS = ("None", "GZIP", "Snappy", "LZ4", "ZSTD")
# Of a batch with one record of about a megabyte: no key, no headers.
BATCH_OVERHEAD = 61 + 11
MESSAGE_BYTES_MAX = 1048588


class Refused(Exception):
    """What kafkajs threw; `kind` is Kafka's name of the error, or kafkajs's own."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.kind = error["type"] or error["name"]


class Client:
    """A process with kafkajs; what it reads as a member of a group gathers in `records`."""

    def __init__(self, address):
        self.records, self.assigned = [], []
        self.answers = queue.Queue()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["node", PROGRAM, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "NODE_PATH": str(kafkajs.modules())})
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        for line in self.process.stdout:
            said = json.loads(line)
            if "record" in said:
                self.records.append(said["record"])
            elif "assigned" in said:
                self.assigned = said["assigned"]
            else:
                self.answers.put(said)

    def call(self, name, **words):
        self.process.stdin.write(json.dumps([name, words]) + "\n")
        self.process.stdin.flush()
        said = self.answers.get(timeout=SECONDS_MAX)
        if "error" in said:
            raise Refused(said["error"])
        return said["result"]

    def admin(self, method, *words):
        return self.call("admin", method=method, words=words)

    def close(self):
        """In good order, if it still runs."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(SECONDS_MAX)
        finally:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.listener.join()
        self.process.stdout.close()


@unittest.skipIf(kafkajs.missing(),
                 f"kafkajs cannot be had here: not installed: {', '.join(kafkajs.missing())}")
class KafkajsCase(KafkaCase):
    """A class of tests has a client of its own."""
    flags = ("--group-initial-rebalance-delay", "100ms")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = Client(cls.agent.ready["kafka"])

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        super().tearDownClass()

    def refused(self, name, **words):
        """The kind of error of a call that must fail."""
        with self.assertRaises(Refused) as caught:
            self.client.call(name, **words)
        return caught.exception.kind

    def produce(self, topic, values, **options):
        """In one request; answers the base offsets of the partitions."""
        messages = [value if isinstance(value, dict) else {"value": value} for value in values]
        said = self.client.call("produce", topic=topic, messages=messages, **options)
        return {one["partition"]: int(one["baseOffset"]) for one in said}

    def member(self, group, topic):
        member = Client(self.address)
        self.addCleanup(member.close)
        member.call("join", topic=topic, groupId=group, sessionTimeout=6000,
                    heartbeatInterval=200, maxWaitTimeInMs=100)
        return member

    def read(self, topic, count):
        """What there is, by a group of its own."""
        member = self.member(self.name(), topic)
        self.wait_until(lambda: len(member.records) >= count)
        self.assertEqual(len(member.records), count)
        member.call("leave")
        return member.records


class Records(KafkajsCase):
    def test_every_codec_comes_back_and_is_read_by_librdkafka(self):
        chance = random.Random(6)
        values = ["".join(chance.choices("abcdef", k=chance.randrange(300))) for _ in range(500)]
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = self.topic()
                self.assertEqual(self.produce(topic, values, codec=codec), {0: 0})
                self.assertEqual([one["value"] for one in self.read(topic, 500)], values)
                self.assertEqual(self.kcat("-C", "-t", topic, "-e", "-q").decode().splitlines(),
                                 values)
                described = self.streamctl("topic", "describe", topic, "-o", "json").json
                stored = described["partitions"][0]["size_bytes"]
                self.assertEqual(stored < 0.9 * sum(map(len, values)), codec != "None", stored)

    def test_what_librdkafka_has_compressed_is_read(self):
        values = [f"{number} " * (1 + number % 50) for number in range(300)]
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = self.topic()
                self.kcat("-P", "-t", topic, "-z", codec.lower(), "-X", "linger.ms=20",
                          data="\n".join(values).encode() + b"\n")
                self.assertEqual([one["value"] for one in self.read(topic, 300)], values)

    def test_keys_headers_and_times_are_kept(self):
        topic = self.topic()
        sent = [{"key": f"k{number}", "value": f"v{number}", "timestamp": str(1000 + number),
                 "headers": {"trace": f"t{number}", "empty": ""}} for number in range(50)]
        for codec in ("None", "GZIP"):
            self.produce(topic, sent, codec=codec)
        records = self.read(topic, 100)
        self.assertEqual([one["offset"] for one in records], list(range(100)))
        self.assertEqual([(one["key"], one["value"], str(one["timestamp"]), one["headers"])
                          for one in records],
                         2 * [(one["key"], one["value"], one["timestamp"], one["headers"])
                              for one in sent])

    def test_null_keys_and_values_stay_null(self):
        topic = self.topic()
        self.produce(topic, [{"value": "v"}, {"key": "k", "value": None}, {"value": ""}])
        self.assertEqual([(one["key"], one["value"]) for one in self.read(topic, 3)],
                         [(None, "v"), ("k", None), (None, "")])

    def test_log_append_time_is_the_agents(self):
        topic = self.topic(message_timestamp_type="LogAppendTime")
        self.produce(topic, [{"value": "v", "timestamp": "1000"}])
        record, = self.read(topic, 1)
        self.assertLess(abs(record["timestamp"] - time.time() * 1000), 60_000)

    def test_acknowledgements_none_one_and_all(self):
        topic = self.topic()
        for acks in (0, 1, -1):
            self.client.call("produce", topic=topic, acks=acks, messages=[{"value": f"{acks}"}])
        self.assertEqual(sorted(one["value"] for one in self.read(topic, 3)), ["-1", "0", "1"])

    def test_an_idempotent_producer_keeps_the_order(self):
        topic = self.topic()
        options = {"idempotent": True, "maxInFlightRequests": 1}
        for number in range(20):
            self.assertEqual(self.produce(topic, [str(number)], options=options), {0: number})
        self.assertEqual([int(one["value"]) for one in self.read(topic, 20)], list(range(20)))

    def test_several_partitions_are_read_at_once(self):
        topic = self.topic(5)
        self.produce(topic, [{"value": str(number), "partition": number % 5}
                             for number in range(1000)])
        records = self.read(topic, 1000)
        for partition in range(5):
            values = [int(one["value"]) for one in records if one["partition"] == partition]
            self.assertEqual(values, list(range(partition, 1000, 5)))

    def test_a_batch_at_the_bound_is_taken_and_one_above_it_refused(self):
        topic = self.topic()
        largest = random.Random(8).randbytes(MESSAGE_BYTES_MAX).hex()
        largest = largest[:MESSAGE_BYTES_MAX - BATCH_OVERHEAD]
        self.assertEqual(self.refused("produce", topic=topic,
                                      messages=[{"value": largest + "x"}]), "MESSAGE_TOO_LARGE")
        self.produce(topic, [largest])
        record, = self.read(topic, 1)
        self.assertEqual(record["value"], largest)

    def test_messages_of_megabytes_come_back_where_a_topic_allows_them(self):
        topic = self.topic(max_message_bytes=10_000_000)
        values = [random.Random(seed).randbytes(4_500_000).hex() for seed in (1, 2)]
        for value in values:
            self.produce(topic, [value])
        self.assertEqual(self.refused("produce", topic=topic, messages=[
            {"value": value} for value in values]), "MESSAGE_TOO_LARGE")
        self.assertEqual([one["value"] for one in self.read(topic, 2)], values)

    def test_transactions_are_refused_at_once(self):
        started = time.monotonic()
        # kafkajs says so of whatever a broker answers to FindCoordinator that is no coordinator.
        self.assertEqual(self.refused("transact", transactionalId="payments"),
                         "KafkaJSGroupCoordinatorNotFound")
        self.assertLess(time.monotonic() - started, 10)


class Admin(KafkajsCase):
    def test_topics_live_from_creation_to_deletion(self):
        admin, topic = self.client.admin, self.name()
        wanted = {"topics": [{"topic": topic, "numPartitions": 2,
                              "configEntries": [{"name": "retention.ms", "value": "5000"}]}]}
        self.assertTrue(admin("createTopics", wanted))
        self.assertFalse(admin("createTopics", wanted), "it is there already")
        self.assertIn(topic, admin("listTopics"))
        admin("createPartitions", {"topicPartitions": [{"topic": topic, "count": 4}]})
        found, = admin("fetchTopicMetadata", {"topics": [topic]})["topics"]
        self.assertEqual(sorted(one["partitionId"] for one in found["partitions"]), [0, 1, 2, 3])
        listed = self.streamctl("topic", "describe", topic, "-o", "json").json
        self.assertEqual((listed["partition_count"], listed["retention_ms"]), (4, 5000))
        admin("deleteTopics", {"topics": [topic]})
        self.assertNotIn(topic, admin("listTopics"))

    def test_configurations_are_shown_and_changed(self):
        admin, topic = self.client.admin, self.topic()
        resource = {"type": 2, "name": topic}

        def shown():
            said, = admin("describeConfigs", {"resources": [resource]})["resources"]
            return {one["configName"]: one["configValue"] for one in said["configEntries"]}
        self.assertEqual(shown()["max.message.bytes"], str(MESSAGE_BYTES_MAX))
        entries = [{"name": "max.message.bytes", "value": "2000"}]
        admin("alterConfigs", {"resources": [{**resource, "configEntries": entries}]})
        self.assertEqual(shown()["max.message.bytes"], "2000")

    def test_offsets_are_found_by_ends_and_times_and_records_deleted(self):
        admin, topic = self.client.admin, self.topic()
        self.produce(topic, [{"value": "v", "timestamp": str(1000 * number)}
                             for number in range(10)])

        def ends():
            found, = admin("fetchTopicOffsets", topic)
            return int(found["low"]), int(found["high"])
        self.assertEqual(ends(), (0, 10))
        found, = admin("fetchTopicOffsetsByTimestamp", topic, 4500)
        self.assertEqual(found["offset"], "5")
        admin("deleteTopicRecords", {"topic": topic, "partitions": [{"partition": 0,
                                                                     "offset": "6"}]})
        self.assertEqual(ends(), (6, 10))
        self.assertEqual([one["offset"] for one in self.read(topic, 4)], [6, 7, 8, 9])

    def test_the_cluster_is_described_and_nothing_is_being_moved(self):
        cluster = self.client.admin("describeCluster")
        self.assertEqual([f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]],
                         [self.address])
        self.assertEqual(cluster["controller"], cluster["brokers"][0]["nodeId"])
        self.assertTrue(cluster["clusterId"])
        self.assertEqual(self.client.admin("listPartitionReassignments", {})["topics"], [])

    def test_there_are_no_access_lists(self):
        wanted = {"resourceType": 2, "resourceName": "x", "resourcePatternType": 3,
                  "principal": "User:a", "host": "*", "operation": 2, "permissionType": 3}
        self.assertEqual(self.refused("admin", method="describeAcls", words=[wanted]),
                         "SECURITY_DISABLED")


class Groups(KafkajsCase):
    partitions = 6

    def wait_until_shared(self, members):
        """Each has a part of the partitions, none is in two parts, and none is left over."""
        def shared():
            parts = [member.assigned for member in members]
            return all(parts) and sorted(sum(parts, [])) == list(range(self.partitions))
        self.wait_until(shared)

    def committed(self, group, topic):
        found, = self.client.admin("fetchOffsets", {"groupId": group, "topics": [topic]})
        return {one["partition"]: int(one["offset"]) for one in found["partitions"]}

    def described(self, group):
        found, = self.client.admin("describeGroups", [group])["groups"]
        return found

    def test_three_members_come_and_go_and_each_record_is_read_once(self):
        topic, group = self.topic(self.partitions), self.name()
        members, everyone, sent = [], [], []

        def share_and_read():
            self.wait_until_shared(members)
            for partition in range(self.partitions):
                sent.append(len(sent))
                self.produce(topic, [{"value": str(sent[-1]), "partition": partition}])
            self.wait_until(lambda: sum(len(one.records) for one in everyone) >= len(sent))
            read = sorted(int(record["value"]) for one in everyone for record in one.records)
            self.assertEqual(read, sent)
            self.wait_until(lambda: self.committed(group, topic) == dict.fromkeys(
                range(self.partitions), len(sent) // self.partitions))

        for _ in range(3):
            members.append(self.member(group, topic))
            everyone.append(members[-1])
            share_and_read()
        members.pop(0).call("leave")
        share_and_read()
        members.pop(0).kill()  # it says no farewell: its session ends
        share_and_read()

    def test_groups_are_listed_described_and_deleted(self):
        topic, group = self.topic(self.partitions), self.name()
        admin = self.client.admin
        member = self.member(group, topic)
        self.wait_until_shared([member])
        self.assertIn({"groupId": group, "protocolType": "consumer"}, admin("listGroups")["groups"])
        described = self.described(group)
        self.assertEqual((described["state"], described["protocolType"]), ("Stable", "consumer"))
        one, = described["members"]
        self.assertEqual((one["clientId"], one["clientHost"]), ("a-kafkajs", "/127.0.0.1"))
        with self.assertRaises(Refused):
            admin("deleteGroups", [group])
        member.call("leave")
        admin("deleteGroups", [group])
        self.assertNotIn(group, [one["groupId"] for one in admin("listGroups")["groups"]])

    def test_offsets_are_set_and_reset(self):
        topic, group = self.topic(), self.name()
        self.produce(topic, list("abc"))
        self.client.admin("setOffsets", {"groupId": group, "topic": topic, "partitions": [
            {"partition": 0, "offset": "2"}]})
        self.assertEqual(self.committed(group, topic), {0: 2})
        member = self.member(group, topic)
        self.wait_until(lambda: [one["value"] for one in member.records] == ["c"])
        member.call("leave")
        self.wait_until(lambda: self.described(group)["state"] == "Empty")
        self.client.admin("resetOffsets", {"groupId": group, "topic": topic, "earliest": True})
        again = self.member(group, topic)
        self.wait_until(lambda: [one["value"] for one in again.records] == ["a", "b", "c"])


harness.main(__name__)
