"""Results as JSON: everything that the report shows, and every session behind it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.accuracy.report import Report
from benchmarks.accuracy.scores import Judged
from sim.json_files import read_json, write_json


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A results file."""

    report: Report
    sessions: tuple[Judged, ...] = ()  # left out of what is kept in the repository


def write_results(path: Path, report: Report, judged: Sequence[Judged] = ()) -> None:
    """Write the results; the sessions too when they are given."""
    write_json(path, Results(report=report, sessions=tuple(judged)))


def read_results(path: Path) -> Results:
    """Read what `write_results` wrote. Raises `RecordingError` naming the file."""
    return read_json(path, Results, what="a results file")
