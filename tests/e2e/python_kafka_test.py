# Goal: kafka-python, an implementation of the protocol of its own, produces, consumes, shares
# partitions among members of groups, and administers topics and groups through an agent.
# Method: Debian's python3-kafka against a real agent.
"""End-to-end tests of the Kafka front end with kafka-python."""
import sys
import threading
import time

import harness
from kafka_case import KafkaCase

sys.path.append("/usr/lib/python3/dist-packages")  # of Debian's Python, if this is another
# pylint: disable=wrong-import-position
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import (GroupIdNotFoundError, InvalidPartitionsError, InvalidTimestampError,
                          InvalidTopicError, NoError, NonEmptyGroupError, TopicAlreadyExistsError,
                          UnknownTopicOrPartitionError)

TIMEOUT_MS = 60_000


class Client(KafkaCase):
    def producer(self, **options):
        producer = KafkaProducer(bootstrap_servers=self.address, acks="all", **options)
        self.addCleanup(producer.close)
        return producer

    def consumer(self, *partitions, **options):
        """Of these partitions, from their beginning."""
        consumer = KafkaConsumer(bootstrap_servers=self.address, auto_offset_reset="earliest",
                                 enable_auto_commit=False, **options)
        self.addCleanup(consumer.close)
        if partitions:
            consumer.assign(partitions)
        return consumer

    def admin(self):
        admin = KafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=TIMEOUT_MS)
        self.addCleanup(admin.close)
        return admin

    def read(self, consumer, count):
        records = []
        deadline = time.monotonic() + 60
        while len(records) < count and time.monotonic() < deadline:
            for batch in consumer.poll(timeout_ms=1000).values():
                records += batch
        self.assertEqual(len(records), count)
        return records


class Records(Client):
    def test_records_come_back_with_keys_headers_and_times(self):
        for codec in (None, "gzip", "snappy", "lz4"):
            topic = self.topic()
            producer = self.producer(compression_type=codec, linger_ms=50)
            sent = [producer.send(topic, value=b"v%d" % number, key=b"k%d" % number,
                                  headers=[("h", b"%d" % number)], timestamp_ms=1000 + number)
                    for number in range(500)]
            offsets = [future.get(60).offset for future in sent]
            self.assertEqual(offsets, list(range(500)))
            records = self.read(self.consumer(TopicPartition(topic, 0)), 500)
            self.assertEqual([record.offset for record in records], offsets)
            self.assertEqual([(record.key, record.value, record.headers, record.timestamp)
                              for record in records],
                             [(b"k%d" % number, b"v%d" % number, [("h", b"%d" % number)],
                               1000 + number) for number in range(500)])

    def test_zstd_is_written_for_those_who_can_read_it(self):
        """This client's own requests to read are older than zstd: Kafka refuses them too."""
        topic = self.topic()
        producer = self.producer(compression_type="zstd", linger_ms=50)
        sent = [producer.send(topic, value=b"v%d" % number) for number in range(500)]
        self.assertEqual([future.get(60).offset for future in sent], list(range(500)))
        self.assertEqual(self.streamctl("consume", topic, 0).text.split(),
                         [f"v{number}" for number in range(500)])

    def test_a_time_that_the_topic_does_not_take_is_refused(self):
        ahead = int(time.time() * 1000) + 2 * 3_600_000
        with self.assertRaises(InvalidTimestampError):
            self.producer(retries=0).send(self.topic(), value=b"v", timestamp_ms=ahead).get(60)
        topic = self.topic(message_timestamp_after_max_ms=3 * 3_600_000)
        self.producer().send(topic, value=b"v", timestamp_ms=ahead).get(60)

    def test_a_topic_may_say_how_its_records_are_compressed(self):
        topic = self.topic(compression_type="gzip")
        producer = self.producer(linger_ms=50)
        sent = [producer.send(topic, value=b"value " * 100) for _ in range(500)]
        self.assertEqual([future.get(60).offset for future in sent], list(range(500)))
        records = self.read(self.consumer(TopicPartition(topic, 0)), 500)
        self.assertEqual({record.value for record in records}, {b"value " * 100})
        plain = [path for path in self.agent.objects() if b"value value" in path.read_bytes()]
        self.assertEqual(plain, [])

    def test_null_keys_and_values_stay_null(self):
        topic = self.topic()
        producer = self.producer()
        producer.send(topic, value=b"v").get(60)
        producer.send(topic, key=b"k").get(60)
        first, second = self.read(self.consumer(TopicPartition(topic, 0)), 2)
        self.assertEqual((first.key, first.value), (None, b"v"))
        self.assertEqual((second.key, second.value), (b"k", None))

    def test_offsets_are_found_by_ends_and_times(self):
        topic = self.topic(2)
        producer = self.producer()
        for number in range(10):
            producer.send(topic, value=b"v", partition=0, timestamp_ms=1000 * number).get(60)
        first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
        consumer = self.consumer(first, second)
        self.assertEqual(consumer.end_offsets([first, second]), {first: 10, second: 0})
        self.assertEqual(consumer.beginning_offsets([first]), {first: 0})
        found = consumer.offsets_for_times({first: 4500, second: 0})
        self.assertEqual((found[first].offset, found[first].timestamp), (5, 5000))
        self.assertIsNone(found[second])
        consumer.seek(first, 7)
        self.assertEqual([record.offset for record in self.read(consumer, 3)], [7, 8, 9])

    def test_several_partitions_are_read_at_once(self):
        topic = self.topic(5)
        producer = self.producer(linger_ms=20)
        sent = [producer.send(topic, value=b"%d" % number) for number in range(1000)]
        for future in sent:
            future.get(60)
        partitions = [TopicPartition(topic, number) for number in range(5)]
        records = self.read(self.consumer(*partitions, max_partition_fetch_bytes=3000), 1000)
        self.assertEqual(sorted(int(record.value) for record in records), list(range(1000)))


