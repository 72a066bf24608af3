"""Fills in test data: see scripts/populate_test_data.sh."""
import argparse
import json
import random
import sys

from live import stores
from live.agent import Agent, Refused, add_build

# Rounds are objects: what is produced in one call mostly goes into one.
ROUNDS = 5
CITIES = ("Berlin", "Nairobi", "Lima", "Osaka", "Oslo")
PAGES = ("/", "/search", "/basket", "/checkout", "/help")


def order(chance, number):
    customer = f"customer-{chance.randrange(200):03}"
    return f"{customer}:" + json.dumps(
        {"order": number, "customer": customer, "city": chance.choice(CITIES),
         "cents": chance.randrange(100, 100_000)}, separators=(",", ":"))


def click(chance, number):
    return json.dumps({"click": number, "page": chance.choice(PAGES),
                       "ms": chance.randrange(5, 2_000)}, separators=(",", ":"))


def entry(chance, number):
    return f"{number} {chance.choice(('login', 'logout', 'grant', 'revoke'))} user-" \
           f"{chance.randrange(50)}"


# Topic: flags of its creation, share of the records, a record, flags of producing.
TOPICS = {
    "orders": (["--partitions", 10], 4, order, ["--key-separator", ":"]),
    "clicks": (["--partitions", 4, "--retention-ms", 604_800_000], 5, click, []),
    "audit": (["--partitions", 1, "--config", "message.timestamp.type=LogAppendTime"], 1, entry,
              ["--header", "source=populate_test_data"]),
}
# Group: what it reads, and how far it is, as a share.
GROUPS = {"billing": ("orders", 1.0), "analytics": ("clicks", 0.5)}


def populate(agent, records, chance):
    there = {topic["name"] for topic in agent.one("topic", "list")["topics"]}
    for name, (flags, *_) in TOPICS.items():
        if name not in there:
            agent.one("topic", "create", name, *flags)
    for _ in range(ROUNDS):
        for name, (_, share, make, flags) in TOPICS.items():
            count = max(1, records * share // 10 // ROUNDS)
            lines = "".join(make(chance, number) + "\n" for number in range(count))
            agent.one("produce", name, "--input", "-", *flags, data=lines)
    for group, (topic, share) in GROUPS.items():
        for partition in agent.one("topic", "describe", topic)["partitions"]:
            start, end = partition["log_start_offset"], partition["high_watermark"]
            agent.one("group", "commit", group, topic, partition["partition_id"],
                      start + int((end - start) * share), "--metadata", "populate_test_data")


def report(agent):
    print(f"{'TOPIC':10} {'PARTITIONS':>10} {'RECORDS':>10} {'SEGMENTS':>10} {'BYTES':>12}")
    for name in TOPICS:
        partitions = agent.one("topic", "describe", name)["partitions"]
        records = sum(part["high_watermark"] - part["log_start_offset"] for part in partitions)
        print(f"{name:10} {len(partitions):10} {records:10} "
              f"{sum(part['segment_count'] for part in partitions):10} "
              f"{sum(part['size_bytes'] for part in partitions):12}")
    for name in GROUPS:
        lag = sum(entry["lag"] for entry in agent.one("group", "describe", name)["offsets"])
        print(f"group {name}: {lag} records behind")


def main():
    parser = argparse.ArgumentParser(prog="populate_test_data.sh",
                                     description=__doc__.partition(":")[0])
    parser.add_argument("--records", type=int, default=10_000, help="more or less (default: 10000)")
    parser.add_argument("--seed", type=int, default=1)
    add_build(parser)
    arguments = parser.parse_args()
    variables = stores.environment()
    try:
        with Agent(arguments.build, variables) as agent:
            populate(agent, arguments.records, random.Random(arguments.seed))
            report(agent)
    except Refused as refusal:
        print(f"populate_test_data: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
