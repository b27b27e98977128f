-- From version 2 to 3: days in place of hours, and their end; what statements show by following one
-- another.

ALTER TABLE segments ADD COLUMN zone_begins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN days_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN dropped_before BIGINT NOT NULL DEFAULT 0;

-- Which zone a log began in was not kept; nearly always it is the one that it ended in.
UPDATE segments SET zone_begins = zone_offset;

-- The packed state has another form now. What waited in it for the rest of an execution, which the
-- next run would have read, is given up, as at the end of a log.
DELETE FROM fold_state;

-- Statements of one session with next to no time between them: one again and again, or a cycle of a
-- few. What becomes of it is judged when a report is made.
CREATE TABLE bursts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,             -- in which the bursts began
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    endpoint TEXT NOT NULL,            -- what the statements' comments say of who asked: 'controller=…, action=…'
    cycle BIGINT NOT NULL,             -- the statements, see `cycles`
    parent BIGINT NOT NULL,            -- fingerprint of the session's statement in front; 0: none
    parameters TEXT NOT NULL,          -- 'distinct', 'same', 'mixed', 'unknown'
    length BIGINT NOT NULL,            -- rounds; above 64 to a thirty-second
    bursts BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,              -- us, of the calls
    wall BIGINT NOT NULL,              -- us, from the first call's start to the last one's end
    saving BIGINT NOT NULL,            -- us, if one statement did it
    matched BIGINT NOT NULL,           -- bursts as long as the parent had rows
    contradicted BIGINT NOT NULL,      -- bursts that are not
    shared BIGINT NOT NULL,            -- bursts with another client's statements between
    longest BIGINT NOT NULL,           -- rounds
    first_at BIGINT NOT NULL,          -- of the earliest burst's first statement
    first_offset BIGINT NOT NULL,
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, cycle, parent, parameters, length, database, user, application, endpoint)
) WITHOUT ROWID;

-- The statements that take turns; of one statement alone its fingerprint is the cycle.
CREATE TABLE cycles(
    cycle BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0
    fingerprint BIGINT NOT NULL,
    PRIMARY KEY(cycle, place)
) WITHOUT ROWID;

-- Of the sessions of a cycle's bursts in an hour the 16 whose hashes are the least.
CREATE TABLE burst_sessions(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    cycle BIGINT NOT NULL,
    session BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, cycle, session)
) WITHOUT ROWID;

-- What sessions did, as far as the log tells.
CREATE TABLE session_use(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    statements BIGINT NOT NULL,        -- of every kind
    chatter BIGINT NOT NULL,           -- of these BEGIN, COMMIT, SET, SELECT 1 and such
    time BIGINT NOT NULL,              -- us in use, all sessions together: without rests of over a minute
    transactions BIGINT NOT NULL,      -- that ended
    transaction_time BIGINT NOT NULL,  -- us
    idle_time BIGINT NOT NULL,         -- us of these between statements
    longest_idle BIGINT NOT NULL,      -- us at a time
    longest_transaction BIGINT NOT NULL,
    longest_at BIGINT NOT NULL,        -- when it ended
    longest_line BIGINT NOT NULL,      -- and where; 0: there was none
    PRIMARY KEY(source, segment, hour, database, user, application)
) WITHOUT ROWID;

-- Executions that passed over rows: OFFSET, skip.
CREATE TABLE pages(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    pages BIGINT NOT NULL,             -- with an OFFSET above 0
    walks BIGINT NOT NULL,             -- from page to page in one session, at least four
    walk_pages BIGINT NOT NULL,
    twins BIGINT NOT NULL,             -- pages with a count next to them
    twin BIGINT NOT NULL,              -- fingerprint of a count; 0: none
    -- Some pages, packed: version 1, then LEB128 varints for each: the distance of its hash to the
    -- one before, rows passed over, rows wanted (0: not known), us, rows examined and one (0: not known).
    sample BLOB NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application)
) WITHOUT ROWID;

-- Statements that came again, with the same values in the same session, soon after they had failed.
CREATE TABLE retries(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,              -- of the retry
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    code TEXT NOT NULL,                -- of the failure before it
    retries BIGINT NOT NULL,
    failed BIGINT NOT NULL,            -- of these, that failed again
    wait BIGINT NOT NULL,              -- us, from the failures to the retries
    longest BIGINT NOT NULL,           -- retries in a row
    first_at BIGINT NOT NULL,          -- of the earliest retry
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application, code)
) WITHOUT ROWID;
