"""A disk that is full, a store that may not be written, several runs at the same time."""
import os
import random
import re
import shutil
import subprocess
import sys
import time

from crash import OLD_STORE, ingest_words
from logs import PREFIX, assert_same, dump, nights

NOBODY = 65534


def can_mount():
    return subprocess.run(["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True).returncode == 0


def full_disk(program, seed):
    """Small file systems of many sizes, the first night's store on them."""
    if not can_mount():
        print("nightly-full-disk: skipped, no file system can be mounted here", file=sys.stderr)
        return
    files = nights(program, seed, 4, 1500)
    program.run(*ingest_words("first.db", files[:1]))
    shutil.copy(program.folder / "first.db", program.folder / "whole.db")
    program.run(*ingest_words("whole.db", files))
    whole = dump(program, "whole.db")
    (program.folder / "small").mkdir()
    smallest = (program.folder / "first.db").stat().st_size // 1024 + 8
    largest = 2 * (program.folder / "whole.db").stat().st_size // 1024
    failed = 0
    for size in range(smallest, largest, max(4, (largest - smallest) // 25)):
        for path in program.folder.glob("left.db*"):
            path.unlink()
        words = ingest_words("small/s.db", files)
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c",
             f'mount -t tmpfs -o size={size}k none small && cp first.db small/s.db && {{ "$@"; code=$?; }}'
             '; for f in small/s.db*; do cp "$f" "left${f#small/s}"; done; exit $code', "sh", program.path,
             *map(str, words)], cwd=program.folder, env=program.environment, capture_output=True, timeout=60)
        assert done.returncode in (0, 4), (size, done)
        assert done.returncode == 0 or b"disk is full" in done.stderr, done.stderr
        failed += done.returncode == 4
        dump(program, "left.db")   # checks that it is whole
        program.run(*ingest_words("left.db", files))
        # The ledger's paths are the same: the logs lie where they lay.
        assert_same(whole, dump(program, "left.db"), f"{size} KiB")
    assert failed >= 5, failed


def unprivileged(program, *words):
    as_user = {"user": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    return subprocess.run([program.path, *map(str, words)], cwd=program.folder, env=program.environment,
                          capture_output=True, timeout=60, **as_user)


def read_only(program, seed):
    """A store that may not be written is reported as ever, of an older version as well; a run that would write says
    so, and nothing is changed."""
    program.folder.chmod(0o755)
    place = program.folder / "place"
    place.mkdir()
    files = nights(program, seed, 2, 300)
    program.run(*ingest_words("place/new.db", files[:1]))
    subprocess.run(["sqlite3", place / "old.db"], stdin=OLD_STORE.open(), check=True)
    for name in ("new.db", "old.db"):
        expected = program.run("report", "--store", f"place/{name}", "--format", "json")
        path = place / name
        before = path.read_bytes()
        path.chmod(0o444)
        for mode in (0o555, 0o777):
            place.chmod(mode)
            got = unprivileged(program, "report", "--store", f"place/{name}", "--format", "json")
            assert (got.returncode, got.stdout) == (0, expected), (name, got.stderr)
            for words in (ingest_words(f"place/{name}", files), ("compact", "--store", f"place/{name}"),
                          ("merge", f"place/{name}", "place/new.db")):
                got = unprivileged(program, *words)
                assert got.returncode == 4, (words, got)
                assert f"cannot open 'place/{name}': Permission denied".encode() in got.stderr, got.stderr
            assert path.read_bytes() == before, name
            assert sorted(p.name for p in place.iterdir()) == ["new.db", "old.db"], list(place.iterdir())
        place.chmod(0o755)


def together(program, seed):
    """Runs of every kind that write to one store: they wait for each other, and all that was read counts once."""
    r = random.Random(f"together {seed}")
    files = nights(program, seed, 12, 3000)
    program.run(*ingest_words("other.db", files[:4]))
    program.run(*ingest_words("whole.db", files))
    program.run("merge", "whole.db", "other.db")
    runs = []
    for words in r.sample([ingest_words("s.db", files), ingest_words("s.db", files[3:]), ingest_words("s.db", files),
                           ("merge", "s.db", "other.db"), ("merge", "s.db", "other.db")], 5):
        runs.append(program.start(*words))
        time.sleep(r.random() * 0.03)
    for process in runs:
        _, message = process.communicate(timeout=120)
        assert process.returncode == 0, message
    assert_same(dump(program, "whole.db"), dump(program, "s.db"), "runs at the same time")


def no_waiting(program, seed):
    """A run that may not wait says which process has the store, and leaves it alone."""
    files = nights(program, seed, 1, 200000)
    busy = program.start(*ingest_words("s.db", files))
    refused = 0
    while busy.poll() is None:
        got = subprocess.run([program.path, "compact", "--store", "s.db", "--wait", "0"], cwd=program.folder,
                             env=program.environment, capture_output=True, timeout=60)
        if got.returncode == 4 and b"No such file" not in got.stderr:
            found = re.search(rb"process (\d+) is writing to it", got.stderr)
            assert found is not None, got.stderr
            assert int(found[1]) == busy.pid, (found[1], busy.pid)
            refused += 1
    assert busy.returncode == 0, busy.communicate()
    assert refused > 0
    program.run(*ingest_words("whole.db", files))
    assert_same(dump(program, "whole.db"), dump(program, "s.db"), "with others that did not wait")


PROPERTIES = [("disk-full", full_disk, 2), ("disk-read-only", read_only, 1), ("runs-together", together, 6),
              ("runs-no-waiting", no_waiting, 1)]
