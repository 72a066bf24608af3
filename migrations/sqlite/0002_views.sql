-- Read-only views for people and their tools. Internal topics are hidden, ends are inclusive.

CREATE VIEW topics AS
SELECT name, partition_count, retention_ms, config, created_at, updated_at
FROM sh_topics
WHERE state = 0 AND kind = 0;

CREATE VIEW partitions AS
SELECT t.name AS topic, p.partition AS partition_id, p.visible_high_watermark AS high_watermark,
       p.created_at, p.updated_at
FROM sh_partitions p
JOIN sh_topics t ON t.topic_no = p.topic_no
WHERE t.state = 0 AND t.kind = 0;

CREATE VIEW consumer_groups AS
SELECT group_id, created_at, updated_at FROM sh_groups;

CREATE VIEW consumer_offsets AS
SELECT o.group_id, t.name AS topic, o.partition AS partition_id, o.committed_offset, o.metadata,
       o.committed_at
FROM sh_offsets o
JOIN sh_topics t ON t.topic_no = o.topic_no
WHERE t.state = 0 AND t.kind = 0;

CREATE VIEW agents AS
SELECT agent_id, address, zone AS availability_zone, agent_group, last_heartbeat, started_at,
       metadata
FROM sh_agents;

CREATE VIEW partition_leases AS
SELECT t.name AS topic, p.partition AS partition_id, s.agent_id,
       coalesce(a.expires_at, 0) AS lease_expires_at, p.acquired_at, p.leader_epoch AS epoch
FROM sh_partitions p
JOIN sh_topics t ON t.topic_no = p.topic_no
JOIN sh_sessions s ON s.session = p.owner_session
LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = p.owner_session
WHERE t.state = 0 AND t.kind = 0;

-- The value of each byte: SQL has no function for it.
CREATE TABLE sh_bytes (
  byte  BLOB    PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
WITH RECURSIVE
  numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 31),
  rows (first, bytes) AS (VALUES
    (0, x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'),
    (32, x'202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f'),
    (64, x'404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f'),
    (96, x'606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f'),
    (128, x'808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
    (160, x'a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf'),
    (192, x'c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf'),
    (224, x'e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'))
INSERT INTO sh_bytes (byte, value)
SELECT substr(bytes, n + 1, 1), first + n FROM rows, numbers;

-- The spans of commit rows, unpacked byte by byte (docs/formats/span_table.md, section "From SQL").
-- Each row of `walk` has read one more byte: `at` is where the next one stands (from 1), `value`
-- the varint so far, `done` whether that byte ended it, and `field` what it is: 0 version, 1 number
-- of spans, 2 first position, 3 base timestamp; then for each span 4 step, 5 partition (after an odd
-- step), 6 base offset, 7 offset count, 8 length. The next row takes a finished value to its place.
CREATE VIEW sh_spans AS
WITH RECURSIVE walk (session, seq, at, field, done, value, shift,
                     spans_left, topic_no, partition, base_offset, next_offset) AS (
  SELECT c.session, c.seq, 5, -1, 1, 0, 0, 1, 0, 0, 0, 0
  FROM sh_commits c
  JOIN sh_sessions s ON s.session = c.session
  WHERE c.kind = 'C' AND c.seq > s.trimmed_to
  UNION ALL
  SELECT w.session, w.seq, w.at + 1,
         CASE WHEN NOT w.done THEN w.field
              WHEN w.field = 8 THEN 4
              WHEN w.field = 4 AND (w.value & 1) = 0 THEN 6
              ELSE w.field + 1 END,
         b.value < 128,
         CASE WHEN w.done THEN b.value & 127 ELSE w.value | ((b.value & 127) << w.shift) END,
         CASE WHEN w.done THEN 7 ELSE w.shift + 7 END,
         CASE w.field * w.done WHEN 1 THEN w.value
                               WHEN 8 THEN w.spans_left - 1
                               ELSE w.spans_left END,
         CASE WHEN w.field = 4 AND w.done AND (w.value & 1) = 1
              THEN w.topic_no + (w.value >> 1) ELSE w.topic_no END,
         CASE w.field * w.done WHEN 4 THEN w.partition + (w.value >> 1)
                               WHEN 5 THEN w.value
                               ELSE w.partition END,
         CASE w.field * w.done WHEN 6 THEN w.value ELSE w.base_offset END,
         CASE w.field * w.done WHEN 7 THEN w.base_offset + w.value ELSE w.next_offset END
  FROM walk w
  JOIN sh_commits c ON c.session = w.session AND c.seq = w.seq
  JOIN sh_bytes b ON b.byte = substr(c.payload, w.at, 1)
  WHERE w.spans_left > 0
  ORDER BY 1, 2  -- finish one commit before the next
)
SELECT w.session, w.seq, w.topic_no, w.partition, w.base_offset, w.next_offset, w.value AS length,
       c.created_at
FROM walk w
JOIN sh_commits c ON c.session = w.session AND c.seq = w.seq
WHERE w.field = 8 AND w.done;

CREATE VIEW segments AS
SELECT t.name || '-' || r.partition || '-' || r.base_offset AS id,
       t.name AS topic, r.partition AS partition_id,
       r.base_offset, r.next_offset - 1 AS end_offset, r.record_count, r.length AS size_bytes,
       '' AS s3_bucket, r.s3_key, r.created_at
FROM (
  SELECT topic_no, partition, base_offset, next_offset, record_count, length,
         object_key AS s3_key, created_at
  FROM sh_segments
  UNION ALL
  SELECT topic_no, partition, base_offset, next_offset, next_offset - base_offset, length,
         printf('%.2s/%016x/%d', printf('%016x', session), session, seq), created_at
  FROM sh_spans
) r
JOIN sh_partitions p ON p.topic_no = r.topic_no AND p.partition = r.partition
JOIN sh_topics t ON t.topic_no = r.topic_no
WHERE r.next_offset > p.log_start AND t.state = 0 AND t.kind = 0;
