"""Why somebody may not come in, in words for a gate's screen. None repeats what was presented."""

from typing import NamedTuple


class Refused(NamedTuple):
    """No, and why."""

    reason: str


CARD_NUMBER = Refused("this looks like a card number; present the card or a code instead")
TOO_LATE = Refused("asked too late; nobody waits at the gate any more")
LOST = Refused("code could not be kept; show a new one")
NO_PAYMENTS = Refused("payments cannot be reached; please try again")
UNKNOWN = Refused("unknown credential")
EXPIRED = Refused("credential expired")
REVOKED = Refused("credential revoked")

MALFORMED_CODE = Refused("code malformed")
UNKNOWN_KEY = Refused("code signed with an unknown key")
RETIRED_KEY = Refused("code signed with a retired key")
FORGED_CODE = Refused("code forged")
OTHER_ISSUER = Refused("code of another issuer")
OTHER_STORE = Refused("code for another store")
EARLY_CODE = Refused("code not valid yet")
EXPIRED_CODE = Refused("code expired")
LONG_LIVED_CODE = Refused("code valid for too long")
USED_CODE = Refused("code used before")


def blocked(why: str) -> Refused:
    """The account may not come in at present."""
    return Refused(f"account blocked: {why}")
