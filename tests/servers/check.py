"""Compares qlog's report of each log with what the server counted; called by tests/servers/run.

usage: check.py PROGRAM FOLDER

FOLDER holds NAME.log, the same as NAME.csv and NAME.json, NAME.truth (pg_stat_statements, one
JSON object a line) and NAME.prefix. What only a log can tell, durations and errors, is counted
here by other means than qlog's: a regular expression on every line of NAME.log that is no
continuation line.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

# The first severity word of a line is the server's; what looks like another is in a statement.
HEAD = re.compile(r"^[^\t].*?\b(LOG|ERROR|FATAL|WARNING|DETAIL|HINT|CONTEXT|STATEMENT|LOCATION):  (?:[0-9A-Z]{5}: )?(.*)")
DURATION = re.compile(r"duration: (\d+)\.(\d{3}) ms(?:  (parse|bind|statement|execute|fastpath|plan)[ :])?")
STARTED = re.compile(r"(?:statement|execute [^:]*|fastpath function call): ")
# pg_stat_statements leaves these out: the server plans nothing for them.
UNCOUNTED = re.compile(r"(?:duration: \S+ ms  )?(?:statement: (?:PREPARE|DEALLOCATE)\b|fastpath function call: )")
PID = re.compile(r"\[ *(\d+) *\]")
MARKER = re.compile(r"marker_\w+")
# Of statements that are executed a few rows at a time.
IN_PIECES = {"marker_portal"}
# Of a message of several statements the log has one duration, where the server counts each: the last
# stands for it.
PART_OF_MESSAGE = re.compile(r"SELECT .* FROM marker_several\b")
# What each user of the workloads connects with.
APPLICATION = {"svc_alpha": "alpha app", "svc_beta": "beta [web]"}
DATABASE = {"svc_alpha": "db_one", "svc_beta": "db_two"}
HOST = {"svc_alpha": "127.0.0.1", "svc_beta": "[local]"}

passed = failed = 0


def check(log, what, got, want):
    global passed, failed
    if got == want:
        passed += 1
    else:
        failed += 1
        print(f"--- {log}: {what}\n    got  {got!r}\n    want {want!r}")


def microseconds(duration):
    return int(duration.group(1)) * 1000 + int(duration.group(2))


class Log:
    """What can be read off the log itself."""

    def __init__(self, path):
        self.lines = path.read_text(encoding="utf-8").split("\n")
        heads = [(line, *match.groups()) for line in self.lines if (match := HEAD.match(line))]
        self.errors = sum(1 for _, word, _ in heads if word in ("ERROR", "FATAL"))
        self.uncounted = sum(1 for _, word, message in heads if word == "LOG" and UNCOUNTED.match(message))
        self.us = self.count_us(heads)

    @staticmethod
    def is_detail(line):
        head = HEAD.match(line)
        return head is not None and head.group(1) == "DETAIL"

    @staticmethod
    def count_us(heads):
        """The statements' own time. A duration alone belongs to the statement that its process
        wrote before; the steps before that statement (parse, bind) are not its time."""
        total = 0
        started = set()
        for line, word, message in heads:
            pid = PID.search(line)
            pid = pid.group(1) if pid else None
            if word == "ERROR":
                started.discard(pid)
            if word != "LOG":
                continue
            duration = DURATION.match(message)
            if STARTED.match(message):
                started.add(pid)
            elif duration and (duration.group(3) in ("statement", "execute", "fastpath") or
                               duration.group(3) is None and pid in started):
                started.discard(pid)
                total += microseconds(duration)
        return total

    def record(self, number):
        """The record at a line number, with its continuation lines and its details."""
        end = number
        while end < len(self.lines) and (self.lines[end].startswith("\t") or self.is_detail(self.lines[end])):
            end += 1
        return "\n".join(self.lines[number - 1:end])


def calls_by(rows, key, weight="calls"):
    total = collections.Counter()
    for row in rows:
        total[key(row)] += row[weight]
    return dict(total)


def reported_by(report, dimension):
    total = collections.Counter()
    for query in report["queries"]:
        for entry in query[dimension]:
            total[entry["name"]] += entry["calls"]
    return dict(total)


def markers(rows):
    total = collections.Counter()
    for row in rows:
        # The server has EXECUTE under the text of its PREPARE, whose own execution it does not count.
        if "id" in row and row["text"].startswith("PREPARE"):
            continue
        for marker in set(MARKER.findall(row["text"])):
            total[marker] += row["calls"]
    return {marker: calls for marker, calls in total.items() if calls > 0}


def marker_ms(rows, ms):
    """By marker, without PREPARE, whose time is not its statement's."""
    total = collections.Counter()
    for row in rows:
        for marker in set(MARKER.findall(row["text"])):
            if not ("id" in row and row["text"].startswith("PREPARE")):
                total[marker] += ms(row)
    return total


