"""Figures of an agent under librdkafka, beside what librdkafka costs against its own broker, which
keeps nothing."""
import os

import kafka_load
import process_figures
from figure import Figure
from kafka_load import Workload

RECORDS = 1 << 20  # of 1 KiB: a GiB
TAIL_RECORDS = 56 << 10  # of 1 KiB: what an agent keeps of the newest records holds them
TAIL_ROUNDS = 16
ROUNDS = 3
SMALL_RECORDS = 5_000_000
RATE, RATED_RECORDS = 1_000, 10_000


class Agent:
    """An agent, its topics, and rounds of librdkafka against it."""

    def __init__(self, setting, agent):
        self.setting = setting
        self.program = setting.programs / "kafka_load"
        self.agent = agent
        self.topics = 0

    def new_topic(self):
        self.topics += 1
        name = f"bench-{self.topics}"
        process_figures.create_topic(self.agent, name, 1)
        return name

    def run(self, workload, topic):
        """(what the client says, the agent's processor seconds)"""
        self.warm(2 * workload.gib)
        before = process_figures.processor_seconds(self.agent.process.pid)
        said = kafka_load.run(self.program, workload, self.agent.ready["kafka"], topic)
        used = process_figures.processor_seconds(self.agent.process.pid) - before
        return said, used

    def cheapest(self, workload, topic=None):
        """The round that cost the agent least; without a topic each is on a new one."""
        rounds = 1 if self.setting.smoke else ROUNDS
        return min((self.run(workload, topic or self.new_topic()) for _ in range(rounds)),
                   key=lambda round_: round_[1])

    def warm(self, gib):
        """The memory that files will take is the system's already: on a virtual machine the first
        touch of a page costs more than what is written into it. What was written before is on the
        disk."""
        path = self.agent.folder / "warm"
        with open(path, "wb") as file:
            for _ in range(int(gib * 1024)):
                file.write(bytes(1 << 20))
        path.unlink()
        os.sync()

    def alone(self, workload):
        return kafka_load.run(self.program, workload)


def kafka(setting):
    with process_figures.running_agent() as process:
        agent = Agent(setting, process)
        records = setting.scaled(RECORDS)
        yield from at_a_rate(setting, agent)
        yield from produced(agent, "1 KiB records, batches of 1 MB", 0.9,
                            Workload("produce", records))
        yield from consumed(agent, "of the store",
                            Workload("consume", records, settings=kafka_load.READ))
        yield from consumed(agent, "of the tail",
                            Workload("consume", setting.scaled(TAIL_RECORDS), rounds=TAIL_ROUNDS,
                                     settings=kafka_load.READ))
        yield from produced(agent, "1 KiB records, batches of 16 KiB", 3.5,
                            Workload("produce", records, settings=kafka_load.SMALL))
        yield from as_fast_as_it_goes(setting, agent)


def produced(agent, what, goal, workload):
    alone = agent.alone(workload)
    said, used = agent.cheapest(workload)
    yield Figure(f"kafka produce, {what}: agent's CPU-s/GiB", used / workload.gib, f"<={goal}",
                 alone["processor_seconds"] / workload.gib)
    yield Figure(f"kafka produce, {what}: agent's CPU to the client's", used,
                 "ratio<=1", said["processor_seconds"])


def consumed(agent, what, workload):
    topic = agent.new_topic()
    agent.run(Workload("produce", workload.records), topic)
    said, used = agent.cheapest(workload, topic)
    yield Figure(f"kafka consume, 1 KiB records, {what}: agent's CPU-s/GiB", used / workload.gib,
                 "<=0.35", said["processor_seconds"] / workload.gib)


def as_fast_as_it_goes(setting, agent):
    for what, workload in (
            ("1 KiB records", Workload("produce", setting.scaled(RECORDS),
                                       settings=kafka_load.IDEMPOTENT)),
            ("100-byte records", Workload("produce", setting.scaled(SMALL_RECORDS), bytes=100,
                                          settings=kafka_load.IDEMPOTENT))):
        alone = agent.alone(workload)
        said, used = agent.cheapest(workload)
        yield Figure(f"kafka, one idempotent producer, {what}: records/s",
                     workload.records / said["seconds"], "-", workload.records / alone["seconds"])
        yield Figure(f"kafka, one idempotent producer, {what}: agent's CPU-s/GiB",
                     used / workload.gib, "-", alone["processor_seconds"] / workload.gib)
        yield Figure(f"kafka, one idempotent producer, {what}: agent's CPU to the client's", used,
                     "ratio<=1", said["processor_seconds"])


def at_a_rate(setting, agent):
    workload = Workload("produce", setting.scaled(RATED_RECORDS), rate=RATE,
                        settings=kafka_load.AT_ONCE)
    alone = agent.alone(workload)
    said, _ = agent.run(workload, agent.new_topic())
    yield Figure("kafka, 1,000 records/s, linger 0: p50 ms", said["p50_ms"], "<=3", alone["p50_ms"])
    yield Figure("kafka, 1,000 records/s, linger 0: p99 ms", said["p99_ms"], "<=12",
                 alone["p99_ms"])