class Admin(Client):
    def described(self, admin, topic):
        """Its configuration: {name: value}."""
        answer, = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        (code, _, _, _, configs), = answer.resources
        self.assertEqual(code, 0)
        return {name: value for name, value, *_ in configs}

    def test_topics_live_from_creation_to_deletion(self):
        admin, topic = self.admin(), self.name()
        admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "5000"})])
        with self.assertRaises(TopicAlreadyExistsError):
            admin.create_topics([NewTopic(topic, 2, 1)])
        with self.assertRaises(InvalidTopicError):
            admin.create_topics([NewTopic("no/topic", 1, 1)])
        self.assertIn(topic, admin.list_topics())
        admin.create_partitions({topic: NewPartitions(4)})
        with self.assertRaises(InvalidPartitionsError):
            admin.create_partitions({topic: NewPartitions(3)})
        self.assertEqual(len(self.consumer().partitions_for_topic(topic)), 4)
        listed = self.streamctl("topic", "describe", topic, "-o", "json").json
        self.assertEqual((listed["partition_count"], listed["retention_ms"]), (4, 5000))
        admin.delete_topics([topic])
        with self.assertRaises(UnknownTopicOrPartitionError):
            admin.delete_topics([topic])
        self.assertNotIn(topic, admin.list_topics())

    def test_configurations_are_shown_and_changed(self):
        admin, topic = self.admin(), self.topic()
        self.assertEqual(self.described(admin, topic)["max.message.bytes"], "1048588")
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic,
                                            configs={"max.message.bytes": "2000"})])
        self.assertEqual(self.described(admin, topic)["max.message.bytes"], "2000")
        listed = self.streamctl("topic", "describe", topic, "-o", "json").json
        self.assertEqual(listed["config"], {"max.message.bytes": "2000"})

    def test_the_cluster_is_described(self):
        cluster = self.admin().describe_cluster()
        self.assertEqual([f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]],
                         [self.address])
        self.assertEqual(cluster["controller_id"], cluster["brokers"][0]["node_id"])


