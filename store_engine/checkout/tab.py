"""The states of one visit's payment, and what may follow what."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from store_engine.promotions import Shopper

Payment: TypeAlias = Literal[
    "shopping", "nothing owed", "requested", "declined", "charged", "waived"
]
Move: TypeAlias = Literal["free", "request", "charged", "declined", "waived"]

# Read aloud: while shopping, a visit may turn out free or ask for a charge. A requested charge is
# charged or declined, or waived for those who never pay. A declined one leaves a debt, which may
# still be charged later under the same key. Charged, waived and free are final.
MOVES: Mapping[Payment, Mapping[Move, Payment]] = {
    "shopping": {"free": "nothing owed", "request": "requested"},
    "requested": {"charged": "charged", "declined": "declined", "waived": "waived"},
    "declined": {"charged": "charged"},
    "nothing owed": {},
    "charged": {},
    "waived": {},
}


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """What checkout knows of one visit, from its start until its payment is an old story."""

    visit: str
    account: str
    entered_us: int
    price_book: str = ""  # version in force when the visit started
    shopper: Shopper = Shopper()
    age_checks: tuple[str, ...] = ()  # products that staff were told to look at
    left_us: int | None = None
    left_causes: tuple[str, ...] = ()
    state: Payment = "shopping"
    amount: int = 0  # minor units asked for
    provider_ref: str = ""  # of the payment that settled it
    alerts: int = 0  # alerts raised about the payment so far: the ordinal of the next one


def moved(tab: Tab, move: Move) -> Tab | None:
    """Return the tab after `move`, None where the table does not allow it."""
    state = MOVES[tab.state].get(move)
    return None if state is None else msgspec.structs.replace(tab, state=state)
