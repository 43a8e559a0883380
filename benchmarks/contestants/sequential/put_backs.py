"""What was put down: something a customer near by holds, by its weight."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.contestants.sequential.customers import NEAR_M
from benchmarks.contestants.sequential.scoring import (
    StandsOn,
    pieces,
    placement_score,
    weight_score,
)
from benchmarks.contestants.sequential.splitting import Change
from store_engine.catalog import Catalog
from store_engine.units import Gtin

HOME_SHARE = 0.2  # of the score: goods go home more often than elsewhere (guess)


class PutBack(NamedTuple):
    """One explanation of something put down."""

    account: str
    gtin: Gtin
    quantity: int
    weight: float  # score, 0 to 1
    placement: float  # score, 0 to 1
    away_m: float  # how near the customer came

    @property
    def rank(self) -> tuple[float, float]:
        """What is compared: the score, then the distance."""
        return (1.0 - HOME_SHARE) * self.weight + HOME_SHARE * self.placement, -self.away_m


def best_put_back(
    change: Change,
    carts: Mapping[str, Mapping[str, int]],
    near_m: Mapping[str, float],
    *,
    catalog: Catalog,
    stands_on: StandsOn,
) -> PutBack | None:
    """Return the best explanation from the carts of those who were near; None without any."""
    options = _options(change, carts, near_m, catalog=catalog, stands_on=stands_on)
    return max(options, key=lambda option: option.rank, default=None)


def _options(
    change: Change,
    carts: Mapping[str, Mapping[str, int]],
    near_m: Mapping[str, float],
    *,
    catalog: Catalog,
    stands_on: StandsOn,
) -> Iterator[PutBack]:
    for account, away_m in near_m.items():
        held = carts[account] if away_m < NEAR_M else {}
        for gtin in (Gtin(name) for name in sorted(held) if held[name] > 0):
            mass_g = catalog.products[gtin].mass_g
            quantity = pieces(change.total_g, mass_g, most=held[gtin])
            yield PutBack(
                account=account,
                gtin=gtin,
                quantity=quantity,
                weight=weight_score(change.total_g, quantity * mass_g),
                placement=placement_score(change, gtin, stands_on),
                away_m=away_m,
            )
