"""A calibration as text of cameras.toml: to paste, or written into the file in its place."""

import os
import re
import tomllib
from pathlib import Path

from store_engine.errors import ConfigError
from store_engine.store_files.cameras import FILE
from store_engine.store_map import Camera, FloatArray

_TABLE = "[[cameras]]"
_REFINED = ("K", "R", "t")  # what a refinement changes; all else in the entry is left as it is


def entry_text(camera: Camera) -> str:
    """Return a camera's whole [[cameras]] table."""
    lens = ", ".join(f"{figure:.9g}" for figure in camera.distortion)
    lines = [
        _TABLE,
        f'camera = "{camera.camera}"',
        f"width_px = {camera.width_px}",
        f"height_px = {camera.height_px}",
        _value_text("K", camera),
        f"distortion = [{lens}]",
        _value_text("R", camera),
        _value_text("t", camera),
    ]
    return "\n".join(lines) + "\n"


def write_entry(folder: Path, camera: Camera) -> Path:
    """Put a camera's K, R and t into the store's cameras.toml, and leave all else as it is.

    The file is replaced at once: whoever reads it sees the old or the new one.

    Raises:
        ConfigError: the file cannot be read or written, or its entry cannot be found in the text;
            it is unchanged then.
    """
    path = folder / FILE
    try:
        text = path.read_text("utf-8")
        beside = path.with_suffix(".toml.new")
        beside.write_text(with_entry(text, camera), "utf-8")
        os.replace(beside, path)  # noqa: PTH105 - atomic on every system, which rename is not
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    return path


def with_entry(text: str, camera: Camera) -> str:
    """Return the text of cameras.toml with one camera's K, R and t replaced.

    Raises:
        ConfigError: the result would say anything else than that.
    """
    tables = re.split(r"(?m)^(?=[ \t]*\[\[[ \t]*cameras[ \t]*\]\])", text)
    named = re.compile(rf"""(?m)^[ \t]*camera[ \t]*=[ \t]*["']{re.escape(camera.camera)}["']""")
    found = "".join(_replaced(table, camera) if named.search(table) else table for table in tables)
    if not _says(found, text, camera):
        raise ConfigError(
            f'{FILE} camera "{camera.camera}": its entry is written in a way that cannot be '
            "edited here; nothing was changed, paste the entry instead"
        )
    return found


def _replaced(table: str, camera: Camera) -> str:
    for key in _REFINED:
        lines = table.splitlines(keepends=True)
        begin = next((i for i, line in enumerate(lines) if _is_key(line, key)), None)
        if begin is not None:
            end = begin + _length(lines[begin:])
            table = "".join([*lines[:begin], _value_text(key, camera) + "\n", *lines[end:]])
    return table


def _is_key(line: str, key: str) -> bool:
    return line.partition("=")[0].strip() == key


def _length(lines: list[str]) -> int:
    """Return over how many lines the first one's array goes."""
    depth = 0
    for count, line in enumerate(lines, 1):
        code = line.partition("#")[0]
        depth += code.count("[") - code.count("]")
        if depth <= 0:
            return count
    return len(lines)


def _value_text(key: str, camera: Camera) -> str:
    if key == "t":
        return f"t = {_row(camera.t, 4)}"
    if key == "K":
        return f"K = [{', '.join(_row(row, 3) for row in camera.K)}]"
    rows = "".join(f"  {_row(row, 9)},\n" for row in camera.R)
    return f"R = [\n{rows}]"


def _row(figures: FloatArray, decimals: int) -> str:
    return "[" + ", ".join(f"{figure + 0.0:.{decimals}f}" for figure in figures) + "]"


def _says(text: str, before: str, camera: Camera) -> bool:
    """Whether the text differs from the one before by this camera's new figures only."""
    try:
        wanted, said = tomllib.loads(before), tomllib.loads(text)
        new = tomllib.loads(entry_text(camera))["cameras"][0]
    except tomllib.TOMLDecodeError:
        return False
    changed = [entry for entry in wanted.get("cameras", []) if entry.get("camera") == camera.camera]
    for entry in changed:
        entry.update({key: new[key] for key in _REFINED})
    return bool(changed) and said == wanted
