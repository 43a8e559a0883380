"""Results as JSON: everything that the report shows, and every session behind it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.accuracy.report import Report
from benchmarks.accuracy.scores import Judged
from store_engine.errors import RecordingError


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A results file."""

    report: Report
    sessions: tuple[Judged, ...] = ()  # left out of what is kept in the repository


def write_results(path: Path, report: Report, judged: Sequence[Judged] = ()) -> None:
    """Write the results; the sessions too when they are given."""
    document = msgspec.json.encode(Results(report=report, sessions=tuple(judged)))
    path.write_bytes(msgspec.json.format(document, indent=1) + b"\n")


def read_results(path: Path) -> Results:
    """Read what `write_results` wrote."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise RecordingError(f"{path}: not a results file: {error}") from error
