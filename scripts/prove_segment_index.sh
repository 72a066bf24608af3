#!/usr/bin/env bash
# Proves that the segment index works against the real database and object store.
#
#   scripts/prove_segment_index.sh [TOPIC] [--build FOLDER]
#
# Makes a topic, stores records in many objects and compares what the agent says, what the database
# says in SQL, what lies in the bucket, and what is read: every offset is found, in one segment;
# reads of hot partitions ask the database nothing; and after kill -9 the next agent finds the same.
# With TOPIC: only compares, for that topic. Stores as for populate_test_data.sh. Exit 1 names what
# is wrong.
set -euo pipefail
PYTHONPATH=$(dirname "$(readlink -f "$0")") exec python3 -m live.prove_index "$@"
