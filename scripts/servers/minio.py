"""MinIO: the S3 server of docker-compose.yml, built from source where Go is installed.

  PYTHONPATH=scripts python3 -m servers.minio      builds it into the cache folder, once
"""
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers.processes import Processes, Server, cache_folder
from servers.s3_request import S3

# Its newest source; there are no newer images than docker-compose.yml's.
VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
ACCESS_KEY, SECRET_KEY = "streamhouse-test", "streamhouse-test-secret"


def program():
    """Where it is, or would be built."""
    return Path(os.environ.get("MINIO") or cache_folder() / f"minio-{VERSION}" / "minio")


def build():
    """Minutes, once; leaves nothing but the program. Errors: RuntimeError without Go."""
    if program().exists():
        return
    if shutil.which("go") is None:
        raise RuntimeError(f"no Go here to build MinIO with; put it at {program()}, or name it in "
                           "MINIO")
    program().parent.mkdir(parents=True, exist_ok=True)
    print(f"dependencies: building MinIO {VERSION} (minutes, once)", flush=True)
    with tempfile.TemporaryDirectory(prefix="build.", dir=program().parent) as work:
        folders = {name: f"{work}/{name}" for name in ("GOBIN", "GOCACHE", "GOMODCACHE")}
        subprocess.run(["nice", "go", "install", f"github.com/minio/minio@{VERSION}"], check=True,
                       stderr=subprocess.DEVNULL,
                       env={**os.environ, **folders, "GOFLAGS": "-modcacherw"})
        os.rename(f"{work}/GOBIN/minio", program())


def missing():
    """The programs that are not there."""
    return [] if program().exists() else [str(program())]


class Minio(Server):
    """Running when constructed; stop() ends it and removes its folder. `buckets` are there from its
    start, as docker-compose.yml makes its own: as folders."""

    def __init__(self, buckets=()):
        self.buckets = buckets
        super().__init__("minio")

    def _start(self):
        self.s3 = S3(self.endpoint, ACCESS_KEY, SECRET_KEY)
        self.processes.environment = {
            **os.environ, "MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY,
            "MINIO_DOMAIN": "localhost", "MINIO_BROWSER": "off"}
        for bucket in self.buckets:
            (self.folder / "data" / bucket).mkdir(parents=True)
        self.processes.start(program(), "server", self.folder / "data", "--address",
                             f"127.0.0.1:{self.port}")
        self.processes.wait_until(self._answers, "MinIO's first answer")

    def _answers(self):
        """/minio/health/ready says yes before calls are served."""
        try:
            return self.s3.call("GET", "/")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def environment(self):
        """What an AWS tool needs to use it."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


if __name__ == "__main__":
    try:
        build()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"minio: {error}")
