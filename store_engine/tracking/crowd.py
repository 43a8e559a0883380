"""Everybody on the floor: their tracks, from the first rumour to the last sight."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import numpy as np

from store_engine.signals import TrackEnded
from store_engine.store_map import FloatArray
from store_engine.tracking.association import Hint, Pair, assign
from store_engine.tracking.cameras import Fix
from store_engine.tracking.floor import Floor
from store_engine.tracking.kalman import born, expected_place, predict, update
from store_engine.tracking.lifecycle import (
    GONE_CHANCE,
    TENTATIVE_US,
    Track,
    handicap,
    is_over,
    is_somebody,
    note_hit,
    note_miss,
)
from store_engine.tracking.resume import LOST_US, is_missing, past_of
from store_engine.tracking.twins import are_one, are_two, note_neighbours
from store_engine.units import US_PER_S, TrackId, seconds_between

DOORSTEP_M = 0.3  # somebody first seen this close inside a gate just came in (guess)

# A double seen this often was somebody before, taken in by a neighbour's track: they may turn up
# again. One seen less was never there (guess).
ESTABLISHED_HITS = 100


class Crowd:
    """Named and tentative tracks, and those lost not long ago."""

    def __init__(self, floor: Floor) -> None:
        self.tracks: list[Track] = []
        self._floor = floor
        self._lost: list[Track] = []
        self._born = 0
        self._named = 0

    def pair(
        self,
        fixes: Sequence[Fix],
        time_us: int,
        hint: Hint | None = None,
    ) -> list[Pair]:
        """Return whose sightings these are; rows in the order of `tracks`.

        Args:
            fixes: where somebody was seen.
            time_us: now.
            hint: (row, column) -> what else speaks against a pair.
        """
        if not fixes:
            return []
        tracks = self.tracks
        expected = [expected_place(t.belief, (time_us - t.seen_us) / US_PER_S) for t in tracks]
        return assign(expected, fixes, [handicap(track) for track in tracks], hint)

    def correct(self, track: Track, fix: Fix, time_us: int) -> None:
        """Correct a track by where it was seen now."""
        expected = predict(track.belief, seconds_between(track.seen_us, time_us))
        track.belief = update(expected, fix)
        track.seen_us = time_us
        note_hit(track)

    def miss(self, seen: Collection[Track], sees: bytes) -> None:
        """Hold it against the others that a camera which looks there did not see them.

        Args:
            seen: those it did see.
            sees: one byte per floor cell, 1 where it looks.
        """
        for track in self.tracks:
            if track not in seen:
                cell = self._floor.index(track.belief.x, track.belief.y)
                if cell >= 0 and sees[cell]:
                    note_miss(track)

    def miss_known(self, seen: Collection[Track], device: str) -> None:
        """Hold it against the others that the upstream tracker which knows them lost them."""
        for track in self.tracks:
            if device in track.upstream and track not in seen:
                note_miss(track)

    def add(self, fix: Fix, time_us: int) -> Track:
        """Start a tentative track."""
        self._born += 1
        track = Track(
            key=str(self._born),
            belief=born(fix),
            seen_us=time_us,
            first_us=time_us,
            came_in=self._floor.at_gate(fix.x, fix.y, within_m=DOORSTEP_M),
        )
        self.tracks.append(track)
        return track

    def name(self, seen: Sequence[Track]) -> None:
        """Confirm those of the tracks just seen that turned out to be people; drop doubles."""
        note_neighbours(seen, self.tracks)
        for track in seen:
            if track.beside:
                self._drop_doubles(track)
            wanted = track.name is None and not track.double and is_somebody(track)
            if wanted and not self._is_beside_itself(track):
                self._confirm(track)

    def end(self, time_us: int) -> list[TrackEnded]:
        """Let go of those who were not seen for too long."""
        quiet_us = time_us - TENTATIVE_US  # whoever was seen later is not over, nor gone
        over = [
            track
            for track in self.tracks
            if (track.seen_us < quiet_us or track.double or track.unseen < GONE_CHANCE)
            and (is_over(track, time_us) or self._has_left(track))
        ]
        if not over:
            return []
        self.tracks = [track for track in self.tracks if track not in over]
        named = [track for track in over if track.name is not None]
        self._forget(time_us)
        self._lost += [track for track in named if self._may_return(track)]
        return [
            TrackEnded(track=t.name, time_us=t.seen_us, x=t.belief.x, y=t.belief.y)
            for t in named
            if t.name is not None
        ]

    def is_outside(self, track: Track) -> bool:
        """Whether somebody was last seen beyond a gate."""
        return self._floor.at_gate(track.belief.x, track.belief.y, within_m=0.0)

    def snapshot(self) -> dict[str, Any]:
        """Return everything, as plain values."""
        return {
            "born": self._born,
            "named": self._named,
            "tracks": msgspec.to_builtins(self.tracks, enc_hook=np.ndarray.tolist),
            "lost": msgspec.to_builtins(self._lost, enc_hook=np.ndarray.tolist),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take up where `snapshot` was taken."""
        self._born, self._named = snapshot["born"], snapshot["named"]
        self.tracks = msgspec.convert(snapshot["tracks"], list[Track], dec_hook=_to_array)
        self._lost = msgspec.convert(snapshot["lost"], list[Track], dec_hook=_to_array)

    def _forget(self, time_us: int) -> None:
        self._lost = [lost for lost in self._lost if time_us - lost.seen_us <= LOST_US]

    def _confirm(self, track: Track) -> None:
        """Give a newcomer the name of the missing person they clearly are, or a new one."""
        now_us = track.seen_us
        self._forget(now_us)
        rivals = [t for t in self.tracks if t.name is None and t is not track and t.hits > 1]
        adrift = [t for t in self.tracks if t.name and is_missing(t, now_us)]
        past = past_of(track, rivals, adrift + self._lost)
        if past is None:
            self._named += 1
            track.name = TrackId(f"t{self._named}")
            return
        track.name, track.due_us, track.came_in = past.name, past.due_us, past.came_in
        track.in_hand = past.in_hand | track.in_hand
        self.tracks = [t for t in self.tracks if t is not past]
        self._lost = [t for t in self._lost if t is not past]

    def _is_beside_itself(self, track: Track) -> bool:
        """Whether a newcomer may be a second track of somebody who is being seen."""
        return any(
            other.name is not None
            and not is_missing(other, track.seen_us)
            and not are_two(track, other)
            for other in self.tracks
        )

    def _drop_doubles(self, track: Track) -> None:
        """Of two tracks of one person, let go of the one that knows less."""
        for other in self.tracks:
            if other.key in track.beside and not other.double and are_one(track, other):
                lesser = min(track, other, key=lambda one: (one.name is not None, one.hits))
                lesser.double = True

    def _may_return(self, track: Track) -> bool:
        """Whether an ended track was a person, and not seen to leave."""
        was_person = not track.double or track.hits >= ESTABLISHED_HITS
        return was_person and not self.is_outside(track)

    def _has_left(self, track: Track) -> bool:
        """Whether a named track beyond a gate was missed too often to still be there."""
        return track.unseen < GONE_CHANCE and track.name is not None and self.is_outside(track)


def _to_array(_: type, value: list[float]) -> FloatArray:
    return np.array(value, dtype=np.float64)
