"""Values in JSON files that people can read, each with its type."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from store_engine.errors import RecordingError

T = TypeVar("T")


def write_json(path: Path, value: Any) -> None:
    """Write anything msgspec can encode. Raises `RecordingError` naming the file."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=1)
    try:
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be written: {error.strerror}") from error


def read_json(path: Path, wanted: type[T], *, what: str) -> T:
    """Read a value of one type.

    Args:
        path: the file.
        wanted: the type, or a union of types.
        what: what the file should be, for people: "a truth file".

    Raises:
        RecordingError: naming the file, and why it cannot be read or is not `what`.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=wanted)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise RecordingError(f"{path}: not {what}: {error}") from error
