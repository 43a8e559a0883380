"""Faces and other biometrics: nothing that carries any comes in.

Devices may add fields, and payloads are kept as they came. So a camera that added a face's
embedding would have it journaled and recorded without anybody having read it. What is found here
is refused, and the refusal keeps none of its bytes.

Found are fields by their names, at any depth, however they are spelled (`faceEmbedding`, `FACE-ID`,
`finger_print`), and pictures by how they begin (JPEG, PNG, WebP, as bytes or base64). A name that
hides what it carries is not found: that is for the contract with who makes the device.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

NAMES = "face, facial, iris, retina, fingerprint, palm print, palm vein, voice, gait, biometric"
_NAMED = re.compile(
    r"(?:^|_)(?:face(?!t)|facial|iris(?!h)|retina|finger_?print|palm_?(?:print|vein|scan)"
    r"|voice|gait|biometric)"
)
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z]+")
_STEMS = tuple(b"face facial iris retina finger palm voice gait biometric".split())

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")  # JPEG (T.81), PNG, WebP and WAV (RIFF)
_PICTURES_BASE64 = ("/9j/", "iVBORw0K", "UklGR", "data:image")
_PICTURE_BYTES_MIN = 512  # no thumbnail is smaller (guess)
_WORDY = 3  # a payload is worth a look when one byte in so many is a letter; readings: 1 in 7 or
# less, base64: 4 in 5 (measured)

_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_LOWER = bytes.maketrans(_LETTERS.upper(), _LETTERS)
_NOT_LETTERS = bytes(set(range(256)) - set(_LETTERS + _LETTERS.upper() + b"\\"))
_KEY_MAX = 40  # characters of a field's name that a reason repeats (guess)


def biometric_in(payload: bytes, *, packed: bool) -> str | None:
    """Return what a payload carries that must not come in, None when there is nothing.

    Most payloads are read as bytes only: letters of the names, or the beginning of a picture. The
    few that have them are decoded and looked through. Of those, what cannot be decoded must not
    be kept either.

    Args:
        payload: as it came.
        packed: whether it is MessagePack, not JSON.
    """
    if payload.startswith(_PICTURES):
        return "it is a picture, or a sound"
    if not _may_hold(payload, packed=packed):
        return None
    try:
        fields = msgspec.msgpack.decode(payload) if packed else msgspec.json.decode(payload)
        return next(iter(_found(fields)), None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, ValueError):
        return f"it cannot be read, and seems to name one of: {NAMES}"


def withheld(payload: bytes, why: str) -> bytes:
    """Return what is kept instead of a payload that must not be."""
    return f"(withheld, {len(payload)} bytes: {why})".encode()


def is_biometric_name(name: str) -> bool:
    """Whether a field of this name holds biometrics."""
    return _NAMED.search(_WORD_ENDS.sub("_", name).lower()) is not None


def _may_hold(payload: bytes, *, packed: bool) -> bool:
    """Whether a payload is worth decoding to look.

    Without digits and punctuation little is left of sensor readings: a sixth of the time that
    decoding a JSON frame takes (measured, docs/privacy.md).
    """
    letters = payload.translate(_LOWER, _NOT_LETTERS)
    return (
        any(stem in letters for stem in _STEMS)
        or (len(payload) >= _PICTURE_BYTES_MIN and len(letters) * _WORDY > len(payload))
        or (_PICTURES[0] in payload if packed else b"\\" in letters)  # JSON can spell names so
    )


def _found(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            name = key.decode("latin-1") if isinstance(key, bytes) else str(key)
            if is_biometric_name(name):
                yield f"a field {name[:_KEY_MAX]!r}"
            yield from _found(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _found(item)
    elif _is_picture(value):
        yield "a picture"


def _is_picture(value: object) -> bool:
    if isinstance(value, bytes):
        return value.startswith(_PICTURES)
    return isinstance(value, str) and value.startswith(_PICTURES_BASE64)
