# Goal: kcat, which is librdkafka, produces and consumes through an agent as through a broker of
# Kafka, with every codec, byte for byte, alone and in groups; and what no client would send costs
# others nothing.
# Method: the real kcat against a real agent; odd requests are sent byte by byte.
"""End-to-end tests of the Kafka front end with kcat."""
import json
import random
import struct
import subprocess
import time
import uuid

import harness
from kafka_case import Connection, KafkaCase
from kafka_proxy import ProduceProxy
from server_case import http_get

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS = 0, 1, 2, 3, 18


def lines(count, seed=1):
    """Records that compress somewhat, of many lengths, some of them long."""
    chance = random.Random(seed)
    texts = []
    for number in range(count):
        size = 20_000 if number % 97 == 0 else chance.randrange(200)
        texts.append(f"{number}:" + "".join(chance.choice("abcdef") for _ in range(size)))
    return texts


class Records(KafkaCase):
    def test_every_codec_comes_back_byte_for_byte(self):
        texts = lines(2000)
        data = "\n".join(texts).encode() + b"\n"
        for codec in CODECS:
            with self.subTest(codec=codec):
                topic = self.topic()
                self.kcat("-P", "-t", topic, "-z", codec, "-X", "linger.ms=20", data=data)
                self.assertEqual(self.kcat("-C", "-t", topic, "-e", "-q"), data)
                # What was compressed by the client lies compressed in the log.
                described = self.streamctl("topic", "describe", topic, "-o", "json").json
                stored = described["partitions"][0]["size_bytes"]
                self.assertEqual(stored < 0.9 * len(data), codec != "none", stored)

    def test_keys_headers_and_times_are_kept(self):
        topic = self.topic()
        self.kcat("-P", "-t", topic, "-K", ":", "-H", "trace=abc", "-H", "empty=", data=b"k:v\n")
        said = json.loads(self.kcat("-C", "-t", topic, "-e", "-q", "-J"))
        self.assertEqual((said["key"], said["payload"]), ("k", "v"))
        self.assertEqual(said["headers"], ["trace", "abc", "empty", ""])
        self.assertEqual(said["tstype"], "create")
        self.assertLess(abs(said["ts"] - time.time() * 1000), 60_000)

    def test_grpc_and_kafka_clients_see_the_same_records(self):
        topic = self.topic(3)
        data = "\n".join(lines(300, seed=2)).encode() + b"\n"
        self.kcat("-P", "-t", topic, "-z", "zstd", data=data)
        read = self.streamctl("consume", topic).stdout
        self.assertEqual(sorted(read.splitlines()), sorted(data.splitlines()))
        self.streamctl("produce", topic, "--value", "from-grpc")
        consumed = self.kcat("-C", "-t", topic, "-e", "-q")
        self.assertEqual(sorted(consumed.splitlines()),
                         sorted([*data.splitlines(), b"from-grpc"]))

    def test_acknowledgements_none_one_and_all(self):
        topic = self.topic()
        for acks in (0, 1, -1):
            self.kcat("-P", "-t", topic, "-X", f"acks={acks}", data=f"with {acks}\n".encode())
        consumed = self.kcat("-C", "-t", topic, "-q", "-c", 3)
        self.assertEqual(sorted(consumed.splitlines()), [b"with -1", b"with 0", b"with 1"])

    def test_log_append_time_is_the_agents(self):
        topic = self.topic(message_timestamp_type="LogAppendTime")
        self.kcat("-P", "-t", topic, data=b"v\n")
        said = json.loads(self.kcat("-C", "-t", topic, "-e", "-q", "-J"))
        self.assertEqual(said["tstype"], "logappend")

    def test_messages_above_the_topics_bound_are_refused(self):
        topic = self.topic(max_message_bytes=2000)
        code, _, said = self.run_kcat("-P", "-t", topic, data=b"x" * 5000 + b"\n")
        self.assertNotEqual(code, 0, said)
        self.assertIn("Message size too large", said)
        self.kcat("-P", "-t", topic, data=b"x" * 1000 + b"\n")
        self.assertEqual(len(self.kcat("-C", "-t", topic, "-e", "-q")), 1001)

    def test_a_message_near_the_default_bound_comes_back(self):
        topic = self.topic()
        data = random.Random(3).randbytes(999_000).replace(b"\n", b" ") + b"\n"
        self.kcat("-P", "-t", topic, data=data)
        self.assertEqual(self.kcat("-C", "-t", topic, "-e", "-q"), data)

    def test_what_is_produced_and_fetched_is_counted(self):
        topic = self.topic()

        def counted():
            text = http_get(self.agent.ready["http"], "/metrics")[2]
            samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
            return {name: float(samples[f'streamhouse_{name}_records_total{{protocol="kafka"}}'])
                    for name in ("produce", "fetch")}
        before = counted()
        self.kcat("-P", "-t", topic, data=b"a\nb\nc\n")
        self.kcat("-C", "-t", topic, "-e", "-q")
        self.assertEqual(counted(), {name: count + 3 for name, count in before.items()})

    def test_records_of_another_life_of_the_agent_are_read_from_objects(self):
        topic = self.topic()
        data = "\n".join(lines(500, seed=4)).encode() + b"\n"
        self.kcat("-P", "-t", topic, "-z", "lz4", data=data)
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.kcat("-C", "-t", topic, "-e", "-q"), data)


