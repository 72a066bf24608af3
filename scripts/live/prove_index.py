"""Proves that the segment index works: see scripts/prove_segment_index.sh."""
import argparse
import bisect
import functools
import random
import shutil
import signal
import subprocess
import sys
import time

from live import object_format, stores
from live.agent import Agent, Refused, add_build

PARTITIONS, ROUNDS, RECORDS_A_ROUND, LOOKUPS, HOT_READS = 3, 10, 40, 20, 40
LEADERS_SECONDS_MAX = 120
# What an agent asks the database for to find records or leaders.
FINDING = ("get_topic", "get_partition", "list_partitions", "load_partitions", "list_segments",
           "find_segment", "list_leases")


class Wrong(Exception):
    """The index does not work; the text says where."""


def demand(is_so, text):
    if not is_so:
        raise Wrong(text)


def proved(text):
    print(f"ok    {text}", flush=True)


def partitions_of(agent, topic):
    return agent.one("topic", "describe", topic)["partitions"]


def wait_for_leaders(agent, topic, epochs):
    """Until each partition has a leader, of a later epoch than that in `epochs`. What is not led
    shows a high watermark of some seconds ago."""
    deadline = time.monotonic() + LEADERS_SECONDS_MAX
    while True:
        waited_for = [partition["partition_id"] for partition in partitions_of(agent, topic)
                      if partition["leader"] is None
                      or partition["leader_epoch"] <= epochs.get(partition["partition_id"], -1)]
        if not waited_for:
            return
        if time.monotonic() > deadline:
            raise Refused(f"nobody leads partitions {waited_for} of {topic}")
        time.sleep(0.2)


def fill(agent, topic):
    """Records whose values say where they are, in many objects."""
    agent.one("topic", "create", topic, "--partitions", PARTITIONS)
    for turn in range(ROUNDS):
        for partition in range(PARTITIONS):
            first = turn * RECORDS_A_ROUND
            lines = "".join(f"{partition}@{offset}\n"
                            for offset in range(first, first + RECORDS_A_ROUND))
            agent.one("produce", topic, partition, "--input", "-", data=lines)
    proved(f"topic {topic}: {PARTITIONS * ROUNDS * RECORDS_A_ROUND} records acknowledged in "
           f"{PARTITIONS * ROUNDS} produces")


def segments_of(agent, topic):
    """Partition -> its segments by offset; they tile what is there."""
    described = partitions_of(agent, topic)
    listed = agent.one("segment", "list", topic)["segments"]
    by_partition = {partition["partition_id"]: [] for partition in described}
    for segment in sorted(listed, key=lambda entry: entry["base_offset"]):
        by_partition[segment["partition_id"]].append(segment)
    for partition in described:
        at = partition["log_start_offset"]
        for segment in by_partition[partition["partition_id"]]:
            demand(segment["base_offset"] <= at <= segment["end_offset"] + 1,
                   f"partition {partition['partition_id']}: segment {segment['id']} does not begin "
                   f"at {at}")
            at = segment["end_offset"] + 1
        demand(at == partition["high_watermark"],
               f"partition {partition['partition_id']}: segments end at {at}, the high watermark "
               f"is {partition['high_watermark']}")
    proved(f"{len(listed)} segments tile all {len(described)} partitions, without gap or overlap")
    return by_partition


def all_of(by_partition):
    return [segment for segments in by_partition.values() for segment in segments]


