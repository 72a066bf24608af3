-- Read-only views for people and their tools. Internal topics are hidden, ends are inclusive. Each
-- statement can be repeated.

CREATE OR REPLACE VIEW topics AS
WITH shown AS (
  SELECT name, partition_count, retention_ms, config, created_at, updated_at
  FROM sh_topics
  WHERE state = 0 AND kind = 0
)
SELECT name, partition_count, retention_ms, config, created_at, updated_at FROM shown;

CREATE OR REPLACE VIEW partitions AS
SELECT t.name AS topic, p.partition AS partition_id, p.visible_high_watermark AS high_watermark,
       p.created_at, p.updated_at
FROM sh_partitions p
JOIN sh_topics t ON t.topic_no = p.topic_no
WHERE t.state = 0 AND t.kind = 0;

CREATE OR REPLACE VIEW consumer_groups AS
WITH shown AS (SELECT group_id, created_at, updated_at FROM sh_groups)
SELECT group_id, created_at, updated_at FROM shown;

CREATE OR REPLACE VIEW consumer_offsets AS
SELECT o.group_id, t.name AS topic, o.partition AS partition_id, o.committed_offset, o.metadata,
       o.committed_at
FROM sh_offsets o
JOIN sh_topics t ON t.topic_no = o.topic_no
WHERE t.state = 0 AND t.kind = 0;

CREATE OR REPLACE VIEW agents AS
WITH shown AS (
  SELECT agent_id, address, zone, agent_group, last_heartbeat, started_at, metadata
  FROM sh_agents
)
SELECT agent_id, address, zone AS availability_zone, agent_group, last_heartbeat, started_at,
       metadata
FROM shown;

CREATE OR REPLACE VIEW partition_leases AS
SELECT t.name AS topic, p.partition AS partition_id, s.agent_id,
       coalesce(a.expires_at, 0) AS lease_expires_at, p.acquired_at, p.leader_epoch AS epoch
FROM sh_partitions p
JOIN sh_topics t ON t.topic_no = p.topic_no
JOIN sh_sessions s ON s.session = p.owner_session
LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = p.owner_session
WHERE t.state = 0 AND t.kind = 0;

-- The spans of commit rows, unpacked byte by byte (docs/formats/span_table.md, section "From SQL").
-- Each row of `walk` has read one more byte: `at` is where the next one stands (from 1), `value`
-- the varint so far, `done` whether (1, 0) that byte ended it, and `field` what it is: 0 version, 1
-- number of spans, 2 first position, 3 base timestamp; then for each span 4 step, 5 partition (after
-- an odd step), 6 base offset, 7 offset count, 8 length. The next row takes a finished value to its
-- place. All commits are walked at once, one byte of each at a time.
CREATE OR REPLACE VIEW sh_spans AS
WITH RECURSIVE walk (session, seq, at, field, done, value, shift,
                     spans_left, topic_no, partition, base_offset, next_offset) AS (
  SELECT c.session, c.seq, 5, -1, 1, 0::int8, 0, 1::int8, 0::int8, 0::int8, 0::int8, 0::int8
  FROM sh_commits c
  JOIN sh_sessions s ON s.session = c.session
  WHERE c.kind = 'C' AND c.seq > s.trimmed_to
  UNION ALL
  SELECT w.session, w.seq, w.at + 1,
         CASE WHEN w.done = 0 THEN w.field
              WHEN w.field = 8 THEN 4
              WHEN w.field = 4 AND (w.value & 1) = 0 THEN 6
              ELSE w.field + 1 END,
         CASE WHEN b.value < 128 THEN 1 ELSE 0 END,
         CASE WHEN w.done = 1 THEN b.value & 127
              ELSE w.value | ((b.value & 127) << w.shift) END,
         CASE WHEN w.done = 1 THEN 7 ELSE w.shift + 7 END,
         CASE w.field * w.done WHEN 1 THEN w.value
                               WHEN 8 THEN w.spans_left - 1
                               ELSE w.spans_left END,
         CASE WHEN w.field * w.done = 4 AND (w.value & 1) = 1
              THEN w.topic_no + (w.value >> 1) ELSE w.topic_no END,
         CASE w.field * w.done WHEN 4 THEN w.partition + (w.value >> 1)
                               WHEN 5 THEN w.value
                               ELSE w.partition END,
         CASE w.field * w.done WHEN 6 THEN w.value ELSE w.base_offset END,
         CASE w.field * w.done WHEN 7 THEN w.base_offset + w.value ELSE w.next_offset END
  FROM walk w
  JOIN sh_commits c ON c.session = w.session AND c.seq = w.seq
  CROSS JOIN LATERAL (SELECT get_byte(substr(c.payload, w.at, 1), 0)::int8 AS value) b
  WHERE w.spans_left > 0
)
SELECT w.session, w.seq, w.topic_no, w.partition, w.base_offset, w.next_offset, w.value AS length,
       c.created_at
FROM walk w
JOIN sh_commits c ON c.session = w.session AND c.seq = w.seq
WHERE w.field = 8 AND w.done = 1;

-- The bucket, and the prefix of keys in it, are settings that agents write down
-- (src/service/admin/store_record.h); without them the objects lie in a directory.
CREATE OR REPLACE VIEW segments AS
SELECT t.name || '-' || CAST(r.partition AS text) || '-' || CAST(r.base_offset AS text) AS id,
       t.name AS topic, r.partition AS partition_id,
       r.base_offset, r.next_offset - 1 AS end_offset, r.record_count, r.length AS size_bytes,
       coalesce((SELECT convert_from(value, 'UTF8') FROM sh_settings
                 WHERE key = 'objects.bucket'), '') AS s3_bucket,
       coalesce((SELECT convert_from(value, 'UTF8') FROM sh_settings
                 WHERE key = 'objects.prefix'), '') || r.s3_key AS s3_key,
       r.created_at
FROM (
  SELECT topic_no, partition, base_offset, next_offset, record_count, length,
         object_key AS s3_key, created_at
  FROM sh_segments
  UNION ALL
  SELECT topic_no, partition, base_offset, next_offset, next_offset - base_offset, length,
         left(lpad(to_hex(session), 16, '0'), 2) || '/' || lpad(to_hex(session), 16, '0') || '/'
         || CAST(seq AS text), created_at
  FROM sh_spans
) r
JOIN sh_partitions p ON p.topic_no = r.topic_no AND p.partition = r.partition
JOIN sh_topics t ON t.topic_no = r.topic_no
WHERE r.next_offset > p.log_start AND t.state = 0 AND t.kind = 0;