class Idempotence(KafkaCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = ProduceProxy()
        cls.flags = ("--agent-id", "idempotent-1", "--advertised-kafka-addr", cls.proxy.address)
        super().setUpClass()
        cls.proxy.target = lambda: cls.agent.ready["kafka"]

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.proxy.close()

    def test_records_whose_answers_are_lost_are_neither_lost_nor_doubled(self):
        topic, texts = self.topic(), lines(3000, seed=5)
        lost = []

        def loses(number):
            """Some answers, one of them with the agent that gave it."""
            if number not in (2, 7, 20):
                return False
            lost.append(number)
            if number == 7:
                self.agent.kill()
                self.agent.start()
            return True
        self.proxy.loses = loses
        self.kcat("-P", "-t", topic, "-E", "-X", "enable.idempotence=true", "-X", "linger.ms=5",
                  "-X", "batch.num.messages=50", data="\n".join(texts).encode() + b"\n")
        self.assertEqual(lost, [2, 7, 20])
        consumed = self.kcat("-C", "-t", topic, "-e", "-q").decode().splitlines()
        self.assertEqual(consumed, texts)

    def test_transactions_are_refused_at_once(self):
        code, _, said = self.run_kcat("-P", "-t", self.topic(), "-X", "transactional.id=payments",
                                      data=b"v\n")
        self.assertNotEqual(code, 0)
        self.assertIn("uthorization", said)


class Offsets(KafkaCase):
    def offset(self, topic, time_ms):
        said = self.kcat("-Q", "-t", f"{topic}:0:{time_ms}").decode()
        return int(said.split()[-1])

    def test_ends_and_times(self):
        topic = self.topic()
        self.assertEqual((self.offset(topic, -2), self.offset(topic, -1)), (0, 0))
        for number in range(3):
            self.kcat("-P", "-t", topic, data=f"{number}\n".encode())
        stamps = [json.loads(line)["ts"] for line in
                  self.kcat("-C", "-t", topic, "-e", "-q", "-J").splitlines()]
        self.assertEqual((self.offset(topic, -2), self.offset(topic, -1)), (0, 3))
        for number, stamp in enumerate(stamps):
            self.assertEqual(self.offset(topic, stamp), stamps.index(stamp), number)
        self.assertEqual(self.offset(topic, stamps[0] - 1000), 0)
        self.assertEqual(self.offset(topic, stamps[2] + 1), -1, "no record is that new")

    def test_max_timestamp_and_those_of_nothing(self):
        topic = self.topic()

        def find(time_ms):
            body = struct.pack(">ib", -1, 0) + bytes([2, 1 + len(topic)]) + topic.encode()
            body += b"\x02" + struct.pack(">iiq", 0, -1, time_ms) + b"\0\0\0"
            with Connection(self.address) as connection:
                connection.send(LIST_OFFSETS, 9, 7, body, flexible=True)
                answer = connection.receive()
            # correlation and tags, throttle, topics, name, partitions, then the partition
            return struct.unpack_from(">hqqi", answer, 5 + 4 + 1 + 1 + len(topic) + 1 + 4)

        def find_in_old_words(time_ms):
            body = struct.pack(">ibih", -1, 0, 1, len(topic)) + topic.encode()
            body += struct.pack(">iiiq", 1, 0, -1, time_ms)
            with Connection(self.address) as connection:
                connection.send(LIST_OFFSETS, 5, 7, body)
                answer = connection.receive()
            return struct.unpack_from(">hqqi", answer, 4 + 4 + 4 + 2 + len(topic) + 4 + 4)
        self.assertEqual(find(-3)[:3], (0, -1, -1))
        self.kcat("-P", "-t", topic, data=b"a\n")
        self.kcat("-P", "-t", topic, data=b"b\n")
        error, stamp, offset, epoch = find(-3)
        self.assertEqual((error, epoch), (0, 1))
        first = json.loads(self.kcat("-C", "-t", topic, "-o", offset, "-c", 1, "-q", "-J"))
        self.assertEqual(first["ts"], stamp)
        self.assertEqual(find(stamp)[:3], (0, stamp, offset))
        self.assertEqual(find(-4)[:3], (0, -1, 0))
        self.assertEqual(find(-5)[:3], (0, -1, -1), "nothing is tiered")
        self.assertEqual(find_in_old_words(-2)[:3], (0, -1, 0))
        self.assertEqual(find_in_old_words(-3)[:3], (35, -1, -1), "there is no such question yet")

    def test_an_offset_out_of_range_is_refused_and_can_be_reset(self):
        topic = self.topic()
        self.kcat("-P", "-t", topic, data=b"a\nb\n")
        code, _, said = self.run_kcat("-C", "-t", topic, "-o", 10, "-e", "-X",
                                      "topic.auto.offset.reset=error")
        self.assertNotEqual(code, 0)
        self.assertIn("out of range", said.lower())
        consumed = self.kcat("-C", "-t", topic, "-o", 10, "-e", "-q", "-X",
                             "topic.auto.offset.reset=earliest")
        self.assertEqual(consumed, b"a\nb\n")


class Waiting(KafkaCase):
    def send_fetch(self, connection, topic, wait_ms, partitions=1):
        """From the beginning of each partition, for one byte at least."""
        body = struct.pack(">iiiib", -1, wait_ms, 1, 1 << 20, 0)
        body += struct.pack(">ih", 1, len(topic)) + topic.encode() + struct.pack(">i", partitions)
        for partition in range(partitions):
            body += struct.pack(">iqi", partition, 0, 1 << 20)
        connection.send(FETCH, 4, 1, body)

    def test_new_records_of_any_partition_end_the_wait(self):
        topic = self.topic(3)
        with Connection(self.address) as connection:
            started = time.monotonic()
            self.send_fetch(connection, topic, wait_ms=100_000, partitions=3)
            self.kcat("-P", "-t", topic, "-p", 1, data=b"what-came\n")
            self.assertIn(b"what-came", connection.receive())
            self.assertLess(time.monotonic() - started, 90, "it did not wait to the end")

    def test_an_empty_answer_comes_when_the_wait_is_over_and_not_before(self):
        topic = self.topic()
        with Connection(self.address) as connection:
            started = time.monotonic()
            self.send_fetch(connection, topic, wait_ms=700)
            answer = connection.receive()
            self.assertGreaterEqual(time.monotonic() - started, 0.7)
            self.assertEqual(answer[-4:], b"\0\0\0\0", "no records")

    def test_a_consumer_reads_what_is_produced_while_it_waits(self):
        topic = self.topic(2)
        with subprocess.Popen(["kcat", "-b", self.address, "-C", "-t", topic, "-u", "-q"],
                              stdout=subprocess.PIPE) as consumer:
            self.addCleanup(consumer.kill)
            for number in range(10):
                line = f"{number}\n".encode()
                self.kcat("-P", "-t", topic, "-p", number % 2, data=line)
                self.assertEqual(consumer.stdout.readline(), line)
            consumer.kill()


class Groups(KafkaCase):
    flags = ("--group-initial-rebalance-delay", "100ms")

    def consume(self, group, topic, count):
        """As a member of the group, until so many records have come; then it commits and leaves."""
        return self.kcat("-G", group, "-c", count, "-q", "-X", "auto.offset.reset=earliest",
                         topic).splitlines()

    def offsets(self, group):
        described = self.streamctl("group", "describe", group, "-o", "json").json
        return {offset["partition_id"]: offset["committed_offset"]
                for offset in described["offsets"]}

    def state(self, group):
        return self.streamctl("group", "describe", group, "-o", "json").json["state"]

    def test_a_group_goes_on_where_its_last_member_left_it(self):
        topic, group = self.topic(), self.name()
        self.kcat("-P", "-t", topic, data=b"a\nb\nc\n")
        self.assertEqual(self.consume(group, topic, 2), [b"a", b"b"])
        self.assertEqual(self.offsets(group), {0: 2})
        self.assertEqual(self.consume(group, topic, 1), [b"c"])
        self.assertEqual(self.offsets(group), {0: 3})
        self.wait_until(lambda: self.state(group) == "Empty")

    def test_a_group_goes_on_in_another_life_of_the_agent(self):
        topic, group = self.topic(), self.name()
        self.kcat("-P", "-t", topic, data=b"a\nb\n")
        self.assertEqual(self.consume(group, topic, 1), [b"a"])
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.consume(group, topic, 1), [b"b"])

    def test_a_group_begins_where_streamctl_has_set_it(self):
        topic, group = self.topic(), self.name()
        self.kcat("-P", "-t", topic, data=b"a\nb\nc\n")
        self.streamctl("group", "commit", group, topic, 0, 2)
        self.assertEqual(self.consume(group, topic, 1), [b"c"])

    def test_three_members_join_and_leave_and_share_the_partitions(self):
        topic, group = self.topic(6), self.name()
        members = [self.member(group, topic), self.member(group, topic)]
        self.wait_until(lambda: self.stable_members(group) == 2)
        members.append(self.member(group, topic))
        self.wait_until(lambda: self.stable_members(group) == 3)
        self.share(topic, members, "all")
        self.wait_until(lambda: self.offsets(group) == {number: 1 for number in range(6)})
        members.pop(0).terminate()  # it says farewell
        self.wait_until(lambda: self.stable_members(group) == 2)
        self.share(topic, members, "without one")
        self.wait_until(lambda: self.offsets(group) == {number: 2 for number in range(6)})
        members.pop(0).kill()  # it says none: its session ends
        self.wait_until(lambda: self.stable_members(group) == 1)
        self.share(topic, members, "alone")

    def member(self, group, topic):
        # pylint: disable-next=consider-using-with
        member = subprocess.Popen(
            ["kcat", "-b", self.address, "-G", group, "-u", "-q", "-f", "%s\n",
             "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=100",
             "-X", "session.timeout.ms=6000", topic], stdout=subprocess.PIPE)
        self.addCleanup(member.stdout.close)
        self.addCleanup(member.wait)
        self.addCleanup(member.kill)
        return member

    def share(self, topic, members, text):
        """Each gets the records of as many of the six partitions as the others."""
        sent = {f"{text} {partition}\n".encode() for partition in range(6)}
        for partition in range(6):
            self.kcat("-P", "-t", topic, "-p", partition,
                      data=f"{text} {partition}\n".encode())
        read = [{member.stdout.readline() for _ in range(6 // len(members))}
                for member in members]
        self.assertEqual(set.union(*read), sent)

    def stable_members(self, group):
        """How many there are, if they have all agreed."""
        result = harness.streamctl("group", "describe", group, "-o", "json",
                                   server=self.agent.address)
        if result.code != 0 or result.json["state"] != "Stable":
            return 0
        return len(result.json["members"])


class Topics(KafkaCase):
    flags = ("--default-partitions", "3")

    def test_unknown_topics_are_made_with_as_many_partitions_as_usual(self):
        topic = self.name()
        self.kcat("-P", "-t", topic, data=b"a\n")
        listed = json.loads(self.kcat("-L", "-J", "-t", topic))
        self.assertEqual([one["topic"] for one in listed["topics"]], [topic])
        self.assertEqual(len(listed["topics"][0]["partitions"]), 3)
        node = listed["brokers"][0]["id"]
        self.assertGreaterEqual(node, 0)
        self.assertEqual(listed["controllerid"], node)
        self.assertEqual({one["leader"] for one in listed["topics"][0]["partitions"]}, {node})
        self.assertEqual(listed["brokers"][0]["name"], self.address)

    def test_names_that_no_topic_can_have_are_refused(self):
        code, _, said = self.run_kcat("-P", "-t", "no/topic", "-X", "message.timeout.ms=60000",
                                      data=b"a\n")
        self.assertNotEqual(code, 0)
        self.assertIn("Invalid topic", said)

    def metadata(self, version, topics):
        """Metadata of this version, by name, not flexible; the answer from its topics on."""
        body = struct.pack(">i", len(topics))
        for topic in topics:
            body += struct.pack(">h", len(topic)) + topic.encode()
        with Connection(self.address) as connection:
            connection.send(METADATA, version, 3, body + b"\0" * (version >= 4))
            return connection.receive()

    def test_nothing_is_made_for_who_does_not_want_it(self):
        topic = self.name()
        answer = self.metadata(4, [topic])  # auto-creation: no
        position = answer.index(topic.encode())
        self.assertEqual(struct.unpack(">h", answer[position - 4:position - 2])[0], 3)
        self.assertNotIn(topic, self.streamctl("topic", "list").text)

    def test_ids_are_those_of_the_topic_and_stay(self):
        topic = self.topic()
        known = self.streamctl("topic", "describe", topic, "-o", "json").json["topic_id"]
        body = b"\x02" + bytes(16) + bytes([len(topic) + 1]) + topic.encode() + b"\0" + b"\0\0\0"
        with Connection(self.address) as connection:
            for correlation in (1, 2):
                connection.send(METADATA, 12, correlation, body, flexible=True)
                self.assertIn(uuid.UUID(known).bytes, connection.receive())
            by_id = b"\x02" + uuid.UUID(known).bytes + b"\0" + b"\0" + b"\0\0\0"
            connection.send(METADATA, 12, 3, by_id, flexible=True)
            self.assertIn(topic.encode(), connection.receive())


class WithoutCreation(KafkaCase):
    flags = ("--auto-create-topics", "false")

    def test_unknown_topics_stay_unknown(self):
        code, _, said = self.run_kcat("-P", "-t", self.name(), "-X",
                                      "topic.metadata.propagation.max.ms=100", data=b"a\n")
        self.assertNotEqual(code, 0)
        self.assertIn("Unknown topic", said)


class OddClients(KafkaCase):
    def versions(self, connection, version, body=b"", flexible=False):
        connection.send(API_VERSIONS, version, 5, body, flexible)
        answer = connection.receive()
        self.assertEqual(struct.unpack(">i", answer[:4]), (5,))
        return struct.unpack(">h", answer[4:6])[0], answer[6:]

    def test_a_version_that_does_not_exist_is_answered_in_the_oldest(self):
        with Connection(self.address) as connection:
            code, answer = self.versions(connection, 99, flexible=True)
            self.assertEqual((code, answer), (35, struct.pack(">ihhh", 1, 18, 0, 4)))
            code, answer = self.versions(connection, 0)
            self.assertEqual(code, 0)
            count, = struct.unpack(">i", answer[:4])
            ranges = {key: (low, high) for key, low, high
                      in struct.iter_unpack(">hhh", answer[4:4 + 6 * count])}
            self.assertEqual(ranges[PRODUCE], (0, 13))
            self.assertEqual(ranges[FETCH], (4, 18))

    def test_nonsense_closes_its_connection_and_no_other(self):
        topic = self.topic()
        with Connection(self.address) as quiet:
            self.versions(quiet, 0)
            frames = {"a key that nobody serves": struct.pack(">ihhih", 10, 999, 0, 1, -1),
                      "a version that is not served": struct.pack(">ihhih", 10, 1, 99, 1, -1),
                      "a body that is cut": struct.pack(">ihhih", 10, 3, 4, 1, -1),
                      "a negative length": struct.pack(">i", -1),
                      "a request of HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}
            for what, frame in frames.items():
                with self.subTest(what=what), Connection(self.address) as connection:
                    connection.send_raw(frame)
                    self.assertEqual(connection.receive(), b"")
            for claimed in (1 << 20, 100 << 20):  # and never sent
                with Connection(self.address) as connection:
                    connection.send_raw(struct.pack(">i", claimed) + b"\0" * 10)
                    self.kcat("-P", "-t", topic, data=b"v\n")
            self.assertEqual(self.versions(quiet, 0)[0], 0)

    def test_an_unacknowledged_batch_that_is_refused_ends_the_connection(self):
        topic = self.name().encode()
        body = struct.pack(">hhi", -1, 0, 1000) + struct.pack(">ih", 1, len(topic)) + topic
        body += struct.pack(">iii", 1, 0, 0)
        with Connection(self.address) as connection:
            connection.send(PRODUCE, 3, 1, body)
            self.assertEqual(connection.receive(), b"")

    def test_requests_are_answered_in_their_order(self):
        topic = self.topic()
        fetch = struct.pack(">iiiib", -1, 300, 1, 1 << 20, 0)
        fetch += struct.pack(">ih", 1, len(topic)) + topic.encode() + struct.pack(">iiqi", 1, 0, 0,
                                                                                 1 << 20)
        with Connection(self.address) as connection:
            connection.send(FETCH, 4, 1, fetch)
            for correlation in range(2, 50):
                connection.send(API_VERSIONS, 0, correlation)
            answers = [struct.unpack(">i", connection.receive()[:4])[0] for _ in range(1, 50)]
        self.assertEqual(answers, list(range(1, 50)))


harness.main(__name__)
