"""Goal: records go in and come out through streamctl as the outside contract says.

Method: streamctl runs as a process against a real agent; what it prints is compared with what was
fed to it, byte for byte.
"""
import base64
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import harness
from harness import wait_until
from streamctl_case import StreamctlCase

RECORD_FIELDS = ["topic", "partition_id", "offset", "timestamp", "key", "value", "headers"]


class Producing(StreamctlCase):
    def test_as_the_documents_write_it(self):
        name = self.name()
        self.run_ok("topic", "create", name, "--partitions", "10")
        self.run_ok("produce", name, "0", "--value", "Hello")
        self.assertEqual(self.run_ok("consume", name, "0", "--offset", "0").text, "Hello\n")

    def test_value_with_key_headers_and_timestamp(self):
        topic = self.topic()
        summary = self.produce(topic, 0, "--value", "v", "--key", "k", "--header", "a=1",
                               "--header", "a=", "--timestamp", 1700000000000)
        self.assertEqual(summary, {"topic": topic, "record_count": 1, "partitions": [
            {"partition_id": 0, "first_offset": 0, "last_offset": 0, "record_count": 1}]})
        record, = self.records(topic)
        self.assertEqual(list(record), RECORD_FIELDS)
        self.assertEqual(record, {
            "topic": topic, "partition_id": 0, "offset": 0, "timestamp": 1700000000000, "key": "k",
            "value": "v", "headers": [{"key": "a", "value": "1"}, {"key": "a", "value": ""}]})

    def test_timestamp_is_now_without_one(self):
        topic = self.topic()
        self.produce(topic, "--value", "v")
        self.assertAlmostEqual(self.records(topic)[0]["timestamp"], time.time() * 1000, delta=60000)

    def test_a_line_is_a_record(self):
        topic = self.topic()
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"first\n\nthird\r\n\xff\xfe\nlast without LF")
            file.flush()
            summary = self.produce(topic, "--input", file.name)
        self.assertEqual(summary["record_count"], 5)
        self.assertEqual(self.run_ok("consume", topic).stdout,
                         b"first\n\nthird\r\n\xff\xfe\nlast without LF\n")
        self.assertEqual(self.records(topic)[1]["value"], "")

    def test_no_lines_are_no_records(self):
        topic = self.topic()
        self.assertEqual(self.produce(topic, data=b""),
                         {"topic": topic, "record_count": 0, "partitions": []})

    def test_key_separator(self):
        topic = self.topic()
        self.produce(topic, "--key-separator", ":", data=b"k:v:w\n:v\nk:\n")
        self.assertEqual([(record["key"], record["value"]) for record in self.records(topic)],
                         [("k", "v:w"), ("", "v"), ("k", "")])
        text = self.refused("invalid", "produce", topic, "--input", "-", "--key-separator", ":",
                            data=b"a:b\nnone\nc:d\n")
        self.assertIn("line 2", text)
        self.assertEqual(len(self.records(topic)), 4)  # what stood before that line

    def test_keys_go_where_kafkas_clients_send_them(self):
        topic = self.topic(10)
        self.produce(topic, "--key-separator", ":", data=b"foobar:1\n21:2\nfoobar:3\n")
        self.produce(topic, "--key", "foobar", "--value", "4")
        where = [(record["partition_id"], record["key"], record["value"])
                 for record in self.records(topic)]
        self.assertEqual(where, [(0, "21", "2"), (6, "foobar", "1"), (6, "foobar", "3"),
                                 (6, "foobar", "4")])

    def test_keyless_lines_take_turns_batch_by_batch(self):
        topic = self.topic(3)
        data = b"".join(b"%07d%s\n" % (i, b"x" * 93) for i in range(60_000))
        summary = self.produce(topic, data=data)
        self.assertEqual(summary["record_count"], 60_000)
        self.assertEqual([each["partition_id"] for each in summary["partitions"]], [0, 1, 2])
        for partition in range(3):
            lines = self.run_ok("consume", topic, partition).stdout.splitlines()
            self.assertEqual(len(lines), summary["partitions"][partition]["record_count"])
            self.assertEqual(lines, sorted(lines))

    def test_one_partition_keeps_the_order_of_many_batches(self):
        topic = self.topic(2)
        data = b"".join(b"%09d\n" % i for i in range(200_000))
        summary = self.produce(topic, 1, data=data)
        self.assertEqual(summary["partitions"], [{"partition_id": 1, "first_offset": 0,
                                                  "last_offset": 199_999, "record_count": 200_000}])
        self.assertEqual(self.run_ok("consume", topic, 1).stdout, data)

    def test_follows_a_pipe(self):
        topic = self.topic()
        with self.popen("produce", topic, "--input", "-", stdin=subprocess.PIPE) as process:
            for i in range(3):
                process.stdin.write(b"line %d\n" % i)
                process.stdin.flush()
                wait_until(lambda count=i + 1: len(self.records(topic)) == count)
            process.stdin.close()
            self.assertEqual(process.wait(30), 0)

    def test_unknown_topics_are_refused_and_not_created(self):
        name = self.name()
        self.assertIn(name, self.refused("topic_not_found", "produce", name, "--value", "v"))
        self.assertIn(name, self.refused("topic_not_found", "produce", name, "--input", "-",
                                         data=b"v\n"))
        self.refused("topic_not_found", "topic", "describe", name)

    def test_unknown_partitions_are_refused(self):
        topic = self.topic(2)
        self.refused("partition_not_found", "produce", topic, 2, "--value", "v")
        self.refused("partition_not_found", "produce", topic, 2, "--input", "-", data=b"v\n")

    def test_a_record_above_the_limit_is_refused(self):
        topic = self.topic()
        data = b"small\n" + os.urandom(1_500_000).replace(b"\n", b"x") + b"\n"
        text = self.refused("too_large", "produce", topic, "--input", "-", data=data)
        self.assertIn("line 2", text)
        self.assertEqual(self.run_ok("consume", topic).text, "small\n")

    def test_buffered_acknowledgements_know_no_offset(self):
        topic = self.topic(streamhouse_ack="buffered")
        summary = self.produce(topic, data=b"a\nb\n")
        self.assertEqual(summary["record_count"], 2)
        self.assertEqual(summary["partitions"][0]["first_offset"], -1)
        wait_until(lambda: self.run_ok("consume", topic).text == "a\nb\n")

    def test_unknown_outcome_is_3_and_nothing_is_sent_again(self):
        with tempfile.TemporaryDirectory() as path:
            frozen = harness.Agent(Path(path) / "agent")
            harness.streamctl("topic", "create", "t", server=frozen.address)

            def consume():
                return harness.streamctl("consume", "t", server=frozen.address)

            with harness.popen("produce", "t", "--input", "-", "--timeout", "1s",
                               server=frozen.address, stdin=subprocess.PIPE) as process:
                process.stdin.write(b"0\n")
                process.stdin.flush()
                wait_until(lambda: consume().text == "0\n")
                frozen.signal(signal.SIGSTOP)
                process.stdin.write(b"1\n2\n")
                process.stdin.close()
                self.assertEqual(process.wait(30), 3)
                error = process.stderr.read().decode()
                self.assertTrue(error.startswith("error: unknown_outcome: "), error)
                self.assertIn("line 2", error)
                self.assertEqual(process.stdout.read(), b"")
            frozen.signal(signal.SIGCONT)
            time.sleep(1)
            read = consume()
            self.assertIn(read.text, ("0\n", "0\n1\n2\n"), read)
            self.assertEqual(frozen.stop(), 0)


    def test_clients_that_go_while_the_agent_sleeps_leave_it_alive(self):
        with tempfile.TemporaryDirectory() as path:
            frozen = harness.Agent(Path(path) / "agent")
            harness.streamctl("topic", "create", "t", server=frozen.address)
            for _ in range(6):
                with harness.popen("produce", "t", "--input", "-", "--timeout", "500ms",
                                   server=frozen.address, stdin=subprocess.PIPE) as process:
                    process.stdin.write(b"0\n")
                    process.stdin.flush()
                    time.sleep(0.2)
                    frozen.signal(signal.SIGSTOP)
                    process.stdin.write(b"1\n2\n")
                    process.stdin.close()
                    process.wait(30)
                frozen.signal(signal.SIGCONT)
                self.assertEqual(harness.streamctl("consume", "t", server=frozen.address).code, 0,
                                 frozen.log())
            self.assertEqual(frozen.stop(), 0)


