-- From version 3 to 4: findings that were accepted, marks, and what could not be read.

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
