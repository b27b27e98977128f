#!/usr/bin/env python3
"""Compares what qlog says of MariaDB's slow logs with the statements that tests/servers/slow-log ran.

usage: slow_log.py PROGRAM FOLDER
"""
import json
import pathlib
import subprocess
import sys

# Normalised text's beginning: calls, rows sent, examined and affected, as MariaDB counts them:
# a full scan of 1,000 rows is 1,000 examined and what it sends from its sort besides.
RAN = {
    "SELECT n FROM numbers": (3, 3, 3, 0),
    "SELECT count(*) FROM numbers": (1, 1, 1000, 0),
    "SELECT half, note FROM numbers": (1, 5, 1005, 0),
    "UPDATE numbers SET note": (1, 0, 10, 10),
    "SELECT SLEEP(": (1, 1, 0, 0),
    "INSERT INTO numbers": (1, 0, 0, 0),
    "INSERT INTO target": (1, 0, 0, 3),
    "DELETE FROM target": (1, 0, 3, 3),
}
SLEPT, SLEEP_MAY_TAKE = 250, 750  # ms
FULL_SCANS = ("SELECT count(*)", "SELECT half, note")
SORTED = "SELECT half, note"         # the first five, by a priority queue
WITH_PLANS = {"query_plan", "innodb,query_plan", "full"}
WITH_PAGES = {"innodb,query_plan", "full"}
EXPLAINED = {"explain", "full"}
# How the server executes those whose plan leaves it no choice.
PLANS = {"SELECT n FROM numbers": "SIMPLE numbers const key PRIMARY", "SELECT count(*)": "SIMPLE numbers ALL",
         "SELECT half, note": "SIMPLE numbers ALL; Using filesort",
         "UPDATE numbers SET note": "SIMPLE numbers range key PRIMARY"}

passed = failed = 0


def check(name, what, got, want):
    global passed, failed
    if got == want:
        passed += 1
        return
    failed += 1
    print(f"--- {name}: {what}\n    got  {got!r}\n    want {want!r}")


def total(query, attribute):
    figures = query["attributes"].get(attribute)
    return figures["total"] if figures else None


def check_query(name, query, beginning, table):
    calls, sent, examined, affected = RAN[beginning]
    check(name, f"calls of {beginning}", query["calls"], calls)
    rows = query["rows"]
    check(name, f"rows of {beginning}", (rows["sent"], rows["examined"], rows["affected"]), (sent, examined, affected))
    database = "other db" if "target" in beginning else "shop"
    check(name, f"database of {beginning}", [d["name"] for d in query["databases"]], [database])
    check(name, f"user of {beginning}", [u["name"] for u in query["users"]], ["app"])
    check(name, f"lock time of {beginning}", query["lock_time_ms"] is not None, True)
    if beginning == "SELECT SLEEP(":
        check(name, "sleep", SLEPT <= query["time_ms"]["total"] < SLEEP_MAY_TAKE, True)
    if name in WITH_PLANS:
        scans = calls if beginning.startswith(FULL_SCANS) else 0
        check(name, f"full scans of {beginning}", total(query, "full_scan") or 0, scans)
        sorts = calls if beginning.startswith(SORTED) else 0
        for attribute in ("filesort", "priority_queue"):
            check(name, f"{attribute} of {beginning}", total(query, attribute) or 0, sorts)
        for attribute in ("full_join", "tmp_table", "tmp_table_on_disk", "filesort_on_disk", "merge_passes", "qc_hit"):
            check(name, f"{attribute} of {beginning}", total(query, attribute) or 0, 0)
    if name in WITH_PAGES and not beginning.startswith("SELECT SLEEP"):
        check(name, f"pages of {beginning}", (total(query, "pages_accessed") or 0) >= calls, True)
        # A thousandth of a second is what the server rounds its clock to.
        check(name, f"engine time of {beginning}",
              (total(query, "engine_time_ms") or 0) <= query["time_ms"]["total"] + calls, True)
    if name in EXPLAINED:
        plans = [plan["shape"] for plan in query["plans"]]
        want = next((plan for start, plan in PLANS.items() if beginning.startswith(start)), None)
        check(name, f"plan of {beginning}", want is None or any(want in p for p in plans), True)
    if not table:
        check(name, f"bytes of {beginning}", (total(query, "bytes_sent") or 0) > 0, True)


def check_log(program, path):
    name = path.stem if path.suffix == ".log" else path.name
    done = subprocess.run([program, "analyze", "--format", "json", "--limit", "0", "--user", "app", str(path)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        check(name, "exit", (done.returncode, done.stderr), (0, ""))
        return
    report = json.loads(done.stdout)
    check(name, "coverage", report["sources"][0]["coverage"], 1)
    found = {}
    for query in report["queries"]:
        for beginning in RAN:
            if query["text"].lower().startswith(beginning.lower()):
                found[beginning] = query
    check(name, "queries", sorted(found), sorted(RAN))
    for beginning, query in found.items():
        check_query(name, query, beginning, path.suffix != ".log")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for path in sorted(folder.glob("*.log")) + [folder / "table.tsv", folder / "table.csv"]:
        check_log(program, path)
    print(f"MariaDB's slow log: {passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


main()