class Member(threading.Thread):
    """A member of a group that reads, and commits what it has read, until it is told to leave."""

    def __init__(self, address, group, topic):
        super().__init__(daemon=True)
        self.options = {"bootstrap_servers": address, "group_id": group, "client_id": "a-member",
                        "auto_offset_reset": "earliest", "enable_auto_commit": False,
                        "heartbeat_interval_ms": 200}
        self.topic = topic
        self.assigned = set()
        self.values = []
        self.leaving = threading.Event()
        self.start()

    def run(self):
        consumer = KafkaConsumer(self.topic, **self.options)
        while not self.leaving.is_set():
            batches = consumer.poll(timeout_ms=100)
            if batches:
                consumer.commit()
            self.values += [int(record.value) for batch in batches.values() for record in batch]
            self.assigned = {place.partition for place in consumer.assignment()}
        consumer.close(autocommit=False)

    def leave(self):
        self.leaving.set()
        self.join(60)


class Groups(Client):
    flags = ("--group-initial-rebalance-delay", "100ms")
    partitions = 6

    def member(self, group, topic):
        member = Member(self.address, group, topic)
        self.addCleanup(member.leave)
        return member

    def wait_until_shared(self, members):
        """Each has a part of the partitions, none is in two parts, and none is left over."""
        def shared():
            parts = [sorted(member.assigned) for member in members]
            return all(parts) and sorted(sum(parts, [])) == list(range(self.partitions))
        self.wait_until(shared)

    def test_three_members_come_and_go_and_each_record_is_read_once(self):
        topic, group = self.topic(self.partitions), self.name()
        producer = self.producer()
        members, everyone, sent = [], [], []

        def share_and_read():
            self.wait_until_shared(members)
            for partition in range(self.partitions):
                sent.append(len(sent))
                producer.send(topic, value=b"%d" % sent[-1], partition=partition).get(60)
            self.wait_until(lambda: sum(len(member.values) for member in everyone) >= len(sent))
            self.assertEqual(sorted(sum((member.values for member in everyone), [])), sent)

        for _ in range(3):
            members.append(self.member(group, topic))
            everyone.append(members[-1])
            share_and_read()
        for _ in range(2):
            members.pop(0).leave()
            share_and_read()
        members.pop().leave()
        offsets = self.admin().list_consumer_group_offsets(group)
        self.assertEqual({place.partition: found.offset for place, found in offsets.items()},
                         dict.fromkeys(range(self.partitions), len(sent) // self.partitions))

    def test_a_member_that_reads_no_more_loses_its_part(self):
        topic, group = self.topic(self.partitions), self.name()
        idle = KafkaConsumer(topic, bootstrap_servers=self.address, group_id=group,
                             session_timeout_ms=6000, max_poll_interval_ms=6000,
                             heartbeat_interval_ms=200)
        self.addCleanup(idle.close, autocommit=False)
        self.wait_until(lambda: idle.poll(timeout_ms=100) == {} and idle.assignment())
        member = self.member(group, topic)  # the other one does not poll: it never joins again
        self.wait_until_shared([member])

    def test_groups_are_listed_described_and_deleted(self):
        topic, group = self.topic(self.partitions), self.name()
        admin = self.admin()
        member = self.member(group, topic)
        self.wait_until_shared([member])
        self.assertIn((group, "consumer"), admin.list_consumer_groups())
        described, = admin.describe_consumer_groups([group])
        self.assertEqual((described.group, described.state, described.protocol_type),
                         (group, "Stable", "consumer"))
        one, = described.members
        self.assertEqual((one.client_id, one.client_host), ("a-member", "/127.0.0.1"))
        self.assertEqual(one.member_metadata.subscription, [topic])
        self.assertEqual(one.member_assignment.assignment, [(topic, list(range(self.partitions)))])
        seen = self.streamctl("group", "describe", group, "-o", "json").json
        self.assertEqual((seen["state"], len(seen["members"])), ("Stable", 1))
        self.assertEqual(admin.delete_consumer_groups([group]), [(group, NonEmptyGroupError)])
        member.leave()
        self.assertEqual(admin.delete_consumer_groups([group]), [(group, NoError)])
        self.assertEqual(admin.delete_consumer_groups([group]), [(group, GroupIdNotFoundError)])
        self.assertNotIn((group, "consumer"), admin.list_consumer_groups())


harness.main(__name__)
