-- Views for the common questions, for whoever opens a store with sqlite3. Made after the tables
-- of schema.sql, and anew after each upgrade; `paths` and `kept_segments` are read by reports as well.

CREATE VIEW queries AS
SELECT printf('%016x', d.fingerprint) AS id, f.verb, d.calls,
       round(t.sum / 1000.0, 3) AS total_ms,
       round(t.sum / 1000.0 / t.n, 3) AS mean_ms,
       t.max / 1000.0 AS max_ms,
       d.errors, f.text
  FROM (SELECT fingerprint, sum(calls) AS calls, sum(errors) AS errors
          FROM digest GROUP BY fingerprint) d
  LEFT JOIN (SELECT fingerprint, sum(n) AS n, sum(sum) AS sum, max(max) AS max
               FROM measures WHERE measure = 'query_time' GROUP BY fingerprint) t
    USING (fingerprint)
  LEFT JOIN fingerprints f USING (fingerprint);

CREATE VIEW hourly AS
SELECT d.source, datetime(d.hour, 'unixepoch') AS hour_utc, d.calls,
       round(t.sum / 1000.0, 3) AS total_ms, d.errors
  FROM (SELECT source, hour, sum(calls) AS calls, sum(errors) AS errors
          FROM digest GROUP BY source, hour) d
  LEFT JOIN (SELECT source, hour, sum(sum) AS sum
               FROM measures WHERE measure = 'query_time' GROUP BY source, hour) t
    USING (source, hour);

-- Segments that have rows: of the others the store only remembers that they were read.
CREATE VIEW kept_segments AS
SELECT * FROM segments WHERE dropped_before = 0 OR last_at >= dropped_before * 1000000;

-- Where a segment lies now, or lay when it was last read.
CREATE VIEW paths AS
SELECT source, segment, coalesce(min(CASE WHEN latest THEN path END), min(path)) AS path
  FROM ledger GROUP BY source, segment;

CREATE VIEW slowest AS
SELECT e.duration / 1000.0 AS ms, datetime(e.at / 1000000, 'unixepoch') AS at_utc,
       printf('%016x', e.fingerprint) AS id, p.path, e.line,
       e.database, e.user, e.application, e.host
  FROM examples e LEFT JOIN paths p USING (source, segment)
 ORDER BY e.duration DESC;

CREATE VIEW files AS
SELECT l.source, l.path, s.format, s.detail, s.bytes, s.lines, s.events,
       round(1.0 * (s.event_bytes + s.other_bytes) /
             max(s.bytes - coalesce((SELECT sum(k.bytes) FROM skipped k WHERE k.source = s.source
                  AND k.segment = s.segment AND k.reason IN ('NUL bytes', 'line of another program')), 0), 1), 4) AS understood
  FROM ledger l JOIN segments s USING (source, segment);
