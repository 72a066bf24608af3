-- The view `segments` names the bucket, and keys as they stand in it. Agents write both down as
-- settings (src/service/admin/store_record.h); without them the objects lie in a directory.

DROP VIEW segments;

CREATE VIEW segments AS
SELECT t.name || '-' || r.partition || '-' || r.base_offset AS id,
       t.name AS topic, r.partition AS partition_id,
       r.base_offset, r.next_offset - 1 AS end_offset, r.record_count, r.length AS size_bytes,
       coalesce((SELECT CAST(value AS TEXT) FROM sh_settings
                 WHERE key = 'objects.bucket'), '') AS s3_bucket,
       coalesce((SELECT CAST(value AS TEXT) FROM sh_settings
                 WHERE key = 'objects.prefix'), '') || r.s3_key AS s3_key,
       r.created_at
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
