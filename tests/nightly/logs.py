"""Logs of nights, and stores as text."""
import random
import subprocess

PREFIX = "%m [%p] %u@%d "


def records(seed, n, start=0):
    """Statements with their durations in other records, plain executions, errors: what takes state from one record to
    the next. A duration of its own for each, so that their sum tells which were counted."""
    r = random.Random(f"records {seed}")
    out = []
    for i in range(start, start + n):
        head = "2020-01-%02d %02d:%02d:%02d.%03d UTC [%d] u%d@d " % (
            1 + i // 86400, i // 3600 % 24, i // 60 % 60, i % 60, r.randrange(1000), r.randrange(9), r.randrange(3))
        table = r.randrange(40)
        kind = r.randrange(8)
        if kind == 0:
            text = f"{head}LOG:  statement: UPDATE t{table} SET a = {i}\n"
        elif kind == 1:
            text = f"{head}LOG:  duration: {i}.000 ms\n"
        elif kind == 2:
            text = f"{head}ERROR:  relation \"x\" does not exist\n{head}STATEMENT:  SELECT x FROM m{table}\n"
        else:
            text = f"{head}LOG:  duration: {i}.000 ms  statement: SELECT a FROM t{table} WHERE b = {i}\n"
        out.append(text.encode())
    return out


def nights(program, seed, files, n):
    """Paths of `files` logs of n records each, the latest with the plain name."""
    out = []
    for i in range(files):
        name = "x.log" if i == files - 1 else f"x.log.{files - 1 - i}"
        out.append(program.file(name, b"".join(records(f"{seed} {i}", n, i * n))))
    return out


def dump(program, store):
    """The store as SQLite's own shell writes it; opening it undoes what a killed run left."""
    done = subprocess.run(["sqlite3", program.folder / store, "PRAGMA integrity_check", ".dump"], capture_output=True,
                          check=True)
    assert done.stdout.startswith(b"ok\n"), done.stdout[:200]
    return done.stdout


def assert_same(expected, got, what):
    if expected != got:
        ours, theirs = set(expected.split(b"\n")), set(got.split(b"\n"))
        lines = [f"    - {line[:300]}" for line in sorted(ours - theirs)[:4]]
        lines += [f"    + {line[:300]}" for line in sorted(theirs - ours)[:4]]
        raise AssertionError(f"{what}: the stores differ\n" + "\n".join(lines))