class Consuming(StreamctlCase):
    def test_starts(self):
        topic = self.topic()
        for i in range(4):
            self.produce(topic, "--value", i, "--timestamp", 1000 + 10 * i)
        expected = {"0": "0123", "2": "23", "4": "", "earliest": "0123", "latest": "", "@0": "0123",
                    "@1015": "23", "@1020": "23", "@9999": ""}
        for start, values in expected.items():
            text = self.run_ok("consume", topic, 0, "--offset", start).text
            self.assertEqual(text.replace("\n", ""), values, start)
        self.assertIn("5", self.refused("invalid_offset", "consume", topic, 0, "--offset", 5))

    def test_what_is_not_there_is_refused(self):
        self.refused("topic_not_found", "consume", "no-such-topic")
        self.refused("topic_not_found", "consume", "no-such-topic", 0)
        self.refused("partition_not_found", "consume", self.topic(), 1)

    def test_a_damaged_object_is_an_error_that_names_it(self):
        with tempfile.TemporaryDirectory() as path:
            agent = harness.Agent(Path(path) / "agent")
            harness.streamctl("topic", "create", "t", server=agent.address)
            harness.streamctl("produce", "t", "--value", "v" * 100, server=agent.address)
            agent.kill()
            damaged, = agent.objects()
            content = bytearray(damaged.read_bytes())
            content[80] ^= 1
            damaged.write_bytes(content)
            agent.start()
            result = harness.streamctl("consume", "t", server=agent.address)
            agent.kill()
        self.assertEqual((result.code, result.stdout), (1, b""), result)
        self.assertTrue(result.error.startswith("error: corrupt: "), result)
        self.assertIn(str(damaged.relative_to(agent.folder / "objects")), result.error)

    def test_all_partitions_one_after_the_other(self):
        topic = self.topic(3)
        for i in range(9):
            self.produce(topic, i % 3, "--value", i)
        self.assertEqual(self.run_ok("consume", topic).text.split(), list("036147258"))
        some = self.run_ok("consume", topic, "--max-records", 4).text
        self.assertEqual(some.split(), list("0361"))

    def test_binary_text_and_null(self):
        topic = self.topic()
        self.produce(topic, data=b"\xff\x00\n")
        self.produce(topic, "--value", "größe", "--key", "ключ")
        binary, text = self.records(topic)
        self.assertEqual(base64.b64decode(binary["value_base64"]), b"\xff\x00")
        self.assertNotIn("value", binary)
        self.assertIsNone(binary["key"])
        self.assertEqual((text["key"], text["value"]), ("ключ", "größe"))

    def test_key_separator(self):
        topic = self.topic()
        self.produce(topic, "--value", "v", "--key", "k")
        self.produce(topic, "--value", "w")
        self.assertEqual(self.run_ok("consume", topic, "--key-separator", " = ").text,
                         "k = v\n = w\n")

    def test_a_group_goes_on_where_it_was(self):
        topic, group = self.topic(2), self.name()

        def consume(*words):
            return self.run_ok("consume", topic, "--group", group, *words).text.split()

        self.produce(topic, 0, data=b"a\nb\n")
        self.produce(topic, 1, data=b"c\n")
        self.assertEqual(consume("--max-records", 1), ["a"])
        self.assertEqual(consume(), ["b", "c"])
        self.assertEqual(consume(), [])
        self.produce(topic, 1, data=b"d\n")
        self.assertEqual(consume(1), ["d"])
        self.assertEqual(consume("--offset", "earliest"), ["a", "b", "c", "d"])

    def test_a_group_does_not_commit_what_was_not_written(self):
        topic, group = self.topic(), self.name()
        self.produce(topic, "--value", "v")
        with open("/dev/full", "wb") as full:
            with self.popen("consume", topic, "--group", group, stdout=full) as process:
                self.assertEqual(process.wait(30), 1)
        self.assertEqual(self.run_ok("consume", topic, "--group", group).text, "v\n")

    def test_follow_sees_new_records_of_all_partitions(self):
        topic, group = self.topic(3), self.name()
        self.produce(topic, 2, "--value", "before")
        with self.popen("consume", topic, "--follow", "--group", group) as process:
            self.assertEqual(process.stdout.readline(), b"before\n")
            for i in range(6):
                self.produce(topic, i % 3, "--value", i)
                self.assertEqual(process.stdout.readline(), b"%d\n" % i)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), 0)
        self.assertEqual(self.run_ok("consume", topic, "--group", group).text, "")

    def test_follow_ends_after_so_many_records(self):
        topic = self.topic()
        with self.popen("consume", topic, 0, "--follow", "--max-records", 2) as process:
            self.produce(topic, data=b"a\nb\nc\n")
            self.assertEqual(process.wait(30), 0)
            self.assertEqual(process.stdout.read(), b"a\nb\n")


harness.main(__name__)
