-- Objects and their bytes are counted as they come and go, so that asking how many there are does
-- not get slower with them.

-- Commits of a log up to and including the row, and the sizes of their objects. The newest row's
-- totals less those that were trimmed are what lives at level 0.
ALTER TABLE sh_commits ADD COLUMN total_objects INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sh_commits ADD COLUMN total_bytes INTEGER NOT NULL DEFAULT 0;
-- The totals of row trimmed_to.
ALTER TABLE sh_sessions ADD COLUMN trimmed_objects INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sh_sessions ADD COLUMN trimmed_bytes INTEGER NOT NULL DEFAULT 0;

-- Logs that are there begin to count above what they have trimmed.
UPDATE sh_commits SET total_objects = t.objects, total_bytes = t.bytes
FROM (SELECT c.session, c.seq,
             sum(c.kind = 'C') OVER log AS objects, sum(c.object_size) OVER log AS bytes
      FROM sh_commits c
      JOIN sh_sessions s ON s.session = c.session
      WHERE c.seq > s.trimmed_to
      WINDOW log AS (PARTITION BY c.session ORDER BY c.seq)) t
WHERE t.session = sh_commits.session AND t.seq = sh_commits.seq;

-- The rows of sh_objects by what they are. Triggers keep it: these rows change in bulk, and rarely.
CREATE TABLE sh_object_counts (
  level   INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  objects INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (level, state)
) STRICT, WITHOUT ROWID;
INSERT INTO sh_object_counts (level, state, objects, bytes)
SELECT level, state, count(*), sum(size) FROM sh_objects GROUP BY level, state;

CREATE TRIGGER sh_objects_added AFTER INSERT ON sh_objects
BEGIN
  INSERT INTO sh_object_counts (level, state, objects, bytes)
  VALUES (NEW.level, NEW.state, 1, NEW.size)
  ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + NEW.size;
END;

CREATE TRIGGER sh_objects_removed AFTER DELETE ON sh_objects
BEGIN
  UPDATE sh_object_counts SET objects = objects - 1, bytes = bytes - OLD.size
  WHERE level = OLD.level AND state = OLD.state;
END;

CREATE TRIGGER sh_objects_changed AFTER UPDATE OF level, state, size ON sh_objects
BEGIN
  UPDATE sh_object_counts SET objects = objects - 1, bytes = bytes - OLD.size
  WHERE level = OLD.level AND state = OLD.state;
  INSERT INTO sh_object_counts (level, state, objects, bytes)
  VALUES (NEW.level, NEW.state, 1, NEW.size)
  ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + NEW.size;
END;
