"""Which stores, and what an agent and its tools need in the environment to use them."""
import os
import urllib.parse
from dataclasses import dataclass

from servers.s3_request import S3

# What docker-compose.yml starts.
COMPOSE = {
    "DATABASE_URL": "postgres://streamhouse:streamhouse_dev@127.0.0.1:5432/streamhouse_metadata",
    "OBJECT_STORE": "s3://streamhouse",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9000",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "minioadmin",
    "AWS_SECRET_ACCESS_KEY": "minioadmin",
}
STORES = ("DATABASE_URL", "OBJECT_STORE", "S3_BUCKET")


def environment():
    """The caller's; where it names no stores, with those of compose."""
    given = {name: value for name, value in os.environ.items() if value}
    if not any(name in given for name in STORES):
        return {**COMPOSE, **given}
    return given


@dataclass
class Bucket:
    """The part of a bucket in which the objects lie."""
    name: str
    prefix: str
    endpoint: str
    s3: S3

    @staticmethod
    def of(variables):
        """Errors: ValueError if the object store is no bucket or has no keys."""
        url = variables.get("OBJECT_STORE") or "s3://" + variables.get("S3_BUCKET", "")
        name, _, prefix = url.removeprefix("s3://").partition("/")
        if not url.startswith("s3://") or not name:
            raise ValueError(f"OBJECT_STORE={url}: no bucket (s3://BUCKET/PREFIX)")
        region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"
        endpoint = (variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
                    or f"https://s3.{region}.amazonaws.com")
        keys = [variables.get(f"AWS_{part}") for part in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
        if None in keys:
            raise ValueError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed")
        prefix = prefix.strip("/")
        return Bucket(name, prefix + "/" if prefix else "", endpoint,
                      S3(endpoint, *keys, region=region, ca_file=variables.get("AWS_CA_BUNDLE"),
                         session_token=variables.get("AWS_SESSION_TOKEN")))

    def objects(self):
        """(key below the prefix, size, time of its put), by key."""
        for key, size, modified in self.s3.list(self.name, self.prefix):
            yield key.removeprefix(self.prefix), size, modified

    def get(self, key, first=None, last=None):
        """Its bytes, or those from `first` to `last`."""
        return self.s3.get(f"/{self.name}/{self.prefix}{key}", first, last)


def split_password(url):
    """(the URL without its password, which may be shown; what libpq needs in its environment)."""
    parts = urllib.parse.urlsplit(url)
    if parts.password is None:
        return url, {}
    return (url.replace(f":{parts.password}@", "@", 1),
            {"PGPASSWORD": urllib.parse.unquote(parts.password)})
