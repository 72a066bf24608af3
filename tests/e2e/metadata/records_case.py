"""What the tests of metadata that leave their database share: records and groups to look for."""
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]),
                str(Path(__file__).resolve().parents[3] / "scripts")]
# pylint: disable=wrong-import-position
import harness
from postgres_server import PostgresServer
from server_case import ServerCase
from servers import dynamodb_local, s3_server


class RecordsCase(ServerCase):
    def setUp(self):
        super().setUp()
        self.aws = {"AWS_EC2_METADATA_DISABLED": "true"}

    def postgresql(self):
        """(URL of a new server, what ends it with all that it has)"""
        server = PostgresServer()
        self.addCleanup(server.remove)
        server.start()
        return server.url(), server.remove

    def dynamodb(self):
        """As postgresql(). `aws` says from now on how it is reached."""
        if missing := dynamodb_local.missing():
            self.skipTest(f"DynamoDB Local cannot be had here: {missing}")
        server = dynamodb_local.DynamodbLocal()
        self.addCleanup(server.stop)
        self.aws |= server.environment()
        return "dynamodb://streamhouse", server.stop

    def bucket(self, prefix):
        """(S3 of a new server with a bucket, the URL of a part of that)"""
        if missing := s3_server.missing():
            self.skipTest(f"the S3 server cannot be had here: {missing}")
        server = s3_server.start()
        self.addCleanup(server.stop)
        server.s3.create_bucket("streamhouse")
        self.aws |= server.environment()
        return server.s3, f"s3://streamhouse/{prefix}"

    def produce(self, agent, topic, values, partition=0):
        """The first offset."""
        data = "".join(f"{value}\n" for value in values).encode()
        result = harness.streamctl("produce", topic, partition, "--input", "-", "-o", "json",
                                   data=data, server=agent.address)
        self.assertEqual(result.code, 0, result)
        return result.json["partitions"][0]["first_offset"]

    def consumed(self, agent, topic, partition=0):
        return self.streamctl(agent, "consume", topic, partition).text.split()

    def committed(self, agent, group):
        offsets = self.streamctl(agent, "group", "describe", group, "-o", "json").json["offsets"]
        return {(each["topic"], each["partition_id"]): each["committed_offset"] for each in offsets}

    def fill(self, agent, group, config):
        """Topic `t`, with 100 records in one partition and one in the other, a topic that is
        deleted, and a group at 42."""
        self.streamctl(agent, "topic", "create", "t", "--partitions", 2, "--retention-ms", 86400000,
                       "--config", config)
        self.streamctl(agent, "topic", "create", "gone")
        self.produce(agent, "gone", ["x"])
        self.streamctl(agent, "topic", "delete", "gone")
        self.produce(agent, "t", [f"a{i}" for i in range(100)])
        self.produce(agent, "t", ["other"], partition=1)
        self.streamctl(agent, "group", "commit", group, "t", 0, 42)
