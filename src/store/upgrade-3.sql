-- From version 3 to 4: findings that were accepted, marks, and what could not be read; who was in the
-- way where statements waited for locks; bursts within a request.

-- Findings that somebody accepted (`qlog accept`). Of what was said of one finding the last holds.
CREATE TABLE accepted(
    finding BIGINT PRIMARY KEY,
    revision BIGINT NOT NULL,          -- how often something was said of it
    withdrawn BIGINT NOT NULL,         -- 1: it is accepted no more
    at BIGINT NOT NULL,                -- how far the logs of its source went then: us, of the latest record
    until BIGINT NOT NULL,             -- us, the first time at which it counts again; 0: for good
    note TEXT NOT NULL
) WITHOUT ROWID;

-- What happened at a moment, as people told it (`qlog mark`): a deploy, a restart.
CREATE TABLE marks(
    source TEXT NOT NULL,              -- '': of all
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY(source, at, text)
) WITHOUT ROWID;

-- What the last run that read a source was to read and could not: a pattern that matches no file, a file without
-- the right to read it. Of this machine, as the ledger is, and not merged.
CREATE TABLE unread(
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY(source, path)
) WITHOUT ROWID;

-- The packed state has another form now. What waited in it for the rest of an execution, which the
-- next run would have read, is given up, as at the end of a log.
DELETE FROM fold_state;

-- Bursts whose statements all say that they are of one request: of those so far it was not looked at.
ALTER TABLE bursts ADD COLUMN requests BIGINT NOT NULL DEFAULT 0;

-- Waits for locks that the log tells of with the process that held the lock, by what that one ran.
CREATE TABLE blockers(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,              -- in which the log first told of the wait
    fingerprint BIGINT NOT NULL,       -- what waited; 0: not known
    blocker BIGINT NOT NULL,           -- fingerprint of the holder's statement; 0: not in the log
    state TEXT NOT NULL,               -- 'running', 'in transaction', 'last' (of its session), 'unseen'
    database TEXT NOT NULL,            -- the holder's, as are user and application
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    waits BIGINT NOT NULL,
    acquired BIGINT NOT NULL,          -- of these, that had the lock in the end
    time BIGINT NOT NULL,              -- us
    longest BIGINT NOT NULL,
    first_at BIGINT NOT NULL,          -- of the earliest wait
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, blocker, state, database, user, application)
) WITHOUT ROWID;
