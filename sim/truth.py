"""The answer key of a session, in a file of its own. The engine never reads it."""

from collections import Counter
from pathlib import Path

import msgspec

from sim.scene import Truth
from store_engine.errors import RecordingError


def write_truth(truth: Truth, path: Path) -> None:
    """Write `truth` as JSON that people can read."""
    text = msgspec.json.format(msgspec.json.encode(truth), indent=1)
    try:
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise RecordingError(f"{path}: truth cannot be written: {error.strerror}") from error


def read_truth(path: Path) -> Truth:
    """Read what `write_truth` wrote."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except OSError as error:
        raise RecordingError(f"{path}: truth cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise RecordingError(f"{path}: not a truth file: {error}") from error


def owed_by(truth: Truth) -> dict[str, Counter[str]]:
    """Return what each account truly owes: GTIN -> quantity, over all its visits."""
    owed: dict[str, Counter[str]] = {}
    for visit in truth.visits:
        basket = owed.setdefault(visit.account, Counter())
        basket.update({str(gtin): count for gtin, count in visit.items.items()})
    return owed
