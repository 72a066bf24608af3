-- The metadata of a StreamHouse cluster. docs/formats/ has the formats of the blobs.
-- Session ids are unsigned 64-bit numbers, kept as the signed integer of the same bits; 0 = none.
-- Times are int64 milliseconds since 1970. Offset ranges are half-open. Texts sort by their bytes.
-- Each statement is run by itself and can be repeated: a process that dies in the middle leaves a
-- part, and the next one goes on. Nothing here may be more than that.

CREATE TABLE IF NOT EXISTS sh_cluster (
  id         int8 PRIMARY KEY,  -- 1
  cluster_id uuid NOT NULL,
  created_at int8 NOT NULL
);

-- Numbers that are handed out one after the other: topic_no, change, producer_id.
CREATE TABLE IF NOT EXISTS sh_counters (
  name  text PRIMARY KEY,
  value int8 NOT NULL  -- topic_no, change: the newest; producer_id: the next
);
INSERT INTO sh_counters (name, value) VALUES ('topic_no', 0), ('change', 0), ('producer_id', 0)
ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS sh_topics (
  topic_no        int8  PRIMARY KEY,  -- never used twice
  topic_id        uuid  NOT NULL,
  name            text  NOT NULL,
  partition_count int8  NOT NULL,
  retention_ms    int8,           -- NULL = for ever
  config          jsonb NOT NULL,  -- an object of texts
  version         int8  NOT NULL,
  state           int8  NOT NULL,  -- 0 live, 1 deleting
  kind            int8  NOT NULL,  -- 0 user's, 1 internal
  created_at      int8  NOT NULL,
  updated_at      int8  NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS sh_topics_by_id ON sh_topics (topic_id);
CREATE UNIQUE INDEX IF NOT EXISTS sh_topics_live ON sh_topics (name) WHERE state = 0;
CREATE INDEX IF NOT EXISTS sh_topics_deleting ON sh_topics (name) WHERE state = 1;

CREATE TABLE IF NOT EXISTS sh_partitions (
  topic_no               int8 NOT NULL,
  partition              int8 NOT NULL,
  leader_epoch           int8 NOT NULL,
  owner_session          int8 NOT NULL,
  since_seq              int8 NOT NULL,
  log_start              int8 NOT NULL,
  high_watermark         int8 NOT NULL,  -- as of the last release or take-over
  visible_high_watermark int8 NOT NULL,  -- as of the newest checkpoint
  created_at             int8 NOT NULL,
  updated_at             int8 NOT NULL,
  acquired_at            int8 NOT NULL,
  PRIMARY KEY (topic_no, partition)
);
CREATE INDEX IF NOT EXISTS sh_partitions_by_owner
ON sh_partitions (owner_session, topic_no, partition);

-- Producer snapshots that go with sh_partitions.high_watermark; none is the empty one. They stand
-- apart so that partition rows stay small.
CREATE TABLE IF NOT EXISTS sh_partition_producers (
  topic_no  int8  NOT NULL,
  partition int8  NOT NULL,
  snapshot  bytea NOT NULL,
  PRIMARY KEY (topic_no, partition)
);

CREATE TABLE IF NOT EXISTS sh_agents (
  agent_id       text PRIMARY KEY,
  session        int8  NOT NULL,
  address        text  NOT NULL,
  zone           text  NOT NULL,
  agent_group    text  NOT NULL,
  metadata       jsonb NOT NULL,  -- an object of texts
  last_heartbeat int8  NOT NULL,
  started_at     int8  NOT NULL,
  expires_at     int8  NOT NULL
);

CREATE TABLE IF NOT EXISTS sh_sessions (
  session         int8 PRIMARY KEY,
  agent_id        text NOT NULL,
  state           int8 NOT NULL,            -- 0 live, 1 fencing, 2 recovered
  trimmed_to      int8 NOT NULL,            -- rows of the log at or below it are void
  trimmed_objects int8 NOT NULL DEFAULT 0,  -- the totals of row trimmed_to
  trimmed_bytes   int8 NOT NULL DEFAULT 0,
  opened_at       int8 NOT NULL
);
CREATE INDEX IF NOT EXISTS sh_sessions_unrecovered ON sh_sessions (agent_id) WHERE state <> 2;

-- The session logs, the only table written at every flush: one row a flush, primary key only. Rows
-- live for minutes. Session ids are random, which spreads the logs over ranges.
CREATE TABLE IF NOT EXISTS sh_commits (
  session       int8  NOT NULL,
  seq           int8  NOT NULL,
  kind          text NOT NULL,  -- O open, C commit, R release, S seal
  crc           int8  NOT NULL,
  object_size   int8  NOT NULL,
  created_at    int8  NOT NULL,
  payload       bytea NOT NULL,              -- C: span table, R: checkpoint
  total_objects int8  NOT NULL DEFAULT 0,    -- commits of the log up to and including the row
  total_bytes   int8  NOT NULL DEFAULT 0,    -- sizes of their objects
  PRIMARY KEY (session, seq)
);

-- The newest checkpoint of each session that is not recovered.
CREATE TABLE IF NOT EXISTS sh_checkpoints (
  session  int8  PRIMARY KEY,
  upto_seq int8  NOT NULL,
  payload  bytea NOT NULL
);

-- Compacted objects, and flushed ones (level 0) that are dead: live ones stand in sh_commits.
CREATE TABLE IF NOT EXISTS sh_objects (
  object_key    text PRIMARY KEY,
  session       int8 NOT NULL,  -- of the log that committed it, or of its compactor
  level         int8 NOT NULL,
  size          int8 NOT NULL,
  segment_count int8 NOT NULL,  -- rows of sh_segments that name it
  state         int8 NOT NULL,  -- 0 live, 1 dead
  dead_at       int8 NOT NULL   -- 0 while live
);
CREATE INDEX IF NOT EXISTS sh_objects_by_session ON sh_objects (session, state, object_key);
CREATE INDEX IF NOT EXISTS sh_objects_dead ON sh_objects (dead_at, object_key) WHERE state = 1;

-- The rows of sh_objects and their sizes by what they are, counted as they come and go.
CREATE TABLE IF NOT EXISTS sh_object_counts (
  level   int8 NOT NULL,
  state   int8 NOT NULL,
  objects int8 NOT NULL,
  bytes   int8 NOT NULL,
  PRIMARY KEY (level, state)
);
INSERT INTO sh_object_counts (level, state, objects, bytes)
VALUES (0, 0, 0, 0), (0, 1, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0)
ON CONFLICT DO NOTHING;

-- Runs of one partition in compacted objects.
CREATE TABLE IF NOT EXISTS sh_segments (
  topic_no      int8 NOT NULL,
  partition     int8 NOT NULL,
  next_offset   int8 NOT NULL,
  base_offset   int8 NOT NULL,
  object_key    text NOT NULL,
  position      int8 NOT NULL,
  length        int8 NOT NULL,
  object_size   int8 NOT NULL,
  record_count  int8 NOT NULL,
  max_timestamp int8 NOT NULL,
  leader_epoch  int8 NOT NULL,
  created_at    int8 NOT NULL,
  PRIMARY KEY (topic_no, partition, next_offset)
);

CREATE TABLE IF NOT EXISTS sh_groups (
  group_id      text PRIMARY KEY,
  commit_no     int8  NOT NULL,
  generation    int8  NOT NULL,
  protocol_type text  NOT NULL,
  state         text  NOT NULL,
  members       bytea NOT NULL,
  created_at    int8  NOT NULL,
  updated_at    int8  NOT NULL
);

-- For each shard of groups: the highest commit number of a group deleted under that epoch.
CREATE TABLE IF NOT EXISTS sh_group_floors (
  topic_no     int8 NOT NULL,
  partition    int8 NOT NULL,
  leader_epoch int8 NOT NULL,
  commit_no    int8 NOT NULL,
  PRIMARY KEY (topic_no, partition)
);

CREATE TABLE IF NOT EXISTS sh_offsets (
  group_id         text NOT NULL,
  topic_no         int8 NOT NULL,
  partition        int8 NOT NULL,
  committed_offset int8 NOT NULL,
  leader_epoch     int8 NOT NULL,
  metadata         text NOT NULL,
  committed_at     int8 NOT NULL,
  expires_at       int8,  -- NULL = by the group's retention
  PRIMARY KEY (group_id, topic_no, partition)
);
CREATE INDEX IF NOT EXISTS sh_offsets_expiring
ON sh_offsets (expires_at, group_id, topic_no, partition)
WHERE expires_at IS NOT NULL;

-- What caches must hear of. The newest rows are kept.
CREATE TABLE IF NOT EXISTS sh_changes (
  version    int8 PRIMARY KEY,
  kind       int8 NOT NULL,  -- 0 topic, 1 lease, 2 group, 3 agent
  key        text NOT NULL,
  created_at int8 NOT NULL
);

CREATE TABLE IF NOT EXISTS sh_settings (
  key     text PRIMARY KEY,
  value   bytea NOT NULL,
  version int8  NOT NULL
);
