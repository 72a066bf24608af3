"""PostgreSQL and an S3 server, for agents on other stores than SQLite and a folder."""
import sys
import unittest
from pathlib import Path

from postgres_server import PostgresServer

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from servers import s3_server  # pylint: disable=wrong-import-position

BUCKET = "streamhouse"


class StoreServers:
    """Running when constructed."""

    def __init__(self):
        if missing := s3_server.missing():
            raise unittest.SkipTest(f"the S3 server cannot be had here: {missing}")
        self.database = PostgresServer()
        try:
            self.database.start()
            self.bucket = s3_server.start()
        except BaseException:
            self.database.remove()
            raise
        self.bucket.s3.create_bucket(BUCKET)
        self.environment = {**self.bucket.environment(), "AWS_EC2_METADATA_DISABLED": "true"}

    def flags(self, name):
        """Of an agent with a new database and a part of the bucket of this name."""
        self.database.rows(f'CREATE DATABASE "{name}"')
        return ("--database-url", self.database.url(name),
                "--object-store", f"s3://{BUCKET}/{name}")

    def stop(self):
        self.bucket.stop()
        self.database.remove()
