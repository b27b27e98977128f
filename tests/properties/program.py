"""Running the program in a folder of its own, and reading its stores."""
import json
import os
import pathlib
import sqlite3
import subprocess
import time

TIMEOUT_SECONDS = 120
AN_HOUR = 3600


class Program:
    def __init__(self, path, folder):
        self.path = path
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                            "COLUMNS": "100"} | {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}

    def run(self, *arguments, expect=(0,), stdin=None):
        done = subprocess.run([self.path, *map(str, arguments)], cwd=self.folder, env=self.environment,
                              input=stdin, capture_output=True, timeout=TIMEOUT_SECONDS)
        assert done.returncode in expect, \
            f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.decode(errors='replace')}"
        return done.stdout

    def start(self, *arguments):
        return subprocess.Popen([self.path, *map(str, arguments)], cwd=self.folder, env=self.environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def file(self, name, data, settled=True):
        path = self.folder / name
        path.write_bytes(data)
        if settled:
            settle(path)
        return path

    def ingest(self, store, *files, prefix=None, options=(), expect=(0,)):
        given = ("--prefix", prefix) if prefix is not None else ()
        # The reading is what is tested here; how much of it was understood is another matter.
        return self.run("ingest", "--store", store, "--source", "s", "--min-coverage", "0", *given, *options, *files,
                        expect=expect)

    def analyze(self, *files, prefix=None, options=(), expect=(0,)):
        given = ("--prefix", prefix) if prefix is not None else ()
        return self.run("analyze", "--format", "json", "--limit", "0", "--min-coverage", "0", *given, *options, *files,
                        expect=expect)

    def report(self, *files, **more):
        return json.loads(self.analyze(*files, **more))

    def store(self, name):
        return Store(self.folder / name)


def settle(path):
    """Makes a file so old that its last record counts as complete."""
    then = time.time() - AN_HOUR
    os.utime(path, (then, then))


class Store:
    def __init__(self, path):
        # Opening a file that is not there would make it.
        assert pathlib.Path(path).exists(), f"no store {path}"
        self.connection = sqlite3.connect(path)
        self.connection.text_factory = bytes

    def rows(self, sql, *values):
        return self.connection.execute(sql, values).fetchall()

    def one(self, sql, *values):
        return self.rows(sql, *values)[0][0] or 0

    def check(self):
        found = self.one("PRAGMA integrity_check")
        assert found == b"ok", found

    def dump(self):
        """Every row of every table but those that know of paths."""
        out = {}
        for (table,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            name = table.decode()
            if name not in ("ledger", "unread"):
                out[name] = sorted(map(repr, self.rows(f"SELECT * FROM {name}")))
        return out

    def close(self):
        self.connection.close()


def dump(program, name):
    store = program.store(name)
    try:
        return store.dump()
    finally:
        store.close()


def assert_same(expected, got, what):
    """Two dumps are the same; otherwise the first differing rows are told."""
    if expected == got:
        return
    lines = []
    for table in sorted(expected.keys() | got.keys()):
        ours, theirs = set(expected.get(table, [])), set(got.get(table, []))
        for sign, rows in (("-", ours - theirs), ("+", theirs - ours)):
            lines += [f"    {sign} {table} {row[:400]}" for row in sorted(rows)[:3]]
    raise AssertionError(f"{what}: the stores differ\n" + "\n".join(lines[:12]))
