# Goal: what Kafka clients do with an agent on SQLite and a folder they do with one on PostgreSQL
# and a bucket.
# Method: the tests of each client that concern records, groups, topics and configurations, once
# more, on real servers; each class of them has a database and a part of the bucket of its own.
"""End-to-end tests of the Kafka front end on PostgreSQL and S3."""
import unittest

import harness
import kafka_tools_test
import kafkajs_test
import kcat_test
import python_kafka_test
from store_servers import StoreServers


class OnServers:
    """Before a class of tests: its agent is on the servers."""
    servers = None

    @classmethod
    def setUpClass(cls):
        cls.stores = OnServers.servers.flags(cls.__name__.lower())
        cls.environment = OnServers.servers.environment
        super().setUpClass()


def setUpModule():  # pylint: disable=invalid-name
    OnServers.servers = StoreServers()
    unittest.addModuleCleanup(OnServers.servers.stop)


class KcatRecords(OnServers, kcat_test.Records):
    pass


class KcatGroups(OnServers, kcat_test.Groups):
    pass


class KcatIdempotence(OnServers, kcat_test.Idempotence):
    pass


class KcatOffsets(OnServers, kcat_test.Offsets):
    pass


class KcatTopics(OnServers, kcat_test.Topics):
    pass


class PythonRecords(OnServers, python_kafka_test.Records):
    pass


class PythonGroups(OnServers, python_kafka_test.Groups):
    pass


class PythonAdmin(OnServers, python_kafka_test.Admin):
    pass


class KafkajsRecords(OnServers, kafkajs_test.Records):
    pass


class KafkajsGroups(OnServers, kafkajs_test.Groups):
    pass


class KafkajsAdmin(OnServers, kafkajs_test.Admin):
    pass


class ToolsRecords(OnServers, kafka_tools_test.Records):
    pass


class ToolsAdmin(OnServers, kafka_tools_test.Admin):
    pass


class ToolsGroups(OnServers, kafka_tools_test.Groups):
    pass


harness.main(__name__)
