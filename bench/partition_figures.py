"""What a GiB costs an agent on PostgreSQL and S3 that is spread over many partitions, beside the
same over few."""
import concurrent.futures
from dataclasses import dataclass

import kafka_load
import process_figures
from figure import Figure
from kafka_load import Workload
from store_servers import StoreServers

FEW, MANY = 100, 10_000
CLIENTS = 10  # each with a topic of its own: more than 1,000 partitions keep librdkafka too busy
RECORDS = 1 << 20  # of 1 KiB: a GiB
# Most batches are full, however many partitions share the records.
SETTINGS = ("batch.size=16384", "linger.ms=5000", "queue.buffering.max.kbytes=262144",
            "queue.buffering.max.messages=1000000", "message.timeout.ms=300000")


@dataclass
class Cost:
    seconds: float  # of the agent's processor time, a GiB
    rows: float  # of metadata, an object


def partitions(setting):
    servers = StoreServers()
    try:
        with process_figures.running_agent(*servers.flags("figures"),
                                           environment=servers.environment) as agent:
            few, many = (measured(setting, agent, count) for count in (FEW, MANY))
    finally:
        servers.stop()
    yield Figure(f"PostgreSQL and S3, {MANY} partitions: agent's CPU-s/GiB", many.seconds,
                 "ratio<=1.05", few.seconds)
    yield Figure(f"PostgreSQL and S3, {MANY} partitions: metadata rows/object", many.rows,
                 "ratio<=1.05", few.rows)


def measured(setting, agent, count):
    """Once: the server keeps its objects in memory, and has room for some GiB."""
    topics = [f"spread-{count}-{number}" for number in range(CLIENTS)]
    for topic in topics:
        process_figures.create_topic(agent, topic, count // CLIENTS)
    workload = Workload("produce", setting.scaled(RECORDS) // CLIENTS,
                        partitions=count // CLIENTS, settings=SETTINGS)
    return cost(setting, agent, workload, topics)


def cost(setting, agent, workload, topics):
    def load(topic):
        return kafka_load.run(setting.programs / "kafka_load", workload, agent.ready["kafka"],
                              topic)
    used, rows, objects = state_of(agent)
    with concurrent.futures.ThreadPoolExecutor(len(topics)) as clients:
        list(clients.map(load, topics))
    used_then, rows_then, objects_then = state_of(agent)
    return Cost((used_then - used) / workload.gib / len(topics),
                (rows_then - rows) / (objects_then - objects))


def state_of(agent):
    """Processor seconds, rows and objects so far."""
    return (process_figures.processor_seconds(agent.process.pid),
            process_figures.total(agent, "metadata_rows_written_total"),
            process_figures.puts(agent))
