# Goal: streamhouse-server keeps what the outside contract says of its flags, its ready line, its
# exit codes, its HTTP address and its signals.
# Method: the real process, its standard streams, its sockets, and an SQLite lock taken from outside
# where the database is to be silent.
"""End-to-end tests of the server as a process."""
import json
import re
import signal
import socket
import subprocess
import time

import harness
from server_case import START_SECONDS_MAX, ServerCase, http_get, run_server


class ReadyLine(ServerCase):
    FORM = re.compile(r"streamhouse ready version=(\S+) agent=(\S+) session=([0-9a-f]{16}) "
                      r"grpc=127\.0\.0\.1:(\d+) http=127\.0\.0\.1:(\d+) kafka=127\.0\.0\.1:(\d+) "
                      r"database=sqlite object_store=file:(\S+)\n")

    def test_one_line_on_stdout_at_every_log_level(self):
        for level in ("trace", "debug", "info", "warn", "error"):
            flags = ["--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0", "--agent-id",
                     f"a-{level}", "--log-level", level, *self.store_flags(level)]
            process = subprocess.Popen([harness.build / "streamhouse-server", *flags],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            line = process.stdout.readline()
            match = self.FORM.fullmatch(line)
            self.assertTrue(match, line)
            self.assertEqual(match[2], f"a-{level}")
            self.assertEqual(http_get(f"127.0.0.1:{match[5]}", "/readyz")[0], 200)
            process.send_signal(signal.SIGTERM)
            rest, logs = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0)
            self.assertEqual(rest, "")
            if level in ("warn", "error"):
                self.assertEqual(logs, "")

    def test_agent_id_is_derived_from_host_and_port(self):
        agent = self.agent()
        port = agent.ready["grpc"].rsplit(":", 1)[1]
        self.assertEqual(agent.ready["agent"], f"{socket.gethostname()}-{port}")

    def test_every_life_has_another_session(self):
        agent = self.agent()
        first = agent.ready["session"]
        self.assertEqual(agent.stop(), 0)
        agent.start()
        self.assertNotEqual(agent.ready["session"], first)

    def test_logs_are_json_where_asked_for(self):
        agent = self.agent("--log-format", "json")
        self.assertEqual(agent.stop(), 0)
        lines = agent.log().splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertIn("message", json.loads(line))


