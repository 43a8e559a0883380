"""When a leaving visit's cart is settled, in event time only, so that arrival order is nothing.

The *cutoff* of a visit is `exit_grace_ms` after it left, later while a plate near it is still
being touched (a step may come), and never later than `exit_wait_max_ms`. Its final cart rests on
all steps that settled by the cutoff, and on all moves up to its *horizon*: the exit, or the end
of the reach window of such a step if that is later; it too is waited for no longer than that.
"""

from collections.abc import Iterable
from typing import Any

from store_engine.attribution.history import Bindings, Moves, RestlessPlates
from store_engine.attribution.reach import body_distance_m, window
from store_engine.attribution.volume import Volume
from store_engine.signals import TrackMoved, WeightStep
from store_engine.store import Policy
from store_engine.store_map import Plate, StoreMap
from store_engine.units import TrackId, VisitId, to_us

NEAR_BODY_M = 1.5  # a body this close may be touching a plate (an arm, and a step; guess)
NEAR_HAND_M = 0.4  # ... or a hand this close (guess)
NEAR_BEFORE_US = to_us(1.0)  # looked at from this long before the plate became restless (guess)
SETTLE_SLACK_US = to_us(0.1)  # between a step and the word that its plate is quiet (guess)


class Exits:
    """Visits that left and wait to be settled, and those that are settled."""

    def __init__(self, store_map: StoreMap, policy: Policy) -> None:
        self._plates = store_map.plates
        self._grace_us = policy.exit_grace_ms * 1_000
        self._wait_max_us = policy.exit_wait_max_ms * 1_000
        self.leaving: dict[VisitId, int] = {}  # when they left
        self.settled: dict[VisitId, int] = {}  # their cutoff

    def earliest_us(self, visit: VisitId) -> int:
        """Return the earliest that the cutoff may be."""
        return self.leaving[visit] + self._grace_us

    def _latest_us(self, visit: VisitId) -> int:
        return self.leaving[visit] + max(self._wait_max_us, self._grace_us)

    def cutoff_us(
        self, visit: VisitId, moves: Moves, bindings: Bindings, restless: RestlessPlates
    ) -> int:
        """Return the cutoff as known now; it can only turn out earlier."""
        left_us, latest_us = self.leaving[visit], self._latest_us(visit)
        cutoff_us = self.earliest_us(visit)
        tracks = bindings.tracks_of(visit, left_us)
        for plate, since_us, until_us in restless.restless_at(left_us):
            if plate in self._plates and self._was_near(
                self._plates[plate], moves, tracks, since_us, left_us
            ):
                ends_us = latest_us if until_us is None else until_us + SETTLE_SLACK_US
                cutoff_us = max(cutoff_us, min(ends_us, latest_us))
        return cutoff_us

    def horizon_us(
        self, visit: VisitId, moves: Moves, bindings: Bindings, steps: Iterable[WeightStep]
    ) -> int:
        """Return until when moves matter for the final cart that rests on `steps`."""
        left_us = self.leaving[visit]
        tracks = bindings.tracks_of(visit, left_us)
        horizon_us = left_us
        for step in steps:
            since_us, until_us = window(step)
            if until_us > horizon_us and self._was_near(
                self._plates[step.plate], moves, tracks, since_us, left_us
            ):
                horizon_us = until_us
        return min(horizon_us, self._latest_us(visit))

    def _was_near(
        self, plate: Plate, moves: Moves, tracks: list[TrackId], since_us: int, left_us: int
    ) -> bool:
        volume = Volume(plate)
        return any(
            _is_near(volume, moved)
            for track in tracks
            for moved in moves.between(track, since_us - NEAR_BEFORE_US, left_us)
        )

    def snapshot(self) -> dict[str, Any]:
        """Return who left and who is settled as plain values."""
        return {"leaving": dict(self.leaving), "settled": dict(self.settled)}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        self.leaving = {VisitId(visit): at for visit, at in snapshot["leaving"].items()}
        self.settled = {VisitId(visit): at for visit, at in snapshot["settled"].items()}


def _is_near(volume: Volume, moved: TrackMoved) -> bool:
    return body_distance_m(volume.plate, moved) <= NEAR_BODY_M or any(
        volume.distance_m(hand.x, hand.y, hand.z) <= NEAR_HAND_M for hand in moved.hands
    )
