"""Plain HTML forms."""

from urllib.parse import parse_qsl

from fastapi import Request

from store_engine.web.problems import ProblemError

FIELDS_MAX = 10  # of a form
DIGITS_MAX = 12  # of a number in one


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, without NUL. Raises `ProblemError` 422."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=FIELDS_MAX, keep_blank_values=True)
    except ValueError as error:
        raise ProblemError(422, f"form: UTF-8 with at most {FIELDS_MAX} fields") from error
    return {name: value.replace("\0", "") for name, value in pairs}


def number_of(text: str) -> int | None:
    """Return a whole number that is not negative; nothing at all is 0, anything else None."""
    if not text:
        return 0
    plain = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    return int(text) if plain else None
