-- Tables for `qlog export`, for ClickHouse.
--
--   qlog export --ddl clickhouse | clickhouse-client --multiquery
--   qlog export --store prod.db | clickhouse-client --date_time_input_format best_effort
--     --query 'INSERT INTO qlog_hours FORMAT JSONEachRow'
--   qlog export --store prod.db --table queries | clickhouse-client --query 'INSERT INTO qlog_queries FORMAT JSONEachRow'
--
-- What is sent again replaces what was there, when parts are merged, or in a query with FINAL. Distributions are
-- added up by sumMap(histogram_us, histogram_calls). Do not fill a rollup by a materialised view, which would count
-- twice what is sent twice: INSERT … SELECT … FINAL on a schedule.

CREATE TABLE qlog_hours (
    source LowCardinality(String),
    hour DateTime('UTC'),                        -- when it begins; 1970: the log has no time
    seconds UInt32,                              -- 3600, or 86400 of a day
    fingerprint String,                          -- 16 hexadecimal digits
    database LowCardinality(String),             -- names are '' where the log does not tell them
    username LowCardinality(String),
    application LowCardinality(String),
    calls UInt64,                                -- as logged
    estimated_calls UInt64,                      -- as executed, where the log is a sample
    errors UInt64,
    first_at Nullable(DateTime64(6, 'UTC')),
    last_at Nullable(DateTime64(6, 'UTC')),
    query_time_calls UInt64,                     -- that have a duration
    query_time_us Nullable(UInt64),              -- the sum; NULL: none has one
    query_time_min_us Nullable(UInt64),
    query_time_max_us Nullable(UInt64),
    -- Where bins begin, in us, and how many executions each has. A bin is 1 us wide below 64 us, and a 32nd of
    -- the power of two below it from there on.
    histogram_us Array(UInt64),
    histogram_calls Array(UInt64),
    measures Map(String, Map(String, UInt64))    -- all else: measures['rows_sent']['sum'], 'n', 'min', 'max'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (source, fingerprint, hour, seconds, database, username, application);

CREATE TABLE qlog_queries (
    fingerprint String,
    engine LowCardinality(String),
    verb LowCardinality(String),
    tables Array(String),
    text String                                  -- normalised: no literals
)
ENGINE = ReplacingMergeTree
ORDER BY fingerprint;