def check_times(name, report, truth):
    """The server counts what the executor takes, the log the whole of what the client waits for."""
    executor = marker_ms(truth, lambda row: row["ms"])
    logged = marker_ms(report["queries"], lambda row: row["time_ms"]["total"] or 0)
    calls = markers(truth)
    for marker in calls:
        rounding = 0.001 * calls[marker] * 4
        within = executor[marker] <= logged[marker] + rounding <= 2 * executor[marker] + 250
        check(name, f"{marker}: {logged[marker]} ms logged, {executor[marker]} ms in the executor", within, True)


def examples(report):
    for query in report["queries"]:
        for example in query["examples"]:
            yield query, example


def example_is_there(log, query, example):
    record = log.record(example["line"])
    named = set(MARKER.findall(query["text"]))
    if named and not named <= set(MARKER.findall(record)):
        return False
    if named & IN_PIECES:  # the line is the first piece's, the duration that of all
        return True
    head = HEAD.match(record)
    duration = head and DURATION.match(head.group(2))
    return head is not None and (duration is None or microseconds(duration) == round(example["ms"] * 1000))


def analyse(program, path):
    """The report, or None."""
    done = subprocess.run([program, "analyze", "--format", "json", str(path)], capture_output=True)
    check(path.name, "exit code " + done.stderr.decode("utf-8", "replace"), done.returncode, 0)
    if done.returncode:
        return None
    report = json.loads(done.stdout)
    check(path.name, "schema", report["schema"], "qlog-report/1")
    check(path.name, "coverage", report["sources"][0]["coverage"], 1.0)
    check(path.name, "queries and the rest make the total",
          sum(query["calls"] for query in report["queries"]) + report["other"]["calls"], report["totals"]["calls"])
    return report


def check_log(program, path):
    name = path.stem
    report = analyse(program, path)
    if report is None:
        return
    log = Log(path)
    truth = [json.loads(line) for line in path.with_suffix(".truth").read_text().splitlines()]
    truth = [row for row in truth if not PART_OF_MESSAGE.match(row["text"])]
    prefix = path.with_suffix(".prefix").read_text()
    check(name, "prefix", report["sources"][0]["detail"], prefix)
    check(name, "calls", report["totals"]["calls"], sum(row["calls"] for row in truth) + log.uncounted)
    check(name, "calls by marker", markers(report["queries"]), markers(truth))
    check_times(name, report, truth)
    check(name, "errors", report["totals"]["errors"], log.errors)
    if "extended" not in name:
        check(name, "time, us", round(report["totals"]["time_ms"] * 1000), log.us)
    wrong = [(query["text"][:60], example["line"]) for query, example in examples(report)
             if not example_is_there(log, query, example)]
    check(name, "examples that are not at their line", wrong, [])
    check(name, "examples were given", any(True for _ in examples(report)), True)
    check_dimensions(name, report, truth, prefix, log.uncounted)
    for suffix, form in ((".csv", "postgresql-csvlog"), (".json", "postgresql-jsonlog")):
        check_twin(program, path.with_suffix(suffix), form, report, truth, log.uncounted)


def by_query(report):
    """What does not depend on how much a prefix shows."""
    return {query["id"]: (query["text"], query["calls"], query["errors"], query["time_ms"]["total"],
                          query["time_ms"]["max"]) for query in report["queries"]}


def check_twin(program, path, form, expected, truth, uncounted):
    """The same log in another format, which always shows who it was."""
    report = analyse(program, path)
    if report is None:
        return
    check(path.name, "format", report["sources"][0]["format"], form)
    for key in ("calls", "fingerprints", "time_ms", "errors"):
        check(path.name, key, report["totals"][key], expected["totals"][key])
    check(path.name, "queries", by_query(report), by_query(expected))
    check_dimensions(path.name, report, truth, "%u %d %a %h", uncounted)


def check_dimensions(name, report, truth, prefix, uncounted):
    """What the prefix shows is known, and only that."""
    by_user = calls_by(truth, lambda row: row["user"])
    if uncounted:
        # Where both are there, beta alone prepares in SQL.
        by_user["svc_beta" if "svc_beta" in by_user else "svc_alpha"] += uncounted
    by_database = {DATABASE[user]: calls for user, calls in by_user.items()}
    for dimension, escapes, want in (
            ("users", "u", by_user),
            ("databases", "d", by_database),
            ("apps", "a", {APPLICATION[user]: calls for user, calls in by_user.items()}),
            ("hosts", "hr", {HOST[user]: calls for user, calls in by_user.items()})):
        shown = any(f"%{letter}" in prefix for letter in escapes)
        got = {key: calls for key, calls in reported_by(report, dimension).items() if key}
        check(name, dimension, got, want if shown else {})


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for path in sorted(folder.glob("[0-9]*.log")):
        check_log(program, path)
    print(f"servers: {passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


main()
