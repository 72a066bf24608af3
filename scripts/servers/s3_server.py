"""The S3 server that tests run against: Ceph's gateway, or what S3_TEST_SERVER names."""
import os

from servers import minio, rgw

# MinIO's bucket is made as docker-compose.yml makes it.
KINDS = {"rgw": (rgw, rgw.Rgw), "minio": (minio, lambda: minio.Minio(buckets=("streamhouse",)))}


def kind():
    name = os.environ.get("S3_TEST_SERVER") or "rgw"
    if name not in KINDS:
        raise RuntimeError(f"S3_TEST_SERVER={name}: expected one of {', '.join(KINDS)}")
    return KINDS[name]


def missing():
    """What it needs and is not there."""
    return kind()[0].missing()


def start():
    """A running one: endpoint, s3, folder, environment(), stop()."""
    return kind()[1]()
