-- From version 1 to 2: plans, what the log says of the server, logs that were not read.
-- Late stores of version 1 have these tables already.

CREATE TABLE IF NOT EXISTS plans(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    plan BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, plan)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS plan_shapes(
    plan BIGINT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS server_facts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, kind, subject, fingerprint)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS duplicates(
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    same_as TEXT NOT NULL,
    PRIMARY KEY(source, path)
) WITHOUT ROWID;
