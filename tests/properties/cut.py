"""However a log is cut, the store's rows are the same."""
import random

from generate import generate, STYLES, ZONES
from program import assert_same, dump, settle

# Sums that do not depend on which file a row came from.
SUMS = [
    "SELECT hour, fingerprint, database, user, application, sum(calls), sum(estimated_calls), sum(errors),"
    " min(nullif(first_at, 0)), max(last_at) FROM digest GROUP BY 1, 2, 3, 4, 5",
    "SELECT hour, fingerprint, database, user, application, measure, sum(n), sum(sum), min(min), max(max)"
    " FROM measures GROUP BY 1, 2, 3, 4, 5, 6",
    "SELECT hour, fingerprint, key, value, sum(calls), sum(time) FROM marginals GROUP BY 1, 2, 3, 4",
    "SELECT hour, fingerprint, code, sum(n) FROM errors GROUP BY 1, 2, 3",
    "SELECT hour, kind, sum(n) FROM server_events GROUP BY 1, 2",
    "SELECT sum(bytes), sum(lines), sum(events), sum(event_bytes), sum(other_bytes), sum(orphans), min(first_at),"
    " max(last_at) FROM segments",
    "SELECT reason, sum(lines), sum(bytes) FROM skipped GROUP BY 1",
    "SELECT * FROM fingerprints",
    "SELECT * FROM aliases",
    "SELECT * FROM tables",
    "SELECT as_of FROM fold_state",
    "SELECT hour, database, user, application, endpoint, cycle, parent, parameters, length, sum(bursts), sum(calls),"
    " sum(time), sum(wall), sum(saving), sum(matched), sum(contradicted), sum(shared), max(longest), min(first_at)"
    " FROM bursts GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
    "SELECT * FROM cycles",
    "SELECT hour, database, user, application, sum(statements), sum(chatter), sum(time), sum(transactions),"
    " sum(transaction_time), sum(idle_time), max(longest_idle), max(longest_transaction) FROM session_use"
    " GROUP BY 1, 2, 3, 4",
    "SELECT hour, fingerprint, database, user, application, sum(pages), sum(walks), sum(walk_pages), sum(twins),"
    " min(nullif(twin, 0)) FROM pages GROUP BY 1, 2, 3, 4, 5",
]


def sums(program, name):
    store = program.store(name)
    try:
        return {f"sum {i}": sorted(map(repr, store.rows(sql))) for i, sql in enumerate(SUMS)}
    finally:
        store.close()


def log_of(seed):
    r = random.Random(f"cut {seed}")
    return r, generate(seed, style=r.choice([s for s in STYLES if s != "no-time"]), zone=r.choice(list(ZONES)),
                       records=r.choice((5, 40, 400, 1200)), sessions=r.choice((1, 4, 15)))


def growing(program, seed):
    """A file that grows by pieces, cut anywhere, ends as if it had been read at once."""
    r, log = log_of(seed)
    data = log.data
    program.ingest("whole.db", program.file("whole.log", data), prefix=log.setting)
    places = sorted(r.randrange(len(data)) for _ in range(r.choice((1, 2, 5, 12))))
    path = program.folder / "x.log"
    for begin, end in zip([0] + places, places + [len(data)]):
        with open(path, "ab") as out:
            out.write(data[begin:end])
        # A piece may be too short to be recognised.
        program.ingest("pieces.db", path, prefix=log.setting, options=("--jobs", r.choice((1, 2))), expect=(0, 3))
    settle(path)
    program.ingest("pieces.db", path, prefix=log.setting)
    assert_same(dump(program, "whole.db"), dump(program, "pieces.db"), f"cut at {places} of {len(data)}")


def settled(program, seed):
    """The same, where every piece ends with a whole record and is old enough to be taken at once."""
    r, log = log_of(seed)
    program.ingest("whole.db", program.file("whole.log", log.data), prefix=log.setting)
    n = len(log.records)
    places = sorted(r.randrange(3, n) for _ in range(r.choice((1, 2, 5))))
    path = program.folder / "x.log"
    for begin, end in zip([0] + places, places + [n]):
        with open(path, "ab") as out:
            out.write(b"".join(log.records[begin:end]))
        settle(path)
        program.ingest("pieces.db", path, prefix=log.setting)
    assert_same(dump(program, "whole.db"), dump(program, "pieces.db"), f"cut after records {places} of {n}")


def rotated(program, seed):
    """Split into files, read together or one after the other: all sums are the same."""
    r = random.Random(f"rotated {seed}")
    log = generate(seed, style=r.choice([s for s in STYLES if s != "no-time"]), zone=r.choice(list(ZONES)),
                   records=r.choice((300, 1200)), sessions=r.choice((2, 15)), foreign=False)
    program.ingest("whole.db", program.file("whole.log", log.data), prefix=log.setting)
    n = len(log.records)
    places = sorted(r.sample(range(10, n - 10), r.choice((1, 2, 6))))
    paths = []
    for i, (begin, end) in enumerate(zip([0] + places, places + [n])):
        paths.append(program.file(f"x.log.{i}", b"".join(log.records[begin:end])))
    if r.random() < 0.5:
        program.ingest("files.db", *r.sample(paths, len(paths)), prefix=log.setting)
    else:
        for path in paths:
            program.ingest("files.db", path, prefix=log.setting)
    assert_same(sums(program, "whole.db"), sums(program, "files.db"), f"split after records {places} of {n}")


PROPERTIES = [("cut-growing", growing, 80), ("cut-settled", settled, 40), ("cut-rotated", rotated, 50)]
