# Goal: /metrics has the families, types and labels of the outside contract, and they count what
# happens.
# Method: a real agent under streamctl; the text that it serves is taken apart.
"""End-to-end tests of the server's metrics."""
import re

import harness
from server_case import ServerCase, http_get

# Families of the outside contract: type, labels and their values (none = any value).
PROTOCOLS, OUTCOMES = ("grpc", "kafka"), ("ok", "refused", "unknown")
STORE = ("put", "get", "head", "list", "delete")
METRICS = {
    "streamhouse_build_info": ("gauge", {"version": ()}),
    "streamhouse_produce_requests_total":
        ("counter", {"protocol": PROTOCOLS, "result": OUTCOMES}),
    "streamhouse_produce_records_total": ("counter", {"protocol": PROTOCOLS}),
    "streamhouse_produce_bytes_total": ("counter", {"protocol": PROTOCOLS}),
    "streamhouse_produce_duration_seconds":
        ("histogram", {"protocol": PROTOCOLS, "ack": ("durable", "buffered")}),
    "streamhouse_fetch_requests_total": ("counter", {"protocol": PROTOCOLS, "result": OUTCOMES}),
    "streamhouse_fetch_records_total": ("counter", {"protocol": PROTOCOLS}),
    "streamhouse_fetch_bytes_total":
        ("counter", {"protocol": PROTOCOLS, "source": ("tail", "cache", "store")}),
    "streamhouse_fetch_duration_seconds": ("histogram", {"protocol": PROTOCOLS}),
    "streamhouse_flush_duration_seconds": ("histogram", {}),
    "streamhouse_flush_object_bytes": ("histogram", {}),
    "streamhouse_flush_spans": ("histogram", {}),
    "streamhouse_commit_duration_seconds":
        ("histogram", {"result": ("ok", "duplicate", "fenced", "retried")}),
    "streamhouse_objectstore_requests_total":
        ("counter", {"operation": STORE, "result": ("ok", "retried", "failed")}),
    "streamhouse_objectstore_bytes_total": ("counter", {"operation": STORE}),
    "streamhouse_objectstore_request_duration_seconds": ("histogram", {"operation": STORE}),
    "streamhouse_metadata_operations_total": ("counter", {"operation": (), "result": ()}),
    "streamhouse_metadata_rows_written_total": ("counter", {}),
    "streamhouse_metadata_operation_duration_seconds": ("histogram", {"operation": ()}),
    "streamhouse_cache_requests_total":
        ("counter", {"cache": ("topic", "partition", "lease", "group", "negative", "index",
                               "block"), "result": ("hit", "miss", "stale", "coalesced")}),
    "streamhouse_buffered_bytes": ("gauge", {}),
    "streamhouse_buffered_bytes_limit": ("gauge", {}),
    "streamhouse_connections": ("gauge", {"protocol": (*PROTOCOLS, "http")}),
    "streamhouse_partitions_led": ("gauge", {}),
    "streamhouse_lease_remaining_seconds": ("gauge", {}),
    "streamhouse_objects": ("gauge", {"level": ("0", "1"), "state": ("live", "dead")}),
    "streamhouse_object_bytes": ("gauge", {"level": ("0", "1"), "state": ("live", "dead")}),
    "streamhouse_errors_total": ("counter", {"protocol": (*PROTOCOLS, "http"), "code": ()}),
    "process_cpu_seconds_total": ("counter", {}),
    "process_resident_memory_bytes": ("gauge", {}),
}
# There is no cache of records, and of partitions none but of where they are led (`lease`); of
# errors there are those that have happened.
ABSENT = {"streamhouse_fetch_bytes_total": {"cache"},
          "streamhouse_cache_requests_total": {"partition"},
          "streamhouse_errors_total": {"kafka", "http"}}


class Metrics(ServerCase):
    def test_metrics_are_the_contracts(self):
        agent = self.agent()
        self.streamctl(agent, "topic", "create", "orders")
        self.streamctl(agent, "produce", "orders", "--value", "x")
        self.streamctl(agent, "consume", "orders")
        harness.streamctl("consume", "nothing", server=agent.address)
        text = http_get(agent.ready["http"], "/metrics")[2]
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        labels = {}
        for sample in text.splitlines():
            match = re.match(r"(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? \S+$", sample)
            if match:
                found = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
                found.pop("le", None)
                labels.setdefault(match[1], []).append(found)
        for family, (kind, allowed) in METRICS.items():
            self.assertEqual(types.get(family), kind, family)
            for label, values in allowed.items():
                shown = {found[label] for found in labels[family]}
                if values:
                    self.assertEqual(shown, set(values) - ABSENT.get(family, set()), family)
            for found in labels[family]:
                self.assertEqual(list(found), list(allowed), family)
        self.assertEqual(set(types) - set(METRICS), {"streamhouse_deletion_behind"})

    def test_metrics_count_what_happens(self):
        agent = self.agent()
        self.streamctl(agent, "topic", "create", "orders")
        self.streamctl(agent, "produce", "orders", "--input", "-", data=b"1\n2\n3\n")
        self.assertEqual(self.streamctl(agent, "consume", "orders").text, "1\n2\n3\n")
        harness.streamctl("consume", "nothing", server=agent.address)
        text = http_get(agent.ready["http"], "/metrics")[2]
        samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
        for name, least in (
                ('produce_requests_total{protocol="grpc",result="ok"}', 1),
                ('produce_records_total{protocol="grpc"}', 3),
                ('produce_bytes_total{protocol="grpc"}', 60),
                ('produce_duration_seconds_count{protocol="grpc",ack="durable"}', 1),
                ('fetch_requests_total{protocol="grpc",result="ok"}', 1),
                ('fetch_records_total{protocol="grpc"}', 3),
                ('fetch_bytes_total{protocol="grpc",source="tail"}', 60),
                ('fetch_duration_seconds_count{protocol="grpc"}', 1),
                ('errors_total{protocol="grpc",code="topic_not_found"}', 1),
                ('flush_duration_seconds_count', 1), ('flush_object_bytes_count', 1),
                ('flush_spans_sum', 1), ('commit_duration_seconds_count{result="ok"}', 1),
                ('objectstore_requests_total{operation="put",result="ok"}', 1),
                ('objectstore_bytes_total{operation="put"}', 60),
                ('objectstore_request_duration_seconds_count{operation="put"}', 1),
                ('metadata_operations_total{operation="append",result="ok"}', 1),
                ('metadata_operation_duration_seconds_count{operation="append"}', 1),
                ('cache_requests_total{cache="topic",result="hit"}', 1),
                ('cache_requests_total{cache="index",result="miss"}', 0),
                ('cache_requests_total{cache="block",result="coalesced"}', 0),
                ('metadata_rows_written_total', 1), ('buffered_bytes_limit', 256 << 20),
                ('connections{protocol="http"}', 1), ('partitions_led', 1),
                ('lease_remaining_seconds', 1)):
            self.assertGreaterEqual(float(samples["streamhouse_" + name]), least, name)
        for name in ("objects", "object_bytes"):
            for level in (0, 1):
                for state in ("live", "dead"):
                    labels = f'{{level="{level}",state="{state}"}}'
                    self.assertIn(f"streamhouse_{name}{labels}", samples)
        self.assertEqual(float(samples["streamhouse_deletion_behind"]), 0)
        self.assertEqual(float(samples["streamhouse_buffered_bytes"]), 0)
        self.assertGreater(float(samples["process_cpu_seconds_total"]), 0)
        self.assertGreater(float(samples["process_resident_memory_bytes"]), 1 << 20)
        self.assertNotIn("orders", text)


harness.main(__name__)
