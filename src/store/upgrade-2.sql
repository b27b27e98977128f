-- From version 2 to 3: days in place of hours, and their end.

ALTER TABLE segments ADD COLUMN zone_begins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN days_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN dropped_before BIGINT NOT NULL DEFAULT 0;

-- Which zone a log began in was not kept; nearly always it is the one that it ended in.
UPDATE segments SET zone_begins = zone_offset;

-- The packed state has another form now. What waited in it for the rest of an execution, which the
-- next run would have read, is given up, as at the end of a log.
DELETE FROM fold_state;
