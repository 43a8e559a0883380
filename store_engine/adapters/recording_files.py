"""Files of recordings: a new one every day, and none for longer than they may be kept."""

from collections.abc import Callable
from pathlib import Path

import structlog

from store_engine.ports import RawArrival, RecordingSink
from store_engine.units import to_us

FILE_S = 86_400.0  # a file holds a day: it can only be deleted as a whole

_log = structlog.get_logger(__name__)


class DailyRecorder:
    """Writes a session to one file after another (port `RecordingSink`).

    Args:
        open_next: opens the next file; raises `RecordingError`.
    """

    def __init__(self, open_next: Callable[[], RecordingSink]) -> None:
        self._open_next = open_next
        self._file = open_next()
        self._until_us: int | None = None

    def write(self, arrival: RawArrival) -> None:
        """Append one payload. Raises `RecordingError` when the disk is full."""
        if self._until_us is not None and arrival.received_us >= self._until_us:
            self._file.close()
            self._file = self._open_next()
            self._until_us = None
        if self._until_us is None:
            self._until_us = arrival.received_us + to_us(FILE_S)
        self._file.write(arrival)

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class RecordingFiles:
    """The recordings that one `record` setting makes: session.mcap, session-2.mcap, ... .

    Args:
        path: the setting; None: nothing is recorded.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def delete(self, *, before_us: int) -> list[str]:
        """Delete those last written before then; return their names."""
        gone = []
        for file in self._files():
            try:
                if file.stat().st_mtime_ns // 1_000 < before_us:
                    file.unlink()
                    gone.append(file.name)
            except OSError as error:
                _log.error("recording not deleted", file=file.name, error=error.strerror)
        return gone

    def _files(self) -> list[Path]:
        if self._path is None or not self._path.parent.is_dir():
            return []
        name = self._path
        found = [name, *name.parent.glob(f"{_literal(name.stem)}-*{_literal(name.suffix)}")]
        numbered = [file for file in found if _is_numbered(file, name) and file.is_file()]
        return sorted(numbered)


def _is_numbered(file: Path, first: Path) -> bool:
    return file == first or file.stem.removeprefix(f"{first.stem}-").isdecimal()


def _literal(text: str) -> str:
    """Return a pattern that only `text` itself matches."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
