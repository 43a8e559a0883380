"""What clusters may have put into carts: pieces that may come back, be swapped or change hands."""

from collections.abc import Iterable
from typing import NamedTuple

from store_engine.attribution.history import Holder
from store_engine.units import Gtin

TIE_NATS = 4.6  # pieces this much less likely than others are not considered (1 %; guess)


class Supply(NamedTuple):
    """A product that a cluster may have put into a cart."""

    holder: Holder
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than something else, <= 0


class Supplies:
    """What one cluster may have put into one cart. Immutable, compared by identity."""

    def __init__(self, pieces: Iterable[Supply]) -> None:
        self.pieces = tuple(pieces)
