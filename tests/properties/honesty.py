"""Every byte of whatever is read is accounted for."""
import random

from generate import STYLES, generate


def flip(r, data):
    out = bytearray(data)
    for _ in range(r.choice((1, 10, 1 + len(data) // 100))):
        out[r.randrange(len(out))] = r.randrange(256)
    return bytes(out)


def delete_lines(r, data):
    return b"".join(line for line in data.splitlines(keepends=True) if r.random() < 0.8)


def truncate(r, data):
    return data[r.randrange(len(data)):] if r.random() < 0.5 else data[:r.randrange(1, len(data))]


def insert(r, data):
    at = r.randrange(len(data))
    garbage = r.choice((r.randbytes(r.randrange(1, 5000)), b"\0" * r.randrange(1, 100000), b"\n" * 50,
                        b"\t\n" * 20, b"x" * r.randrange(1, 300000), b"2026-13-45 99:99:99.999 UTC [1] a@b LOG:  x\n"))
    return data[:at] + garbage + data[at:]


def shuffle(r, data):
    lines = data.splitlines(keepends=True)
    r.shuffle(lines)
    return b"".join(lines)


def returns(r, data):
    return data.replace(b"\n", b"\r\n")


def duplicate(r, data):
    at = r.randrange(len(data))
    return data[:at] + data


DAMAGES = (flip, delete_lines, truncate, insert, shuffle, returns, duplicate)


def accounted(program, seed):
    r = random.Random(f"honesty {seed}")
    log = generate(seed, style=r.choice(list(STYLES)), records=r.choice((20, 200, 800)))
    data = log.data
    done = []
    for damage in r.sample(DAMAGES, r.choice((1, 1, 2, 3))):
        data = damage(r, data)
        done.append(damage.__name__)
    path = program.file("x.log", data)
    given = log.setting if r.random() < 0.7 else None
    program.ingest("s.db", path, prefix=given, expect=(0, 3), options=("--jobs", r.choice((1, 2))))
    store = program.store("s.db")
    what = f"after {', '.join(done)}, prefix {given!r}"
    if store.one("SELECT count(*) FROM segments") == 0:
        # A line without its end may still grow: `ingest` waits for it, `analyze` takes it.
        program.run("analyze", path, *(("--prefix", given) if given else ()), expect=(0, 3))
        return
    size, lines, event_bytes, other_bytes = store.rows(
        "SELECT sum(bytes), sum(lines), sum(event_bytes), sum(other_bytes) FROM segments")[0]
    skipped = store.one("SELECT sum(bytes) FROM skipped")
    assert size == len(data), f"{what}: read {size} of {len(data)} bytes"
    counted = data.count(b"\n") + (not data.endswith(b"\n"))
    assert lines == counted, f"{what}: {lines} of {counted} lines"
    total = event_bytes + other_bytes + skipped
    assert total == len(data), f"{what}: {event_bytes} + {other_bytes} + {skipped} is {total}, not {len(data)}"
    report = program.report(path, prefix=given, expect=(0, 3))
    (file,) = report["sources"][0]["files"]
    understood = (event_bytes + other_bytes) / size
    assert abs(file["coverage"] - understood) <= 0.0006, f"{what}: coverage {file['coverage']}, not {understood}"
    for kind in ("text", "md"):
        program.run("analyze", "--format", kind, path, *(("--prefix", given) if given else ()), expect=(0, 3))


def binary(program, seed):
    r = random.Random(f"binary {seed}")
    data = r.choice((r.randbytes(r.randrange(1, 200000)), b"\0" * 10000, b"\n" * 10000, b"\t" * 10000, b"a" * 300000,
                     b"\x7fELF" + r.randbytes(5000), b"SQLite format 3\0" + r.randbytes(5000)))
    path = program.file("x.log", data)
    for options in ((), ("--prefix", r.choice([setting for setting in STYLES.values() if setting]))):
        program.run("analyze", path, *options, expect=(3,))
        program.run("ingest", "--store", "s.db", "--source", "s", path, *options, expect=(3,))


PROPERTIES = [("honesty-accounted", accounted, 150), ("honesty-binary", binary, 25)]
