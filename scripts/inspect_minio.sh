#!/usr/bin/env bash
# Shows what lies in the bucket: sessions, objects, and which records are in each.
#
#   scripts/inspect_minio.sh [--objects N] [--check] [-o table|json]
#
# The bucket is that of OBJECT_STORE (or S3_BUCKET) at AWS_ENDPOINT_URL with the keys of AWS_*;
# without these, docker-compose.yml's. Any S3 server will do. The newest N objects (20) are shown
# one by one; --check reads every byte of all and exits 1 if an object is damaged.
set -euo pipefail
PYTHONPATH=$(dirname "$(readlink -f "$0")") exec python3 -m live.inspect_bucket "$@"