def compare_with_sql(variables, topic, by_partition, bucket):
    """The view `segments`, read from the database itself."""
    url = variables.get("DATABASE_URL", "")
    if not url.startswith("postgres") or not shutil.which("psql"):
        print("-     the database was not asked in SQL: no psql, or not PostgreSQL", flush=True)
        return
    columns = ("id", "partition_id", "base_offset", "end_offset", "record_count", "size_bytes",
               "s3_bucket", "s3_key")
    query = (f"SELECT {', '.join(columns)} FROM segments WHERE topic = '{topic}' "
             "ORDER BY partition_id, base_offset")
    url, password = stores.split_password(url)
    done = subprocess.run(["psql", url, "-XAt", "-v", "ON_ERROR_STOP=1", "-c", query],
                          env={**variables, **password}, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Refused(f"psql: {done.stderr.strip()}")
    rows = [line.split("|") for line in done.stdout.splitlines()]
    listed = [[str(segment[name]) for name in columns] for segment in all_of(by_partition)]
    demand(rows == listed, f"the database's view differs: {len(rows)} rows for {len(listed)} "
                           f"segments; first {next(iter(differences(rows, listed)), None)}")
    proved(f"the database's view `segments` has the same {len(rows)} rows")


def differences(left, right):
    return [pair for pair in zip(left, right) if pair[0] != pair[1]]


def compare_with_bucket(by_partition, bucket):
    """Each segment is a span of the object that it names, as the object itself says."""
    sizes = {key: size for key, size, _ in bucket.objects()}
    spans = {}
    for segment in all_of(by_partition):
        key = segment["s3_key"].removeprefix(bucket.prefix)
        demand(segment["s3_bucket"] == bucket.name,
               f"{segment['id']} lies in bucket {segment['s3_bucket']}")
        demand(key in sizes, f"{segment['id']}: object {key} is not in the bucket")
        if key not in spans:
            try:
                _, spans[key] = object_format.read_object(functools.partial(bucket.get, key),
                                                          sizes[key])
            except ValueError as error:
                raise Wrong(f"object {key}: {error}") from error
        held = {(span.partition, span.base_offset, span.next_offset - 1, span.length)
                for span in spans[key]}
        wanted = (segment["partition_id"], segment["base_offset"], segment["end_offset"],
                  segment["size_bytes"])
        demand(wanted in held, f"{segment['id']}: object {key} does not hold such a span")
    proved(f"{len(spans)} objects in bucket {bucket.name} hold exactly these spans")


def floor_of(segments, offset):
    """The segment that holds the offset, as the index finds it."""
    at = bisect.bisect_right([segment["base_offset"] for segment in segments], offset) - 1
    return segments[at]


def read_everywhere(agent, topic, by_partition, chance):
    places = [(partition, segment["base_offset"]) for partition, segments in by_partition.items()
              for segment in segments] + [(partition, segment["end_offset"])
                                          for partition, segments in by_partition.items()
                                          for segment in segments]
    for partition, offset in chance.sample(places, min(LOOKUPS, len(places))):
        record, = agent.run("consume", topic, partition, "--offset", offset, "--max-records", 1)
        demand(record["offset"] == offset and record["value"] == f"{partition}@{offset}",
               f"partition {partition} at {offset}: read {record}")
        dumped = agent.run("segment", "dump", floor_of(by_partition[partition], offset)["id"])
        demand(record["value"] in [entry["value"] for entry in dumped],
               f"partition {partition} at {offset}: not in the segment that the index finds")
    proved(f"{min(LOOKUPS, len(places))} first and last offsets of segments are found, each in its "
           "segment and with its record")


# Agents hear of every change twice, five seconds apart.
SECOND_LOOK_SECONDS = 7


def statements(agent):
    """How often the database was asked where records are, so far."""
    return {name: sum(value for series, value in agent.metrics().items()
                      if series.startswith("metadata_operations_total{")
                      and f'operation="{name}"' in series) for name in FINDING}


def read_hot(agent, topic, by_partition, chance):
    """Warm partitions are read without asking the database, once the agent has looked at the new
    topic for the second time."""
    time.sleep(SECOND_LOOK_SECONDS)

    def read(count):
        for _ in range(count):
            partition = chance.choice(list(by_partition))
            offset = chance.choice(by_partition[partition])["base_offset"]
            agent.run("consume", topic, partition, "--offset", offset, "--max-records", 1)
    read(2 * PARTITIONS)
    begun, before = time.monotonic(), statements(agent)
    read(HOT_READS)
    asked = {name: count - before[name] for name, count in statements(agent).items()
             if count != before[name]}
    demand(not asked, f"{HOT_READS} reads of hot partitions asked the database: {asked}")
    proved(f"{HOT_READS} reads of hot partitions in {time.monotonic() - begun:.1f} s asked the "
           "database nothing")


def prove(agent, topic, bucket):
    by_partition = segments_of(agent, topic)
    compare_with_sql(agent.variables, topic, by_partition, bucket)
    compare_with_bucket(by_partition, bucket)
    return by_partition


def prove_with_records(agent, bucket, chance):
    topic = f"index-proof-{time.time_ns()}"
    fill(agent, topic)
    by_partition = prove(agent, topic, bucket)
    demand(len(all_of(by_partition)) >= 2 * PARTITIONS, "everything lies in one object: no proof")
    read_everywhere(agent, topic, by_partition, chance)
    if not agent.is_own:
        print("-     the agent is not ours: no look at its metrics, no kill -9", flush=True)
        return
    read_hot(agent, topic, by_partition, chance)
    epochs = {partition["partition_id"]: partition["leader_epoch"]
              for partition in partitions_of(agent, topic)}
    agent.end(signal.SIGKILL)
    agent.start()
    wait_for_leaders(agent, topic, epochs)
    proved(f"killed with SIGKILL; the next agent is session {agent.ready['session']}")
    demand(prove(agent, topic, bucket) == by_partition,
           "after the kill the segments are others")
    read_everywhere(agent, topic, by_partition, chance)


def main():
    parser = argparse.ArgumentParser(prog="prove_segment_index.sh",
                                     description=__doc__.partition(":")[0])
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="only compare, for this topic")
    add_build(parser)
    arguments = parser.parse_args()
    chance = random.Random(1)
    try:
        variables = stores.environment()
        bucket = stores.Bucket.of(variables)
        database, _ = stores.split_password(variables.get("DATABASE_URL", "of the agent"))
        print(f"database {database}, bucket {bucket.name}/{bucket.prefix} at {bucket.endpoint}",
              flush=True)
        with Agent(arguments.build, variables) as agent:
            if arguments.topic:
                wait_for_leaders(agent, arguments.topic, {})
                prove(agent, arguments.topic, bucket)
            else:
                prove_with_records(agent, bucket, chance)
    except (Wrong, Refused, ValueError, RuntimeError, OSError) as error:
        print(f"prove_segment_index: {error}", file=sys.stderr)
        return 1
    print("the index works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