class Settings(ServerCase):
    def test_flag_beats_environment_beats_file(self):
        path = self.folder.path / "agent.toml"
        path.write_text("agent_id = 'of-file'\nlog_level = 'error'\nzone = 'z'\n")
        variables = {"AGENT_ID": "of-environment", "CONFIG": str(path),
                     "KAFKA_ADDR": "127.0.0.1:0"}
        flags = ["--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0", *self.store_flags()]
        for extra, expected in (([], "of-environment"), (["--agent-id", "of-flag"], "of-flag")):
            with subprocess.Popen([harness.build / "streamhouse-server", *flags, *extra],
                                  env=variables, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True) as process:
                self.assertIn(f" agent={expected} ", process.stdout.readline())
                process.send_signal(signal.SIGTERM)

    def test_grpc_port_sets_only_the_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with subprocess.Popen([harness.build / "streamhouse-server", "--http-addr", "127.0.0.1:0",
                               *self.store_flags()],
                              env={"GRPC_PORT": str(port), "KAFKA_ADDR": "127.0.0.1:0"},
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as process:
            self.assertIn(f" grpc=127.0.0.1:{port} ", process.stdout.readline())
            process.send_signal(signal.SIGTERM)

    def test_bad_settings_are_2_and_named(self):
        path = self.folder.path / "agent.toml"
        path.write_text("flush_intervall = '1s'\n")
        for words, named in (
                (["--flush-intervall", "1s"], "--flush-intervall"),
                (["--config", str(path)], "flush_intervall"),
                (["--flush-interval", "soon"], "--flush-interval=soon"),
                (["--buffer-limit=8MB"], "--buffer-limit=8MB"),
                (["--auto-create-topics", "maybe"], "--auto-create-topics=maybe"),
                (["--grpc-addr", "localhost"], "--grpc-addr=localhost"),
                (["--config", "/nowhere.toml"], "/nowhere.toml"),
                (["start"], "'start'"),
                (["--block-cache-size", "1GiB"], "--block-cache-size"),
                (["--group-initial-rebalance-delay=3"], "--group-initial-rebalance-delay=3"),
                (["--database-url", "dynamodb://t"], "dynamodb://"),
                (["--object-store", "s3://b/p"], "s3://")):
            self.assertIn(named, self.refused(*words, exit_code=2))
        for variables, named in (
                ({"LOG_LEVEL": "loud"}, "LOG_LEVEL=loud"),
                ({"S3_BUCKET": "b"}, "S3_BUCKET=b"),
                ({"GRPC_PORT": "1", "GRPC_ADDR": "h:2"}, "GRPC_PORT=1")):
            self.assertIn(named, self.refused(environment=variables, exit_code=2))

    def test_no_secret_is_printed(self):
        said = self.refused("--database-url", "cockroach://joe:sesame@h/d?no_such=1", exit_code=2)
        self.assertNotIn("sesame", said)

    def test_agent_shows_itself_as_it_was_told_to(self):
        agent = self.agent("--advertised-grpc-addr", "agent-1.example:7777", "--zone", "z-1",
                           "--agent-group", "g-1", "--default-partitions", "3")
        shown, = self.streamctl(agent, "agent", "list", "-o", "json").json["agents"]
        self.assertEqual((shown["address"], shown["availability_zone"], shown["agent_group"]),
                         ("agent-1.example:7777", "z-1", "g-1"))
        topic = self.streamctl(agent, "topic", "create", "orders", "-o", "json").json
        self.assertEqual(topic["partition_count"], 3)

    def test_produce_timeout_answers_unknown(self):
        agent = self.agent("--produce-timeout", "1s")
        self.streamctl(agent, "topic", "create", "orders")
        database = self.silence(agent)
        result = harness.streamctl("produce", "orders", "--value", "x", server=agent.address)
        database.close()
        self.assertEqual(result.code, 3, result)
        self.assertTrue(result.error.startswith("error: unknown_outcome: "), result)

    def test_help_explains_the_flags(self):
        code, stdout, _ = run_server("--help")
        self.assertEqual(code, 0)
        for words in ("--flush-interval DURATION", "5ms on file", "--buffer-limit SIZE", "256MiB"):
            self.assertIn(words, stdout)


class RefusedStarts(ServerCase):
    def test_taken_ports_are_1_and_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for taken_flag in ("--grpc-addr", "--http-addr", "--kafka-addr"):
                flags = [word for flag in ("--grpc-addr", "--http-addr", "--kafka-addr")
                         for word in (flag, address if flag == taken_flag else "127.0.0.1:0")]
                said = self.refused(*flags, *self.store_flags(), exit_code=1)
                self.assertIn(address, said)

    def test_object_store_that_is_no_directory_is_1_and_named(self):
        file = self.folder.path / "file"
        file.touch()
        said = self.refused("--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0",
                            *self.store_flags(), "--object-store", f"file:{file}/objects",
                            exit_code=1)
        self.assertIn(f"{file}/objects", said)

    def test_second_agent_on_one_database_is_1_and_told_who_holds_it(self):
        first = self.agent("--agent-id", "holder-1")
        said = self.refused("--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0",
                            *self.store_flags(), exit_code=1)
        self.assertIn("holder-1", said)
        self.assertIn(first.address, said)
        self.streamctl(first, "topic", "create", "orders")

    def test_whoever_obtains_the_lock_takes_over_at_once_whatever_its_id(self):
        first = self.agent("--agent-id", "first", "--session-timeout", "1h")
        self.streamctl(first, "topic", "create", "orders")
        self.streamctl(first, "produce", "orders", "--value", "x")
        first.kill()
        started = time.monotonic()
        second = self.agent("--agent-id", "second")
        self.assertLess(time.monotonic() - started, START_SECONDS_MAX)
        self.assertEqual(self.streamctl(second, "consume", "orders").text, "x\n")
        self.streamctl(second, "produce", "orders", "--value", "y")


class Http(ServerCase):
    def test_pages(self):
        agent = self.agent()
        address = agent.ready["http"]
        self.assertEqual(http_get(address, "/healthz")[::2], (200, "ok"))
        self.assertEqual(http_get(address, "/readyz")[::2], (200, "ready"))
        self.assertEqual(http_get(address, "/nothing")[0], 404)
        status, content_type, text = http_get(address, "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(content_type.startswith("text/plain; version=0.0.4"), content_type)
        self.assertRegex(text, r'streamhouse_build_info\{version="[^"]+"\} 1\n')


class UnreachableStores(ServerCase):
    def test_start_is_retried_and_readyz_says_why(self):
        agent = self.agent()
        agent.kill()
        database = self.silence(agent)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            http = f"127.0.0.1:{probe.getsockname()[1]}"
        with subprocess.Popen(
                [harness.build / "streamhouse-server", "--grpc-addr", "127.0.0.1:0", "--http-addr",
                 http, *self.store_flags()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True) as process:
            harness.wait_until(lambda: "metadata" in str(self.reasons(http)), what="503")
            self.assertTrue(any(reason.startswith("metadata: ") for reason in self.reasons(http)))
            self.assertEqual(http_get(http, "/healthz")[0], 200)
            self.assertIsNone(process.poll())
            database.close()
            self.assertTrue(process.stdout.readline().startswith("streamhouse ready "))
            self.assertEqual(http_get(http, "/readyz")[0], 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 0)

    def test_silent_database_makes_unready_until_it_answers(self):
        agent = self.agent("--session-timeout", "1s", "--heartbeat-interval", "200ms")
        http = agent.ready["http"]
        database = self.silence(agent)
        try:
            harness.wait_until(lambda: self.reasons(http), what="503")
            self.assertTrue(self.reasons(http)[0].startswith("metadata: "), self.reasons(http))
        finally:
            database.close()
        harness.wait_until(lambda: http_get(http, "/readyz")[0] == 200, what="200")
        self.streamctl(agent, "topic", "create", "orders")
        self.assertEqual(agent.stop(), 0)

    def reasons(self, http):
        """Those of a 503; none if it is ready, or does not listen yet."""
        try:
            status, content_type, body = http_get(http, "/readyz")
        except OSError:
            return []
        if status == 200:
            return []
        self.assertEqual(status, 503)
        self.assertTrue(content_type.startswith("application/json"), content_type)
        answer = json.loads(body)
        self.assertIs(answer["ready"], False)
        return answer["reasons"]


class Fenced(ServerCase):
    def test_fenced_agent_answers_not_leader_and_goes_on_in_a_new_session(self):
        agent = self.agent()
        self.streamctl(agent, "topic", "create", "orders")
        self.streamctl(agent, "produce", "orders", "--value", "before")
        database = self.silence(agent)
        with harness.popen("produce", "orders", "--value", "again", server=agent.address) as late:
            harness.wait_until(lambda: self.buffered_bytes(agent) > 0, what="the produce")
            self.seal(database, agent.ready["session"])
            _, error = late.communicate(timeout=60)  # it sends again what was certainly not applied
        self.assertEqual(late.returncode, 0, error)
        metrics = http_get(agent.ready["http"], "/metrics")[2]
        self.assertRegex(metrics, r'errors_total\{protocol="grpc",code="not_leader"\} [1-9]')
        self.assertEqual(self.streamctl(agent, "consume", "orders").text, "before\nagain\n")
        self.streamctl(agent, "fsck")
        self.assertEqual(agent.stop(), 0)

    def buffered_bytes(self, agent):
        text = http_get(agent.ready["http"], "/metrics")[2]
        return int(re.search(r"^streamhouse_buffered_bytes (\d+)$", text, re.MULTILINE)[1])

    def seal(self, database, session):
        """What whoever takes the session over does first (rule P4); commits."""
        number = int(session, 16)
        number -= (number >> 63) << 64  # as SQLite keeps it
        database.execute("INSERT INTO sh_commits SELECT session, max(seq) + 1, 'S', 0, 0, "
                         "max(created_at), x'', max(total_objects), max(total_bytes) "
                         "FROM sh_commits WHERE session = ?", [number])
        changed = database.execute("UPDATE sh_sessions SET state = 1 WHERE session = ?", [number])
        self.assertEqual(changed.rowcount, 1)
        database.execute("COMMIT")


class Signals(ServerCase):
    def test_sigterm_and_sigint_are_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            agent = self.agent()
            agent.signal(number)
            self.assertEqual(agent.process.wait(60), 0, agent.log())

    def test_signal_before_ready_is_0(self):
        agent = self.agent()
        agent.kill()
        self.silence(agent)
        with subprocess.Popen(
                [harness.build / "streamhouse-server", "--grpc-addr", "127.0.0.1:0", "--http-addr",
                 "127.0.0.1:0", *self.store_flags()], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) as process:
            process.stderr.readline()  # it listens
            process.send_signal(signal.SIGTERM)
            stdout, stderr = process.communicate(timeout=60)
            self.assertEqual((process.returncode, stdout), (0, ""), stderr)

    def test_drain_commits_buffered_acknowledgements(self):
        agent = self.agent()
        self.streamctl(agent, "topic", "create", "orders", "--config", "streamhouse.ack=buffered")
        database = self.silence(agent)  # what is acknowledged now cannot be committed
        self.streamctl(agent, "produce", "orders", "--input", "-", data=b"1\n2\n3\n")
        self.streamctl(agent, "produce", "orders", "--value", "4")
        agent.signal(signal.SIGTERM)
        harness.wait_until(lambda: "stopping" in agent.log(), what="the drain")
        time.sleep(0.5)
        self.assertIsNone(agent.process.poll())
        database.close()
        self.assertEqual(agent.process.wait(60), 0, agent.log())
        agent.process.stdout.close()
        agent.start()
        self.assertEqual(self.streamctl(agent, "consume", "orders").text, "1\n2\n3\n4\n")

    def test_second_signal_is_1_at_once(self):
        agent = self.agent()
        self.streamctl(agent, "topic", "create", "orders", "--config", "streamhouse.ack=buffered")
        database = self.silence(agent)
        self.streamctl(agent, "produce", "orders", "--value", "x")
        agent.signal(signal.SIGTERM)
        harness.wait_until(lambda: "stopping" in agent.log(), what="the drain")
        agent.signal(signal.SIGTERM)
        self.assertEqual(agent.process.wait(30), 1)  # draining goes on for a minute
        database.close()


harness.main(__name__)
