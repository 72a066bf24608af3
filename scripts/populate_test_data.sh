#!/usr/bin/env bash
# Fills in test data: topics of different kinds, records, and groups that are behind.
#
#   scripts/populate_test_data.sh [--records N] [--seed N] [--build FOLDER]
#
# Through the agent at STREAMHOUSE_SERVER, or one of its own on the stores that DATABASE_URL and
# OBJECT_STORE (S3_BUCKET, AWS_*) name; without any of these, on those of docker-compose.yml. Run it
# again for more records. The same seed gives the same records.
set -euo pipefail
PYTHONPATH=$(dirname "$(readlink -f "$0")") exec python3 -m live.populate "$@"
