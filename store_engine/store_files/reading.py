"""Reads the files a shopkeeper edits, and says what is wrong with them.

Every mistake names the file, the entry and the limit; the mistakes of one file come together.
"""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from store_engine.errors import ConfigError


class Entry(BaseModel):
    """One table or row of a file: no unknown keys, no infinite numbers, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


AnyEntry = TypeVar("AnyEntry", bound=BaseModel)


class Problems:
    """The mistakes found in one file so far."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[str] = []

    def add(self, entry: str, limit: str) -> None:
        """Remember one mistake: which entry, and what it should be."""
        self._found.append(f"{self._file} {entry}: {limit}")

    def raise_if_any(self) -> None:
        """Raise one `ConfigError` with every mistake found, a line each."""
        if self._found:
            raise ConfigError("\n".join(self._found))


def read_toml(path: Path, model: type[AnyEntry]) -> AnyEntry:
    """Return a TOML file as `model`. Raises `ConfigError` with every mistake in it."""
    try:
        data = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    problems = Problems(path.name)
    entry = _validated(model, data, problems)
    problems.raise_if_any()
    assert entry is not None  # noqa: S101 - no problems, hence an entry
    return entry


class Row(NamedTuple):
    """One line of a CSV file, by column name."""

    line: int  # as an editor counts them, from 1
    values: dict[str, str]


def read_csv(path: Path, model: type[AnyEntry]) -> tuple[list[tuple[int, AnyEntry]], Problems]:
    """Return (line number, entry) of every good row, and the mistakes of the others.

    Blank lines and lines that begin with `#` are comments. The caller adds the mistakes only it
    can see, then raises them all together.
    """
    problems = Problems(path.name)
    entries: list[tuple[int, AnyEntry]] = []
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    for row in _rows(path, required=required, known=list(model.model_fields), problems=problems):
        entry = _validated(model, row.values, problems, where=f"line {row.line}: ")
        if entry is not None:
            entries.append((row.line, entry))
    return entries, problems


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # spreadsheets put a byte order mark first
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: not UTF-8 text at byte {error.start}") from error


def _rows(
    path: Path, *, required: Sequence[str], known: Sequence[str], problems: Problems
) -> Iterator[Row]:
    header: list[str] | None = None
    for line, text in enumerate(_text(path).splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([text]))]
        if header is None:
            header = cells
            _check_header(path, line, header, required=required, known=known)
        elif len(cells) != len(header):
            problems.add(f"line {line}", f"{len(header)} columns expected, {len(cells)} found")
        else:
            yield Row(line, dict(zip(header, cells, strict=True)))
    if header is None:
        raise ConfigError(f"{path.name}: no header line; expected {','.join(known)}")


def _check_header(
    path: Path, line: int, header: Sequence[str], *, required: Sequence[str], known: Sequence[str]
) -> None:
    missing = [name for name in required if name not in header]
    unknown = [name for name in header if name not in known]
    twice = sorted({name for name in header if header.count(name) > 1})
    for what, names in (("missing", missing), ("unknown", unknown), ("repeated", twice)):
        if names:
            raise ConfigError(
                f"{path.name} line {line}: {what} column {', '.join(map(repr, names))};"
                f" columns are {', '.join(known)}"
            )


def _validated(
    model: type[AnyEntry], data: dict[str, Any], problems: Problems, *, where: str = ""
) -> AnyEntry | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            limit = mistake["msg"].removeprefix("Value error, ")
            problems.add(where + _entry_name(data, mistake["loc"]), limit)
        return None


def _entry_name(data: Any, loc: Sequence[int | str]) -> str:
    """Return a place in a file as its writer knows it: `gondola "2", shelves 3, plates`."""
    names: list[str] = []
    node = data
    for key in loc:
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            node = None  # the entry is missing, or the place is inside a value
        if isinstance(key, int):
            names[-1] = _member_name(names[-1], key, node)
        else:
            names.append(key)
    return ", ".join(names)


def _member_name(plural: str, index: int, member: Any) -> str:
    singular = plural.removesuffix("s")
    if isinstance(member, dict) and isinstance(member.get(singular), str):
        return f'{singular} "{member[singular]}"'
    return f"{plural} {index + 1}"
