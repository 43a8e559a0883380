"""The answer key of a session, in a file of its own. The engine never reads it."""

from collections import Counter
from pathlib import Path

from sim.json_files import read_json, write_json
from sim.scene import Truth


def write_truth(truth: Truth, path: Path) -> None:
    """Write `truth`. Raises `RecordingError` naming the file."""
    write_json(path, truth)


def read_truth(path: Path) -> Truth:
    """Read what `write_truth` wrote. Raises `RecordingError` naming the file."""
    return read_json(path, Truth, what="a truth file")


def owed_by(truth: Truth) -> dict[str, Counter[str]]:
    """Return what each account truly owes: GTIN -> quantity, over all its visits."""
    owed: dict[str, Counter[str]] = {}
    for visit in truth.visits:
        basket = owed.setdefault(visit.account, Counter())
        basket.update({str(gtin): count for gtin, count in visit.items.items()})
    return owed
