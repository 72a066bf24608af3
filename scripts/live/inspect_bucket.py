"""Shows what lies in the bucket: see scripts/inspect_minio.sh."""
import argparse
import functools
import json
import re
import sys

from live import object_format, stores

FLUSHED = re.compile(r"[0-9a-f]{2}/([0-9a-f]{16})/(0|[1-9][0-9]*)")
SEAL = re.compile(r"[0-9a-f]{2}/([0-9a-f]{16})/seal")
COMPACTED = re.compile(r"seg/[0-9a-f-]{36}/\d+/\d{20}-([0-9a-f]{16})-\d+")
TRIM = re.compile(r"[0-9a-f]{2}/([0-9a-f]{16})/trimmed-\d+")
TOPIC = re.compile(r"catalogue/[0-9a-f-]{36}/\d{20}()")
GROUPS = re.compile(r"groups/\d+/\d{20}-\d{20}()")


def kind_of(key):
    """(kind, session); what is none of ours is `other`."""
    for kind, pattern in (("flushed", FLUSHED), ("seal", SEAL), ("trim", TRIM),
                          ("compacted", COMPACTED), ("topic", TOPIC), ("groups", GROUPS)):
        if match := pattern.fullmatch(key):
            return kind, match.group(1) or None
    return "other", None


def look_into(bucket, key, size, whole):
    """What an object holds; `damage` says why it is none."""
    try:
        if whole:
            content = bucket.get(key)
            trailer, spans = object_format.read_object(
                lambda first, last: content[first:last + 1], len(content))
            object_format.check_whole(content, trailer)
        else:
            trailer, spans = object_format.read_object(functools.partial(bucket.get, key), size)
    except (ValueError, RuntimeError) as error:
        return {"damage": str(error)}
    return {"seq": trailer.seq, "spans": [vars(span) for span in spans],
            "records": sum(span.next_offset - span.base_offset for span in spans)}


def sessions_of(objects):
    sessions = {}
    for entry in objects:
        if entry["session"] is None:
            continue
        of = sessions.setdefault(entry["session"], {"objects": 0, "bytes": 0, "sealed": False})
        of["objects"] += entry["kind"] in ("flushed", "compacted")
        of["bytes"] += entry["size"]
        of["sealed"] |= entry["kind"] == "seal"
    return sessions


def inspect(bucket, shown, whole):
    objects = []
    for key, size, modified in bucket.objects():
        kind, session = kind_of(key)
        objects.append({"key": key, "size": size, "modified": modified, "kind": kind,
                        "session": session})
    newest = sorted(objects, key=lambda entry: entry["modified"])[-shown:] if shown else []
    for entry in objects:
        if entry["kind"] in ("flushed", "compacted") and (whole or entry in newest):
            entry.update(look_into(bucket, entry["key"], entry["size"], whole))
    return {"bucket": bucket.name, "prefix": bucket.prefix, "endpoint": bucket.endpoint,
            "objects": len(objects), "bytes": sum(entry["size"] for entry in objects),
            "sessions": sessions_of(objects), "shown": newest,
            "damaged": [entry["key"] for entry in objects if "damage" in entry]}


def print_table(found):
    print(f"bucket {found['bucket']}/{found['prefix']} at {found['endpoint']}: "
          f"{found['objects']} objects, {found['bytes']} bytes")
    print(f"\n{'SESSION':16} {'OBJECTS':>8} {'BYTES':>12} SEALED")
    for session, of in found["sessions"].items():
        print(f"{session:16} {of['objects']:8} {of['bytes']:12} {'yes' if of['sealed'] else 'no'}")
    print(f"\n{'MODIFIED':24} {'BYTES':>10} {'SPANS':>6} {'RECORDS':>8} KEY")
    for entry in found["shown"]:
        print(f"{entry['modified']:24} {entry['size']:10} {len(entry.get('spans', ())):6} "
              f"{entry.get('records', ''):8} {entry['key']} {entry.get('damage', '')}".rstrip())
        for span in entry.get("spans", ()):
            print(f"{'':43} topic {span['topic_no']} partition {span['partition']}: "
                  f"[{span['base_offset']}, {span['next_offset']}), {span['length']} bytes")


def main():
    parser = argparse.ArgumentParser(prog="inspect_minio.sh",
                                     description=__doc__.partition(":")[0])
    parser.add_argument("--objects", type=int, default=20, help="show the newest N (default: 20)")
    parser.add_argument("--check", action="store_true", help="read every byte of every object")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    arguments = parser.parse_args()
    try:
        bucket = stores.Bucket.of(stores.environment())
        found = inspect(bucket, arguments.objects, arguments.check)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"inspect_minio: {error}", file=sys.stderr)
        return 1
    if arguments.output == "json":
        print(json.dumps(found))
    else:
        print_table(found)
    for key in found["damaged"]:
        print(f"inspect_minio: {key} is damaged", file=sys.stderr)
    return 1 if found["damaged"] else 0


if __name__ == "__main__":
    sys.exit(main())
