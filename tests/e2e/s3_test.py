"""Goal: an agent whose records live in a bucket loses nothing, says what is wrong with a bucket,
and waits for one that is away.

Method: the real binaries against a real S3 server (Ceph's RADOS Gateway, or what S3_TEST_SERVER
names), directly and through a proxy that fails (scripts/servers).
"""
import json
import subprocess
import sys
import unittest
import time
from pathlib import Path

import harness
from server_case import ServerCase, http_get, run_server

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from servers import s3_server  # pylint: disable=wrong-import-position
from servers.processes import free_port  # pylint: disable=wrong-import-position
from servers.s3_fault_proxy import Faults, S3FaultProxy  # pylint: disable=wrong-import-position
from servers.tls_proxy import Certificates, TlsProxy  # pylint: disable=wrong-import-position

BUCKET = "streamhouse"
READY_SECONDS_MAX = 60


class Bucket(ServerCase):
    @classmethod
    def setUpClass(cls):
        if missing := s3_server.missing():
            raise unittest.SkipTest(f"the S3 server cannot be had here: {missing}")
        cls.server = s3_server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.server.s3.create_bucket(BUCKET)

    def environment(self, **others):
        return {**self.server.environment(), "AWS_EC2_METADATA_DISABLED": "true",
                "KAFKA_ADDR": "127.0.0.1:0", **others}

    def url(self):
        """A part of the bucket that no other test uses."""
        return f"s3://{BUCKET}/{self._testMethodName.replace('_', '-')}"

    def bucket_agent(self, **others):
        return self.agent("--object-store", self.url(), environment=self.environment(**others))

    def refused_start(self, url=None, **others):
        """What stderr says of a start that must end with 1 in time."""
        flags = self.store_flags()[:2] + ["--object-store", url or self.url(), "--grpc-addr",
                                          "127.0.0.1:0", "--http-addr", "127.0.0.1:0"]
        code, stdout, stderr = run_server(*flags, environment=self.environment(**others))
        self.assertEqual((code, stdout), (1, ""), stderr)
        return stderr

    def test_records_outlive_kill_9(self):
        agent = self.bucket_agent()
        self.assertEqual(agent.ready["object_store"], self.url())
        self.streamctl(agent, "topic", "create", "orders", "--partitions", "3")
        lines = [f"record-{number}" for number in range(3000)]
        self.streamctl(agent, "produce", "orders", "--input", "-", data="\n".join(lines).encode())
        agent.kill()
        agent.start()
        self.streamctl(agent, "produce", "orders", "--value", "after")
        read = self.streamctl(agent, "consume", "orders").text.splitlines()
        self.assertEqual(sorted(read), sorted([*lines, "after"]))
        found = self.streamctl(agent, "fsck", "-o", "json").json
        self.assertEqual((found["violations"], found["records"]), ([], 3001))
        segments = self.streamctl(agent, "segment", "list", "orders", "-o", "json").json["segments"]
        self.assertEqual({segment["s3_bucket"] for segment in segments}, {BUCKET})
        self.assertEqual(agent.stop(), 0)
        direct = harness.streamctl(
            "fsck", "--direct", "-o", "json",
            environment={**self.environment(), "OBJECT_STORE": self.url(),
                         "DATABASE_URL": f"sqlite:{agent.folder}/metadata.db"})
        self.assertEqual(direct.code, 0, direct)
        self.assertEqual(direct.json["records"], 3001)

    def test_a_lost_object_is_found(self):
        agent = self.bucket_agent()
        self.streamctl(agent, "topic", "create", "orders")
        self.streamctl(agent, "produce", "orders", "--value", "lost")
        segment, = self.streamctl(agent, "segment", "list", "orders", "-o", "json").json["segments"]
        key = f"/{segment['s3_bucket']}/{segment['s3_key']}"
        self.assertEqual(self.server.s3.call("HEAD", key)[0], 200)
        self.assertEqual(self.server.s3.call("DELETE", key)[0], 204)
        found = harness.streamctl("fsck", "-o", "json", server=agent.address)
        self.assertEqual(found.code, 1, found)
        self.assertEqual({entry["invariant"] for entry in found.json["violations"]}, {"S1"})

    def test_a_start_that_cannot_be_is_refused_by_name(self):
        self.assertIn("bucket no-such-bucket does not exist",
                      self.refused_start("s3://no-such-bucket"))
        self.assertIn("access key nobody is not known",
                      self.refused_start(AWS_ACCESS_KEY_ID="nobody"))
        said = self.refused_start(AWS_SECRET_ACCESS_KEY="sesame-open")
        self.assertIn("secret key does not belong to access key", said)
        self.assertNotIn("sesame", said)
        self.assertIn("no AWS credentials", self.refused_start(AWS_ACCESS_KEY_ID="",
                                                               AWS_SECRET_ACCESS_KEY=""))

    def test_a_wrong_clock_is_refused_by_name(self):
        library, *_ = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
        said = self.refused_start(LD_PRELOAD=str(library), FAKETIME="+2h",
                                  FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.assertIn("this machine's clock is wrong", said)

    def test_tls_is_spoken_to_who_has_the_right_certificate(self):
        certificates = Certificates(self.folder.path)
        proxy = TlsProxy(self.server.endpoint, certificates)
        self.addCleanup(proxy.stop)
        agent = self.bucket_agent(AWS_ENDPOINT_URL=proxy.endpoint,
                                  AWS_CA_BUNDLE=str(certificates.authority))
        self.streamctl(agent, "topic", "create", "orders")
        self.streamctl(agent, "produce", "orders", "--value", "over-tls")
        self.assertEqual(self.streamctl(agent, "consume", "orders").text, "over-tls\n")
        self.assertEqual(agent.stop(), 0, agent.log())
        direct = harness.streamctl("fsck", "--direct", "-o", "json", environment={
            **self.environment(AWS_ENDPOINT_URL=proxy.endpoint), "OBJECT_STORE": self.url(),
            "DATABASE_URL": f"sqlite:{agent.folder}/metadata.db"})
        self.assertNotEqual(direct.code, 0, "nobody told it of the authority")
        self.assertIn("certificate", direct.error)

    def test_a_server_that_is_away_is_waited_for(self):
        port = free_port()
        log = (self.folder.path / "log").open("wb")
        self.addCleanup(log.close)
        flags = self.store_flags()[:2] + ["--object-store", self.url(), "--grpc-addr",
                                          "127.0.0.1:0", "--log-format", "json"]
        http = free_port()
        with subprocess.Popen(
                [harness.build / "streamhouse-server", *flags, "--http-addr", f"127.0.0.1:{http}"],
                env=self.environment(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}"),
                stdout=subprocess.PIPE, stderr=log, text=True) as process:
            self.addCleanup(process.kill)
            harness.wait_until(lambda: "object_store" in self.reasons(http), READY_SECONDS_MAX,
                               "the reason why it is not ready")
            self.assertIsNone(process.poll())
            proxy = S3FaultProxy(self.server.endpoint, Faults(), port=port)
            self.addCleanup(proxy.stop)
            harness.wait_until(lambda: self.reasons(http) == "", READY_SECONDS_MAX, "ready")
            self.assertTrue(process.stdout.readline().startswith("streamhouse ready "))
            process.terminate()
            self.assertEqual(process.wait(harness.STOP_SECONDS_MAX), 0)

    @staticmethod
    def reasons(port):
        try:
            status, _, body = http_get(f"127.0.0.1:{port}", "/readyz")
        except OSError:
            return "no answer"
        return "" if status == 200 else " ".join(json.loads(body)["reasons"])

    def test_nothing_is_lost_on_a_bad_network(self):
        proxy = S3FaultProxy(self.server.endpoint, Faults(
            throttled=0.1, wave=0.01, reset_unheard=0.03, reset_after_apply=0.03,
            error_after_apply=0.03, slow_body=0.05, wrong_range=0.05), seed=time.time_ns())
        self.addCleanup(proxy.stop)
        agent = self.bucket_agent(AWS_ENDPOINT_URL=proxy.endpoint)
        self.streamctl(agent, "topic", "create", "orders", "--partitions", "2")
        lines = [f"record-{number}" for number in range(400)]
        for start in range(0, len(lines), 40):
            self.streamctl(agent, "produce", "orders", "--input", "-",
                           data="\n".join(lines[start:start + 40]).encode())
        agent.kill()
        agent.start()
        read = self.streamctl(agent, "consume", "orders").text.splitlines()
        self.assertEqual(sorted(read), sorted(lines))
        found = self.streamctl(agent, "fsck", "-o", "json").json
        self.assertEqual(found["violations"], [])
        self.assertGreater(sum(proxy.counts.values()) - proxy.counts["none"], 0, proxy.counts)


harness.main(__name__)
