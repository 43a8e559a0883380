"""Card numbers: how they look, so that none is ever kept.

A shop knows cards by the tokens of its payment provider. What looks like a number itself, 13 to 19
digits that pass the Luhn check (ISO/IEC 7812-1:2017, 4.2 and annex B), is refused where somebody
is there to be told, and masked where it came in with something else.
"""

import itertools
import re
from collections.abc import Iterator

SHORTEST, LONGEST = 13, 19  # digits; ISO/IEC 7812-1 allows 19, Visa issued 13
MASK = "*"

# Digits as people write them: alone, or in groups with one space or hyphen between. Digits behind a
# decimal point are no card number but the rest of a measurement.
_GROUPED = re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]+(?:[ -][0-9]+)*(?![0-9])")
_GROUP = re.compile(r"[0-9]+")


def holds_card_number(text: str) -> bool:
    """Whether something in `text` looks like a card number."""
    return next(_found(text), None) is not None


def masked(text: str) -> str:
    """Return `text` with the digits of every card number in it replaced by asterisks."""
    return _mask(text, _found(text))


def masked_bytes(payload: bytes) -> bytes:
    """Return a payload with the card numbers in it masked; its other bytes stay as they are.

    Numbers that begin with 0 or 1 stay: microseconds since the epoch begin with a 1 until 2033,
    and no payment card does (ISO/IEC 7812-1, major industry identifiers).
    """
    text = payload.decode("latin-1")  # one character per byte, there and back
    found = [span for span in _found(text) if text[span[0]] not in "01"]
    return _mask(text, iter(found)).encode("latin-1") if found else payload


def passes_luhn(digits: str) -> bool:
    """Whether a string of digits passes the Luhn check."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _found(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the card numbers in `text` begin and end."""
    for run in _GROUPED.finditer(text):
        if run.end() - run.start() >= SHORTEST:
            yield from _in_run(text, run.start(), run.end())


def _in_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Look at every few neighbouring groups: a date may stand right before a number."""
    groups = [group.span() for group in _GROUP.finditer(text, start, end)]
    for first, last in itertools.combinations_with_replacement(range(len(groups)), 2):
        begin, stop = groups[first][0], groups[last][1]
        digits = re.sub("[ -]", "", text[begin:stop])
        if SHORTEST <= len(digits) <= LONGEST and passes_luhn(digits):
            yield begin, stop


def _mask(text: str, found: Iterator[tuple[int, int]]) -> str:
    for begin, stop in found:
        text = text[:begin] + re.sub("[0-9]", MASK, text[begin:stop]) + text[stop:]
    return text
