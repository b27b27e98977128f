"""What `qlog export` writes adds up to what reports say, and does not depend on how logs were cut, on order or formats."""
import csv
import io
import json
import random

from generate import generate

KEY = ("source", "hour", "seconds", "fingerprint", "database", "username", "application")


def exported(program, store, *options):
    return program.run("export", "--store", store, *options)


def objects(data):
    return [json.loads(line) for line in data.splitlines()]


def cells(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def check_rows(rows):
    assert len({tuple(row[name] for name in KEY) for row in rows}) == len(rows), "a key is there twice"
    for row in rows:
        assert sum(row["histogram_calls"]) == row["query_time_calls"], row
        assert row["histogram_us"] == sorted(set(row["histogram_us"])), row
        if row["query_time_calls"]:
            assert row["query_time_min_us"] * row["query_time_calls"] <= row["query_time_us"] \
                <= row["query_time_max_us"] * row["query_time_calls"], row


def as_reports_say(program, seed):
    log = generate(seed, style="full", records=200 + seed * 50)
    program.ingest("s.db", program.file("a.log", log.data), prefix=log.setting)
    whole = objects(exported(program, "s.db"))
    who = random.Random(f"export {seed}").choice([row["username"] for row in whole if row["username"]] or ["nobody"])
    for options in ((), ("--user", who), ("--exclude", "select")):
        rows = objects(exported(program, "s.db", *options))
        check_rows(rows)
        report = json.loads(program.run("report", "--store", "s.db", "--format", "json", "--limit", "0", *options))
        for query in report["queries"]:
            mine = [row for row in rows if row["fingerprint"] == query["id"]]
            assert sum(row["calls"] for row in mine) == query["calls"], (options, query["id"])
            assert sum(row["errors"] for row in mine) == query["errors"], (options, query["id"])
            told = query["time_ms"] and query["time_ms"]["total"] or 0
            assert sum(row["query_time_us"] or 0 for row in mine) == round(told * 1000), (options, query["id"])
        # What was measured beside executions, such as temporary files, may be all that there is of a query.
        ran = {row["fingerprint"] for row in rows if row["calls"] or row["errors"]}
        assert ran == {query["id"] for query in report["queries"]}, options
        assert {row["fingerprint"] for row in objects(exported(program, "s.db", "--table", "queries", *options))} \
            == {row["fingerprint"] for row in rows}, options


def formats(program, seed):
    log = generate(seed, style="full", records=150)
    program.ingest("s.db", program.file("a.log", log.data), prefix=log.setting)
    rows, lines = objects(exported(program, "s.db")), cells(exported(program, "s.db", "--format", "csv"))
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines):
        assert list(row) == list(line)
        for name, value in row.items():
            if isinstance(value, str):
                assert line[name] in (value, "'" + value) or not value.isprintable(), (name, value, line[name])
            else:
                assert (json.loads(line[name]) if line[name] else None) == value, (name, value, line[name])


def cut(program, seed):
    """Of one file, of two, of two stores that were merged."""
    r = random.Random(f"export cut {seed}")
    log = generate(seed, style="full", records=200)
    lines = log.data.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if line[:2] == b"20"] or [0]
    at = sum(map(len, lines[:r.choice(starts)]))
    program.ingest("whole.db", program.file("whole.log", log.data), prefix=log.setting)
    for part, data in (("1", log.data[:at]), ("2", log.data[at:])):
        program.file(f"part.log.{part}", data)
    program.ingest("parts.db", "part.log.1", "part.log.2", prefix=log.setting)
    expected = exported(program, "whole.db")
    assert exported(program, "parts.db") == expected, "two files"
    program.run("merge", "merged.db", "parts.db", "parts.db")
    assert exported(program, "merged.db") == expected, "merged"


def windows(program, seed):
    """Windows that meet write each row of the whole once."""
    log = generate(seed, style="full", records=300)
    program.ingest("s.db", program.file("a.log", log.data), prefix=log.setting)
    whole = exported(program, "s.db").splitlines()
    times = sorted({row["hour"] for row in objects(b"\n".join(whole)) if not row["hour"].startswith("1970")})
    if not times:
        return
    at = random.Random(f"export windows {seed}").choice(times)
    before = exported(program, "s.db", "--until", at).splitlines() if at > times[0] else []
    after = exported(program, "s.db", "--since", at).splitlines()
    timed = [line for line in whole if b'"hour":"1970' not in line]
    assert sorted(before + after) == sorted(timed), (len(before), len(after), len(timed))


PROPERTIES = [("export as reports say", as_reports_say, 6), ("export formats", formats, 4), ("export cut", cut, 6),
              ("export windows", windows, 4)]
