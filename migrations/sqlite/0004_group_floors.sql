-- Of deleted groups one number a shard is kept, not one a group: the highest with which a group of the
-- shard was deleted under the epoch. It counts while the shard has that epoch.
CREATE TABLE sh_group_floors (
  topic_no     INTEGER NOT NULL,
  partition    INTEGER NOT NULL,
  leader_epoch INTEGER NOT NULL,
  commit_no    INTEGER NOT NULL,
  PRIMARY KEY (topic_no, partition)
) STRICT, WITHOUT ROWID;
INSERT INTO sh_group_floors (topic_no, partition, leader_epoch, commit_no)
SELECT p.topic_no, p.partition, p.leader_epoch, max(d.commit_no)
FROM sh_deleted_groups d
JOIN sh_partitions p ON p.topic_no = d.shard_topic_no AND p.partition = d.shard_partition
                    AND p.leader_epoch = d.leader_epoch
GROUP BY p.topic_no, p.partition, p.leader_epoch;
DROP TABLE sh_deleted_groups;
