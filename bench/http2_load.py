"""Unary and streamed calls of gRPC by h2load, nghttp2's load generator: it takes so little of the
machine itself (5 us of processor time a call, a client of gRPC's own library 30) that it measures
the server.

h2load knows nothing of gRPC: every call sends the same encoded message, and what it answers beyond
the HTTP status is not looked at. Who needs to know asks the agent's own counters.
"""
import re
import subprocess
import tempfile

CONNECTIONS = 2
SERVICE = "streamhouse.v1.StreamHouseService"
TOPIC = "bench"
VALUE = b"v" * 100
TIMESTAMP_MS = 1_700_000_000_000
LENGTH_DELIMITED = 2


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def integer(field, value):
    return varint(field << 3) + varint(value)


def message(field, content):
    return varint(field << 3 | LENGTH_DELIMITED) + varint(len(content)) + content


def produce_request():
    return message(1, TOPIC.encode()) + message(3, record())


def batch_request(records):
    return message(1, TOPIC.encode()) + message(3, record()) * records


def consume_request():
    """One record of partition 0, from the earliest."""
    earliest, records_max = 4, 8
    return message(1, TOPIC.encode()) + integer(earliest, 1) + integer(records_max, 1)


def record():
    return message(2, VALUE) + integer(4, TIMESTAMP_MS)


def framed(content):
    """A message as gRPC sends it: not compressed, length, bytes."""
    return b"\0" + len(content).to_bytes(4, "big") + content


def call(address, method, request, *, calls, in_flight, rate=0):
    """Calls `method` so often; returns the calls a second. `rate` a second, 0 = as fast as they are
    answered."""
    with tempfile.NamedTemporaryFile() as body:
        body.write(framed(request))
        body.flush()
        command = ["h2load", "--requests", str(calls), "--clients", str(CONNECTIONS),
                   "--max-concurrent-streams", str(in_flight // CONNECTIONS), "--data", body.name,
                   "--header", "content-type: application/grpc", "--header", "te: trailers",
                   *(["--rps", str(rate // CONNECTIONS)] if rate else []),
                   f"http://{address}/{SERVICE}/{method}"]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    succeeded = int(re.search(r"(\d+) succeeded", output).group(1))
    if succeeded != calls:
        raise RuntimeError(f"{calls - succeeded} of {calls} calls of {method} were not answered")
    return float(re.search(r"finished in [^,]*, ([\d.]+) req/s", output).group(1))
