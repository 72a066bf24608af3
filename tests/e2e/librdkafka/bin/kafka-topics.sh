#!/usr/bin/env python3
"""Does what librdkafka's tests ask of the script of this name in Kafka's own distribution."""
import argparse
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # of Debian's Python, if this is another
# pylint: disable=wrong-import-position
from kafka import KafkaAdminClient
from kafka.admin import NewPartitions, NewTopic

parser = argparse.ArgumentParser()
parser.add_argument("--bootstrap-server", required=True)
for action in ("--create", "--alter", "--delete"):
    parser.add_argument(action, action="store_true")
parser.add_argument("--topic", required=True)
parser.add_argument("--partitions", type=int, default=1)
parser.add_argument("--replication-factor", type=int, default=1)
parser.add_argument("--config", action="append", default=[])
asked = parser.parse_args()

admin = KafkaAdminClient(bootstrap_servers=asked.bootstrap_server)
if asked.create:
    admin.create_topics([NewTopic(asked.topic, asked.partitions, asked.replication_factor,
                                  topic_configs=dict(word.split("=", 1) for word in asked.config))])
elif asked.alter:
    admin.create_partitions({asked.topic: NewPartitions(asked.partitions)})
else:
    admin.delete_topics([asked.topic])
admin.close()
