-- High watermarks as of a session's newest checkpoint stand packed beside it, not in the rows of
-- partitions: a checkpoint writes one row however many of them moved. sh_partitions has what the
-- last release or take-over left. The arrays are parallel, by topic and partition, none twice.

ALTER TABLE sh_checkpoints ADD COLUMN visible_topics int8[] NOT NULL DEFAULT '{}';
ALTER TABLE sh_checkpoints ADD COLUMN visible_partitions int8[] NOT NULL DEFAULT '{}';
ALTER TABLE sh_checkpoints ADD COLUMN visible_epochs int8[] NOT NULL DEFAULT '{}';
ALTER TABLE sh_checkpoints ADD COLUMN visible_watermarks int8[] NOT NULL DEFAULT '{}';

CREATE VIEW sh_visible AS
SELECT c.session, v.topic_no, v.partition, v.leader_epoch, v.high_watermark
FROM sh_checkpoints c
CROSS JOIN LATERAL unnest(c.visible_topics, c.visible_partitions, c.visible_epochs,
                          c.visible_watermarks)
  AS v (topic_no, partition, leader_epoch, high_watermark);

-- Grouped and not joined: a planner without statistics would look through the arrays once for each
-- partition.
CREATE OR REPLACE VIEW partitions AS
SELECT t.name AS topic, p.partition AS partition_id, p.high_watermark, p.created_at, p.updated_at
FROM (
  SELECT topic_no, partition, max(high_watermark) AS high_watermark,
         max(created_at) AS created_at, max(updated_at) AS updated_at
  FROM (
    SELECT topic_no, partition, owner_session AS session, leader_epoch,
           visible_high_watermark AS high_watermark, created_at, updated_at
    FROM sh_partitions
    UNION ALL
    SELECT topic_no, partition, session, leader_epoch, high_watermark,
           CAST(NULL AS int8), CAST(NULL AS int8)
    FROM sh_visible
  ) shown
  GROUP BY topic_no, partition, session, leader_epoch
  HAVING count(created_at) > 0
) p
JOIN sh_topics t ON t.topic_no = p.topic_no
WHERE t.state = 0 AND t.kind = 0;
