"""What the program under test takes statements for."""
import json
import subprocess


def terminated(statements):
    """As `qlog fingerprint -0` and parser_ids.c read them."""
    return b"".join(statement + b"\0" for statement in statements)


def fingerprints(program, dialect, statements):
    """(id, normalised text) of each statement; text and id must tell the same apart."""
    done = subprocess.run([program, "fingerprint", "-0", "--format", "json", "--dialect", dialect],
                          input=terminated(statements), capture_output=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(statements), f"{len(told)} answers to {len(statements)} statements"
    by_id, by_text = {}, {}
    for one in told:
        assert by_id.setdefault(one["id"], one["text"]) == one["text"], f"one id, two texts: {one['text']}"
        assert by_text.setdefault(one["text"], one["id"]) == one["id"], f"one text, two ids: {one['text']}"
    return [(one["id"], one["text"]) for one in told]
