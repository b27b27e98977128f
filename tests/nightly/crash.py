"""Runs that are killed, or whose disk is full, at any instant: what is left is a store as of some commit, and the
next run gives what one whole run gives, byte for byte."""
import pathlib
import random
import shutil
import signal
import subprocess
import time

from logs import PREFIX, assert_same, dump, nights

KILLS = 60       # in each check
EACH_WRITE = 7   # between the writes that are tried; another one with each seed
HERE = pathlib.Path(__file__).resolve().parent
OLD_STORE = HERE.parent / "cases" / "store-upgraded" / "version-2.sql"


def ingest_words(name, files, jobs=1):
    return ("ingest", "--store", name, "--source", "s", "--prefix", PREFIX, "--jobs", jobs, *files)


def remove(program, name):
    for path in program.folder.glob(f"{name}*"):
        path.unlink()


def killed(program, seed):
    """kill -9 at random instants, again and again until a run gets through."""
    r = random.Random(f"killed {seed}")
    files = nights(program, seed, *r.choice(((1, 60000), (6, 8000), (30, 1200))))
    began = time.time()
    program.run(*ingest_words("whole.db", files))
    took = time.time() - began
    whole = dump(program, "whole.db")
    kills = 0
    while kills < KILLS:
        remove(program, "killed.db")
        for attempt in range(KILLS):
            process = program.start(*ingest_words("killed.db", files, r.choice((1, 2))))
            time.sleep(r.random() * took * (1.0 if attempt < 3 else 0.6))
            finished = process.poll() is not None
            process.kill()
            process.communicate()
            if finished:
                break
            kills += 1
        program.run(*ingest_words("killed.db", files))
        assert_same(whole, dump(program, "killed.db"), f"after {kills} kills, {len(files)} files")


def shim(program):
    """What cuts a program short at its N-th write; the Makefile builds it beside the program."""
    path = pathlib.Path(program.path).parent / "tests" / "nightly" / "cut_short.so"
    assert path.exists(), f"no {path}: make nightly builds it"
    return path


def run_cut(program, at, full, words):
    """Runs until its N-th write; whether it came that far."""
    program.environment |= {"LD_PRELOAD": str(shim(program)), "CUT_SHORT_AT": str(at)} | (
        {"CUT_SHORT_FULL": "1"} if full else {})
    process = program.start(*words)
    _, message = process.communicate(timeout=60)
    for name in ("LD_PRELOAD", "CUT_SHORT_AT", "CUT_SHORT_FULL"):
        program.environment.pop(name, None)
    if process.returncode == 0:
        return False
    if full:
        assert process.returncode == 4, (at, process.returncode, message)
        assert b"full" in message or b"No space left" in message, (at, message)
    else:
        assert process.returncode == -signal.SIGKILL, (at, process.returncode, message)
    return True


def at_each_write(program, seed, prepare, words, between=()):
    """Cuts `words` short at every few writes. The store is then what it was before, or what it is after, or one of
    those in `between`; run again, it is what it is after."""
    stride = 1 + seed % EACH_WRITE
    for full in (False, True):
        prepare("s.db")
        before = dump(program, "s.db") if (program.folder / "s.db").exists() else None
        program.run(*words)
        after = dump(program, "s.db")
        at = stride
        tried = 0
        while True:
            remove(program, "s.db")
            prepare("s.db")
            if not run_cut(program, at, full, words):
                break
            if before is not None:
                left = dump(program, "s.db")
                assert left in (before, after, *between), f"write {at}: neither before nor after, full: {full}"
            program.run(*words)
            assert_same(after, dump(program, "s.db"), f"cut short at write {at}, full: {full}")
            tried += 1
            at += EACH_WRITE
        assert tried > 2, tried


def ingest_cut(program, seed):
    files = nights(program, seed, 4, 150)

    def nothing(name):
        remove(program, name)
    at_each_write(program, seed, nothing, ingest_words("s.db", files))


def grown_cut(program, seed):
    """The second night's run."""
    path = nights(program, seed, 1, 400)[0]
    data = path.read_bytes()
    cut = data.index(b"\n", len(data) // 2) + 1
    program.file("first.log", data[:cut])
    program.run(*ingest_words("first.db", [program.folder / "first.log"]))

    def first(name):
        shutil.copy(program.folder / "first.db", program.folder / name)
    at_each_write(program, seed, first, ingest_words("s.db", [path]))


def upgrade_cut(program, seed):
    """The upgrade of an older store, and nothing else: it has all of its own rows."""
    old = program.folder / "old.db"
    subprocess.run(["sqlite3", old], stdin=OLD_STORE.open(), check=True)

    def older(name):
        remove(program, name)
        shutil.copy(old, program.folder / name)
    at_each_write(program, seed, older, ("merge", "s.db", "s.db"))
    # Not one copy is lost, and none is half.
    copies = list(program.folder.glob("s.db.version-2*"))
    assert [path.name for path in copies] == ["s.db.version-2"], copies
    assert_same(dump(program, "old.db"), dump(program, "s.db.version-2"), "the copy")


def compact_cut(program, seed):
    program.run(*ingest_words("hours.db", nights(program, seed, 5, 40000 // 50)))
    days = nights(program, seed, 1, 300)[0]
    text = days.read_bytes()
    for day in range(2, 6):
        program.file("day.log", text.replace(b"2020-01-01", b"2020-01-%02d" % (2 * day)))
        program.run(*ingest_words("hours.db", [program.folder / "day.log"]))

    def hours(name):
        shutil.copy(program.folder / "hours.db", program.folder / name)
    at_each_write(program, seed, hours, ("compact", "--store", "s.db", "--days-after", "3d", "--drop-after", "6d"))


def merge_cut(program, seed):
    program.run(*ingest_words("a.db", nights(program, seed, 2, 300)))
    program.run(*ingest_words("b.db", nights(program, seed + 1000, 2, 300)))

    def one(name):
        shutil.copy(program.folder / "a.db", program.folder / name)
    at_each_write(program, seed, one, ("merge", "s.db", "b.db"))


PROPERTIES = [("crash-killed", killed, 4), ("crash-ingest", ingest_cut, 2), ("crash-grown", grown_cut, 2),
              ("crash-upgrade", upgrade_cut, 2), ("crash-compact", compact_cut, 2), ("crash-merge", merge_cut, 2)]
