-- The metadata of a StreamHouse cluster. docs/formats/ has the formats of the blobs.
-- Session ids are unsigned 64-bit numbers, kept as the signed integer of the same bits; 0 = none.
-- Times are int64 milliseconds since 1970. Offset ranges are half-open.

-- Rows: cluster_id, created_at, next_producer_id.
CREATE TABLE sh_cluster (
  key   TEXT PRIMARY KEY NOT NULL,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- A name is unique among live topics; numbers are never used twice.
CREATE TABLE sh_topics (
  topic_no        INTEGER PRIMARY KEY AUTOINCREMENT,
  topic_id        BLOB    NOT NULL UNIQUE,
  name            TEXT    NOT NULL,
  partition_count INTEGER NOT NULL,
  retention_ms    INTEGER,           -- NULL = for ever
  config          TEXT    NOT NULL,  -- JSON object of texts
  version         INTEGER NOT NULL,
  state           INTEGER NOT NULL,  -- 0 live, 1 deleting
  kind            INTEGER NOT NULL,  -- 0 user's, 1 internal
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX sh_topics_by_name ON sh_topics (name, state);

CREATE TABLE sh_partitions (
  topic_no               INTEGER NOT NULL,
  partition              INTEGER NOT NULL,
  leader_epoch           INTEGER NOT NULL,
  owner_session          INTEGER NOT NULL,
  since_seq              INTEGER NOT NULL,
  log_start              INTEGER NOT NULL,
  high_watermark         INTEGER NOT NULL,  -- as of the last release or take-over
  visible_high_watermark INTEGER NOT NULL,  -- as of the newest checkpoint
  created_at             INTEGER NOT NULL,
  updated_at             INTEGER NOT NULL,
  acquired_at            INTEGER NOT NULL,
  PRIMARY KEY (topic_no, partition)
) STRICT, WITHOUT ROWID;
CREATE INDEX sh_partitions_by_owner ON sh_partitions (owner_session);

-- Producer snapshots that go with sh_partitions.high_watermark; none is the empty one. They stand
-- apart so that partition rows stay small.
CREATE TABLE sh_partition_producers (
  topic_no  INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  snapshot  BLOB    NOT NULL,
  PRIMARY KEY (topic_no, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE sh_agents (
  agent_id       TEXT    PRIMARY KEY NOT NULL,
  session        INTEGER NOT NULL,
  address        TEXT    NOT NULL,
  zone           TEXT    NOT NULL,
  agent_group    TEXT    NOT NULL,
  metadata       TEXT    NOT NULL,  -- JSON object of texts
  last_heartbeat INTEGER NOT NULL,
  started_at     INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sh_sessions (
  session    INTEGER PRIMARY KEY,
  agent_id   TEXT    NOT NULL,
  state      INTEGER NOT NULL,  -- 0 live, 1 fencing, 2 recovered
  trimmed_to INTEGER NOT NULL,  -- rows of the log at or below it are void
  opened_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sh_sessions_unrecovered ON sh_sessions (agent_id) WHERE state <> 2;

-- The session logs, the only table written at every flush: one row a flush, primary key only.
CREATE TABLE sh_commits (
  session     INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  kind        TEXT    NOT NULL,  -- O open, C commit, R release, S seal
  crc         INTEGER NOT NULL,
  object_size INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  payload     BLOB    NOT NULL,  -- C: span table, R: checkpoint
  PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;

-- The newest checkpoint of each session that is not recovered.
CREATE TABLE sh_checkpoints (
  session  INTEGER PRIMARY KEY,
  upto_seq INTEGER NOT NULL,
  payload  BLOB    NOT NULL
) STRICT;

-- Compacted objects, and flushed ones (level 0) that are dead: live ones stand in sh_commits.
CREATE TABLE sh_objects (
  object_key    TEXT    PRIMARY KEY NOT NULL,
  session       INTEGER NOT NULL,  -- of the log that committed it, or of its compactor
  level         INTEGER NOT NULL,
  size          INTEGER NOT NULL,
  segment_count INTEGER NOT NULL,  -- rows of sh_segments that name it
  state         INTEGER NOT NULL,  -- 0 live, 1 dead
  dead_at       INTEGER NOT NULL   -- 0 while live
) STRICT, WITHOUT ROWID;
CREATE INDEX sh_objects_by_session ON sh_objects (session, state);
CREATE INDEX sh_objects_dead ON sh_objects (dead_at, object_key) WHERE state = 1;

-- Runs of one partition in compacted objects.
CREATE TABLE sh_segments (
  topic_no      INTEGER NOT NULL,
  partition     INTEGER NOT NULL,
  next_offset   INTEGER NOT NULL,
  base_offset   INTEGER NOT NULL,
  object_key    TEXT    NOT NULL,
  position      INTEGER NOT NULL,
  length        INTEGER NOT NULL,
  object_size   INTEGER NOT NULL,
  record_count  INTEGER NOT NULL,
  max_timestamp INTEGER NOT NULL,
  leader_epoch  INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  PRIMARY KEY (topic_no, partition, next_offset)
) STRICT, WITHOUT ROWID;

CREATE TABLE sh_groups (
  group_id      TEXT    PRIMARY KEY NOT NULL,
  commit_no     INTEGER NOT NULL,
  generation    INTEGER NOT NULL,
  protocol_type TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  members       BLOB    NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Commit numbers of deleted groups, which count while their shard has that epoch.
CREATE TABLE sh_deleted_groups (
  group_id        TEXT    PRIMARY KEY NOT NULL,
  shard_topic_no  INTEGER NOT NULL,
  shard_partition INTEGER NOT NULL,
  leader_epoch    INTEGER NOT NULL,
  commit_no       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sh_deleted_groups_by_shard ON sh_deleted_groups (shard_topic_no, shard_partition);

CREATE TABLE sh_offsets (
  group_id         TEXT    NOT NULL,
  topic_no         INTEGER NOT NULL,
  partition        INTEGER NOT NULL,
  committed_offset INTEGER NOT NULL,
  leader_epoch     INTEGER NOT NULL,
  metadata         TEXT    NOT NULL,
  committed_at     INTEGER NOT NULL,
  expires_at       INTEGER,  -- NULL = by the group's retention
  PRIMARY KEY (group_id, topic_no, partition)
) STRICT, WITHOUT ROWID;
CREATE INDEX sh_offsets_expiring ON sh_offsets (expires_at) WHERE expires_at IS NOT NULL;

-- What caches must hear of. The newest rows are kept.
CREATE TABLE sh_changes (
  version    INTEGER PRIMARY KEY,
  kind       INTEGER NOT NULL,  -- 0 topic, 1 lease, 2 group, 3 agent
  key        TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sh_settings (
  key     TEXT    PRIMARY KEY NOT NULL,
  value   BLOB    NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
