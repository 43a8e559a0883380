"""How busy the shop is, hour by hour."""

from typing import NamedTuple

from sim.scenarios import ActionMix, Scenario
from store_engine.units import to_us

OPENING_US = 1_767_254_400_000_000  # 2026-01-01 08:00 UTC
# Shoppers a minute, by hour from opening: a convenience shop's two peaks, noon and evening (guess).
RATES = (1.0, 1.5, 1.0, 1.0, 2.5, 4.0, 2.5, 1.0, 1.0, 3.0, 4.0, 2.0)
QUIET_S = 60.0  # nobody comes for this long at the start of a piece
LEAVING_S = 60.0  # the last to come need about this long (measured)
GROUPS = (0.85, 0.15)  # weights of 1 and 2 people on one entry
MIX = {
    "take": 6.0, "take_several": 1.5, "return": 1.2, "misplace": 0.3,
    "touch": 1.2, "hold": 0.6, "hand_over": 0.2, "browse": 1.0,
}  # fmt: skip


class Piece(NamedTuple):
    """A part of the day that is simulated at once."""

    number: int  # from 0; also the `boot` of every device in it
    length_s: float  # about
    rate_per_minute: float


def plan(*, hours: float, piece_minutes: float) -> list[Piece]:
    """Return the pieces of a day from opening on."""
    count = max(1, round(hours * 60.0 / piece_minutes))
    return [
        Piece(number, 60.0 * piece_minutes, RATES[int(number * piece_minutes / 60.0) % len(RATES)])
        for number in range(count)
    ]


def scenario_of(piece: Piece, *, start_us: int) -> Scenario:
    """Return what happens in a piece: `configs/scenarios/mixed.toml` at the hour's rate."""
    return Scenario(
        name=f"piece-{piece.number}",
        arrivals_for_s=max(1.0, piece.length_s - QUIET_S - LEAVING_S),
        arrivals_per_minute=piece.rate_per_minute,
        group_sizes=GROUPS,
        actions_each=(3, 6),
        closeness_m=0.55,
        beside=0.15,
        mix=ActionMix.model_validate(MIX),
        people_from="tracker",
        lead_s=QUIET_S,
        limit_s=2.0 * piece.length_s + 600.0,
        start_us=start_us,
    )


def next_start_us(last_received_us: int) -> int:
    """Return when the next piece begins, after the last message of the one before."""
    return last_received_us + to_us(0.1)
