"""Figures of an agent whose objects lie in a bucket: a real S3 server behind a proxy that lets each
put take 30 ms, as far ones do."""
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import process_figures
from figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from servers import s3_server  # pylint: disable=wrong-import-position
from servers.s3_fault_proxy import Faults, S3FaultProxy  # pylint: disable=wrong-import-position
from servers.s3_request import S3  # pylint: disable=wrong-import-position

BUCKET = "streamhouse"
PUT_SECONDS = 0.03
LONE_RECORDS, STEADY_RECORDS, STEADY_RATE = 40, 15_000, 1_000


@contextmanager
def slow_server():
    """(what an agent needs in its environment, a client of it)."""
    server = s3_server.start()
    try:
        server.s3.create_bucket(BUCKET)
        proxy = S3FaultProxy(server.endpoint, Faults(put_seconds=PUT_SECONDS))
        variables = {**server.environment(), "AWS_ENDPOINT_URL": proxy.endpoint,
                     "AWS_EC2_METADATA_DISABLED": "true"}
        yield variables, S3(proxy.endpoint, variables["AWS_ACCESS_KEY_ID"],
                            variables["AWS_SECRET_ACCESS_KEY"])
        proxy.stop()
    finally:
        server.stop()


def put_ms(client, count):
    """One put by itself, the best of some."""
    times = []
    for number in range(count):
        began = time.perf_counter()
        client.call("PUT", f"/{BUCKET}/alone/{number}", bytes(4096))
        times.append((time.perf_counter() - began) * 1e3)
    return min(times)


def bucket(setting):
    with (slow_server() as (variables, client),
          process_figures.running_agent("--object-store", f"s3://{BUCKET}/figures",
                                        environment=variables) as agent):
        process_figures.create_topic(agent)
        yield from figures_of(setting, agent, put_ms(client, setting.scaled(500)))


def figures_of(setting, agent, alone):
    lone = process_figures.timed_load(agent, 1 if setting.smoke else LONE_RECORDS, rate=1)
    yield Figure("puts of 30 ms: a lone record after an idle spell, p50 ms", lone["p50_ms"], "<=60",
                 alone)
    yield Figure("puts of 30 ms: a lone record after an idle spell, p99 ms", lone["p99_ms"], "<=60",
                 alone)
    before = process_figures.puts(agent)
    steady = process_figures.timed_load(agent, setting.scaled(STEADY_RECORDS), rate=STEADY_RATE,
                                        in_flight=process_figures.IN_FLIGHT_MAX)
    made = (process_figures.puts(agent) - before - 1) / steady["seconds"]  # intervals between them
    yield Figure("puts of 30 ms: durable produce at 1,000/s, p50 ms", steady["p50_ms"], "<=180",
                 alone)
    yield Figure("puts of 30 ms: durable produce at 1,000/s, p99 ms", steady["p99_ms"], "<=350",
                 alone)
    yield Figure("puts of 30 ms: puts/s at 1,000 records/s", made, "<=4")
