"""What a presented credential is, told by its spelling alone."""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from store_engine.card_numbers import holds_card_number

Kind: TypeAlias = Literal["code", "card", "token", "card number"]

CARD_PREFIXES = ("tok_", "pm_", "card_")  # how providers spell their tokens (Stripe's, and ours)

# A JSON Web Token in compact form: the first part is base64 of '{"', hence "eyJ" (RFC 7515, 3.1).
_CODE = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")

_TOKEN = re.compile("[!-~]{1,255}")  # what a provider's token may be spelled with: it is kept


def kind_of(credential: str, *, card_prefixes: Sequence[str] = CARD_PREFIXES) -> Kind:
    """Return what a credential is.

    "code" is a signed code, "card" a payment provider's token for a card, "token" anything else
    that is looked up (a badge, the text of a printed QR code), "card number" what must not be kept.
    """
    if holds_card_number(credential):
        return "card number"
    if _CODE.fullmatch(credential):
        return "code"
    is_card = _TOKEN.fullmatch(credential) and credential.startswith(tuple(card_prefixes))
    return "card" if is_card else "token"
